import type { Entry, Index } from '../raft/types.ts'
import type { WalRecord } from '../wal/wal.ts'
import { decodeEntry } from './entry-codec.ts'
import { entryCost, limited } from './entry-window.ts'

export interface FetchedRangesOptions {
  /** Records in [from, to), at least one when there is one; empty when there is none any more. */
  read(from: Index, to: Index, bytesMax: number): Promise<WalRecord[]>
  /** Bytes that one read asks for. */
  fetchBytes: number
  /** Bytes in memory, unless a single range has more. */
  bytesMax: number
  onFetched(): void
  onFailed(error: Error): void
}

interface Range {
  entries: Entry[]
  bytes: number
}

/** Older entries, read from the disk for followers that lag behind: a few ranges, those in use last stay. */
export class FetchedRanges {
  readonly #options: FetchedRangesOptions
  /** Least recently used first; none is empty. */
  #ranges: Range[] = []
  /** Reads under way by where they begin; what they find from `below` on is void. */
  readonly #reading = new Map<Index, { below: Index }>()
  readonly #readingMax: number

  constructor(options: FetchedRangesOptions) {
    this.#options = options
    this.#readingMax = Math.max(1, Math.floor(options.bytesMax / options.fetchBytes))
  }

  get bytes(): number {
    return this.#ranges.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Entries from `from` on that are here; undefined when there are none. Reads on before the range ends. */
  slice(from: Index, to: Index, bytesMax: number, end: Index): Entry[] | undefined {
    const range = this.#find(from)
    if (range === undefined) return undefined
    this.#ranges.push(...this.#ranges.splice(this.#ranges.indexOf(range), 1))
    const { entries } = range
    const at = from - entries[0]!.index
    const next = entries.at(-1)!.index + 1
    if (at * 2 >= entries.length && next < end && this.#find(next) === undefined) this.fetch(next, end)
    return limited(entries, at, to, bytesMax)
  }

  /** Reads ahead from `from`, at most to `end`, unless that or too much else is under way; `onFetched` says when it is there. */
  fetch(from: Index, end: Index): void {
    if (this.#reading.has(from) || this.#reading.size >= this.#readingMax) return
    const read = { below: end }
    this.#reading.set(from, read)
    this.#options
      .read(from, end, this.#options.fetchBytes)
      .then((records) => records.filter(({ index }) => index < read.below).map(decodeEntry))
      .finally(() => this.#reading.delete(from))
      .then((entries) => this.#keep(entries))
      .then(
        () => this.#options.onFetched(),
        (error: unknown) => this.#options.onFailed(error instanceof Error ? error : new Error(String(error))),
      )
  }

  /** Entries from `from` on are void. */
  truncate(from: Index): void {
    for (const read of this.#reading.values()) read.below = Math.min(read.below, from)
    const kept = this.#ranges.map(({ entries }) => rangeOf(entries.filter(({ index }) => index < from)))
    this.#ranges = kept.filter(({ entries }) => entries.length > 0)
  }

  #find(index: Index): Range | undefined {
    return this.#ranges.find(({ entries }) => entries[0]!.index <= index && index <= entries.at(-1)!.index)
  }

  #keep(entries: Entry[]): void {
    if (entries.length > 0) this.#ranges.push(rangeOf(entries))
    while (this.#ranges.length > 1 && this.bytes > this.#options.bytesMax) this.#ranges.shift()
  }
}

function rangeOf(entries: Entry[]): Range {
  return { entries, bytes: entries.reduce((sum, entry) => sum + entryCost(entry), 0) }
}
