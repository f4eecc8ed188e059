import type { Entry, HardState, Index, Membership, Snapshot, Storage, Term, Unavailable } from '../raft/types.ts'
import { assert } from '../runtime/assert.ts'
import type { Wal } from '../wal/wal.ts'
import { decodeEntry } from './entry-codec.ts'
import { EntryWindow } from './entry-window.ts'
import { FetchedRanges } from './fetched-ranges.ts'
import { voteId } from './member-id.ts'

export interface RaftLogOptions {
  wal: Wal
  /** What the state on this node has: entries after it are held in memory. */
  applied: Index
  /** In force at `applied`. */
  membership: Membership
  /** The newest state that a follower could be sent; `fetching` while none can be had. */
  newestState(): Snapshot | 'fetching'
  /** Entries for which `fetching` was answered are there: ask again. */
  onFetched(): void
  /** The log could not be read; the process is to end. */
  onFatal(error: Error): void
  /** Bytes of recent entries in memory, more only while more is not applied. @default 67_108_864 */
  windowBytesMax?: number
  /** Bytes that one look at the disk reads ahead. @default 4_194_304 */
  fetchBytes?: number
  /** Bytes of older entries in memory, for followers that lag behind. @default 16_777_216 */
  fetchedBytesMax?: number
}

/**
 * The durable log as the consensus core reads it, at once: terms from memory, recent entries from a window, older ones
 * from ranges that are read from the disk when somebody asks for them. The log itself is written by the caller, who says
 * here what has become durable.
 */
export class RaftLog implements Storage {
  readonly #options: RaftLogOptions
  readonly #wal: Wal
  readonly #window: EntryWindow
  readonly #fetched: FetchedRanges
  #compacted: Index = 0

  private constructor(options: RaftLogOptions) {
    const {
      windowBytesMax = 64 * 1024 * 1024,
      fetchBytes = 4 * 1024 * 1024,
      fetchedBytesMax = 16 * 1024 * 1024,
    } = options
    this.#options = options
    this.#wal = options.wal
    this.#window = new EntryWindow({ bytesMax: windowBytesMax, applied: options.applied })
    this.#fetched = new FetchedRanges({
      read: (from, to, bytesMax) => this.#wal.readRange(from, to, bytesMax),
      fetchBytes,
      bytesMax: fetchedBytesMax,
      onFetched: () => options.onFetched(),
      onFailed: (error) => options.onFatal(error),
    })
  }

  /** What the entries in memory cost. */
  get bytes(): number {
    return this.#window.bytes + this.#fetched.bytes
  }

  /** Takes into memory what is not applied yet. Throws what reading the log throws. */
  static async open(options: RaftLogOptions): Promise<RaftLog> {
    const log = new RaftLog(options)
    const entries: Entry[] = []
    const { wal, applied } = options
    assert(wal.firstIndex <= applied + 1, `the log has what follows index ${applied}`)
    if (wal.lastIndex > applied) for await (const record of wal.read(applied + 1)) entries.push(decodeEntry(record))
    log.#window.append(entries)
    return log
  }

  initialState(): { hardState: HardState; membership: Membership } {
    const { term, vote, commit } = this.#wal.hardState
    const { applied, membership } = this.#options
    // The commit is recorded with a later write; what was applied was committed.
    return { hardState: { term, vote: voteId(vote), commit: Math.max(commit, applied) }, membership }
  }

  firstIndex(): Index {
    return Math.max(this.#wal.firstIndex, this.#compacted + 1)
  }

  lastIndex(): Index {
    return this.#wal.lastIndex
  }

  term(index: Index): Term | Unavailable {
    if (index < this.firstIndex() - 1) return 'compacted'
    return this.#wal.termAt(index) ?? 'beyond-end'
  }

  entries(from: Index, to: Index, bytesMax: number): Entry[] | Unavailable {
    if (from < this.firstIndex()) return 'compacted'
    if (to > this.lastIndex() + 1) return 'beyond-end'
    const recent = this.#window.slice(from, to, bytesMax)
    if (recent !== undefined) return recent
    const windowFirst = this.#window.firstIndex ?? 0
    const end = windowFirst > from ? windowFirst : this.lastIndex() + 1
    const older = this.#fetched.slice(from, to, bytesMax, end)
    if (older === undefined) this.#fetched.fetch(from, end)
    return older ?? 'fetching'
  }

  snapshot(): Snapshot | 'fetching' {
    const newest = this.#options.newestState()
    return newest === 'fetching' || newest.index < this.firstIndex() - 1 ? 'fetching' : newest
  }

  /** These are durable; they follow, or replace everything from their first index on. */
  appended(entries: readonly Entry[]): void {
    if (entries.length === 0) return
    this.#fetched.truncate(entries[0]!.index)
    this.#window.append(entries)
  }

  /** The state on this node has everything up to `index`. */
  appliedTo(index: Index): void {
    this.#window.applied(index)
  }

  /** What is at or before `index` is not to be read any more; nobody is sent a state older than it. */
  compacted(index: Index, term: Term): void {
    assert(
      (this.#wal.termAt(index) ?? term) === term,
      `entry ${index}, up to which the log is compacted, is of term ${term}`,
    )
    assert(index <= this.lastIndex(), `what is compacted is in the log: index ${index}`)
    this.#compacted = Math.max(this.#compacted, index)
  }

  /** This state stands for the whole log now, and the log on disk says so. */
  installed({ index }: Snapshot): void {
    assert(this.lastIndex() === index, `the log goes on after index ${index}`)
    this.#compacted = index
    this.#fetched.truncate(0)
    this.#window.restart(index)
  }
}
