import type { Executor } from '../discovery/executor.ts'
import type { Job } from '../jobs/job.ts'
import type { OpenRun, Shard } from '../runs/run.ts'
import { isTried } from './breaker.ts'
import { executorsOf, OWN_URL, takesWork } from './executors.ts'
import { noteExecutor } from './slot-journal.ts'
import type { State } from './state.ts'
import type { Turn } from './turn.ts'

/** Why a shard cannot be placed on an executor now, or undefined when it can. */
export function placementFault(
  turn: Turn,
  job: Job,
  shard: Shard | undefined,
  executor: string,
  isBound = shard?.bound !== undefined,
): 'no-executor' | 'no-slot' | undefined {
  const target = executor === OWN_URL ? undefined : executorsOf(turn.state, job).get(executor)
  if (executor !== OWN_URL && target?.status !== 'online') return 'no-executor'
  if (shard && isPlacedOn(turn, job, shard, executor)) return undefined
  // Labels and weight may have changed since it was planned; whoever was chosen by name is asked whatever they say.
  if (target && !isBound && !takesWork(target, job)) return 'no-executor'
  if (target && (!hasFreeSlot(target) || isShut(turn.state, target))) return 'no-slot'
  const namespace = turn.state.namespaces.get(job.namespace)
  const held = (namespace?.held ?? 0) - (shard?.placedOn === undefined ? 0 : 1)
  return namespace && held < namespace.slots ? undefined : 'no-slot'
}

/** Whether an executor that is online gets nothing new all the same: it was not reached, or is not well. */
function isShut(state: State, executor: Executor): boolean {
  return executor.breaker?.state === 'open' || executor.health === 'unhealthy' || isTried(state, executor)
}

export function hasFreeSlot(executor: Pick<Executor, 'slots' | 'held'>): boolean {
  return executor.slots === 0 || executor.held < executor.slots
}

/** Takes a slot of the executor and one of the namespace for a shard, giving back what it held elsewhere. */
export function takeSlot(turn: Turn, job: Job, run: OpenRun, shard: Shard, executor: string): void {
  if (isPlacedOn(turn, job, shard, executor)) return
  releaseSlot(turn, run, shard)
  shard.placedOn = executor
  const namespace = turn.state.namespaces.get(job.namespace)
  if (namespace) namespace.held += 1
  const target = executorsOf(turn.state, job).get(executor)
  if (!target) return
  target.held += 1
  shard.placedIn = target.service
  noteExecutor(turn.state, target)
}

/** Whether a shard holds a slot of this very executor: one of the same name in another service is another one. */
export function isPlacedOn({ state }: Pick<Turn, 'state'>, job: Job, shard: Shard, executor: string): boolean {
  return shard.placedOn === executor && shard.placedIn === executorsOf(state, job).get(executor)?.service
}

/** The executor whose slot a shard holds, if it is there still. */
export function placedOn(state: State, shard: Shard): Executor | undefined {
  if (shard.placedOn === undefined || shard.placedIn === undefined) return undefined
  return state.executors.get(shard.placedIn)?.get(shard.placedOn)
}

/** The shards of a job's open runs that hold a slot. */
export function placedShards({ runs }: State, { openRuns }: Job): Shard[] {
  const found: Shard[] = []
  for (const id of openRuns)
    for (const shard of runs.get(id)?.shards ?? []) if (shard.placedOn !== undefined) found.push(shard)
  return found
}

/** Gives back the slots that a shard holds, if any. */
export function releaseSlot(turn: Turn, run: OpenRun, shard: Shard): void {
  if (shard.placedOn === undefined) return
  const namespace = turn.state.namespaces.get(run.namespace)
  if (namespace) namespace.held -= 1
  const target = placedOn(turn.state, shard)
  if (target) {
    target.held -= 1
    noteExecutor(turn.state, target)
  }
  // What was set last goes first: V8 then takes the property back, and need not make a dictionary of the shard.
  delete shard.placedIn
  delete shard.placedOn
  if (target) turn.events.push({ type: 'capacity-freed', namespace: run.namespace, service: target.service })
  else turn.events.push({ type: 'capacity-freed', namespace: run.namespace })
}
