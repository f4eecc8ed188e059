import { assert } from '../runtime/assert.ts'
import { CorruptLog, storageFault } from './errors.ts'
import type { FileSystem } from './file-system.ts'
import type { LogMap } from './log-map.ts'
import { decodeEntries, entryBytes } from './record.ts'
import { RecordReader } from './record-reader.ts'
import { type Segment, segmentName } from './segment.ts'
import type { WalRecord } from './wal.ts'

/** What `read` takes from the disk at once. */
const READ_BYTES = 4 * 1024 * 1024

/** One who reads: the segment that has to stay, and the index from which on the log was overwritten meanwhile. */
interface Pin {
  sequence: number
  below: number
}

/** What is collected for one range. */
interface Range {
  records: WalRecord[]
  next: number
  to: number
  bytesLeft: number
  full: boolean
}

/** Reads the log while it is written: finds its place by the map, and gives back nothing that is void. */
export class LogReader {
  readonly #fileSystem: FileSystem
  readonly #folder: string
  readonly #map: LogMap
  readonly #pins = new Set<Pin>()

  constructor(fileSystem: FileSystem, folder: string, map: LogMap) {
    this.#fileSystem = fileSystem
    this.#folder = folder
    this.#map = map
  }

  /** Sequence number of the oldest segment that is being read. */
  get pinned(): number {
    return Math.min(...[...this.#pins].map(({ sequence }) => sequence))
  }

  /** Entries from `from` on are void now. */
  voided(from: number): void {
    for (const pin of this.#pins) pin.below = Math.min(pin.below, from)
  }

  async range(from: number, to: number, bytesMax: number): Promise<WalRecord[]> {
    const map = this.#map
    if (from < map.firstIndex) return []
    const range: Range = { records: [], next: from, to, bytesLeft: bytesMax, full: false }
    const pin = this.#pin(from)
    try {
      while (!range.full && range.next < Math.min(range.to, pin.below, map.lastIndex + 1)) {
        const segment = this.#segmentOf(range.next)!
        pin.sequence = segment.sequence
        await this.#take(segment, range, pin)
      }
      return range.next > pin.below ? range.records.filter(({ index }) => index < pin.below) : range.records
    } finally {
      this.#pins.delete(pin)
    }
  }

  async *read(from: number): AsyncGenerator<WalRecord> {
    const map = this.#map
    assert(from >= map.firstIndex, `index ${from} is still in the log, which begins at ${map.firstIndex}`)
    const pin = this.#pin(from)
    try {
      for (let next = from; next <= map.lastIndex; ) {
        pin.sequence = this.#segmentOf(next)?.sequence ?? 0
        const records = await this.range(next, map.lastIndex + 1, READ_BYTES)
        if (records.length === 0) return
        for (const record of records) yield record
        next += records.length
      }
    } finally {
      this.#pins.delete(pin)
    }
  }

  #segmentOf(index: number): Segment | undefined {
    return this.#map.segments.findLast(({ firstIndex }) => firstIndex <= index)
  }

  #pin(from: number): Pin {
    const pin = { sequence: this.#segmentOf(from)?.sequence ?? 0, below: Number.POSITIVE_INFINITY }
    this.#pins.add(pin)
    return pin
  }

  /** Collects from one segment what is durable there now. */
  async #take(segment: Segment, range: Range, pin: Pin): Promise<void> {
    const stop = Math.min(range.to, segment.lastIndex + 1)
    const { end } = segment
    const path = `${this.#folder}/${segmentName(segment.sequence)}`
    const handle = await this.#fileSystem.open(path, 'read').catch((error: unknown) => this.#unreadable(error))
    try {
      const reader = new RecordReader(handle, end)
      while (!range.full && range.next < Math.min(stop, pin.below)) {
        const { place, until = stop } = segment.places.find(range.next)!
        await this.#takePlace(segment, reader, range, {
          position: place.position,
          end: Math.min(place.end, end),
          stop: () => Math.min(stop, until, pin.below),
        })
      }
    } finally {
      await handle.close()
    }
  }

  async #takePlace(
    segment: Segment,
    reader: RecordReader,
    range: Range,
    { position: start, end, stop }: { position: number; end: number; stop: () => number },
  ): Promise<void> {
    let position = start
    while (!range.full && range.next < stop()) {
      const record =
        position < end
          ? await reader.at(position, segment.mark).catch((error: unknown) => this.#unreadable(error))
          : undefined
      const entries = record?.type === 'entries' ? decodeEntries(record) : undefined
      if (record === undefined || entries === undefined || record.index > range.next) {
        const where = { folder: this.#folder, file: segmentName(segment.sequence), offset: position }
        throw new CorruptLog(where, 'a record that was whole is damaged now')
      }
      position += record.bytes
      collect(range, entries, stop())
    }
  }

  #unreadable(error: unknown): never {
    throw storageFault(this.#folder, error)
  }
}

/** Adds entries below `stop` to a range that they continue. */
function collect(range: Range, entries: readonly WalRecord[], stop: number): void {
  for (const entry of entries) {
    if (entry.index !== range.next || entry.index >= stop) continue
    range.bytesLeft -= entryBytes(entry.payload)
    range.full = range.bytesLeft < 0 && range.records.length > 0
    if (range.full) return
    range.records.push(entry)
    range.next++
  }
}
