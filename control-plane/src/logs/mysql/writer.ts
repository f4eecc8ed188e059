import { crc32 } from 'node:zlib'
import { instant, type Cell, whole } from '../cells.ts'
import type { LogRow } from '../row.ts'
import { joinedCells } from '../row-sum.ts'
import type { Sequence, SinkGap } from '../sink.ts'
import { SINK_TABLES, type SinkTable } from '../tables.ts'
import type { Pool, Session } from './pool.ts'

/** Rows in one statement: few sizes, since each is prepared by itself; with 35 columns 512 stay below 65,535 values. */
const STATEMENT_ROWS = [512, 256, 128, 64, 32, 16, 8, 4, 2, 1]
/** Bytes in one statement at most, where it has more than one row. */
const STATEMENT_BYTES_MAX = 2_000_000
/** Bytes that a value takes besides its own. */
const VALUE_BYTES = 8

/** A row as it is written. */
interface Line {
  cells: readonly Cell[]
  sum: number
  /** No fewer than it has. */
  bytes: number
}

/** What was made of rows that other sinks may be given, too. */
const knownLines = new WeakMap<LogRow, Line>()

/** Writes rows in one transaction. A row that is there is set to what it is. */
export async function writeRows(pool: Pool, tablePrefix: string, rows: readonly LogRow[]): Promise<void> {
  if (rows.length === 0) return
  const tables = Object.values(SINK_TABLES)
    .map((table) => ({ table, lines: rows.filter(({ kind }) => kind === table.kind).map((row) => lineOf(table, row)) }))
    .filter(({ lines }) => lines.length > 0)
  await pool.transaction(async (session) => {
    for (const { table, lines } of tables) await writeLines(session, tablePrefix, table, lines)
  })
}

/** Writes all gaps that there are; others go. */
export async function writeGapRows(pool: Pool, tablePrefix: string, gaps: readonly SinkGap[]): Promise<void> {
  const table = `\`${tablePrefix}gaps\``
  const place = (sequence: Sequence) => sequence.map((value) => whole(value) ?? '0')
  await pool.transaction(async (session) => {
    for (const { from, to, count, at } of gaps) {
      await session.execute(
        `INSERT INTO ${table} (from_index, from_ordinal, to_index, to_ordinal, rows_missing, \`at\`)
         VALUES (?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE to_index = VALUES(to_index),
         to_ordinal = VALUES(to_ordinal), rows_missing = VALUES(rows_missing), \`at\` = VALUES(\`at\`)`,
        [...place(from), ...place(to), whole(count) ?? '0', instant(at)],
      )
    }
    const others = gaps.map(({ from }) => {
      const [index, ordinal] = place(from)
      return ` AND NOT (from_index = ${index} AND from_ordinal = ${ordinal})`
    })
    await session.query(`DELETE FROM ${table} WHERE 1 = 1${others.join('')}`)
  })
}

function lineOf(table: SinkTable, row: LogRow): Line {
  const known = knownLines.get(row)
  if (known) return known
  const cells = table.cells(row)
  const joined = joinedCells(table, cells)
  const line = { cells, sum: crc32(joined), bytes: joined.length * 3 + (cells.length + 1) * VALUE_BYTES }
  knownLines.set(row, line)
  return line
}

async function writeLines(session: Session, prefix: string, table: SinkTable, lines: readonly Line[]): Promise<void> {
  for (let from = 0; from < lines.length; ) {
    const size = sizeOfNext(lines, from)
    const values: Cell[] = []
    for (let at = from; at < from + size; at++) {
      const { cells, sum } = lines[at] as Line
      for (const cell of cells) values.push(cell)
      values.push(String(sum))
    }
    await session.execute(upsert(prefix, table, size), values)
    from += size
  }
}

/** How many lines the next statement takes. */
function sizeOfNext(lines: readonly Line[], from: number): number {
  let bytes = 0
  let fit = 0
  while (from + fit < lines.length && fit < (STATEMENT_ROWS[0] as number)) {
    bytes += (lines[from + fit] as Line).bytes
    if (bytes > STATEMENT_BYTES_MAX) break
    fit += 1
  }
  return STATEMENT_ROWS.find((size) => size <= fit) ?? 1
}

/** Texts of statements: as many as there are tables and sizes, for each prefix in use. */
const upserts = new Map<string, string>()
const UPSERTS_MAX = 1000

function upsert(prefix: string, { name, columns }: SinkTable, size: number): string {
  const key = `${prefix}${name}/${size}`
  const known = upserts.get(key)
  if (known !== undefined) return known
  if (upserts.size === UPSERTS_MAX) upserts.clear()
  const all = [...columns, 'row_sum'].map((column) => `\`${column}\``)
  const line = `(${all.map(() => '?').join(',')})`
  const set = all.slice(2).map((column) => `${column}=VALUES(${column})`)
  const made = `INSERT INTO \`${prefix}${name}\` (${all.join(',')}) VALUES ${Array(size).fill(line).join(',')} ON DUPLICATE KEY UPDATE ${set.join(',')}`
  upserts.set(key, made)
  return made
}
