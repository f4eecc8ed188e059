import { indexOfOutboxKey, OUTBOX, type OutboxEntry, outboxKey, outboxRows } from '../store/outbox-rows.ts'
import type { OutboxReaderDeps } from './outbox-reader.ts'
import type { Sequence } from './sink.ts'

/** Entries of the log that are known together, and how many rows each of them may have written. */
interface Stretch {
  low: number
  high: number
  rows: number
}

/**
 * Tells whether the ledger may have had a row at a place, also where it has let go of it: rows have numbers without holes,
 * so what two entries that are there leave no number for was never written. Places are asked for in order.
 */
export class RowNumbers {
  readonly #deps: OutboxReaderDeps
  #known: Stretch | undefined

  constructor(deps: OutboxReaderDeps) {
    this.#deps = deps
  }

  async mayHave([index, ordinal]: Sequence): Promise<boolean> {
    if (!this.#known || index < this.#known.low || index > this.#known.high) this.#known = await this.#around(index)
    return ordinal < this.#known.rows
  }

  /** What lies before is read last: entries that go meanwhile leave more numbers free, never fewer. */
  async #around(index: number): Promise<Stretch> {
    const { ledgerRows } = this.#deps.state()
    const next = await this.#entry({ gte: outboxKey(index), lt: OUTBOX.lt })
    if (next?.index === index) return { low: index, high: index, rows: next.rows }
    const last = await this.#entry({ gte: OUTBOX.gte, lt: outboxKey(index), reverse: true })
    const between = (next?.before ?? ledgerRows) - (last ? last.before + last.rows : 0)
    const [low, high] = [last ? last.index + 1 : 0, next ? next.index - 1 : Number.POSITIVE_INFINITY]
    return { low, high, rows: between > 0 ? Number.POSITIVE_INFINITY : 0 }
  }

  async #entry(range: {
    gte: string
    lt: string
    reverse?: boolean
  }): Promise<{ index: number; before: number; rows: number } | undefined> {
    for await (const [key, entry] of this.#deps.store.range<OutboxEntry>({ ...range, limit: 1 })) {
      const index = indexOfOutboxKey(key)
      return { index, before: entry[0], rows: outboxRows(index, entry).length }
    }
    return undefined
  }
}
