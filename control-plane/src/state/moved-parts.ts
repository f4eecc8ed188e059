import type { Job } from '../jobs/job.ts'
import type { OpenRun, Shard } from '../runs/run.ts'
import { callsOwnUrl, OWN_URL } from './executors.ts'
import { findService } from './services.ts'
import { noteShard } from './shard-changes.ts'
import { releaseSlot } from './slots.ts'
import type { State } from './state.ts'
import type { Turn } from './turn.ts'

/** A job calls another service than before, or a URL of its own instead of one: its waiting parts begin anew there. */
export function moveParts(turn: Turn, job: Job): void {
  for (const id of job.openRuns) {
    const run = turn.state.runs.get(id)
    for (const shard of run?.shards ?? []) if (run && hasBegun(shard)) beginAnew(turn, run, shard)
  }
}

/**
 * Forgets what a part tried where its job calls no more, and gives back the slot that it holds there unless it is being
 * called: an executor of the same name elsewhere is another one.
 */
export function beginAnew(turn: Turn, run: OpenRun, shard: Shard): void {
  shard.tried = []
  delete shard.spent
  delete shard.retried
  shard.retries = 0
  if (shard.state === 'waiting') releaseSlot(turn, run, shard)
  noteShard(turn, run, shard)
}

/** Whether what a part holds a slot of is what its job calls by now. */
export function isAtTarget(state: State, job: Job, { placedOn, placedIn }: Shard): boolean {
  if (callsOwnUrl(job)) return placedOn === OWN_URL
  const { service = '' } = job.spec.target
  return placedIn !== undefined && placedIn === findService(state, job.namespace, service)?.uid
}

function hasBegun({ state, attempts }: Shard): boolean {
  return attempts > 0 && (state === 'waiting' || state === 'running')
}
