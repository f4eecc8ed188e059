import { HOUR_MS } from '../../state/counters.ts'
import type { Millis } from '../../runtime/clock.ts'
import { instant } from '../cells.ts'
import type { HourSum, LogRowKind, RowMark } from '../row.ts'
import type { Sequence } from '../sink.ts'
import { SINK_TABLES, type SinkTable } from '../tables.ts'
import type { Pool, Row } from './pool.ts'

/** Rows that one statement goes over, so that none takes long. */
const ROWS_AT_ONCE = 20_000
/** Rows in one answer. */
const MARKS_AT_ONCE = 5000
const STATEMENT_MS = 120_000
const MODULUS = 2n ** 48n

/**
 * Counts and checksums of all rows up to a place, oldest hour first. The server works the checksums out of the cells as
 * they are now, so that what was changed there by hand is found; `altered` counts rows that no longer are as written.
 */
export async function* hourSums(pool: Pool, tablePrefix: string, upTo: Sequence): AsyncGenerator<HourSum> {
  const sums = new Map<string, HourSum>()
  for (const table of Object.values(SINK_TABLES)) {
    for await (const row of groups(pool, tablePrefix, table, upTo)) add(sums, table.kind, row)
  }
  yield* [...sums.values()].sort((one, other) => one.hour - other.hour || (one.kind < other.kind ? -1 : 1))
}

async function* groups(pool: Pool, tablePrefix: string, table: SinkTable, upTo: Sequence): AsyncGenerator<Row> {
  const name = `\`${tablePrefix}${table.name}\``
  const sum = sumIn(table)
  const sql = `SELECT FLOOR(TIMESTAMPDIFF(SECOND,'1970-01-01 00:00:00',\`${table.atColumn}\`)/3600) AS hour, COUNT(*) AS found,
    SUM(${sum}) AS total, SUM(row_sum<>${sum}) AS altered
    FROM ${name} WHERE log_index>=? AND log_index<? AND (log_index<? OR (log_index=? AND log_ordinal<=?)) GROUP BY 1`
  const [last, ordinal] = upTo.map(String) as [string, string]
  for (let from: string | undefined = '0'; from !== undefined; ) {
    const [next]: Row[] = await pool.use((session) =>
      session.execute(
        `SELECT log_index AS place FROM ${name} WHERE log_index>=? AND log_index<=?
         ORDER BY log_index, log_ordinal LIMIT 1 OFFSET ${ROWS_AT_ONCE}`,
        [from as string, last],
        STATEMENT_MS,
      ),
    )
    // An entry of the log is never split: one that has more rows than are taken at once goes as a whole.
    const place: number | undefined = next && Math.max(Number(next['place']), Number(from) + 1)
    const end: string = place === undefined ? String(upTo[0] + 1) : String(place)
    const values = [from, end, last, last, ordinal]
    yield* await pool.use((session) => session.execute(sql, values, STATEMENT_MS))
    from = place === undefined || place > upTo[0] ? undefined : end
  }
}

/**
 * The rows of a kind in an hour up to a place, in order, with the checksums that their cells have now. They are looked
 * for where the log was in that hour: the log's order is nearly that of time.
 */
export async function* rowMarks(
  pool: Pool,
  tablePrefix: string,
  kind: LogRowKind,
  hour: Millis,
  upTo: Sequence,
): AsyncGenerator<RowMark[]> {
  const table = SINK_TABLES[kind]
  const name = `\`${tablePrefix}${table.name}\``
  const within = `\`${table.atColumn}\`>=? AND \`${table.atColumn}\`<?`
  const times = [instant(hour), instant(hour + HOUR_MS)]
  const [span] = await pool.use((session) =>
    session.execute(
      `SELECT MIN(log_index) AS low, MAX(log_index) AS high FROM ${name} WHERE ${within}`,
      times,
      STATEMENT_MS,
    ),
  )
  if (span?.['low'] === null || span?.['low'] === undefined) return
  const high = String(Math.min(Number(span['high']), upTo[0]))
  const sql = `SELECT log_index AS i, log_ordinal AS o, ${sumIn(table)} AS total FROM ${name}
    WHERE log_index>=? AND log_index<=? AND (log_index>? OR log_ordinal>?)
    AND (log_index<? OR log_ordinal<=?) AND ${within}
    ORDER BY log_index, log_ordinal LIMIT ${MARKS_AT_ONCE}`
  for (let from: Sequence | undefined = [Number(span['low']), -1]; from !== undefined; ) {
    const [index, ordinal] = from.map(String) as [string, string]
    const values = [index, high, index, ordinal, String(upTo[0]), String(upTo[1]), ...times]
    const rows: Row[] = await pool.use((session) => session.execute(sql, values, STATEMENT_MS))
    const marks = rows.map(({ i, o, total }): RowMark => [Number(i), Number(o), Number(total)])
    if (marks.length > 0) yield marks
    const last: RowMark | undefined = marks.length < MARKS_AT_ONCE ? undefined : marks.at(-1)
    from = last && [last[0], last[1]]
  }
}

/** The checksum of a row, worked out by the server. */
function sumIn({ columns, lasting }: SinkTable): string {
  const cells = columns.slice(0, lasting).map((column) => `IFNULL(CAST(\`${column}\` AS BINARY),x'00')`)
  return `CRC32(CONCAT_WS(x'1f',${cells.join(',')}))`
}

function add(sums: Map<string, HourSum>, kind: LogRowKind, { hour, found, total, altered }: Row): void {
  const at = Number(hour) * HOUR_MS
  const key = `${at} ${kind}`
  const before = sums.get(key) ?? { hour: at, kind, count: 0, sum: 0, altered: 0 }
  sums.set(key, {
    hour: at,
    kind,
    count: before.count + Number(found),
    sum: Number((BigInt(before.sum) + BigInt(String(total ?? 0).split('.')[0] ?? '0')) % MODULUS),
    altered: (before.altered ?? 0) + Number(altered ?? 0),
  })
}
