import type { OutboxReader, Place, ReadLimit, RowBatch } from './outbox-reader.ts'

/** Batches that are remembered. */
const KEPT_MAX = 6

/** Reads the outbox once for sinks that are equally far: they are handed the same batches. */
export class SharedReader {
  readonly #reader: Pick<OutboxReader, 'read'>
  readonly #limit: ReadLimit
  readonly #written: () => number
  readonly #kept = new Map<string, { batch: Promise<RowBatch>; written: number }>()

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
    const batch = this.#reader.read(after, this.#limit)
    this.#kept.delete(key)
    this.#kept.set(key, { batch, written })
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_MAX) break
      this.#kept.delete(oldest)
    }
    batch.catch(() => this.#kept.delete(key))
    return batch
  }
}
