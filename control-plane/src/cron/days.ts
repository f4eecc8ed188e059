import { dayNumber, monthLength, weekdayOf } from './calendar.ts'
import { RULE, type CompiledCron, type RareDays } from './compiled.ts'

const ALL_DAYS = 0x7fffffff

/** The days of a month that the expression names: bit n stands for day n + 1. The month itself is not looked at. */
export function daysOfMonth(cron: CompiledCron, year: number, month: number): number {
  const length = monthLength(year, month)
  const inMonth = ALL_DAYS >>> (31 - length)
  if (cron.rare === undefined) {
    if (cron.weekdays === 0x7f && (cron.rules & RULE.eitherDay) === 0) return cron.days & inMonth
    const byWeekday = spreadWeekdays(cron.weekdays, weekdayOf(dayNumber(year, month, 1)))
    return (cron.rules & RULE.eitherDay ? cron.days | byWeekday : cron.days & byWeekday) & inMonth
  }
  return rareDays(cron, cron.rare, year, month, length) & inMonth
}

/** Whether the expression has fires in this year at all. */
export function yearMatches(cron: CompiledCron, year: number): boolean {
  return cron.rare?.years === undefined || cron.rare.years.includes(year)
}

function rareDays(cron: CompiledCron, rare: RareDays, year: number, month: number, length: number): number {
  if (!yearMatches(cron, year)) return 0
  const first = weekdayOf(dayNumber(year, month, 1))
  let byDay = cron.days
  for (let bits = rare.fromEnd ?? 0; bits !== 0; bits &= bits - 1) byDay |= dayBit(length - lowestBit(bits))
  for (let bits = rare.nearest ?? 0; bits !== 0; bits &= bits - 1) {
    const day = lowestBit(bits) + 1
    if (day <= length) byDay |= dayBit(nearestWorkday(day, first, length))
  }
  for (let bits = rare.nearestFromEnd ?? 0; bits !== 0; bits &= bits - 1) {
    const day = length - lowestBit(bits)
    if (day >= 1) byDay |= dayBit(nearestWorkday(day, first, length))
  }
  let byWeekday = spreadWeekdays(cron.weekdays, first)
  for (const nth of rare.nth ?? []) byWeekday |= dayBit((((nth >> 3) - first + 7) % 7) + 1 + ((nth & 7) - 1) * 7)
  const lastWeek = spreadWeekdays(rare.lastWeekdays ?? 0, first)
  byWeekday |= lastWeek & (0x7f << (length - 7))
  return cron.rules & RULE.eitherDay ? byDay | byWeekday : byDay & byWeekday
}

/** The days of a month that begins on `first` and whose weekday is in the mask. */
function spreadWeekdays(weekdays: number, first: number): number {
  const week = ((weekdays >>> first) | (weekdays << (7 - first))) & 0x7f
  return week | (week << 7) | (week << 14) | (week << 21) | ((week & 7) << 28)
}

/** The day itself, or the Monday to Friday nearest to it within the month. */
function nearestWorkday(day: number, first: number, length: number): number {
  const weekday = (first + day - 1) % 7
  if (weekday === 6) return day > 1 ? day - 1 : day + 2
  if (weekday === 0) return day < length ? day + 1 : day - 2
  return day
}

function dayBit(day: number): number {
  return day >= 1 && day <= 31 ? 1 << (day - 1) : 0
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}
