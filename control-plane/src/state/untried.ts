import type { Job } from '../jobs/job.ts'
import { pulls } from '../discovery/pull.ts'
import { takesCalls } from '../routing/routing.ts'
import type { Shard } from '../runs/run.ts'
import { callsByUrl, callsOwnUrl, executorsOf, OWN_URL } from './executors.ts'
import { placedOn } from './slots.ts'
import type { State } from './state.ts'

/** Whether a shard can move to an executor, besides the present one if its job calls that, that it has not been tried on. */
export function hasUntried(state: State, job: Job, shard: Shard, present: string | undefined): boolean {
  if (callsOwnUrl(job)) return present === undefined
  if (shard.bound !== undefined) return false
  const { labels } = job.spec.routing
  // A shard that fails everywhere is tried on thousands, one after the other.
  const tried = new Set(shard.tried)
  if (present !== undefined) tried.add(present)
  for (const executor of executorsOf(state, job).values()) {
    if (!tried.has(executor.id) && takesCalls(executor, labels, callsByUrl(job))) return true
  }
  return false
}

/**
 * The executor that a waiting shard was on last, when its last attempt was to be followed by another that nobody is left
 * to make: it is proposed to be placed there, which ends it. The one whose slot it holds may come back unless it was
 * removed, or polls while the job calls a URL by now, and where nobody takes calls at all, somebody is waited for.
 */
export function lastResort(state: State, job: Job, shard: Shard): string | undefined {
  if (shard.last === undefined || shard.bound !== undefined) return undefined
  if (shard.placedOn !== undefined) {
    if (shard.placedOn === OWN_URL || mayComeBack(state, job, shard) || !someTakeCalls(state, job)) return undefined
    return hasUntried(state, job, shard, shard.placedOn) ? undefined : shard.placedOn
  }
  const executor = shard.tried.at(-1)
  return executor === undefined || hasUntried(state, job, shard, executor) ? undefined : executor
}

function mayComeBack(state: State, job: Job, shard: Shard): boolean {
  const executor = placedOn(state, shard)
  return executor !== undefined && !(callsByUrl(job) && pulls(executor))
}

function someTakeCalls(state: State, job: Job): boolean {
  for (const executor of executorsOf(state, job).values())
    if (takesCalls(executor, job.spec.routing.labels, callsByUrl(job))) return true
  return false
}
