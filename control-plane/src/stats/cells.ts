import type { Millis } from '../runtime/clock.ts'
import { DAY_MS, HOUR_MS } from '../state/counters.ts'

/** What is read as one: the counters of an hour, or of a day, UTC. */
export interface Cell {
  at: Millis
  unit: 'hour' | 'day'
}

/** Up to where days have rows, and from where on there are hours. */
export interface Kept {
  countedTo: Millis
  /** Infinity when there are none. */
  hoursFrom: Millis
}

/**
 * The fewest cells that cover the time between the first edge and the last, oldest first. A day that has a row is read
 * as one, unless an edge cuts it and its hours are still there.
 */
export function cellsBetween(edges: readonly Millis[], { countedTo, hoursFrom }: Kept): Cell[] {
  const from = floor(edges[0] ?? 0, HOUR_MS)
  const to = edges.at(-1) ?? from
  const cut = new Set(edges.filter((edge) => edge % DAY_MS !== 0).map((edge) => floor(edge, DAY_MS)))
  const cells: Cell[] = []
  for (let day = floor(from, DAY_MS); day < to; day += DAY_MS) {
    if (day + DAY_MS <= countedTo && (!cut.has(day) || day < hoursFrom)) {
      if (isBetween({ at: day, unit: 'day' }, from, to)) cells.push({ at: day, unit: 'day' })
      continue
    }
    for (let hour = Math.max(day, from); hour < Math.min(day + DAY_MS, to); hour += HOUR_MS) {
      cells.push({ at: hour, unit: 'hour' })
    }
  }
  return cells
}

/** The instant that says to which stretch of time a cell belongs: its middle. */
export function middleOf({ at, unit }: Cell): Millis {
  return at + (unit === 'day' ? DAY_MS : HOUR_MS) / 2
}

function isBetween(cell: Cell, from: Millis, to: Millis): boolean {
  const middle = middleOf(cell)
  return middle >= from && middle < to
}

function floor(at: Millis, unitMs: number): Millis {
  return at - (at % unitMs)
}
