import { entryBytes } from '../raft/log.ts'
import type { Entry, Index } from '../raft/types.ts'
import { assert } from '../runtime/assert.ts'

/** What an entry costs in memory besides its data. */
const ENTRY_BYTES = 96

export interface EntryWindowOptions {
  bytesMax: number
  /** Entries after it stay, whatever they cost. */
  applied: Index
}

/** The newest entries of the log, without a hole: as many as the limit allows, and all that are not applied yet. */
export class EntryWindow {
  readonly #bytesMax: number
  #applied: Index
  /** From `#start` on; the places before are empty until the array is cut. */
  #entries: (Entry | undefined)[] = []
  #start = 0
  #bytes = 0

  constructor({ bytesMax, applied }: EntryWindowOptions) {
    this.#bytesMax = bytesMax
    this.#applied = applied
  }

  /** Of the first entry that is here; undefined while there is none. */
  get firstIndex(): Index | undefined {
    return this.#entries[this.#start]?.index
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Adds entries that follow, or replace everything from their first index on. */
  append(entries: readonly Entry[]): void {
    const from = entries[0]?.index
    if (from === undefined) return
    const last = this.#entries.at(-1)?.index
    assert(last === undefined || from <= last + 1, `the window ends at ${last}, entry ${from} does not follow`)
    while (this.#entries.length > this.#start && this.#entries.at(-1)!.index >= from) {
      this.#bytes -= entryCost(this.#entries.pop()!)
    }
    for (const entry of entries) {
      this.#entries.push(entry)
      this.#bytes += entryCost(entry)
    }
    this.#trim()
  }

  /** The state has everything up to `index`. */
  applied(index: Index): void {
    this.#applied = Math.max(this.#applied, index)
    this.#trim()
  }

  /** Forgets everything; what follows `index` comes next. */
  restart(index: Index): void {
    this.#entries = []
    this.#start = 0
    this.#bytes = 0
    this.#applied = Math.max(this.#applied, index)
  }

  /** Entries in [from, to): at least one, otherwise no more than weigh `bytesMax`; undefined when `from` is not here. */
  slice(from: Index, to: Index, bytesMax: number): Entry[] | undefined {
    const first = this.firstIndex
    if (first === undefined || from < first || from > this.#entries.at(-1)!.index) return undefined
    return limited(this.#entries as Entry[], this.#start + from - first, to, bytesMax)
  }

  #trim(): void {
    while (this.#bytes > this.#bytesMax && this.#start < this.#entries.length) {
      const oldest = this.#entries[this.#start]!
      if (oldest.index > this.#applied) break
      this.#bytes -= entryCost(oldest)
      this.#entries[this.#start++] = undefined
    }
    if (this.#start * 2 <= this.#entries.length) return
    this.#entries.splice(0, this.#start)
    this.#start = 0
  }
}

/** What an entry counts against a limit of memory. */
export function entryCost(entry: Entry): number {
  return ENTRY_BYTES + entry.data.length
}

/** Entries from position `at` on with an index below `to`: at least one, otherwise no more than weigh `bytesMax`. */
export function limited(entries: readonly Entry[], at: number, to: Index, bytesMax: number): Entry[] {
  let end = at
  for (let bytes = 0; end < entries.length && entries[end]!.index < to; end++) {
    bytes += entryBytes(entries[end]!)
    if (bytes > bytesMax && end > at) break
  }
  return entries.slice(at, end)
}
