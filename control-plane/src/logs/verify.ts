import type { Millis } from '../runtime/clock.ts'
import { isBefore } from '../state/sinks.ts'
import { type OutboxReaderDeps, OutboxReader, type Place, type ReadLimit } from './outbox-reader.ts'
import { HourComparison } from './hour-comparison.ts'
import type { LogRow, LogRowKind, SinkTarget } from './row.ts'
import { RowNumbers } from './row-numbers.ts'
import { hourOfRow, rowSum } from './row-sum.ts'
import type { Sequence, Sink } from './sink.ts'
import { VERIFY_DIFFERENCES_MAX, type VerifyReport, type VerifyStep } from './sinks-port.ts'

/** Sums of rows are taken modulo this. */
const SUM_MODULUS = 2 ** 48
const LIMIT: ReadLimit = { rows: 1024, bytes: 4 * 1024 * 1024 }

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
 * where that does not agree. A sink keeps what has left the ledger: what is in the ledger has to be there too, and nothing
 * that it never had.
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
  const oldest = Math.min(...hoursIn(ledger))
  /** Of what has left the ledger as well. */
  const changed = new Map<string, Difference>()
  let read = 0
  for await (const { hour, kind, count, sum, altered = 0 } of target.sums(upTo)) {
    if (signal.aborted) return
    read += count
    const heap = ledger.get(keyOf(kind, hour))
    if (heap?.count === count && heap.sum === sum) doubtful.delete(keyOf(kind, hour))
    // What is older than anything in the ledger has left it, as far as anybody can say.
    if (!heap && hour >= oldest)
      doubtful.set(keyOf(kind, hour), { kind, hour, count: 0, sum: 0, first: upTo, last: upTo })
    if (altered > 0) changed.set(keyOf(kind, hour), { hour, kind, ledger: count, sink: count - altered })
    yield { progress: { phase: 'sink', rows: read } }
  }
  for (const heaps of hoursOf(doubtful.values())) {
    for (const difference of await compared(deps, heaps, target, upTo, signal)) {
      const key = keyOf(difference.kind, difference.hour)
      const known = difference.sink < difference.ledger ? undefined : changed.get(key)
      differences.push({ ...difference, ...known })
      changed.delete(key)
    }
    yield { progress: { phase: 'sink', rows: read } }
  }
  if (signal.aborted) return
  differences.push(...changed.values())
  yield { report: { upTo, hours: hoursIn(ledger).size, rows, ...listed(differences) } }
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

function hoursIn(heaps: ReadonlyMap<string, Heap>): Set<Millis> {
  return new Set([...heaps.values()].map(({ hour }) => hour))
}

/** What is looked at together: the kinds of an hour, which lie beside each other in the ledger. */
function hoursOf(heaps: Iterable<Heap>): Iterable<Heap[]> {
  const hours = new Map<Millis, Heap[]>()
  for (const heap of heaps) hours.set(heap.hour, [...(hours.get(heap.hour) ?? []), heap])
  return hours.values()
}

/** Those of the kinds of an hour of which the sink does not have every row as it is, or has others. */
async function compared(
  deps: OutboxReaderDeps,
  heaps: readonly Heap[],
  target: Pick<SinkTarget, 'rowsOf'>,
  upTo: Sequence,
  signal: AbortSignal,
): Promise<Difference[]> {
  const numbers = new RowNumbers(deps)
  const sides = new Map(
    heaps.map(({ kind, hour }) => [keyOf(kind, hour), new HourComparison(target.rowsOf(kind, hour, upTo), numbers)]),
  )
  const there = heaps.filter(({ count }) => count > 0)
  const differences: Difference[] = []
  try {
    if (there.length > 0) {
      const [first, last] = [lowest(there.map((heap) => heap.first)), highest(there.map((heap) => heap.last))]
      for await (const batch of walk(deps, [first[0], first[1] - 1], last, signal)) {
        for (const row of batch) await sides.get(keyOf(row.kind, hourOfRow(row)))?.take(row)
      }
    }
    for (const { kind, hour } of heaps) {
      const side = sides.get(keyOf(kind, hour))
      await side?.finish(signal)
      if (signal.aborted) return []
      if (!side || (side.sink === side.ledger && side.extra === 0)) continue
      const { ledger, sink, extra } = side
      differences.push({ hour, kind, ledger, sink, ...(extra > 0 ? { extra } : {}) })
    }
  } finally {
    await Promise.all([...sides.values()].map((side) => side.close()))
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
