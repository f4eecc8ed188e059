import { assert } from '../runtime/assert.ts'
import type { Random } from '../runtime/random.ts'
import { StorageFailed, storageFault } from './errors.ts'
import type { FileHandle, FileSystem } from './file-system.ts'
import { LogMap } from './log-map.ts'
import { LogReader } from './log-reader.ts'
import { encodeEntries, entryBytes, HEADER_BYTES, hardStateBytes, padded, RECORD_BYTES_MAX } from './record.ts'
import type { Recovered } from './recover.ts'
import { encodeHead, type Segment, type SegmentHead, segmentName } from './segment.ts'
import type { Spares } from './spares.ts'
import type { HardState, SnapshotInstall, Wal, WalIdentity, WalRecord, WalSnapshot } from './wal.ts'

/** Above this a buffer is made for the one append that needs it. */
const SCRATCH_BYTES_MAX = 4 * 1024 * 1024
/** Room that a segment keeps for its head at most: it names a snapshot, its membership, a cluster and a member. */
const HEAD_BYTES_MAX = 16 * 1024
const VOTE_BYTES_MAX = 64
/** What a record has besides its entries. */
const OVERHEAD_BYTES_MAX = HEADER_BYTES + 24 + padded(VOTE_BYTES_MAX)

export interface SegmentedWalOptions {
  fileSystem: FileSystem
  folder: string
  segmentBytes: number
  spares: Spares
  random: Random
  /** Whose log it is, for a log that begins. */
  identity: WalIdentity
}

/** The log as a row of segments. Only the last one is written to; each append is one write unless a segment ends in it. */
export class SegmentedWal implements Wal {
  readonly payloadBytesMax: number
  readonly #options: SegmentedWalOptions
  readonly #map: LogMap
  readonly #reader: LogReader
  readonly #headBytesMax: number
  #hardState: HardState
  #snapshot: WalSnapshot | undefined
  #identity: WalIdentity
  #chain: number
  #handle: FileHandle | undefined
  #scratch: Buffer = Buffer.alloc(64 * 1024)
  #appending = false
  #failed: Error | undefined
  #compacting: Promise<void> = Promise.resolve()

