import type { RareDays } from './compiled.ts'
import { CronFault } from './fault.ts'
import { DAY, itemValues, QUARTZ_WEEKDAY, readValue, WEEKDAY, type Field } from './field.ts'
import { listItems, mask, type Token } from './token.ts'

/** A day field: the plain values as a mask, and what depends on the month. */
export interface DayField {
  mask: number
  rare: RareDays
}

/** Day of month: plain items, `L`, `L-3`, `LW`, `L-3W`, `15W`. */
export function readMonthDays(token: Token, spread: number): DayField {
  const days: DayField = { mask: 0, rare: {} }
  for (const { text, position } of listItems(token)) {
    const special = /^L(?:-(\d{1,3}))?(W)?$|^(\d{1,3})W$/i.exec(text)
    if (special === null) {
      days.mask |= mask(itemValues(DAY, text, position, spread).map((day) => day - 1))
      continue
    }
    const [, before, atWorkday, nearest] = special
    if (nearest !== undefined) addBit(days.rare, 'nearest', readValue(DAY, nearest, position) - 1)
    else {
      const count = Number(before ?? 0)
      if (count > 30) throw new CronFault(`day of month L-${count} is outside L-0 to L-30`, position)
      addBit(days.rare, atWorkday === undefined ? 'fromEnd' : 'nearestFromEnd', count)
    }
  }
  return days
}

/** Weekday: plain items, `5L`, `FRIL`, `5#2`, `MON-FRI#1`; in Quartz numbering `L` alone is Saturday. */
export function readWeekdays(token: Token, spread: number, quartz: boolean): DayField {
  const field = quartz ? QUARTZ_WEEKDAY : WEEKDAY
  const days: DayField = { mask: 0, rare: {} }
  for (const { text, position } of listItems(token)) {
    const last = /^(\w+)L$/i.exec(text)
    const nth = /^([\w-]+)#(\w+)$/.exec(text)
    if (/^L$/i.test(text)) {
      if (!quartz) throw new CronFault('weekday L needs a day before it, as in 5L', position)
      days.mask |= 1 << 6
    } else if (last !== null) addBit(days.rare, 'lastWeekdays', weekday(field, last[1] as string, position))
    else if (nth !== null)
      addNth(days.rare, itemValues(field, nth[1] as string, position, spread), nth[2] as string, position)
    else days.mask |= mask(itemValues(field, text, position, spread))
  }
  return days
}

function addNth(rare: RareDays, weekdays: readonly number[], nth: string, position: number): void {
  if (!/^[1-5]$/.test(nth)) throw new CronFault(`weekday #${nth} is outside #1 to #5`, position)
  rare.nth = [...new Set([...(rare.nth ?? []), ...weekdays.map((weekday) => weekday * 8 + Number(nth))])]
}

function addBit(rare: RareDays, key: 'fromEnd' | 'nearest' | 'nearestFromEnd' | 'lastWeekdays', bit: number): void {
  rare[key] = (rare[key] ?? 0) | (1 << bit)
}

function weekday(field: Field, text: string, position: number): number {
  return (readValue(field, text, position) - field.min) % 7
}
