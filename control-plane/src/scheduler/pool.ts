import type { Executor } from '../discovery/executor.ts'
import { pulls } from '../discovery/pull.ts'
import { Roster } from '../routing/roster.ts'
import { hasLabels, takesCalls } from '../routing/routing.ts'
import { capacityOf, type Seat, seatsOf } from './seat.ts'

/** Different sets of labels whose rosters are kept per service. */
const ROSTERS_MAX = 64

/**
 * The executors of one service by id, and the rosters of those that jobs ask for. It is kept up to date executor by
 * executor: what it costs depends on what changed, not on how many there are.
 */
export class Pool {
  /** Sorted by id. */
  readonly #executors: Executor[]
  readonly #rosters = new Map<string, Roster>()
  readonly #seats = new WeakMap<Roster, readonly Seat[]>()
  /** Shards given since `forgetGiven`, by executor; negative when more were freed. */
  readonly #given = new Map<string, number>()
  readonly #isOpen: (attempt: string) => boolean

  constructor(executors: Iterable<Executor>, isOpen: (attempt: string) => boolean) {
    this.#executors = [...executors].sort((a, b) => (a.id < b.id ? -1 : 1))
    this.#isOpen = isOpen
  }

  /** Those that a job which asks for these labels, and for a URL under `byUrl`, may be given to. */
  roster(labels: Record<string, string>, byUrl: boolean): Roster {
    const key = byUrl ? `url ${keyOf(labels)}` : keyOf(labels)
    const known = this.#rosters.get(key)
    if (known) return known
    const members = this.#executors.filter((executor) => takesCalls(executor, labels, byUrl))
    const roster = new Roster(members, this.#isOpen)
    for (const [id, shards] of this.#given) giveIn(roster, id, shards)
    if (this.#rosters.size >= ROSTERS_MAX) this.#rosters.clear()
    this.#rosters.set(key, roster)
    return roster
  }

  /** Whether any executor is online for a job with these labels, whatever keeps it from being called now. */
  hasTakers(labels: Record<string, string>, byUrl: boolean): boolean {
    return this.#executors.some((executor) => isTaker(executor, labels, byUrl))
  }

  /** The roster as a split over all of it sees it. */
  seats(labels: Record<string, string>, byUrl: boolean): readonly Seat[] {
    const roster = this.roster(labels, byUrl)
    const known = this.#seats.get(roster)
    if (known) return known
    const seats = seatsOf(roster, (id, shards) => this.give(id, shards))
    this.#seats.set(roster, seats)
    return seats
  }

  /** With those that are online and cannot be called now: under `broadcast` they have their part, which waits. */
  allSeats(labels: Record<string, string>, byUrl: boolean): readonly Seat[] {
    const roster = this.roster(labels, byUrl)
    const seats = this.seats(labels, byUrl)
    const takers = this.#executors.filter((executor) => isTaker(executor, labels, byUrl))
    if (takers.length === seats.length) return seats
    const shut = { isFree: false, give: () => undefined }
    return takers.map(
      (taker) => seats[roster.placeOf(taker.id) ?? -1] ?? { ...shut, id: taker.id, capacity: capacityOf(taker) },
    )
  }

  /** An executor as it is in the state now; `executor` is undefined when it has gone. */
  read(id: string, executor: Executor | undefined): void {
    const place = this.#placeOf(id)
    const known = this.#executors[place]
    const before = known?.id === id ? known : undefined
    if (before === executor) return this.#readSlots(id)
    // Another object: something else than its slots is different.
    if (!executor) this.#executors.splice(place, 1)
    else this.#executors.splice(place, before ? 1 : 0, executor)
    this.#rosters.clear()
  }

  /** Counts shards more, or less, than the state knows of. */
  give(id: string, shards: number): void {
    this.#given.set(id, (this.#given.get(id) ?? 0) + shards)
    for (const roster of this.#rosters.values()) giveIn(roster, id, shards)
  }

  /** Counts what the state knows of alone again. */
  forgetGiven(): void {
    for (const id of this.#given.keys()) this.#readSlots(id)
    this.#given.clear()
  }

  #readSlots(id: string): void {
    for (const roster of this.#rosters.values()) {
      const place = roster.placeOf(id)
      if (place !== undefined) roster.read(place)
    }
  }

  #placeOf(id: string): number {
    let low = 0
    let high = this.#executors.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#executors[middle]?.id ?? '') < id) low = middle + 1
      else high = middle
    }
    return low
  }
}

function giveIn(roster: Roster, id: string, shards: number): void {
  const place = roster.placeOf(id)
  if (place !== undefined) roster.give(place, shards)
}

function isTaker(executor: Executor, wanted: Record<string, string>, byUrl: boolean): boolean {
  const { status, weight, labels } = executor
  return status === 'online' && weight > 0 && hasLabels(labels, wanted) && !(byUrl && pulls(executor))
}

/** Labels as a text that is the same whatever their order. */
function keyOf(labels: Record<string, string>): string {
  const names = Object.keys(labels)
  if (names.length === 0) return ''
  return JSON.stringify(names.sort().map((name) => [name, labels[name]]))
}
