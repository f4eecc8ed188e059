import { civilDate, dayNumber } from './calendar.ts'
import type { CompiledCron } from './compiled.ts'
import { daysOfMonth } from './days.ts'

const DAY_MS = 86_400_000

/**
 * The first wall time that the expression names, at or after `from` and before `to`; -1 when there is none. Wall times
 * are milliseconds as if the clock on the wall showed UTC; `from` is a whole second of 1600 or later.
 */
export function nextWall(cron: CompiledCron, from: number, to: number): number {
  const firstDay = Math.floor(from / DAY_MS)
  const date = civilDate(firstDay)
  let year = date >> 9
  let month = (date >> 5) & 15
  let day = date & 31
  if ((cron.months >>> (month - 1)) & 1) {
    const days = daysOfMonth(cron, year, month)
    if ((days >>> (day - 1)) & 1) {
      const second = nextSecond(cron, (from - firstDay * DAY_MS) / 1000)
      if (second >= 0) return before(to, firstDay * DAY_MS + second * 1000)
    }
    const later = day === 31 ? 0 : days & (-1 << day)
    if (later !== 0) return before(to, atFirstSecond(cron, firstDay + lowestBit(later) + 1 - day))
  }
  for (;;) {
    month++
    if (month > 12) {
      month = 1
      year++
    }
    if (((cron.months >>> (month - 1)) & 1) === 0) {
      // The months left in this year that the expression names; without any, the next year is looked at.
      const left = cron.months & (-1 << (month - 1))
      if (left === 0) {
        month = 12
        if (dayNumber(year, 12, 31) * DAY_MS >= to) return -1
        continue
      }
      month = lowestBit(left) + 1
    }
    const firstOfMonth = dayNumber(year, month, 1)
    if (firstOfMonth * DAY_MS >= to) return -1
    const days = daysOfMonth(cron, year, month)
    if (days !== 0) return before(to, atFirstSecond(cron, firstOfMonth + lowestBit(days)))
  }
}

/** Whether the expression names this wall time. */
export function wallMatches(cron: CompiledCron, wall: number): boolean {
  return nextWall(cron, wall, wall + 1000) === wall
}

function before(to: number, wall: number): number {
  return wall < to ? wall : -1
}

function atFirstSecond(cron: CompiledCron, day: number): number {
  return day * DAY_MS + nextSecond(cron, 0) * 1000
}

/** The first second of the day at or after `from` that the time fields name, or -1. */
function nextSecond(cron: CompiledCron, from: number): number {
  const hour = (from / 3600) | 0
  if ((cron.hours >>> hour) & 1) {
    const minute = ((from / 60) | 0) % 60
    if ((minute < 30 ? cron.minutesLow >>> minute : cron.minutesHigh >>> (minute - 30)) & 1) {
      const second = nextOfSixty(cron.secondsLow, cron.secondsHigh, from % 60)
      if (second >= 0) return hour * 3600 + minute * 60 + second
    }
    const later = nextOfSixty(cron.minutesLow, cron.minutesHigh, minute + 1)
    if (later >= 0) return hour * 3600 + later * 60 + nextOfSixty(cron.secondsLow, cron.secondsHigh, 0)
  }
  const hours = cron.hours & (-1 << (hour + 1))
  if (hours === 0) return -1
  const minute = nextOfSixty(cron.minutesLow, cron.minutesHigh, 0)
  return lowestBit(hours) * 3600 + minute * 60 + nextOfSixty(cron.secondsLow, cron.secondsHigh, 0)
}

/** The lowest value at or after `from` (0 to 60) in a mask of sixty, or -1. */
function nextOfSixty(low: number, high: number, from: number): number {
  if (from < 30) {
    const bits = low & (-1 << from)
    if (bits !== 0) return lowestBit(bits)
    return high === 0 ? -1 : lowestBit(high) + 30
  }
  const bits = high & (-1 << (from - 30))
  return bits === 0 ? -1 : lowestBit(bits) + 30
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}
