import type { EndedAttempt, EndedRun, EndedShard, LateResult, StretchRow } from '../runs/run.ts'
import { namesOf } from '../state/former-jobs.ts'
import type { State } from '../state/state.ts'
import { NARROW_MAX } from '../store/key-number.ts'
import { shardEndsPrefix, under } from '../store/keys.ts'
import {
  indexOfOutboxKey,
  OUTBOX,
  type OutboxEntry,
  outboxKey,
  type OutboxRow,
  outboxRows,
} from '../store/outbox-rows.ts'
import { wholeRun } from '../store/run-rows.ts'
import type { Store } from '../store/store.ts'
import type { LogRow } from './row.ts'
import type { Sequence } from './sink.ts'

/** Entries of the log that one look at the outbox reads, and rows that are looked up together, at most. */
const ENTRIES_TOGETHER = 1024
const ROWS_TOGETHER = 512
/** Bytes that a row is thought to have before some were read. */
const ROW_BYTES = 16 * 1024

/** Where somebody is in the order of rows: after the one at `cursor`, which was the ledger's `position`th. */
export interface Place {
  cursor: Sequence
  position: number
}

export interface ReadLimit {
  rows: number
  /** As the store has them; one row is read in any case. */
  bytes: number
}

/** Some rows in order, and where they end: rows that have left the ledger are passed over. */
export interface RowBatch extends Place {
  rows: LogRow[]
  /** As the store has them. */
  bytes: number
}

export interface OutboxReaderDeps {
  state(): State
  store: Pick<Store, 'getMany' | 'range'>
}

type Found = OutboxRow & { sequence: Sequence; position: number }
type Row = EndedRun | EndedAttempt | StretchRow | LateResult

/** Reads rows of the ledger in the order in which they were written, for those who are handed every one of them. */
export class OutboxReader {
  readonly #deps: OutboxReaderDeps
  /** Of the rows that were read last. */
  #rowBytes = ROW_BYTES

  constructor(deps: OutboxReaderDeps) {
    this.#deps = deps
  }

  /** What comes after a place; without rows and at the same place when nothing does. */
  async read(after: Place, limit: ReadLimit): Promise<RowBatch> {
    const { index, ledgerRows } = this.#deps.state()
    const found = await this.#find(after.cursor, limit.rows)
    if (found.length > 0) return this.#load(found, limit.bytes)
    // All that had been written before has been looked at: none of it is there any more.
    if (ledgerRows > after.position) return { rows: [], bytes: 0, cursor: [index, NARROW_MAX], position: ledgerRows }
    return { rows: [], bytes: 0, cursor: after.cursor, position: after.position }
  }

  async #find([index, ordinal]: Sequence, rowsMax: number): Promise<Found[]> {
    const found: Found[] = []
    const range = { gte: outboxKey(index), lt: OUTBOX.lt, limit: ENTRIES_TOGETHER }
    for await (const [key, entry] of this.#deps.store.range<OutboxEntry>(range)) {
      const entryIndex = indexOfOutboxKey(key)
      const from = entryIndex === index ? ordinal + 1 : 0
      for (const [at, row] of outboxRows(entryIndex, entry).entries()) {
        if (at < from) continue
        found.push({ ...row, sequence: [entryIndex, at], position: entry[0] + at + 1 })
        if (found.length === rowsMax) return found
      }
    }
    return found
  }

  async #load(found: readonly Found[], bytesMax: number): Promise<RowBatch> {
    const rows: LogRow[] = []
    let [last, bytes] = [found[0] as Found, 0]
    for (let from = 0; from < found.length && bytes < bytesMax; ) {
      const fitting = Math.ceil((bytesMax - bytes) / this.#rowBytes)
      const some = found.slice(from, from + Math.min(fitting, ROWS_TOGETHER))
      const values = await this.#deps.store.getMany<Row>(some.map(({ key }) => key))
      this.#rowBytes = averageBytes(values) ?? this.#rowBytes
      from += some.length
      for (const [at, value] of values.entries()) {
        if (bytes >= bytesMax) break
        last = some[at] as Found
        if (!value) continue
        bytes += value.bytes
        const row = this.#named(last, value.value)
        rows.push(row instanceof Promise ? await row : row)
      }
    }
    return { rows, bytes, cursor: last.sequence, position: last.position }
  }

  #named({ kind, job = 0, namespace = 0 }: Found, row: Row): LogRow | Promise<LogRow> {
    const state = this.#deps.state()
    switch (kind) {
      case 'run': {
        const run = row as EndedRun
        const { namespaceName } = namesOf(state, run.job, run.namespace)
        if (run.endsApart === undefined) return { kind, row: run, namespaceName }
        return this.#whole(run).then((whole) => ({ kind, row: whole, namespaceName }))
      }
      case 'attempt': {
        return { kind, row: row as EndedAttempt, job, namespace, ...namesOf(state, job, namespace) }
      }
      case 'stretch': {
        const stretch = row as StretchRow
        return { kind, row: stretch, ...namesOf(state, stretch.job, stretch.namespace) }
      }
      case 'late-result': {
        const late = row as LateResult
        return { kind, row: late, ...namesOf(state, late.job, late.namespace) }
      }
    }
  }

  /** With what stands apart from the row of a run of many shards. */
  async #whole(row: EndedRun): Promise<EndedRun> {
    const ends: EndedShard[] = []
    for await (const [, some] of this.#deps.store.range<EndedShard[]>(under(shardEndsPrefix(row.id)))) {
      ends.push(...some)
    }
    return wholeRun(row, ends)
  }
}

function averageBytes(values: readonly ({ bytes: number } | undefined)[]): number | undefined {
  let [sum, count] = [0, 0]
  for (const value of values) {
    if (!value) continue
    sum += value.bytes
    count += 1
  }
  return count === 0 ? undefined : Math.max(1, sum / count)
}
