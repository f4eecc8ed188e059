import type { Millis } from '../runtime/clock.ts'
import { isBefore } from '../state/sinks.ts'
import { NARROW_MAX } from '../store/key-number.ts'
import { indexOfOutboxKey, OUTBOX, type OutboxEntry, outboxKey, outboxRows } from '../store/outbox-rows.ts'
import { OutboxReader, type OutboxReaderDeps, type Place } from './outbox-reader.ts'
import type { LogRow } from './row.ts'
import type { Sequence, Sink } from './sink.ts'
import type { ResendGap, ResendPlan, ResendRange } from './sinks-port.ts'

/** Rows that a plan counts at most. */
const COUNTED_MAX = 100_000
/** Entries of the outbox, and rows, that are looked up together. */
const TOGETHER = 256
/** Rows by which the time of a place is told. */
const ROWS_OF_TIME = 32
/** Gaps that a plan names. */
const GAPS_MAX = 100

/**
 * Finds what of a range the ledger still has, as far as a sink was given it already: what it was not comes by itself. An
 * instant means the first row that ended then or later, and all that was written behind it.
 */
export async function planResend(
  deps: OutboxReaderDeps,
  { cursor, position, resend }: Pick<Sink, 'cursor' | 'position' | 'resend'>,
  { from, fromSequence, to }: ResendRange,
  countedMax = COUNTED_MAX,
): Promise<ResendPlan> {
  const end: Place = resend?.back ?? { cursor, position }
  const begin = await startOf(deps, from, fromSequence)
  const last = to === undefined ? end : earlier(await placeAt(deps, to), end)
  const plan: ResendPlan = { from: begin, to: last, rows: 0, more: false, gaps: [] }
  if (isBefore(begin.cursor, last.cursor)) await count(deps, plan, countedMax)
  return plan
}

function startOf(deps: OutboxReaderDeps, at: Millis | undefined, sequence: Sequence | undefined): Promise<Place> {
  return sequence ? placeBefore(deps, sequence) : placeAt(deps, at ?? 0)
}

/** The place right before a row, whether or not it is there. */
async function placeBefore({ state, store }: OutboxReaderDeps, [index, ordinal]: Sequence): Promise<Place> {
  const cursor: Sequence = ordinal > 0 ? [index, ordinal - 1] : [Math.max(0, index - 1), NARROW_MAX]
  for await (const [key, entry] of store.range<OutboxEntry>({ gte: outboxKey(index), lt: OUTBOX.lt, limit: 1 })) {
    const rows = outboxRows(index, entry).length
    return { cursor, position: entry[0] + (indexOfOutboxKey(key) === index ? Math.min(ordinal, rows) : 0) }
  }
  return { cursor, position: state().ledgerRows }
}

/** The place before the first entry with a row that ended at an instant or later: halves what there is until it is found. */
async function placeAt(deps: OutboxReaderDeps, at: Millis): Promise<Place> {
  const reader = new OutboxReader(deps)
  let low = 0
  let high = deps.state().index + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const row = await firstRow(reader, middle)
    if (!row || timeOf(row) >= at) high = middle
    else low = row.row.sequence[0] + 1
  }
  return placeBefore(deps, [low, 0])
}

/** The first row from an entry on; one of a stretch only where no other is near: it is written long after its fires. */
async function firstRow(reader: OutboxReader, index: number): Promise<LogRow | undefined> {
  let place: Place = { cursor: [index, -1], position: Number.POSITIVE_INFINITY }
  for (;;) {
    const { rows, cursor } = await reader.read(place, { rows: ROWS_OF_TIME, bytes: Number.MAX_SAFE_INTEGER })
    if (rows.length > 0) return rows.find(({ kind }) => kind !== 'stretch') ?? rows[0]
    // An infinite position: where nothing follows, the place stays what it was.
    if (cursor === place.cursor) return undefined
    place = { cursor, position: Number.POSITIVE_INFINITY }
  }
}

/** Counts what is there, and names what is not: by its number, and between which rows. */
async function count({ store }: OutboxReaderDeps, plan: ResendPlan, countedMax: number): Promise<void> {
  const { from, to } = plan
  let there: Place = from
  for (let next = from.cursor[0]; ; ) {
    const range = { gte: outboxKey(next), lt: outboxKey(to.cursor[0] + 1), limit: TOGETHER }
    const found: (Place & { key: string })[] = []
    let entries = 0
    for await (const [key, entry] of store.range<OutboxEntry>(range)) {
      const index = indexOfOutboxKey(key)
      for (const [ordinal, row] of outboxRows(index, entry).entries()) {
        found.push({ key: row.key, cursor: [index, ordinal], position: entry[0] + ordinal + 1 })
      }
      next = index + 1
      entries += 1
    }
    for (let at = 0; at < found.length; at += TOGETHER) {
      const some = found.slice(at, at + TOGETHER)
      const values = await store.getMany(some.map(({ key }) => key))
      for (const [place, row] of some.entries()) {
        if (!values[place] || !isBefore(from.cursor, row.cursor) || isBefore(to.cursor, row.cursor)) continue
        if (plan.rows === countedMax) {
          plan.more = true
          return
        }
        noteGap(plan.gaps, there, row)
        plan.rows += 1
        there = row
      }
    }
    if (entries < TOGETHER) break
  }
  noteGap(plan.gaps, there, { cursor: to.cursor, position: to.position + 1 })
}

/** Rows have numbers without holes: what lies between two that are there has gone. */
function noteGap(gaps: ResendGap[], after: Place, before: Place): void {
  const missing = before.position - after.position - 1
  if (missing <= 0) return
  const last = gaps.at(-1)
  if (last && gaps.length === GAPS_MAX) Object.assign(last, { before: before.cursor, count: last.count + missing })
  else gaps.push({ after: after.cursor, before: before.cursor, count: missing })
}

function earlier(one: Place, other: Place): Place {
  return isBefore(other.cursor, one.cursor) ? other : one
}

function timeOf({ kind, row }: LogRow): Millis {
  if (kind === 'stretch') return row.to
  return kind === 'late-result' ? row.at : row.endedAt
}
