import type { Millis } from '../runtime/clock.ts'
import type { DayRow, LedgerTrim } from '../state/commands.ts'
import { DAY_MS, HOUR_MS, type HourCounters } from '../state/counters.ts'
import { daySums, PACK_OWNERS, packDay } from '../stats/day-pack.ts'
import { addHour, emptySum, type Sum } from '../stats/sum.ts'
import { wide, WIDE_DIGITS } from './key-number.ts'
import { dayPrefix, daysBefore, hourPrefix, ownerOfCounters, under } from './keys.ts'
import type { Store } from './store.ts'

type Readable = Pick<Store, 'range'>

/** Rows of a day in one entry, and rows that one step removes. */
const STEP_ROWS = 16
const STEP_GONE = 256
/** A day is added up so long after its end: its last counters are in the store then. */
const REST_MS = HOUR_MS

/**
 * Adds up the days that are over and have no rows yet, oldest first, a step at a time; the last step of a day says so.
 * What a day counted never changes, so whoever does it again makes the same rows.
 */
export async function* foldedDays(
  store: Readable,
  { countedTo }: { countedTo: Millis },
  now: Millis,
): AsyncGenerator<Pick<LedgerTrim, 'days' | 'countedTo'>> {
  for (let from = countedTo; ; ) {
    const day = await firstCounted(store, from)
    if (day + DAY_MS + REST_MS > now) return
    from = day + DAY_MS
    const rows = await rowsOf(store, day)
    for (; rows.length > STEP_ROWS; rows.splice(0, STEP_ROWS)) yield { days: rows.slice(0, STEP_ROWS) }
    yield { days: rows, countedTo: from }
  }
}

/** Rows of days before an instant, oldest first, a step at a time; each step to be removed before the next. */
export async function* oldDays(store: Readable, before: Millis): AsyncGenerator<NonNullable<LedgerTrim['daysGone']>> {
  for (;;) {
    const old: NonNullable<LedgerTrim['daysGone']> = []
    for await (const [key] of store.range({ ...daysBefore(before), limit: STEP_GONE })) old.push(dayOfKey(key))
    if (old.length > 0) yield old
    if (old.length < STEP_GONE) return
  }
}

/** What an owner counted on a day that has rows. */
export async function dayOf(store: Readable, day: Millis, owner: number): Promise<Sum | undefined> {
  const lte = dayPrefix(day) + wide(owner)
  for await (const [, pack] of store.range<Uint8Array>({ gte: dayPrefix(day), lte, reverse: true, limit: 1 })) {
    for (const [its, sum] of daySums(pack)) if (its === owner) return sum
  }
  return undefined
}

/** What everybody counted on a day that has rows. */
export async function eachOfDay(store: Readable, day: Millis, visit: (owner: number, sum: Sum) => void): Promise<void> {
  for await (const [, pack] of store.range<Uint8Array>(under(dayPrefix(day)))) {
    for (const [owner, sum] of daySums(pack)) visit(owner, sum)
  }
}

/** What everybody counted in an hour. */
export async function eachOfHour(
  store: Readable,
  hour: Millis,
  visit: (owner: number, counters: HourCounters) => void,
): Promise<void> {
  for await (const [key, counters] of store.range<HourCounters>({ ...under(hourPrefix(hour)), limit: OWNERS_MAX })) {
    visit(ownerOfCounters(key).owner, counters)
  }
}

/** When the first day begins that has counters or rows; undefined when nothing was counted yet. */
export async function oldestDay(store: Readable): Promise<Millis | undefined> {
  for await (const [key] of store.range({ ...under('C/'), limit: 1 })) return dayOfKey(key).day
  const hour = await oldestHour(store)
  return hour === undefined ? undefined : floorDay(hour)
}

/** The first hour that has counters of its own. */
export async function oldestHour(store: Readable): Promise<Millis | undefined> {
  for await (const [key] of store.range({ ...under('c/'), limit: 1 })) return ownerOfCounters(key).hour
  return undefined
}

/** More owners than there can be jobs: a range with a limit is read in large pieces. */
const OWNERS_MAX = 10_000_000

/** The first day from `from` on that has hourly counters. */
async function firstCounted(store: Readable, from: Millis): Promise<Millis> {
  const range = { gte: hourPrefix(from), lt: under('c/').lt, limit: 1 }
  for await (const [key] of store.range(range)) return floorDay(ownerOfCounters(key).hour)
  return Number.POSITIVE_INFINITY
}

async function rowsOf(store: Readable, day: Millis): Promise<DayRow[]> {
  const sums = new Map<number, Sum>()
  for (let hour = day; hour < day + DAY_MS; hour += HOUR_MS) {
    await eachOfHour(store, hour, (owner, counters) => {
      const sum = sums.get(owner)
      if (sum) addHour(sum, counters)
      else sums.set(owner, addHour(emptySum(), counters))
    })
  }
  const sorted = [...sums].sort(([a], [b]) => a - b)
  const rows: DayRow[] = []
  for (let from = 0; from < sorted.length; from += PACK_OWNERS) {
    const some = sorted.slice(from, from + PACK_OWNERS)
    rows.push({ day, first: some[0]?.[0] ?? 0, pack: packDay(some) })
  }
  return rows
}

function dayOfKey(key: string): Pick<DayRow, 'day' | 'first'> {
  const [, day = '', first = ''] = key.split('/')
  return { day: Number.parseInt(day, 36) * DAY_MS, first: Number.parseInt(first.slice(0, WIDE_DIGITS), 36) }
}

function floorDay(at: Millis): Millis {
  return at - (at % DAY_MS)
}
