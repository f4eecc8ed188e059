import { assert } from '../runtime/assert.ts'
import type { Entry, Index, Snapshot, Term } from './types.ts'

/** Entries that became durable are cut off the array only in lots, so that a cut costs nothing per entry. */
const CUT_LOT = 1024

/**
 * The end of the log that is not known to be durable: entries from `offset` on, and a snapshot before them.
 * A part of it may be with the storage already (`in progress`) and is not handed out twice.
 */
export class Unstable {
  /** Of the first entry here; where the durable log is read from, it ends just before. */
  offset: Index
  snapshot: Snapshot | undefined
  #entries: Entry[] = []
  /** Entries of the array before this are durable and gone. */
  #head = 0
  /** First index that is not with the storage yet. */
  #fresh: Index
  #snapshotInProgress = false

  constructor(offset: Index) {
    this.offset = offset
    this.#fresh = offset
  }

  get length(): number {
    return this.#entries.length - this.#head
  }

  /** One past the last entry. */
  get end(): Index {
    return this.offset + this.length
  }

  get snapshotToStore(): Snapshot | undefined {
    return this.#snapshotInProgress ? undefined : this.snapshot
  }

  hasEntriesToStore(): boolean {
    return this.#fresh < this.end
  }

  entriesToStore(): Entry[] {
    return this.hasEntriesToStore() ? this.slice(this.#fresh, this.end) : []
  }

  /** The term at an index here, the snapshot's own included. */
  term(index: Index): Term | undefined {
    if (index >= this.offset) return index < this.end ? this.#at(index).term : undefined
    return this.snapshot?.index === index ? this.snapshot.term : undefined
  }

  slice(from: Index, to: Index): Entry[] {
    assert(from >= this.offset && to <= this.end, 'a slice lies within the unstable log')
    const shift = this.#head - this.offset
    return this.#entries.slice(from + shift, to + shift)
  }

  /** Notes that everything here is with the storage now. */
  handedOut(): void {
    this.#fresh = this.end
    if (this.snapshot !== undefined) this.#snapshotInProgress = true
  }

  /**
   * Notes that the log is durable up to this entry. Of no effect where another entry took its place meanwhile:
   * a write of the newer one is still to come, and until then a reader of the storage would see the older.
   */
  stableTo(index: Index, term: Term): void {
    if (index < this.offset || this.term(index) !== term) return
    this.#head += index + 1 - this.offset
    this.offset = index + 1
    this.#fresh = Math.max(this.#fresh, this.offset)
    if (this.#head === this.#entries.length) {
      this.#entries = []
      this.#head = 0
    } else if (this.#head > CUT_LOT && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    }
  }

  snapshotStable(index: Index): void {
    if (this.snapshot?.index !== index) return
    this.snapshot = undefined
    this.#snapshotInProgress = false
  }

  /** Replaces everything by a snapshot. */
  restore(snapshot: Snapshot): void {
    this.#reset(snapshot.index + 1, [])
    this.snapshot = snapshot
    this.#snapshotInProgress = false
  }

  /** Puts entries at their index; what stood there and after it is gone. */
  append(entries: readonly Entry[]): void {
    const from = (entries[0] as Entry).index
    assert(from <= this.end, 'the log has no hole')
    if (from <= this.offset) return this.#reset(from, [...entries])
    this.#entries.length = this.#head + from - this.offset
    for (const entry of entries) this.#entries.push(entry)
    this.#fresh = Math.min(this.#fresh, from)
  }

  #at(index: Index): Entry {
    return this.#entries[this.#head + index - this.offset] as Entry
  }

  #reset(offset: Index, entries: Entry[]): void {
    this.#entries = entries
    this.#head = 0
    this.offset = offset
    this.#fresh = offset
  }
}