  constructor(options: SegmentedWalOptions, recovered: Recovered | undefined) {
    this.#options = options
    this.#map = recovered?.map ?? new LogMap()
    this.#reader = new LogReader(options.fileSystem, options.folder, this.#map)
    this.#hardState = recovered?.hardState ?? { term: 0, vote: '', commit: 0 }
    this.#snapshot = recovered?.snapshot
    this.#identity = recovered?.identity ?? options.identity
    this.#chain = recovered?.chain ?? 0
    this.#headBytesMax = Math.min(HEAD_BYTES_MAX, options.segmentBytes / 4)
    const record = Math.min(options.segmentBytes - this.#headBytesMax, RECORD_BYTES_MAX)
    this.payloadBytesMax = record - OVERHEAD_BYTES_MAX - entryBytes(new Uint8Array(0))
  }

  get firstIndex(): number {
    return this.#map.firstIndex
  }

  get lastIndex(): number {
    return this.#map.lastIndex
  }

  get hardState(): HardState {
    return this.#hardState
  }

  get snapshot(): WalSnapshot | undefined {
    return this.#snapshot
  }

  get identity(): WalIdentity {
    return this.#identity
  }

  get bytes(): number {
    return this.#map.bytes
  }

  indexOfLast(bytes: number): number {
    return this.#map.indexOfLast(bytes)
  }

  termAt(index: number): number | undefined {
    return this.#map.terms.at(index)
  }

  /** Opens the last segment for writing, or begins the first, and lets go what a crash kept from being let go. */
  async begin(): Promise<void> {
    const last = this.#map.segments.at(-1)
    if (last === undefined) await this.#roll({})
    else this.#handle = await this.#options.fileSystem.open(this.#path(last), 'write')
    if (this.#map.voided.length > 0) await this.compact(0)
  }

  append(records: readonly WalRecord[], hardState?: HardState): Promise<void> {
    return this.#exclusively(
      () => this.#admit(records, hardState),
      async () => {
        let from = 0
        do from = await this.#write(records, from, hardState)
        while (from < records.length)
        if (hardState !== undefined) this.#hardState = hardState
      },
    )
  }

  async installSnapshot(install: SnapshotInstall): Promise<void> {
    const { index, term, membership, stateFolder, cluster = this.#identity.cluster } = install
    const hardState = { ...install.hardState, commit: index }
    await this.#exclusively(
      () => {
        assert(install.hardState.commit >= index, `what the state has was committed: index ${index}`)
        this.#admitState(hardState, index)
      },
      async () => {
        const snapshot = { index, term, membership: Uint8Array.from(membership), stateFolder }
        const identity = { ...this.#identity, cluster }
        await this.#roll({ voids: true, firstIndex: index + 1, previousTerm: term, hardState, snapshot, identity })
      },
    )
    // What is void is let go in the background; a failure shows with the next append.
    this.compact(0).catch(() => undefined)
  }

  /** Records which cluster the member belongs to, once that is known. */
  joinCluster(cluster: string): Promise<void> {
    return this.#exclusively(
      () => assert(this.#identity.cluster === '', 'a log belongs to one cluster'),
      () => this.#roll({ identity: { ...this.#identity, cluster } }),
    )
  }

  readRange(from: number, to: number, bytesMax: number): Promise<WalRecord[]> {
    return this.#reader.range(from, to, bytesMax)
  }

  read(from: number): AsyncIterable<WalRecord> {
    return this.#reader.read(from)
  }

  compact(index: number): Promise<void> {
    if (this.#failed !== undefined) return Promise.reject(this.#failed)
    this.#compacting = this.#compacting.then(() => this.#dropBelow(index))
    const done = this.#compacting
    this.#compacting = done.catch(() => undefined)
    return done
  }

  async close(): Promise<void> {
    assert(!this.#appending, 'the log is closed when nothing is being appended')
    this.#failed ??= new StorageFailed(this.#options.folder, new Error('the log is closed'))
    await this.#compacting
    await this.#options.spares.settle()
    await this.#handle?.close()
    this.#handle = undefined
  }

  /** Lets one change of the log go on at a time; what fails on its way to the disk ends the log. */
  async #exclusively(admit: () => void, change: () => Promise<void>): Promise<void> {
    if (this.#failed !== undefined) throw this.#failed
    assert(!this.#appending, 'one append is in flight at a time')
    admit()
    this.#appending = true
    try {
      await change()
    } catch (error) {
      throw this.#fail(error)
    } finally {
      this.#appending = false
    }
  }

  #admit(records: readonly WalRecord[], hardState: HardState | undefined): void {
    const first = records[0]?.index ?? this.lastIndex + 1
    if (first !== this.lastIndex + 1) {
      assert(first <= this.lastIndex, `index ${this.lastIndex + 1} follows in the log, not ${first}`)
      const { commit } = this.#hardState
      assert(first > commit, `what is committed is never overwritten: index ${first} of ${commit}`)
      assert(first >= this.firstIndex, `what is overwritten is in the log: index ${first}`)
    }
    let next = first - 1
    let last = this.termAt(next) ?? 0
    for (const { index, term, payload } of records) {
      // A sentence is made for a broken invariant only: this is the hot path.
      if (index !== ++next) assert(false, `index ${next} follows in the log, not ${index}`)
      if (term < last) assert(false, `entry ${index} is not of term ${term}, after one of term ${last}`)
      if (payload.length > this.payloadBytesMax) assert(false, `a payload has at most ${this.payloadBytesMax} bytes`)
      last = term
    }
    if (hardState !== undefined) this.#admitState(hardState, next)
  }

  #admitState({ term, vote, commit }: HardState, lastIndex: number): void {
    const old = this.#hardState
    assert(commit <= lastIndex, 'what is committed is in the log')
    assert(commit >= old.commit && term >= old.term, 'a log never goes back')
    assert(term > old.term || old.vote === '' || vote === old.vote, `the vote of term ${term} is for ${old.vote}`)
    assert(Buffer.byteLength(vote) <= VOTE_BYTES_MAX, 'the name of a voter is short')
  }

  /** Writes records from position `from` on as one record, as many as the segment has room for; returns where to go on. */
  async #write(records: readonly WalRecord[], from: number, hardState: HardState | undefined): Promise<number> {
    const overhead = HEADER_BYTES + hardStateBytes(hardState)
    const index = records[from]?.index ?? this.lastIndex + 1
    // A segment never reaches back behind its head, so that those before it can go without a loss.
    let fit = index < this.#map.segments.at(-1)!.firstIndex ? undefined : this.#fit(records, from, overhead)
    if (fit === undefined) {
      const previousTerm = this.termAt(index - 1)
      assert(previousTerm !== undefined, `the term before index ${index} is known`)
      await this.#roll({ firstIndex: index, previousTerm })
      fit = this.#fit(records, from, overhead)
      assert(fit !== undefined, 'an empty segment has room for every payload that was admitted')
    }
    const segment = this.#map.segments.at(-1)!
    const { count, bytes } = fit
    const target = this.#buffer(bytes)
    // A part of an append must not promise what only its next part holds.
    const state = hardState && { ...hardState, commit: Math.min(hardState.commit, index + count - 1) }
    const { mark } = segment
    const head = { type: 'entries', previous: this.#chain, mark, count, index, hardState: state } as const
    const chain = encodeEntries(target, head, records, from)
    await this.#handle!.writeDurably(segment.end, target)
    if (count > 0) this.#reader.voided(index)
    this.#map.add(index, records, from, count, bytes)
    this.#chain = chain
    if (state !== undefined) this.#hardState = state
    if (segment.end > segment.bytes / 2) this.#options.spares.prepare()
    return from + count
  }

  #fit(records: readonly WalRecord[], from: number, overhead: number): { count: number; bytes: number } | undefined {
    const segment = this.#map.segments.at(-1)!
    const room = Math.min(segment.bytes - segment.end, RECORD_BYTES_MAX)
    let bytes = overhead
    let at = from
    for (; at < records.length; at++) {
      const more = entryBytes(records[at]!.payload)
      if (bytes + more > room) break
      bytes += more
    }
    const count = at - from
    return bytes > room || (count === 0 && records.length > from) ? undefined : { count, bytes }
  }

  /** Ends the last segment and begins the next: its head is durable before it has its name, its name before it is used. */
  async #roll(change: Partial<SegmentHead>): Promise<void> {
    const { fileSystem, folder, spares } = this.#options
    const head = this.#nextHead(change)
    const { bytes, crc } = encodeHead(head)
    assert(bytes.length <= this.#headBytesMax, `the head of a segment has at most ${this.#headBytesMax} bytes`)
    const spare = await spares.take()
    const handle = await fileSystem.open(spare, 'write')
    try {
      await handle.writeDurably(0, bytes)
      await fileSystem.rename(spare, this.#path(head))
      await fileSystem.syncFolder(folder)
    } catch (error) {
      await handle.close()
      throw error
    }
    await this.#handle?.close()
    this.#handle = handle
    this.#reader.voided(head.voids ? 0 : head.firstIndex)
    this.#map.begin(head, bytes.length)
    this.#chain = crc
    this.#hardState = head.hardState
    this.#snapshot = head.snapshot
    this.#identity = head.identity
  }

  /** What the head of the next segment says, unless `change` says otherwise. */
  #nextHead(change: Partial<SegmentHead>): SegmentHead {
    const { random, segmentBytes } = this.#options
    const last = this.#map.segments.at(-1)
    return {
      sequence: (last?.sequence ?? 0) + 1,
      bytes: segmentBytes,
      firstIndex: this.lastIndex + 1,
      previousTerm: this.#map.terms.lastTerm,
      previous: this.#chain,
      previousEnd: last?.end ?? 0,
      mark: Buffer.from(random.bytes(4)).readUInt32LE(),
      hardState: this.#hardState,
      voids: false,
      snapshot: this.#snapshot,
      identity: this.#identity,
      ...change,
    }
  }

  async #dropBelow(index: number): Promise<void> {
    const { spares } = this.#options
    try {
      for (;;) {
        const oldest = this.#map.voided[0] ?? this.#map.segments[0]
        if (oldest === undefined || oldest.sequence >= this.#reader.pinned) return
        const dropped = this.#map.drop(index)
        if (dropped === undefined) return
        // Oldest first, each durable before the next: a crash never leaves a hole.
        await spares.give(this.#path(dropped), dropped.bytes)
      }
    } catch (error) {
      throw this.#fail(error)
    }
  }

  #buffer(bytes: number): Buffer {
    if (bytes > SCRATCH_BYTES_MAX) return Buffer.allocUnsafeSlow(bytes)
    if (bytes > this.#scratch.length) this.#scratch = Buffer.allocUnsafeSlow(Math.max(bytes, this.#scratch.length * 2))
    return this.#scratch.subarray(0, bytes)
  }

  #path({ sequence }: Pick<Segment, 'sequence'>): string {
    return `${this.#options.folder}/${segmentName(sequence)}`
  }

  /** After a failed write nobody knows what the disk holds, so the log takes nothing more. */
  #fail(error: unknown): Error {
    this.#failed ??= storageFault(this.#options.folder, error)
    return this.#failed
  }
}
