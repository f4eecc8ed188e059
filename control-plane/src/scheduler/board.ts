import type { Executor } from '../discovery/executor.ts'
import type { Job } from '../jobs/job.ts'
import { mixed } from '../routing/hash.ts'
import { routingKey } from '../routing/key-template.ts'
import { choosePlace } from '../routing/routing.ts'
import type { OpenRun, Shard } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import { splitsRuns } from '../sharding/split-runs.ts'
import type { ShardPlan } from '../state/commands.ts'
import { callsByUrl, callsOwnUrl, OWN_URL } from '../state/executors.ts'
import { findService } from '../state/services.ts'
import { type SlotJournal, slotJournal } from '../state/slot-journal.ts'
import type { State } from '../state/state.ts'
import { lastResort } from '../state/untried.ts'
import { Pool } from './pool.ts'
import type { Seat } from './seat.ts'
import { couldFit, splitRun } from './split.ts'

/** What choosing needs to know of the moment. */
export interface BoardMoment {
  now: Millis
  chance(): number
  /** Of the run, for the key of `consistent-hash`; absent is the job's own. */
  params?: OpenRun['params']
}

/**
 * Why nothing could be chosen. `quota`: the namespace has no slot left for it, whatever executors have; `size`: it needs
 * more than there is, were everything free.
 */
export type NoPlace = { none: 'no-executor' | 'no-slot'; bar?: 'quota' | 'size' }

const NO_LABELS = {}

/**
 * Where the shards of one batch of proposals would go: the executors and slots of the state, less what the batch has
 * given away already. It decides nothing; `apply` does.
 */
export class Board {
  readonly #pools = new Map<number, Pool>()
  readonly #free = new Map<number, number>()
  readonly #jobTurns = new Map<number, number>()
  #state: State
  #journal: SlotJournal
  /** Changes of the journal that the pools know of. */
  #read: number

  constructor(state: State) {
    this.#state = state
    this.#journal = slotJournal(state)
    this.#read = this.#journal.written
  }

  /** Begins a batch: reads what changed in the state since the last one. */
  begin(state: State): void {
    this.#free.clear()
    this.#jobTurns.clear()
    if (state !== this.#state) {
      this.#state = state
      this.#journal = slotJournal(state)
      this.#read = this.#journal.written
      this.#pools.clear()
      return
    }
    for (const pool of this.#pools.values()) pool.forgetGiven()
    const caughtUp = this.#journal.since(this.#read, ({ service, id }) => {
      this.#pools.get(service)?.read(id, state.executors.get(service)?.get(id))
    })
    if (!caughtUp || this.#pools.size > state.services.size) this.#pools.clear()
    this.#read = this.#journal.written
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
    for (const id of job.openRuns) {
      for (const { placedOn, placedIn } of this.#state.runs.get(id)?.shards ?? []) {
        if (placedOn === undefined) continue
        this.#free.set(job.namespace, this.freeSlots(job.namespace) + 1)
        if (placedIn !== undefined) this.#poolOf(placedIn)?.give(placedOn, -1)
      }
    }
  }

  /** An executor for one shard, which is then counted as taken; `shard` when it has been placed before. */
  choose(job: Job, moment: BoardMoment, shard?: Shard): string | NoPlace {
    const holds = shard?.placedOn !== undefined
    const last = shard?.last === undefined ? undefined : lastResort(this.#state, job, shard)
    if (last !== undefined) return last
    if (!holds && this.freeSlots(job.namespace) <= 0) return this.#overQuota(job)
    const chosen = callsOwnUrl(job) ? OWN_URL : this.#route(job, moment, shard)
    if (typeof chosen !== 'string') return chosen
    if (!holds) this.#free.set(job.namespace, this.freeSlots(job.namespace) - 1)
    return chosen
  }

  /**
   * The parts of a sharded or broadcast run over the executors that take work of its job now, those with full slots
   * included; parts that were fixed before keep their items. What has an executor and a free slot counts as taken.
   */
  split(job: Job, _moment: BoardMoment, run?: OpenRun): ShardPlan[] | NoPlace {
    const pool = this.#poolFor(job)
    const { strategy } = job.spec.routing
    // Whom its requester chose is asked whatever labels the job asks for by now.
    const labels = run?.executor === undefined ? job.spec.routing.labels : NO_LABELS
    const byUrl = callsByUrl(job)
    if (!pool?.hasTakers(labels, byUrl)) return { none: 'no-executor' }
    const seats = strategy === 'broadcast' ? pool.allSeats(labels, byUrl) : pool.seats(labels, byUrl)
    const executors = run?.executor === undefined ? seats : seats.filter(({ id }) => id === run.executor)
    if (executors.length === 0) return { none: 'no-slot' }
    const namespaceSlots = this.freeSlots(job.namespace)
    const plans = splitRun(job, { executors, namespaceSlots }, this.#turnOf(job), run)
    if (!plans) return this.#unsplit(job, executors, run)
    this.#advance(job)
    this.#free.set(job.namespace, namespaceSlots - plans.taken)
    return plans.shards
  }

  /** No slot is free; whoever has no executor either waits for that first. */
  #overQuota(job: Job): NoPlace {
    const hasTakers = () => this.#poolFor(job)?.hasTakers(job.spec.routing.labels, callsByUrl(job)) === true
    return callsOwnUrl(job) || hasTakers() ? { none: 'no-slot', bar: 'quota' } : { none: 'no-executor' }
  }

  #unsplit(job: Job, executors: readonly Seat[], run: OpenRun | undefined): NoPlace {
    const namespaceSlots = this.#state.namespaces.get(job.namespace)?.slots ?? 0
    if (!couldFit(job, { executors, namespaceSlots }, run)) return { none: 'no-slot', bar: 'size' }
    return this.freeSlots(job.namespace) <= 0 ? { none: 'no-slot', bar: 'quota' } : { none: 'no-slot' }
  }

