import type { Roster } from '../routing/roster.ts'

/** An executor as a split over all of them sees it. */
export interface Seat {
  readonly id: string
  /** Whether it has room for one shard more. */
  readonly isFree: boolean
  /** Counts shards more, or fewer, as placed on it. */
  give(shards: number): void
}

/** The seats of a roster, in its order. */
export function seatsOf(roster: Roster, give: (id: string, shards: number) => void): Seat[] {
  return roster.members.map(({ id }, place) => new RosterSeat(id, place, roster, give))
}

class RosterSeat implements Seat {
  readonly id: string
  readonly #place: number
  readonly #roster: Roster
  readonly #give: (id: string, shards: number) => void

  constructor(id: string, place: number, roster: Roster, give: (id: string, shards: number) => void) {
    this.id = id
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
