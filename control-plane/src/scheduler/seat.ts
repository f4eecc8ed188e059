import type { Executor } from '../discovery/executor.ts'
import type { Roster } from '../routing/roster.ts'

/** An executor as a split over all of them sees it. */
export interface Seat {
  readonly id: string
  /** Whether it has room for one shard more. */
  readonly isFree: boolean
  /** Shards that it has room for when it has none. */
  readonly capacity: number
  /** Counts shards more, or fewer, as placed on it. */
  give(shards: number): void
}

/** The seats of a roster, in its order. */
export function seatsOf(roster: Roster, give: (id: string, shards: number) => void): Seat[] {
  return roster.members.map((executor, place) => new RosterSeat(executor, place, roster, give))
}

export function capacityOf({ slots }: Executor): number {
  return slots === 0 ? Number.POSITIVE_INFINITY : slots
}

class RosterSeat implements Seat {
  readonly id: string
  readonly capacity: number
  readonly #place: number
  readonly #roster: Roster
  readonly #give: (id: string, shards: number) => void

  constructor(executor: Executor, place: number, roster: Roster, give: (id: string, shards: number) => void) {
    this.id = executor.id
    this.capacity = capacityOf(executor)
    this.#place = place
    this.#roster = roster
    this.#give = give
  }

  get isFree(): boolean {
    return this.#roster.free.has(this.#place)
  }

  give(shards: number): void {
    this.#give(this.id, shards)
  }
}
