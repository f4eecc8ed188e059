import type { Run, Shard, ShardCounts } from '@cronclave/openapi'
import type { EndedRun, EndedShard, OpenRun, Shard as RunShard } from '../runs/run.ts'
import { timeText } from './times.ts'

/** Parts of one run that a reply about the run shows. */
export const SHARDS_MAX = 1000
/** Parts that a run has at most for lists and events to show them. */
const SHARDS_LISTED_MAX = 10

/** The parts of a run, as far as they are known: all while it is open, those of a split one when it has ended. */
export function shardsOf(run: OpenRun | EndedRun): readonly (RunShard | EndedShard)[] {
  return 'shards' in run ? run.shards : (run.shardEnds ?? [])
}

/** What lists and events show of the parts of a run. */
export function listedShards(run: OpenRun | EndedRun): Pick<Run, 'shards' | 'shardCounts'> {
  const shards = shardsOf(run)
  return {
    ...countsOf(run),
    ...(shards.length === 0 || shards.length > SHARDS_LISTED_MAX
      ? {}
      : { shards: shards.map((shard) => shardView(shard, false)) }),
  }
}

/** What a reply about one run shows of its parts. */
export function shownShards(run: OpenRun | EndedRun): Pick<Run, 'shards' | 'shardCounts'> {
  const shards = shardsOf(run).slice(0, SHARDS_MAX)
  return {
    ...countsOf(run),
    ...(shards.length === 0 ? {} : { shards: shards.map((shard) => shardView(shard)) }),
  }
}

/** One part of a run. */
export function shardView(shard: RunShard | EndedShard, whole = true): Shard {
  const { index, items, attempts } = shard
  return {
    index,
    ...(items === undefined || !whole ? {} : { items }),
    state: stateOf(shard),
    attempts,
    ...('state' in shard ? openPart(shard) : endOf(shard)),
  }
}

/** The state in which a part is, or ended. */
export function stateOf(shard: RunShard | EndedShard): Shard['state'] {
  if ('state' in shard) return shard.state
  return shard.outcome === 'succeeded' || shard.outcome === 'skipped' ? 'succeeded' : 'failed'
}

function openPart({ placedOn, bound, retryAt, ended }: RunShard): Partial<Shard> {
  return {
    ...(placedOn === undefined ? {} : { executor: placedOn }),
    ...(bound === undefined ? {} : { bound }),
    ...(retryAt === undefined ? {} : { retryAt: timeText(retryAt) }),
    ...(ended === undefined ? {} : endOf(ended)),
  }
}

function endOf({ executor, outcome, error }: Pick<EndedShard, 'executor' | 'outcome' | 'error'>): Partial<Shard> {
  return {
    ...(executor === undefined ? {} : { executor }),
    outcome,
    ...(error === undefined ? {} : { error }),
  }
}

function countsOf(run: OpenRun | EndedRun): { shardCounts?: ShardCounts } {
  if (!('shards' in run) && run.endsApart) {
    const { attempts, succeeded } = run.endsApart
    const total = attempts.length
    return { shardCounts: { total, waiting: 0, running: 0, succeeded, failed: total - succeeded } }
  }
  if ('shards' in run ? run.partsLeft === undefined : run.shardEnds === undefined) return {}
  const counts = { total: 0, waiting: 0, running: 0, succeeded: 0, failed: 0 }
  for (const shard of shardsOf(run)) {
    counts.total += 1
    counts[stateOf(shard)] += 1
  }
  return { shardCounts: counts }
}
