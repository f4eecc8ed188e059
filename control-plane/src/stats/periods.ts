import { segmentAt, zoneTable } from '../cron/zone.ts'
import type { Millis } from '../runtime/clock.ts'
import { DAY_MS, HOUR_MS } from '../state/counters.ts'

/** Width of a point. Weeks are those of ISO 8601: they begin on Monday. */
export type Step = 'hour' | 'day' | 'week' | 'month'

/** When the step began that an instant lies in, by the clocks of a zone. */
export function stepStart(at: Millis, step: Step, zone: string): Millis {
  if (step === 'hour') return at - (at % HOUR_MS)
  return instantOf(floorWall(wallOf(at, zone), step), zone)
}

/** When the step after that one begins. */
export function stepEnd(start: Millis, step: Step, zone: string): Millis {
  if (step === 'hour') return start + HOUR_MS
  // A day has 25 hours at most: one and a half of them later is the next day, however the clocks were set.
  const wall = wallOf(start + HOUR_MS, zone)
  const inNext = { day: DAY_MS * 1.5, week: DAY_MS * 7.5, month: 0 }[step]
  const next = step === 'month' ? nextMonth(floorWall(wall, 'month')) : floorWall(floorWall(wall, step) + inNext, step)
  return instantOf(next, zone)
}

/** Beginnings of the steps from `from` to `to`, and the end of the last; undefined when there are more than `max`. */
export function stepsBetween(from: Millis, to: Millis, step: Step, zone: string, max: number): Millis[] | undefined {
  const edges = [stepStart(from, step, zone)]
  for (;;) {
    const next = stepEnd(edges.at(-1) as Millis, step, zone)
    edges.push(next)
    if (next >= to) return edges
    if (edges.length > max) return undefined
  }
}

/** Wall times are milliseconds as if the clock on the wall showed UTC. */
function wallOf(at: Millis, zone: string): number {
  const table = zoneTable(zone)
  return at + (table.offsets[segmentAt(table, at)] ?? 0)
}

/** The first instant at which the clock shows a wall time; of one that is left out, the first after it. */
function instantOf(wall: number, zone: string): Millis {
  const table = zoneTable(zone)
  let segment = segmentAt(table, wall - DAY_MS)
  for (;;) {
    const [start = 0, offset = 0, end = Number.POSITIVE_INFINITY] = [
      table.starts[segment],
      table.offsets[segment],
      table.starts[segment + 1],
    ]
    const at = Math.max(start, wall - offset)
    if (at < end) return at
    segment += 1
    segmentAt(table, end)
  }
}

function floorWall(wall: number, step: Exclude<Step, 'hour'>): number {
  const day = wall - (((wall % DAY_MS) + DAY_MS) % DAY_MS)
  const date = new Date(day)
  if (step === 'week') return day - ((date.getUTCDay() + 6) % 7) * DAY_MS
  return step === 'day' ? day : Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}

function nextMonth(wall: number): number {
  const date = new Date(wall)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
}
