import { assert } from '../runtime/assert.ts'
import type { Entry, Index, Snapshot, Storage, Term, Unavailable } from './types.ts'
import { Unstable } from './unstable.ts'

/** What an entry weighs besides its payload, where bytes are limited. */
const ENTRY_OVERHEAD_BYTES = 16

/** What an entry weighs against the limits of appends and of committed entries. */
export function entryBytes(entry: Entry): number {
  return payloadBytes(entry) + ENTRY_OVERHEAD_BYTES
}

/** What an entry weighs against the limit of uncommitted entries: nothing when it only begins a term or leaves a joint configuration. */
export function payloadBytes(entry: Entry): number {
  return entry.data.length + (entry.change?.context.length ?? 0)
}

export function sumBytes(entries: readonly Entry[], bytesOf: (entry: Entry) => number): number {
  let bytes = 0
  for (const entry of entries) bytes += bytesOf(entry)
  return bytes
}

/** The whole log of a member: the durable part, asked of the storage, and the part that is not durable yet. */
export class RaftLog {
  readonly storage: Storage
  readonly unstable: Unstable
  /** Known to be on a majority. Throughout, `applied <= applying <= committed <= lastIndex`. */
  committed: Index
  /** Handed to the host to be applied. */
  applying: Index
  applied: Index
  /** The storage is fetching committed entries; they are handed out when it has them. */
  awaitsFetch = false
  readonly #applyingBytesMax: number
  #applyingBytes = 0
  /** Enough is with the host; more when it reports something applied. */
  #applyingPaused = false

  constructor(storage: Storage, applyingBytesMax: number) {
    this.storage = storage
    this.unstable = new Unstable(storage.lastIndex() + 1)
    this.committed = storage.firstIndex() - 1
    this.applying = this.committed
    this.applied = this.committed
    this.#applyingBytesMax = applyingBytesMax
  }

  firstIndex(): Index {
    return this.unstable.snapshot === undefined ? this.storage.firstIndex() : this.unstable.snapshot.index + 1
  }

  lastIndex(): Index {
    return this.unstable.end - 1
  }

  lastTerm(): Term {
    const term = this.term(this.lastIndex())
    assert(typeof term === 'number', 'the last entry has a term')
    return term
  }

  /** The term at an index; also just before the first entry, where the log was cut. */
  term(index: Index): Term | Unavailable {
    const unstable = this.unstable.term(index)
    if (unstable !== undefined) return unstable
    if (index + 1 < this.firstIndex()) return 'compacted'
    if (index > this.lastIndex()) return 'beyond-end'
    return this.storage.term(index)
  }

  matches(index: Index, term: Term): boolean {
    return this.term(index) === term
  }

  /** Whether a log that ends like this has everything that this one has (§5.4.1 of the paper). */
  isUpToDate(index: Index, term: Term): boolean {
    const ours = this.lastTerm()
    return term > ours || (term === ours && index >= this.lastIndex())
  }

  /** Appends what the leader made, or what replaces a conflict; never at or before a committed entry. */
  append(entries: readonly Entry[]): void {
    const first = entries[0]
    if (first === undefined) return
    assert(first.index > this.committed, 'nothing that is committed is truncated')
    this.unstable.append(entries)
  }

  /** Takes in the leader's entries after `index`; gives the last index that now agrees, or undefined when they do not fit. */
  appendAfter(index: Index, term: Term, entries: readonly Entry[], commit: Index): Index | undefined {
    if (!this.matches(index, term)) return undefined
    const skip = this.#agreeing(entries)
    if (skip < entries.length) this.append(skip === 0 ? entries : entries.slice(skip))
    const last = index + entries.length
    this.commitTo(Math.min(commit, last))
    return last
  }

  commitTo(index: Index): void {
    if (index <= this.committed) return
    assert(index <= this.lastIndex(), 'what is committed is in the log')
    this.committed = index
  }

