import { findZone } from '../cron/zone.ts'
import { Problem } from '../problems.ts'
import type { Millis } from '../runtime/clock.ts'
import { DAY_MS, HOUR_MS } from '../state/counters.ts'
import { stepStart, type Step } from '../stats/periods.ts'
import { optionalInstant } from './times.ts'

export type Period = 'today' | 'week' | 'month' | 'all'

/** What a query says of the time that it is about. */
export interface WindowQuery {
  period?: Period
  from?: string
  to?: string
  zone?: string
}

export interface StatsWindow {
  from: Millis
  to: Millis
  zone: string
}

/** Time before `to` when the query does not say from where on, by the width of a point. */
const WINDOW_MS: Record<Step, number> = {
  hour: DAY_MS,
  day: 30 * DAY_MS,
  week: 26 * 7 * DAY_MS,
  month: 365 * DAY_MS,
}

/** Points of a period, when the query does not say how wide they are. */
export const PERIOD_STEP: Record<Period, Step> = { today: 'hour', week: 'day', month: 'day', all: 'month' }

/**
 * The window that a query names, or a Problem. `today`, `week` and `month` began at midnight by the clocks of the zone,
 * the day, Monday or first of the month that the present lies in; `all` with the oldest that was counted.
 */
export function windowOf(query: WindowQuery, step: Step, now: Millis, oldest: Millis | undefined): StatsWindow {
  const zone = zoneOf(query.zone)
  const { period } = query
  if (period === undefined) {
    const to = optionalInstant(query.to, '?to') ?? now + 1
    const from = optionalInstant(query.from, '?from') ?? Math.max(0, to - WINDOW_MS[step])
    if (from >= to) throw invalid('?from', 'must be before to')
    return { from, to, zone }
  }
  for (const name of ['from', 'to'] as const) {
    if (query[name] !== undefined) throw invalid(`?${name}`, 'does not go with period')
  }
  if (period === 'all') return { from: Math.min(oldest ?? now, now), to: now + 1, zone }
  return { from: stepStart(now, period === 'today' ? 'day' : period, zone), to: now + 1, zone }
}

/** The window right before one: yesterday, last week, the time just as long; of `all`, what was before the last 30 days. */
export function windowsOfTrend(
  window: StatsWindow,
  period: Period | undefined,
  oldest: Millis | undefined,
): { recent: StatsWindow; before: StatsWindow } {
  const { from, to, zone } = window
  if (period === 'all') {
    const split = Math.max(from, to - (to % HOUR_MS) - 30 * DAY_MS)
    return { recent: { ...window, from: split }, before: { from: oldest ?? split, to: split, zone } }
  }
  const step = period === 'today' ? 'day' : period
  const start = step === undefined ? Math.max(0, from - (to - from)) : stepStart(from - 1, step, zone)
  return { recent: window, before: { from: start, to: from, zone } }
}

function zoneOf(name: string | undefined): string {
  const zone = findZone(name ?? 'UTC')
  if (zone === undefined) throw invalid('?zone', 'is not a time zone of the IANA database')
  return zone
}

function invalid(pointer: string, detail: string): Problem {
  return new Problem('invalid-request', undefined, [{ pointer, detail }])
}
