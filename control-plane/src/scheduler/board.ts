import type { Executor, Service } from '../discovery/executor.ts'
import type { Job } from '../jobs/job.ts'
import { chooseExecutor } from '../routing/routing.ts'
import type { OpenRun, Shard } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import type { ShardPlan } from '../state/commands.ts'
import { callsOwnUrl, OWN_URL, takesWork } from '../state/executors.ts'
import { findService } from '../state/services.ts'
import type { State } from '../state/state.ts'
import { splitRun } from './split.ts'

/** What choosing needs to know of the moment. */
export interface BoardMoment {
  now: Millis
  chance(): number
}

/** Why nothing could be chosen. */
export type NoPlace = { none: 'no-executor' | 'no-slot' }

/**
 * Where the shards of one batch of proposals would go: the executors and slots of the state, less what the batch has
 * given away already. It decides nothing; `apply` does.
 */
export class Board {
  readonly #executors = new Map<number, Executor[]>()
  readonly #free = new Map<number, number>()
  readonly #jobTurns = new Map<number, number>()
  #state: State

  constructor(state: State) {
    this.#state = state
  }

  /** Begins a batch: reads slots anew from the state. */
  begin(state: State): void {
    this.#state = state
    this.#free.clear()
    this.#jobTurns.clear()
    for (const [service, copies] of this.#executors) {
      const present = state.executors.get(service)
      for (const copy of copies) copy.held = present?.get(copy.id)?.held ?? 0
    }
  }

  /** Forgets the executors: one of them changed, came or went. */
  forgetExecutors(): void {
    this.#executors.clear()
  }

  /** Slots of a namespace that are free still. */
  freeSlots(namespace: number): number {
    const known = this.#free.get(namespace)
    if (known !== undefined) return known
    const found = this.#state.namespaces.get(namespace)
    const free = found ? found.slots - found.held : 0
    this.#free.set(namespace, free)
    return free
  }

  /** Counts what the open runs of a job hold as free: they give way in the entry that starts the next one. */
  release(job: Job): void {
    const executors = this.#executorsOf(job)
    for (const id of job.openRuns) {
      for (const { placedOn, placedIn } of this.#state.runs.get(id)?.shards ?? []) {
        if (placedOn === undefined) continue
        this.#free.set(job.namespace, this.freeSlots(job.namespace) + 1)
        const executor = executors.find((copy) => copy.id === placedOn && copy.service === placedIn)
        if (executor) executor.held -= 1
      }
    }
  }

  /** An executor for one shard, which is then counted as taken; `shard` when it has been placed before. */
  choose(job: Job, moment: BoardMoment, shard?: Shard): string | NoPlace {
    const holds = shard?.placedOn !== undefined
    if (!holds && this.freeSlots(job.namespace) <= 0) return { none: 'no-slot' }
    const chosen = callsOwnUrl(job) ? OWN_URL : this.#route(job, moment, shard)
    if (typeof chosen !== 'string') return chosen
    if (!holds) this.#free.set(job.namespace, this.freeSlots(job.namespace) - 1)
    return chosen
  }

  /**
   * The parts of a sharded or broadcast run over the executors that take work of its job now, those with full slots
   * included; parts that were fixed before keep their items. What has an executor and a free slot counts as taken.
   */
  split(job: Job, moment: BoardMoment, run?: OpenRun): ShardPlan[] | NoPlace {
    const all = this.#executorsOf(job)
    const everyone = job.spec.routing.strategy === 'broadcast'
    const executors = all.filter(
      (executor) =>
        takesWork(executor, job) &&
        (everyone || executor.openUntil === undefined || executor.openUntil <= moment.now) &&
        (run?.executor === undefined || executor.id === run.executor),
    )
    if (executors.length === 0)
      return { none: all.some((executor) => takesWork(executor, job)) ? 'no-slot' : 'no-executor' }
    const namespaceSlots = this.freeSlots(job.namespace)
    const turns = this.#jobTurns.get(job.uid) ?? 0
    const plans = splitRun(job, { executors, namespaceSlots }, job.uid + job.progress.startedRuns + turns, run)
    if (!plans) return { none: 'no-slot' }
    this.#jobTurns.set(job.uid, turns + 1)
    this.#free.set(job.namespace, namespaceSlots - plans.taken)
    return plans.shards
  }

  #route(job: Job, moment: BoardMoment, shard: Shard | undefined): string | NoPlace {
    const executors = this.#executorsOf(job)
    const present = shard?.placedOn
    if (
      present !== undefined &&
      executors.some(({ id, service, status }) => id === present && service === shard?.placedIn && status === 'online')
    ) {
      return present
    }
    const turns = this.#jobTurns.get(job.uid) ?? 0
    const first = shard === undefined || shard.attempts === 0
    const turn = job.progress.startedRuns + turns
    const chosen = chooseExecutor(job.spec.routing, executors, {
      turn,
      spread: job.uid,
      chance: moment.chance(),
      now: moment.now,
      ...(shard && shard.tried.length > 0 ? { exclude: new Set(shard.tried) } : {}),
    })
    if (!chosen)
      return {
        none: executors.some((executor) => takesWork(executor, job)) ? 'no-slot' : 'no-executor',
      }
    if (first) this.#jobTurns.set(job.uid, turns + 1)
    chosen.held += 1
    return chosen.id
  }

  #executorsOf(job: Job): Executor[] {
    const name = job.spec.target.service
    const service: Service | undefined = name === undefined ? undefined : findService(this.#state, job.namespace, name)
    if (!service) return []
    const known = this.#executors.get(service.uid)
    if (known) return known
    const copies = [...(this.#state.executors.get(service.uid)?.values() ?? [])]
      .map((executor) => ({ ...executor }))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
    this.#executors.set(service.uid, copies)
    return copies
  }
}