  /**
   * The last index at or before `index` whose term is at most `term`, and its term: the best guess at where two
   * logs agree. Terms never fall along a log, so everything between is sure to conflict.
   */
  lastNotAbove(index: Index, term: Term): { index: Index; term: Term } {
    for (let at = index; at > 0; at--) {
      const ours = this.term(at)
      if (typeof ours !== 'number') return { index: at, term: 0 }
      if (ours <= term) return { index: at, term: ours }
    }
    return { index: 0, term: 0 }
  }

  /** Entries in [from, to), at least one, as many as `bytesMax` allows. */
  slice(from: Index, to: Index, bytesMax: number): Entry[] | Unavailable {
    if (from >= to) return []
    if (from < this.firstIndex()) return 'compacted'
    const { offset } = this.unstable
    if (from >= offset) return limited(this.unstable.slice(from, to), bytesMax)
    const stored = this.storage.entries(from, Math.min(to, offset), bytesMax)
    if (!Array.isArray(stored) || to <= offset || stored.length < offset - from) return stored
    const left = bytesMax - sumBytes(stored, entryBytes)
    const rest = limited(this.unstable.slice(offset, to), left)
    const fits = rest.length > 1 || entryBytes(rest[0] as Entry) <= left
    return fits ? stored.concat(rest) : stored
  }

  hasCommittedToApply(unstableToo: boolean): boolean {
    if (this.#applyingPaused || this.awaitsFetch || this.unstable.snapshot !== undefined) return false
    return this.applying < this.#appliable(unstableToo)
  }

  /** The next committed entries for the host. Without `unstableToo` only durable ones, because it reads them while others are written. */
  committedToApply(unstableToo: boolean): Entry[] {
    if (!this.hasCommittedToApply(unstableToo)) return []
    const room = this.#applyingBytesMax - this.#applyingBytes
    const entries = this.slice(this.applying + 1, this.#appliable(unstableToo) + 1, room)
    if (entries === 'fetching') {
      this.awaitsFetch = true
      return []
    }
    assert(Array.isArray(entries), 'what is not applied yet is still in the log')
    return entries
  }

  /** Notes that the host has these to apply. */
  handedOut(committed: readonly Entry[], unstableToo: boolean): void {
    const last = committed[committed.length - 1]
    if (last === undefined) return
    this.applying = last.index
    this.#applyingBytes += sumBytes(committed, entryBytes)
    this.#applyingPaused = this.#applyingBytes >= this.#applyingBytesMax || last.index < this.#appliable(unstableToo)
  }

  appliedTo(index: Index, bytes: number): void {
    assert(index >= this.applied && index <= this.committed, 'applied goes up, and only to what is committed')
    this.applied = index
    this.applying = Math.max(this.applying, index)
    this.#applyingBytes = Math.max(0, this.#applyingBytes - bytes)
    this.#applyingPaused = this.#applyingBytes >= this.#applyingBytesMax
  }

  restore(snapshot: Snapshot): void {
    assert(snapshot.index > this.committed, 'a snapshot never moves the log back')
    this.committed = snapshot.index
    this.unstable.restore(snapshot)
  }

  #appliable(unstableToo: boolean): Index {
    return unstableToo ? this.committed : Math.min(this.committed, this.unstable.offset - 1)
  }

  /** How many of the entries, from the first, are in the log already. */
  #agreeing(entries: readonly Entry[]): number {
    const last = this.lastIndex()
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as Entry
      if (entry.index > last || !this.matches(entry.index, entry.term)) return i
    }
    return entries.length
  }
}

/** As many from the beginning as the limit allows, and always one. */
function limited(entries: Entry[], bytesMax: number): Entry[] {
  if (bytesMax === Number.POSITIVE_INFINITY) return entries
  let bytes = 0
  for (let i = 0; i < entries.length; i++) {
    bytes += entryBytes(entries[i] as Entry)
    if (bytes > bytesMax && i > 0) return entries.slice(0, i)
  }
  return entries
}
