import { assert } from '../runtime/assert.ts'
import type { Random } from '../runtime/random.ts'
import { CorruptLog, StorageFailed } from './errors.ts'
import type { FileHandle, FileSystem } from './file-system.ts'
import { decodeEntries, encodeEntries, entryBytes, HEADER_BYTES, hardStateBytes, RECORD_BYTES_MAX } from './record.ts'
import { RecordReader } from './record-reader.ts'
import type { Recovered } from './recover.ts'
import { encodeHead, segmentName, type Segment } from './segment.ts'
import type { Spares } from './spares.ts'
import type { HardState, Wal, WalRecord } from './wal.ts'

/** Above this a buffer is made for the one append that needs it. */
const SCRATCH_BYTES_MAX = 4 * 1024 * 1024
/** Room that a segment keeps for its head, whose hard state names a voter. */
const HEAD_ROOM_BYTES = 512

export interface SegmentedWalOptions {
  fileSystem: FileSystem
  folder: string
  segmentBytes: number
  spares: Spares
  random: Random
}

/** The log as a row of segments. Only the last one is written to; each append is one write unless a segment ends in it. */
export class SegmentedWal implements Wal {
  readonly payloadBytesMax: number
  readonly #options: SegmentedWalOptions
  readonly #segments: Segment[]
  #hardState: HardState
  #chain: number
  #handle: FileHandle | undefined
  #scratch: Buffer = Buffer.alloc(64 * 1024)
  #appending = false
  #failed: Error | undefined
  #compacting: Promise<void> = Promise.resolve()
  /** Sequence numbers that are being read. */
  readonly #pins = new Set<{ sequence: number }>()

  constructor(options: SegmentedWalOptions, recovered: Recovered | undefined) {
    this.#options = options
    this.#segments = recovered?.segments ?? []
    this.#hardState = recovered?.hardState ?? { term: 0, vote: '', commit: 0 }
    this.#chain = recovered?.chain ?? 0
    const record = Math.min(options.segmentBytes - HEAD_ROOM_BYTES, RECORD_BYTES_MAX)
    this.payloadBytesMax = record - HEAD_ROOM_BYTES - entryBytes(new Uint8Array(0))
  }

  get firstIndex(): number {
    return this.#segments[0]!.firstIndex
  }

  get lastIndex(): number {
    return this.#segments.at(-1)?.lastIndex ?? 0
  }

  get hardState(): HardState {
    return this.#hardState
  }

  /** Opens the last segment for writing, or begins the first. */
  async begin(): Promise<void> {
    const last = this.#segments.at(-1)
    if (last === undefined) await this.#roll()
    else this.#handle = await this.#options.fileSystem.open(this.#path(last), 'write')
  }

  async append(records: readonly WalRecord[], hardState?: HardState): Promise<void> {
    this.#admit(records, hardState)
    this.#appending = true
    try {
      let from = 0
      do from = await this.#write(records, from, hardState)
      while (from < records.length)
      if (hardState !== undefined) this.#hardState = hardState
    } catch (error) {
      throw this.#fail(error)
    } finally {
      this.#appending = false
    }
  }

