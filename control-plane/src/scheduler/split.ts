import type { Job } from '../jobs/job.ts'
import type { OpenRun } from '../runs/run.ts'
import { assignParts } from '../sharding/assign.ts'
import { hasFixedParts } from '../sharding/split-runs.ts'
import type { ShardPlan } from '../state/commands.ts'
import type { Seat } from './seat.ts'

/** Slots that a split may take: those of the executors, which it counts as taken, and so many of the namespace. */
export interface Room {
  /** Who counts, by id. */
  executors: readonly Seat[]
  namespaceSlots: number
}

/** The parts, and how many of them have a slot. */
export interface Split {
  shards: ShardPlan[]
  taken: number
}

/** A part, and who may have it: the executor it was made for, that one and no other ever, or whoever has room. */
type Want = { items?: string[] } & ({ own: Seat; bound?: true } | { any: true })

/**
 * Where the parts of a run go. Under `placement: partial` a part without a free slot has no executor, and waits with its
 * items; bound ones keep theirs. Undefined when nothing can begin: no part fits or, under `all`, not every one.
 */
export function splitRun(job: Job, room: Room, turn: number, run?: OpenRun): Split | undefined {
  const wants = wantsOf(job, room, turn, run)
  const seats = new Seats(room, turn)
  let plans = wants.map((want) => planOf(want, seats, run?.executor))
  // Whose parts they are has no room: others take them over, as they do those that wait once the run has begun.
  if (seats.taken === 0 && job.spec.placement !== 'all')
    plans = wants.map((want) => planOf(forAnybody(want), seats, run?.executor))
  if (seats.taken === 0 || (job.spec.placement === 'all' && seats.taken < wants.length)) {
    seats.giveBack()
    return undefined
  }
  return { shards: plans, taken: seats.taken }
}

/** Whether a run could begin if every slot were free; else nothing that ends makes room for it. */
export function couldFit(job: Job, room: Room, run?: OpenRun): boolean {
  const wants = wantsOf(job, room, 0, run)
  if (job.spec.placement !== 'all') return wants.some((want) => 'any' in want || want.own.capacity > 0)
  const own = new Map<Seat, number>()
  for (const want of wants) if ('own' in want) own.set(want.own, (own.get(want.own) ?? 0) + 1)
  for (const [seat, parts] of own) if (parts > seat.capacity) return false
  const capacity = room.executors.reduce((sum, seat) => sum + seat.capacity, 0)
  return wants.length <= Math.min(capacity, room.namespaceSlots)
}

function wantsOf(job: Job, { executors }: Room, turn: number, run?: OpenRun): Want[] {
  return run && hasFixedParts(run) ? wantsOfShards(run, executors) : wantsOfJob(job, executors, turn)
}

function wantsOfJob({ spec }: Job, executors: readonly Seat[], turn: number): Want[] {
  if (spec.routing.strategy === 'broadcast') return executors.map((own) => ({ own, bound: true }))
  if (!spec.sharding) return [{ any: true }]
  const { mode } = spec.sharding
  return assignParts(spec.sharding, executors.length, turn).map(({ items, executor }) => {
    const own = executors[executor]
    return mode === 'grouped' && own ? { items, own } : { items, any: true }
  })
}

function wantsOfShards({ shards }: OpenRun, executors: readonly Seat[]): Want[] {
  const byId = new Map(executors.map((seat) => [seat.id, seat]))
  return shards.map(({ items, bound }): Want => {
    const part = items === undefined ? {} : { items }
    if (bound === undefined) return { ...part, any: true }
    const own = byId.get(bound)
    return own ? { ...part, own, bound: true } : { ...part, own: absent(bound), bound: true }
  })
}

/** Stands for a bound executor that is not online: it has no room, and its name stays in the plan. */
function absent(id: string): Seat {
  return { id, isFree: false, capacity: 0, give: () => undefined }
}

function forAnybody(want: Want): Want {
  if ('any' in want || want.bound) return want
  return want.items === undefined ? { any: true } : { items: want.items, any: true }
}

/** `chosen`: the one executor that the requester of the run wants for it. */
function planOf(want: Want, seats: Seats, chosen: string | undefined): ShardPlan {
  const part = want.items === undefined ? {} : { items: want.items }
  if ('any' in want) {
    const executor = seats.takeAny()?.id ?? chosen
    return {
      ...part,
      ...(executor === undefined ? {} : { executor }),
      ...(chosen === undefined ? {} : { bound: true }),
    }
  }
  const taken = seats.take(want.own)
  const bound = want.bound === true || chosen !== undefined
  return { ...part, ...(taken || bound ? { executor: want.own.id } : {}), ...(bound ? { bound } : {}) }
}

/** Gives seats away, one executor after the other, and can take all back. */
class Seats {
  readonly #given: Seat[] = []
  readonly #all: readonly Seat[]
  #open: Seat[] | undefined
  #left: number
  #next: number

  constructor({ executors, namespaceSlots }: Room, turn: number) {
    this.#all = executors
    this.#left = namespaceSlots
    this.#next = turn
  }

  get taken(): number {
    return this.#given.length
  }

  take(executor: Seat): boolean {
    if (this.#left <= 0 || !executor.isFree) return false
    this.#left -= 1
    executor.give(1)
    this.#given.push(executor)
    return true
  }

  takeAny(): Seat | undefined {
    this.#open ??= this.#all.filter(({ isFree }) => isFree)
    while (this.#open.length > 0) {
      const place = this.#next % this.#open.length
      const executor = this.#open[place] as Seat
      if (this.take(executor)) {
        this.#next = place + 1
        return executor
      }
      if (this.#left <= 0) return undefined
      this.#open.splice(place, 1)
    }
    return undefined
  }

  giveBack(): void {
    for (const executor of this.#given) executor.give(-1)
    this.#given.length = 0
  }
}
