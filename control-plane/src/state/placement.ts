import type { Job } from '../jobs/job.ts'
import type { OpenRun, Shard } from '../runs/run.ts'
import type { CommandOf, Placement } from './commands.ts'
import { endRun } from './endings.ts'
import { placementFault } from './slots.ts'
import { isSameInstance, markStarted, startShard } from './starting.ts'
import type { FireVerdict } from './fires.ts'
import type { Answer, Turn } from './turn.ts'

/** Places shards of queued runs, retries, failovers and redispatches; what has moved on meanwhile is `stale`. */
export function placeShards(turn: Turn, command: CommandOf<'place-shards'>): Answer {
  return { fires: command.placements.map((placement) => place(turn, command.node, placement)) }
}

function place(turn: Turn, node: string, placement: Placement): FireVerdict {
  const run = turn.state.runs.get(placement.run)
  const job = run && turn.state.jobs.get(run.job)
  const shard = run?.shards[placement.shard]
  if (!run || !job || shard?.state !== 'waiting' || shard.attempts !== placement.attempts) return 'stale'
  if (run.state === 'queued' && mustWait(turn, job, run)) return 'queued'
  if (placementFault(turn, job, shard, placement.executor)) return 'queued'
  if (shard.supersedes.length > 0 && !job.spec.failover && !isSameInstance(turn, job, shard, placement.executor)) {
    endRun(turn, run, { state: 'lost', error: gone(shard) })
    return 'skipped'
  }
  if (run.state === 'queued') {
    const namespace = turn.state.namespaces.get(run.namespace)
    if (namespace) namespace.queued -= 1
    markStarted(turn, job, run)
  }
  startShard(turn, job, run, placement.shard, placement.executor, node)
  return 'started'
}

function gone({ placedOn = '-' }: Shard) {
  const message = `Executor ${placedOn} has gone: whether it did the work is not known, and failover is off.`
  return { code: 'executor-gone', message }
}

/**
 * A queued run starts when the job's earlier runs allow it: alone unless they may overlap, within maxConcurrentRuns
 * always. `planned`: runs of the job that are being started.
 */
export function mustWait(turn: Pick<Turn, 'state'>, job: Job, run: OpenRun, planned = 0): boolean {
  const { overlap, maxConcurrentRuns } = job.spec
  if (overlap === 'allow' && maxConcurrentRuns === 0) return false
  if (overlap !== 'allow') return job.openRuns[0] !== run.id
  let running = planned
  for (const id of job.openRuns) if (turn.state.runs.get(id)?.state === 'running') running += 1
  return running >= maxConcurrentRuns
}