  async *read(from: number): AsyncGenerator<WalRecord> {
    assert(from >= this.firstIndex, `index ${from} is still in the log, which begins at ${this.firstIndex}`)
    let segment = this.#segments.findLast(({ firstIndex }) => firstIndex <= from)
    const pin = { sequence: segment?.sequence ?? 0 }
    this.#pins.add(pin)
    try {
      while (segment !== undefined) {
        const { sequence }: Segment = segment
        pin.sequence = sequence
        for await (const entries of this.#batches(segment)) {
          for (const entry of entries) if (entry.index >= from) yield entry
        }
        segment = this.#segments.find((other) => other.sequence === sequence + 1)
      }
    } finally {
      this.#pins.delete(pin)
    }
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

  #admit(records: readonly WalRecord[], hardState: HardState | undefined): void {
    if (this.#failed !== undefined) throw this.#failed
    assert(!this.#appending, 'one append is in flight at a time')
    let next = this.lastIndex
    for (const { index, payload } of records) {
      assert(index === ++next, `index ${next} follows in the log, not ${index}`)
      assert(payload.length <= this.payloadBytesMax, `a payload has at most ${this.payloadBytesMax} bytes`)
    }
    if (hardState === undefined) return
    assert(hardState.commit <= next, 'what is committed is in the log')
    assert(
      hardState.commit >= this.#hardState.commit && hardState.term >= this.#hardState.term,
      'a log never goes back',
    )
    assert(hardStateBytes(hardState) <= HEAD_ROOM_BYTES / 2, 'the name of a voter is short')
  }

  /** Writes records from position `from` on as one record, as many as the segment has room for; returns where to go on. */
  async #write(records: readonly WalRecord[], from: number, hardState: HardState | undefined): Promise<number> {
    const overhead = HEADER_BYTES + hardStateBytes(hardState)
    let fit = this.#fit(records, from, overhead)
    if (fit === undefined) {
      await this.#roll()
      fit = this.#fit(records, from, overhead)
      assert(fit !== undefined, 'an empty segment has room for every payload that was admitted')
    }
    const segment = this.#segments.at(-1)!
    const { count, bytes } = fit
    const target = this.#buffer(bytes)
    const { mark, lastIndex } = segment
    // A part of an append must not promise what only its next part holds.
    const state = hardState && { ...hardState, commit: Math.min(hardState.commit, lastIndex + count) }
    const head = {
      type: 'entries',
      previous: this.#chain,
      mark,
      count,
      index: lastIndex + 1,
      hardState: state,
    } as const
    const chain = encodeEntries(target, head, records, from)
    await this.#handle!.writeDurably(segment.end, target)
    segment.end += bytes
    segment.lastIndex += count
    this.#chain = chain
    if (state !== undefined) this.#hardState = state
    if (segment.end > segment.bytes / 2) this.#options.spares.prepare()
    return from + count
  }

  #fit(records: readonly WalRecord[], from: number, overhead: number): { count: number; bytes: number } | undefined {
    const segment = this.#segments.at(-1)!
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
  async #roll(): Promise<void> {
    const { fileSystem, folder, spares, random, segmentBytes } = this.#options
    const last = this.#segments.at(-1)
    const sequence = (last?.sequence ?? 0) + 1
    const firstIndex = this.lastIndex + 1
    const mark = Buffer.from(random.bytes(4)).readUInt32LE()
    const spare = await spares.take()
    const handle = await fileSystem.open(spare, 'write')
    const segment: Segment = { sequence, firstIndex, lastIndex: firstIndex - 1, mark, end: 0, bytes: segmentBytes }
    try {
      const { hardState } = this
      const head = encodeHead({ sequence, bytes: segmentBytes, firstIndex, previous: this.#chain, mark, hardState })
      await handle.writeDurably(0, head.bytes)
      segment.end = head.bytes.length
      await fileSystem.rename(spare, this.#path(segment))
      await fileSystem.syncFolder(folder)
      this.#chain = head.crc
    } catch (error) {
      await handle.close()
      throw error
    }
    await this.#handle?.close()
    this.#handle = handle
    this.#segments.push(segment)
  }

  /** The entries of a segment, record by record, up to what is durable when they are asked for. */
  async *#batches(segment: Segment): AsyncGenerator<WalRecord[]> {
    const { fileSystem, folder } = this.#options
    const handle = await fileSystem.open(this.#path(segment), 'read').catch((error) => this.#unreadable(error))
    try {
      for (let position = 0; position < segment.end; ) {
        const { end } = segment
        const reader = new RecordReader(handle, end)
        while (position < end) {
          const record = await reader.at(position, segment.mark).catch((error) => this.#unreadable(error))
          const entries = record?.type === 'head' ? [] : record && decodeEntries(record)
          if (record === undefined || entries === undefined) {
            const where = { folder, file: segmentName(segment.sequence), offset: position }
            throw new CorruptLog(where, 'a record that was whole is damaged now')
          }
          position += record.bytes
          if (entries.length > 0) yield entries
        }
      }
    } finally {
      await handle.close()
    }
  }

  async #dropBelow(index: number): Promise<void> {
    const pinned = Math.min(...[...this.#pins].map(({ sequence }) => sequence))
    try {
      while (this.#segments.length > 1 && this.#segments[1]!.firstIndex <= index) {
        if (this.#segments[0]!.sequence >= pinned) return
        const { bytes, ...segment } = this.#segments.shift()!
        // Oldest first, each durable before the next: a crash never leaves a hole.
        await this.#options.spares.give(`${this.#options.folder}/${segmentName(segment.sequence)}`, bytes)
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

  #path({ sequence }: Segment): string {
    return `${this.#options.folder}/${segmentName(sequence)}`
  }

  /** After a failed write nobody knows what the disk holds, so the log takes nothing more. */
  #fail(error: unknown): Error {
    this.#failed ??= storageFault(this.#options.folder, error)
    return this.#failed
  }

  #unreadable(error: unknown): never {
    throw storageFault(this.#options.folder, error)
  }
}

/** `StorageFailed` for what the operating system said; bugs stay what they are. */
export function storageFault(folder: string, error: unknown): Error {
  if (error instanceof StorageFailed || error instanceof CorruptLog) return error
  if (error instanceof Error && !('code' in error)) return error
  return new StorageFailed(folder, error)
}
