import type { Job, OverlapPolicy } from '../jobs/job.ts'
import type { AttemptOutcome, EndedRunState, OpenRun, RunError, Shard } from '../runs/run.ts'
import { hasFixedParts, splitsRuns } from '../sharding/split-runs.ts'
import type { CommandOf, Placement, ShardPlan } from './commands.ts'
import { leaveQueue } from './queue-places.ts'
import { callsOwnUrl, OWN_URL } from './executors.ts'
import { isPresent, type Senders } from './senders.ts'
import { endShard, endSpent } from './shard-endings.ts'
import { placementFault } from './slots.ts'
import { beginParts, canBegin } from './splitting.ts'
import { isSameInstance, markStarted, newShard, startShard } from './starting.ts'
import { lastResort } from './untried.ts'
import type { FireVerdict } from './fires.ts'
import type { Answer, Turn } from './turn.ts'

/** Places shards of queued runs, retries, failovers and redispatches; what has moved on meanwhile is `stale`. */
export function placeShards(turn: Turn, command: CommandOf<'place-shards'>): Answer {
  const present = isPresent(turn, command)
  return {
    fires: command.placements.map((placement) => (present ? place(turn, command, placement) : 'stale')),
  }
}

function place(turn: Turn, by: Senders, placement: Placement): FireVerdict {
  const run = turn.state.runs.get(placement.run)
  const job = run && turn.state.jobs.get(run.job)
  if (!run || !job) return 'stale'
  if (placement.shard < 0) {
    // It was split by what the job said then.
    if (placement.version !== undefined && placement.version !== job.version) return 'stale'
    return split(turn, by, run, job, placement.shards ?? [])
  }
  const shard = shardOf(turn, run, job, placement.shard)
  if (shard?.state !== 'waiting' || shard.attempts !== placement.attempts) return 'stale'
  if (run.state === 'queued' && mustWait(turn, job, run)) return 'queued'
  // The clock of whoever offered it has been set back since.
  if ((shard.retryAt ?? 0) > turn.at) return 'queued'
  if (shard.last && isSpentOn(turn, job, shard, placement.executor)) {
    if (lastResort(turn.state, job, shard) === undefined) return 'queued'
    endSpent(turn, job, run, shard, shard.last)
    return 'skipped'
  }
  // The job was edited since: it calls a URL of its own now, or does no more.
  if (callsOwnUrl(job) !== (placement.executor === OWN_URL)) return 'queued'
  const fault = placementFault(turn, job, shard, placement.executor)
  if (fault === 'no-executor' && run.state === 'running' && shard.bound !== undefined) {
    endShard(turn, job, run, shard, { ...unknown(shard), executor: shard.bound, error: gone(shard.bound) })
    return 'skipped'
  }
  if (fault) return 'queued'
  if (shard.supersedes.length > 0 && !job.spec.failover && !isSameInstance(turn, job, shard, placement.executor)) {
    const asked = shard.placedOn ?? shard.last?.executor ?? '-'
    const message = `Executor ${asked} has gone: whether it did the work is not known, and failover is off.`
    endShard(turn, job, run, shard, {
      state: 'lost',
      outcome: 'uncertain',
      error: { code: 'executor-gone', message },
    })
    return 'skipped'
  }
  if (run.state === 'queued') begin(turn, job, run)
  startShard(turn, job, run, placement.shard, placement.executor, by)
  return 'started'
}

/** Whether a shard has been tried on an executor for good, or holds a slot of it although it was removed. */
function isSpentOn({ state }: Turn, job: Job, shard: Shard, executor: string): boolean {
  return shard.tried.includes(executor) || lastResort(state, job, shard) === executor
}

/** Splits a queued run over the executors that it was planned for, as far as they are there and have slots. */
function split(turn: Turn, by: Senders, run: OpenRun, job: Job, plans: readonly ShardPlan[]): FireVerdict {
  if (run.state !== 'queued' || (!splitsRuns(job.spec) && run.shards.length === 1)) return 'stale'
  if (hasFixedParts(run) && plans.length !== run.shards.length) return 'stale'
  if (mustWait(turn, job, run) || !canBegin(turn, job, plans)) return 'queued'
  begin(turn, job, run)
  beginParts(turn, job, run, plans, by)
  return 'started'
}

/** The shard that is to be placed. A queued run whose job was changed to be split, or to be split no more, is planned anew. */
function shardOf(turn: Turn, run: OpenRun, job: Job, index: number): Shard | undefined {
  if (run.state === 'queued' && splitsRuns(job.spec)) return undefined
  if (run.state === 'queued' && run.shards.length === 0) {
    run.shards = [newShard(0)]
    turn.changes.push({ kind: 'run', id: run.id })
  }
  return run.shards[index]
}

function begin(turn: Turn, job: Job, run: OpenRun): void {
  leaveQueue(turn, run.namespace)
  markStarted(turn, job, run)
}

/** How a shard ends whose only executor has gone: unknown, if an earlier attempt may have done the work. */
function unknown({ supersedes }: Shard): { state: EndedRunState; outcome: AttemptOutcome } {
  return supersedes.length > 0 ? { state: 'lost', outcome: 'uncertain' } : { state: 'failed', outcome: 'refused' }
}

function gone(executor: string): RunError {
  return { code: 'executor-gone', message: `Executor ${executor} has gone, and no other may do its work.` }
}

/**
 * A queued run starts when the job's earlier runs allow it: alone unless they may overlap, within maxConcurrentRuns
 * always. `planned`: runs of the job that are being started.
 */
export function mustWait(turn: Pick<Turn, 'state'>, job: Job, run: OpenRun, planned = 0): boolean {
  const { maxConcurrentRuns } = job.spec
  const overlap = overlapOf(turn.state, job, run)
  if (overlap === 'allow' && maxConcurrentRuns === 0) return false
  if (overlap !== 'allow') return job.openRuns[0] !== run.id
  let running = planned
  for (const id of job.openRuns) if (turn.state.runs.get(id)?.state === 'running') running += 1
  return running >= maxConcurrentRuns
}

/** A backfill may say that its runs overlap, whatever their job says. */
function overlapOf({ backfills }: Turn['state'], job: Job, { backfill }: OpenRun): OverlapPolicy {
  return (backfill === undefined ? undefined : backfills.get(backfill)?.overlap) ?? job.spec.overlap
}
