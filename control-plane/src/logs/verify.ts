import type { Millis } from '../runtime/clock.ts'
import { isBefore } from '../state/sinks.ts'
import { type OutboxReaderDeps, OutboxReader, type Place, type ReadLimit } from './outbox-reader.ts'
import type { LogRow, LogRowKind, SinkTarget } from './row.ts'
import { hourOfRow, rowSum } from './row-sum.ts'
import type { Sequence, Sink } from './sink.ts'
import { VERIFY_DIFFERENCES_MAX, type VerifyReport, type VerifyStep } from './sinks-port.ts'

/** Sums of rows are taken modulo this. */
const SUM_MODULUS = 2 ** 48
const LIMIT: ReadLimit = { rows: 1024, bytes: 4 * 1024 * 1024 }
/** Rows that are compared one by one at a time, at most, unless one hour has more. */
const MARKS_MAX = 200_000

/** What the ledger has of one kind in one hour. */
interface Heap {
  kind: LogRowKind
  hour: Millis
  count: number
  sum: number
  first: Sequence
  last: Sequence
}

type Difference = VerifyReport['differences'][number]

/**
 * Compares what a sink has with the ledger, up to where the sink is: hour by hour by count and checksum, and row by row
 * where that does not agree. A sink keeps what has left the ledger; only what is in the ledger has to be there too.
 */
export async function* verifySink(
  deps: OutboxReaderDeps,
  sink: Pick<Sink, 'cursor'>,
  target: Pick<SinkTarget, 'sums' | 'rowsOf'>,
  signal: AbortSignal,
): AsyncGenerator<VerifyStep> {
  const upTo = sink.cursor
  const ledger = new Map<string, Heap>()
  let rows = 0
  for await (const batch of walk(deps, [0, -1], upTo, signal)) {
    for (const row of batch) add(ledger, row)
    rows += batch.length
    yield { progress: { phase: 'ledger', rows } }
  }
  const differences: Difference[] = []
  const doubtful = new Map(ledger)
  /** Of what has left the ledger as well. */
  const changed = new Map<string, Difference>()
  let read = 0
  for await (const { hour, kind, count, sum, altered = 0 } of target.sums(upTo)) {
    if (signal.aborted) return
    read += count
    const heap = ledger.get(keyOf(kind, hour))
    if (heap?.count === count && heap.sum === sum) doubtful.delete(keyOf(kind, hour))
    if (altered > 0) changed.set(keyOf(kind, hour), { hour, kind, ledger: count, sink: count - altered })
    yield { progress: { phase: 'sink', rows: read } }
  }
  for (const group of grouped(doubtful.values())) {
    for (const difference of await compared(deps, group, target, upTo, signal)) {
      differences.push(difference)
      changed.delete(keyOf(difference.kind, difference.hour))
    }
    yield { progress: { phase: 'sink', rows: read } }
  }
  if (signal.aborted) return
  differences.push(...changed.values())
  const hours = new Set([...ledger.values()].map(({ hour }) => hour)).size
  yield { report: { upTo, hours, rows, ...listed(differences) } }
}

/** Rows after one place and up to another, as far as the ledger has them. */
async function* walk(
  deps: OutboxReaderDeps,
  after: Sequence,
  upTo: Sequence,
  signal: AbortSignal,
): AsyncGenerator<LogRow[]> {
  const reader = new OutboxReader(deps)
  let place: Place = { cursor: after, position: Number.POSITIVE_INFINITY }
  for (;;) {
    const batch = await reader.read(place, LIMIT)
    if (signal.aborted) return
    const rows = batch.rows.filter(({ row }) => !isBefore(upTo, row.sequence))
    if (rows.length > 0) yield rows
    // An infinite position: where nothing follows, the place stays what it was.
    if (batch.cursor === place.cursor || !isBefore(batch.cursor, upTo)) return
    place = { cursor: batch.cursor, position: Number.POSITIVE_INFINITY }
  }
}

function add(ledger: Map<string, Heap>, row: LogRow): void {
  const { kind } = row
  const hour = hourOfRow(row)
  const key = keyOf(kind, hour)
  const heap = ledger.get(key)
  const { sequence } = row.row
  if (!heap) {
    ledger.set(key, { kind, hour, count: 1, sum: rowSum(row), first: sequence, last: sequence })
    return
  }
  heap.count += 1
  heap.sum = (heap.sum + rowSum(row)) % SUM_MODULUS
  heap.last = sequence
}

/** Hours that are looked at together. */
function* grouped(heaps: Iterable<Heap>): Generator<Heap[]> {
  let group: Heap[] = []
  let rows = 0
  for (const heap of heaps) {
    if (group.length > 0 && rows + heap.count > MARKS_MAX) {
      yield group
      group = []
      rows = 0
    }
    group.push(heap)
    rows += heap.count
  }
  if (group.length > 0) yield group
}

/** Those of some hours of which the sink does not have every row as it is. */
async function compared(
  deps: OutboxReaderDeps,
  heaps: readonly Heap[],
  target: Pick<SinkTarget, 'rowsOf'>,
  upTo: Sequence,
  signal: AbortSignal,
): Promise<Difference[]> {
  const missing = new Map(heaps.map(({ kind, hour }) => [keyOf(kind, hour), new Map<string, number>()]))
  const [first, last] = [lowest(heaps.map((heap) => heap.first)), highest(heaps.map((heap) => heap.last))]
  for await (const batch of walk(deps, [first[0], first[1] - 1], last, signal)) {
    for (const row of batch) missing.get(keyOf(row.kind, hourOfRow(row)))?.set(row.row.sequence.join('/'), rowSum(row))
  }
  const differences: Difference[] = []
  for (const { kind, hour } of heaps) {
    const rows = missing.get(keyOf(kind, hour)) ?? new Map<string, number>()
    const count = rows.size
    for await (const marks of target.rowsOf(kind, hour, upTo)) {
      if (signal.aborted) return []
      for (const [index, ordinal, sum] of marks) {
        const key = `${index}/${ordinal}`
        if (rows.get(key) === sum) rows.delete(key)
      }
    }
    if (rows.size > 0) differences.push({ hour, kind, ledger: count, sink: count - rows.size })
  }
  return differences
}

function listed(differences: readonly Difference[]): Pick<VerifyReport, 'equal' | 'differences' | 'more'> {
  const sorted = [...differences].sort((a, b) => a.hour - b.hour || (a.kind < b.kind ? -1 : 1))
  return {
    equal: sorted.length === 0,
    differences: sorted.slice(0, VERIFY_DIFFERENCES_MAX),
    more: Math.max(0, sorted.length - VERIFY_DIFFERENCES_MAX),
  }
}

function lowest(places: readonly Sequence[]): Sequence {
  return places.reduce((a, b) => (isBefore(b, a) ? b : a))
}

function highest(places: readonly Sequence[]): Sequence {
  return places.reduce((a, b) => (isBefore(a, b) ? b : a))
}

function keyOf(kind: LogRowKind, hour: Millis): string {
  return `${kind} ${hour}`
}