  #route(job: Job, moment: BoardMoment, shard: Shard | undefined): string | NoPlace {
    const pool = this.#poolFor(job)
    const { strategy, labels, key } = job.spec.routing
    if (!pool) return { none: 'no-executor' }
    if (shard?.placedOn !== undefined && this.#isOnline(job, shard)) return shard.placedOn
    if (shard?.bound !== undefined && this.#isDeserted(job, shard, shard.bound)) return shard.bound
    // Whoever a part is bound to was chosen when it was made: labels that the job asks for by now do not count.
    const byUrl = callsByUrl(job)
    const roster = pool.roster(shard?.bound === undefined ? labels : NO_LABELS, byUrl)
    const place =
      shard?.bound === undefined
        ? choosePlace(strategy, roster, {
            turn: this.#turnOf(job) + (shard?.index ?? 0),
            key: keyOf(job, key, moment.params),
            chance: moment.chance(),
            ...(shard && shard.tried.length > 0 ? { exclude: shard.tried } : {}),
          })
        : roster.freePlaceOf(shard.bound)
    const chosen = place === undefined ? undefined : roster.members[place]
    if (!chosen) return { none: roster.size > 0 || pool.hasTakers(labels, byUrl) ? 'no-slot' : 'no-executor' }
    if (shard === undefined || shard.attempts === 0) this.#advance(job)
    pool.give(chosen.id, 1)
    return chosen.id
  }

  /** Whose turn it is. */
  #turnOf({ uid, progress }: Job): number {
    return mixed(uid) + progress.startedRuns + (this.#jobTurns.get(uid) ?? 0)
  }

  #advance({ uid }: Job): void {
    this.#jobTurns.set(uid, (this.#jobTurns.get(uid) ?? 0) + 1)
  }

  /** Whether the executor whose slot a shard holds is one that its job calls, and is there. */
  #isOnline(job: Job, { placedOn = '', placedIn }: Shard): boolean {
    const service = this.#serviceOf(job)
    return placedIn === service && service !== undefined && this.#executor(service, placedOn)?.status === 'online'
  }

  /** Whether the only executor of a part that has begun is not there: it is proposed all the same, and ends the part. */
  #isDeserted(job: Job, { attempts }: Shard, bound: string): boolean {
    const begun = attempts > 0 || splitsRuns(job.spec)
    return begun && this.#executor(this.#serviceOf(job) ?? -1, bound)?.status !== 'online'
  }

  #executor(service: number, id: string): Executor | undefined {
    return this.#state.executors.get(service)?.get(id)
  }

  #serviceOf(job: Job): number | undefined {
    const name = job.spec.target.service
    return name === undefined ? undefined : findService(this.#state, job.namespace, name)?.uid
  }

  #poolFor(job: Job): Pool | undefined {
    const service = this.#serviceOf(job)
    return service === undefined ? undefined : this.#poolOf(service)
  }

  #poolOf(service: number): Pool | undefined {
    const known = this.#pools.get(service)
    const executors = this.#state.executors.get(service)
    if (known || !executors) return known
    const pool = new Pool(executors.values(), (attempt) => this.#state.attempts.has(attempt))
    this.#pools.set(service, pool)
    return pool
  }
}

function keyOf(job: Job, template: string | undefined, params: OpenRun['params'] = job.spec.params): string {
  return template === undefined ? String(job.uid) : routingKey(template, { job: job.name, params })
}
