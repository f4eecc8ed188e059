import { lastAtOrBelow } from './search.ts'

/** How far apart the places are that are remembered, in bytes: what a reader has to skip at most, but for one record. */
const GRAIN_BYTES = 64 * 1024

/** A stretch of a segment whose records follow each other, the first of which begins with entry `index`. */
export interface Place {
  index: number
  position: number
  end: number
}

/**
 * Where the entries of a segment are: one place per 64 KiB, and one more for each time that entries were overwritten.
 * A place counts up to where the next one begins; what it holds beyond that is void.
 */
export class Places {
  readonly #places: Place[] = []
  #cut = false

  /** A record was written that begins with entry `index`, or holds none. */
  note(index: number, count: number, position: number, end: number): void {
    const last = this.#places.at(-1)
    const follows = last !== undefined && !this.#cut && last.end === position
    if (follows && (count === 0 || position - last.position < GRAIN_BYTES)) last.end = end
    else if (count > 0) {
      this.#places.push({ index, position, end })
      this.#cut = false
    }
  }

  /** Entries from `from` on are void. */
  truncate(from: number): void {
    while (this.#places.length > 0 && this.#places.at(-1)!.index >= from) this.#places.pop()
    this.#cut = true
  }

  /** Where to find entry `index`, and the index at which that place ends to count: undefined for the end of the segment. */
  find(index: number): { place: Place; until: number | undefined } | undefined {
    const at = lastAtOrBelow(this.#places, index)
    const place = this.#places[at]
    return place && { place, until: this.#places[at + 1]?.index }
  }
}
