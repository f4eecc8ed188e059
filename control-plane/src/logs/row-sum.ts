import { crc32 } from 'node:zlib'
import { HOUR_MS } from '../state/counters.ts'
import type { Millis } from '../runtime/clock.ts'
import { type Cell, keptInstant } from './cells.ts'
import type { LogRow } from './row.ts'
import { SINK_TABLES, type SinkTable } from './tables.ts'

/** Stands between the cells of a row in its checksum, and … */
const BETWEEN_CELLS = '\x1f'
/** … for a cell that is null. */
const NO_CELL = '\0'

/**
 * The checksum of a row as a sink keeps it: CRC-32 of its cells as text, which a server can work out again from what it
 * has. Names that may change since are left out.
 */
export function rowSum(row: LogRow): number {
  const table = SINK_TABLES[row.kind]
  return crc32(joinedCells(table, table.cells(row)))
}

/** The hour in which a row counts: that in which it ended, or came late. */
export function hourOfRow(row: LogRow): Millis {
  const at = keptInstant(SINK_TABLES[row.kind].at(row))
  return Math.floor(at / HOUR_MS) * HOUR_MS
}

/** What a checksum is made of: the cells that last, as one text. */
export function joinedCells({ lasting }: SinkTable, cells: readonly Cell[]): string {
  let joined = cells[0] ?? NO_CELL
  for (let at = 1; at < lasting; at++) joined += BETWEEN_CELLS + (cells[at] ?? NO_CELL)
  return joined
}
