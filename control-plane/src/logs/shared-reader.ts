import type { OutboxReader, Place, ReadLimit, RowBatch } from './outbox-reader.ts'

/** Batches that are remembered, so that sinks which are a little apart read none of it again, and their bytes. */
const KEPT_MAX = 16
const KEPT_BYTES_MAX = 8 * 1024 * 1024

interface Kept {
  batch: Promise<RowBatch>
  written: number
  /** Once it is read. */
  bytes: number
}

/** Reads the outbox once for sinks that are equally far: they are handed the same batches. */
export class SharedReader {
  readonly #reader: Pick<OutboxReader, 'read'>
  readonly #limit: ReadLimit
  readonly #written: () => number
  readonly #kept = new Map<string, Kept>()
  #bytes = 0

  /** `written`: rows that the ledger has been given. */
  constructor(reader: Pick<OutboxReader, 'read'>, limit: ReadLimit, written: () => number) {
    this.#reader = reader
    this.#limit = limit
    this.#written = written
  }

  /** What comes after a place. Where there is more, it is read while this is written. */
  async read(after: Place): Promise<RowBatch> {
    const batch = await this.#batchAfter(after)
    if (batch.rows.length === this.#limit.rows) this.#batchAfter(batch).catch(() => undefined)
    return batch
  }

  /** Rows may have left the ledger. */
  forget(): void {
    this.#kept.clear()
    this.#bytes = 0
  }

  async #batchAfter(after: Place): Promise<RowBatch> {
    const written = this.#written()
    const key = after.cursor.join('/')
    const kept = this.#kept.get(key)
    if (kept) {
      const batch = await kept.batch
      // A short one ended where the ledger did.
      if (kept.written === written || batch.rows.length === this.#limit.rows) return batch
    }
    this.#drop(key)
    const reading: Kept = { batch: this.#reader.read(after, this.#limit), written, bytes: 0 }
    this.#kept.set(key, reading)
    const done = ({ bytes }: RowBatch) => {
      if (this.#kept.get(key) !== reading) return
      reading.bytes = bytes
      this.#bytes += bytes
      this.#trim()
    }
    reading.batch.then(done, () => this.#kept.get(key) === reading && this.#drop(key))
    return reading.batch
  }

  #trim(): void {
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= 1 || (this.#kept.size <= KEPT_MAX && this.#bytes <= KEPT_BYTES_MAX)) break
      this.#drop(oldest)
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0
    this.#kept.delete(key)
  }
}
