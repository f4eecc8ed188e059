import type { Millis } from '../runtime/clock.ts'
import { RULE, type CompiledCron } from './compiled.ts'
import { nextWall, wallMatches } from './wall.ts'
import { HORIZON_END, segmentAt, zoneTable, type ZoneTable } from './zone.ts'

/** An expression that has no fire within this time never fires: leap days and weekdays repeat after 28 years. */
export const SEARCH_MS = (28 * 365 + 7) * 86_400_000

/** Says how the clock change at an instant concerns an expression. */
export type ClockChange = 'gap' | 'fold-first' | 'fold-last'

/**
 * The first occasion of the expression strictly after an instant, or -1 when there is none within 28 years. A function
 * of the instant alone: it does not matter from where, or how often, one asks.
 *
 * Wall time runs in segments of one offset. An expression that follows elapsed time fires wherever the wall shows a
 * time that it names. Any other does so once for each wall time: one that a gap leaves out falls on the first instant
 * after the gap, one that happens twice is taken in the segments that its fold policy says.
 */
export function nextCron(cron: CompiledCron, after: Millis): Millis {
  const table = zoneTable(cron.zone)
  const fixed = (cron.rules & RULE.elapsed) === 0
  let instant = Math.max(0, Math.floor(after / 1000) * 1000 + 1000)
  const limit = Math.min(instant + SEARCH_MS, HORIZON_END)
  while (instant < limit) {
    const segment = segmentAt(table, instant)
    const offset = table.offsets[segment] as number
    const end = segment + 1 < table.starts.length ? (table.starts[segment + 1] as number) : Math.min(table.to, limit)
    let from = instant + offset
    let to = end + offset
    if (fixed) {
      if (instant === table.starts[segment] && hasFireInGap(cron, table, segment)) return instant
      if ((cron.rules & (RULE.foldLast | RULE.foldBoth)) === 0) from = Math.max(from, seenUpTo(table, segment))
      else if (cron.rules & RULE.foldLast) to = Math.min(to, repeatedFrom(table, segment))
    }
    const wall = from < to ? nextWall(cron, from, to) : -1
    if (wall >= 0) return wall - offset
    instant = end
  }
  return -1
}

/** How the occasion that `nextCron` found was touched by a clock change; `undefined` when its wall time is plain. */
export function clockChangeAt(cron: CompiledCron, occasion: Millis): ClockChange | undefined {
  if (cron.rules & RULE.elapsed) return undefined
  const table = zoneTable(cron.zone)
  const segment = segmentAt(table, occasion)
  const wall = occasion + (table.offsets[segment] as number)
  if (occasion === table.starts[segment] && isGap(table, segment) && !wallMatches(cron, wall)) return 'gap'
  if (wall < seenUpTo(table, segment)) return 'fold-last'
  if (wall >= repeatedFrom(table, segment)) return 'fold-first'
  return undefined
}

/** Wall times before this one were shown by the segment before, too. */
function seenUpTo(table: ZoneTable, segment: number): number {
  return segment === 0 ? -Infinity : (table.starts[segment] as number) + (table.offsets[segment - 1] as number)
}

/** Wall times from this one on are shown by the next segment again. */
function repeatedFrom(table: ZoneTable, segment: number): number {
  if (segment + 1 >= table.starts.length) return Infinity
  return (table.starts[segment + 1] as number) + (table.offsets[segment + 1] as number)
}

function isGap(table: ZoneTable, segment: number): boolean {
  return segment > 0 && (table.offsets[segment] as number) > (table.offsets[segment - 1] as number)
}

/** Whether the expression names a wall time that the clock jumped over when this segment began. */
function hasFireInGap(cron: CompiledCron, table: ZoneTable, segment: number): boolean {
  if (!isGap(table, segment)) return false
  const start = table.starts[segment] as number
  const from = start + (table.offsets[segment - 1] as number)
  return nextWall(cron, from, start + (table.offsets[segment] as number)) >= 0
}
