import type { Job } from '../jobs/job.ts'
import type { OpenRun, Shard } from '../runs/run.ts'
import { hasFixedParts } from '../sharding/split-runs.ts'
import type { ShardPlan } from './commands.ts'
import { executorsOf } from './executors.ts'
import type { Senders } from './senders.ts'
import { hasFreeSlot, placementFault } from './slots.ts'
import { newShard, startShard } from './starting.ts'
import type { Turn } from './turn.ts'

/** Whether a run can begin with these parts: one finds a slot, or under `placement: all` every one. */
export function canBegin(turn: Turn, job: Job, plans: readonly ShardPlan[]): boolean {
  const namespace = turn.state.namespaces.get(job.namespace)
  const executors = executorsOf(turn.state, job)
  const taken = new Map<string, number>()
  let room = namespace ? namespace.slots - namespace.held : 0
  let wanted = 0
  let placed = 0
  for (const plan of plans) {
    if (hasLeft(turn, job, plan)) continue
    wanted += 1
    const executor = executors.get(plan.executor ?? '')
    if (!executor || room <= 0 || placementFault(turn, job, undefined, executor.id, plan.bound) !== undefined) continue
    const own = taken.get(executor.id) ?? 0
    if (!hasFreeSlot({ slots: executor.slots, held: executor.held + own })) continue
    // Until it is known how its one call ended.
    if (own > 0 && executor.breaker?.state === 'half-open') continue
    taken.set(executor.id, own + 1)
    room -= 1
    placed += 1
  }
  return placed > 0 && (job.spec.placement === 'partial' || placed === wanted)
}

/** Gives a run its parts and starts those for which there is a slot; the others wait, with the same items. */
export function beginParts(turn: Turn, job: Job, run: OpenRun, plans: readonly ShardPlan[], by: Senders): void {
  const present = hasFixedParts(run) ? plans : plans.filter((plan) => !hasLeft(turn, job, plan))
  if (!hasFixedParts(run)) run.shards = present.map(shardOf)
  run.partsLeft = run.shards.length
  turn.changes.push({ kind: 'run', id: run.id })
  for (const shard of run.shards) {
    const executor = present[shard.index]?.executor
    if (executor !== undefined && placementFault(turn, job, shard, executor) === undefined) {
      startShard(turn, job, run, shard.index, executor, by)
    } else turn.events.push({ type: 'shard-waiting', run: run.id, shard: shard.index })
  }
}

function shardOf({ items, executor, bound }: ShardPlan, index: number): Shard {
  const shard = newShard(index)
  if (items !== undefined) shard.items = items
  if (bound === true && executor !== undefined) shard.bound = executor
  return shard
}

/** A broadcast is for those who are online when it begins: whoever has gone since it was planned has no part. */
function hasLeft(turn: Turn, job: Job, { executor = '', bound }: ShardPlan): boolean {
  return bound === true && executorsOf(turn.state, job).get(executor)?.status !== 'online'
}
