import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileSchedule, nextFire, type CompiledSchedule } from '../jobs/schedule.ts'
import { naiveFires, type NaiveCron, naiveOffset } from './naive.test-helper.ts'

const ZONES = [
  'UTC',
  'Asia/Shanghai',
  'America/New_York',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'America/Havana',
  'Africa/Casablanca',
  'Antarctica/Troll',
  'Asia/Kathmandu',
  'America/St_Johns',
  'Asia/Gaza',
  'Africa/Cairo',
  'America/Asuncion',
]
const DAY = 86_400_000
const YEARS = [2006, 2011, 2014, 2019, 2024, 2027]

describe('next fire, against a twin that asks Intl minute by minute', () => {
  test('S034 every fire around a clock change is the same, from wherever one asks', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.constantFrom(...YEARS),
        fc.nat({ max: 9 }),
        expression(),
        fc.constantFrom('next', 'skip'),
        fc.constantFrom('first', 'last', 'both'),
        fc.array(fc.nat({ max: 2 * DAY }), { minLength: 5, maxLength: 5 }),
        (zone, year, pick, cron, gap, fold, offsets) => {
          const changes = changesIn(zone, year)
          const centre = changes[pick % changes.length] ?? Date.UTC(year, 5, 1)
          const from = Math.floor((centre - 1.5 * DAY) / 60_000) * 60_000
          const to = from + 3 * DAY
          const expected = naiveFires(cron, zone, { gap, fold }, from, to)
          const schedule = compile({ cron: cron.text, zone, gap, fold })
          for (const after of [from - 1, centre - 1, centre, ...offsets.map((offset) => from + offset)]) {
            const fire = next(schedule, after)
            const twin = expected.find(({ at }) => at > after)
            if (twin === undefined) expect(fire === undefined || fire.fireTime >= to).toBe(true)
            else
              expect([cron.text, zone, after, fire?.fireTime, fire?.skip !== undefined]).toEqual([
                cron.text,
                zone,
                after,
                twin.at,
                twin.skip,
              ])
          }
        },
      ),
      { numRuns: 160, seed: 20_261_121 },
    )
  })

  test('a walk from fire to fire is the same list', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), fc.constantFrom(...YEARS), expression(), (zone, year, cron) => {
        const centre = changesIn(zone, year)[0] ?? Date.UTC(year, 5, 1)
        const from = Math.floor((centre - DAY) / 60_000) * 60_000
        const expected = naiveFires(cron, zone, { gap: 'next', fold: 'first' }, from, from + 2 * DAY)
        const schedule = compile({ cron: cron.text, zone })
        const walked: number[] = []
        for (let at = from - 1; ; ) {
          const fire = next(schedule, at)
          if (fire === undefined || fire.fireTime >= from + 2 * DAY) break
          walked.push(fire.fireTime)
          at = fire.fireTime
        }
        expect(walked).toEqual(expected.map(({ at }) => at))
      }),
      { numRuns: 60, seed: 7 },
    )
  })
})

describe('days', () => {
  test.each([
    ['0 0 L * *', '2027-02-01', '2027-02-28'],
    ['0 0 L-3 * *', '2028-02-01', '2028-02-26'],
    ['0 0 15W * *', '2026-08-01', '2026-08-14'],
    ['0 0 15W * *', '2026-11-02', '2026-11-16'],
    ['0 0 1W * *', '2026-08-01', '2026-08-03'],
    ['0 0 31W * *', '2026-10-31', '2026-12-31'],
    ['0 0 31W * *', '2027-01-30', '2027-03-31'],
    ['0 0 LW * *', '2027-01-01', '2027-01-29'],
    ['0 0 L-1W * *', '2027-01-01', '2027-01-29'],
    ['0 0 * * 5L', '2026-11-01', '2026-11-27'],
    ['0 0 * * SUNL', '2026-11-01', '2026-11-29'],
    ['0 0 * * 7L', '2026-11-01', '2026-11-29'],
    ['0 0 * * 5#5', '2026-11-01', '2027-01-29'],
    ['0 0 * * MON#1,MON#3', '2026-11-03', '2026-11-16'],
    ['0 0 * * MON-TUE#2', '2026-11-09', '2026-11-10'],
    ['0 0 13 * 5', '2026-11-07', '2026-11-13'],
    ['0 0 14 * 5', '2026-11-07', '2026-11-13'],
    ['0 0 */2 * 1', '2026-11-03', '2026-11-09'],
    ['0 0 L * 5#1', '2026-11-07', '2026-11-30'],
    ['0 0 29 2 *', '2097-01-01', '2104-02-29'],
    ['0 0 0 1 1 ? 2031,2033/3', '2031-06-01', '2033-01-01'],
    ['0 0 0 29 2 ? 2027-2035', '2026-06-01', '2028-02-29'],
  ])('S035 %s after %s falls on %s', (cron, after, day) => {
    const fire = next(compile({ cron }), Date.parse(`${after}T00:00:00Z`))
    expect(new Date(fire?.fireTime ?? 0).toISOString()).toBe(`${day}T00:00:00.000Z`)
  })

  test('a date that no year has is not searched for longer than 28 years', () => {
    for (const cron of ['0 0 31 2 *', '0 0 30 2 *', '0 0 31 4,6,9,11 *', '0 0 0 1 1 ? 1999', '0 0 0 29 2 ? 2027']) {
      expect(next(compile({ cron, zone: 'America/New_York' }), Date.UTC(2026, 10, 21))).toBeUndefined()
    }
  })

  test('29 February on a Monday recurs within 28 years', () => {
    const schedule = compile({ cron: '0 0 29 2 *' })
    let at = Date.UTC(2026, 0, 1)
    while (new Date(at).getUTCDay() !== 1) at = next(schedule, at)?.fireTime ?? Number.NaN
    expect(new Date(at).toISOString()).toBe('2044-02-29T00:00:00.000Z')
  })
})

interface Options {
  cron: string
  zone?: string
  gap?: 'next' | 'skip'
  fold?: 'first' | 'last' | 'both'
}

function compile({ cron, zone = 'UTC', gap = 'next', fold = 'first' }: Options): CompiledSchedule {
  return compileSchedule({ id: 'cron', cron, zone, gap, fold, jitterMs: 0 }, 1)
}

function next(schedule: CompiledSchedule, after: number) {
  return nextFire([schedule], { after, spread: 1, fireCount: 0, createdAt: 0 })
}

/** Instants at which the zone's clock changes in a year, found by asking Intl hour by hour. */
function changesIn(zone: string, year: number): number[] {
  const key = `${zone}/${year}`
  const known = changesByYear.get(key)
  if (known !== undefined) return known
  const changes: number[] = []
  for (let day = Date.UTC(year, 0, 1); day < Date.UTC(year + 1, 0, 1); day += DAY) {
    if (naiveOffset(zone, day) === naiveOffset(zone, day + DAY)) continue
    let at = day
    while (naiveOffset(zone, at) === naiveOffset(zone, day)) at += 60_000
    changes.push(at)
  }
  changesByYear.set(key, changes)
  return changes
}

const changesByYear = new Map<string, number[]>()

/** An expression together with what its fields mean, so that the twin reads no text. */
function expression(): fc.Arbitrary<NaiveCron> {
  const minute = fc.oneof(
    fc.constant({ text: '*', values: all(0, 59), star: true }),
    step(0, 59, 60),
    list(0, 59),
    range(0, 59),
  )
  const hour = fc.oneof(
    fc.constant({ text: '*', values: all(0, 23), star: true }),
    step(0, 23, 24),
    { weight: 3, arbitrary: list(0, 3) },
    list(0, 23),
    { weight: 2, arbitrary: range(0, 4) },
  )
  const day = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ text: '*', values: all(1, 31), star: true }) },
    list(1, 31),
    step(1, 31, 31),
  )
  const weekday = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ text: '*', values: all(0, 6), star: true }) },
    list(0, 6),
    range(0, 6),
  )
  return fc.record({ minute, hour, day, weekday }).map((fields) => ({
    ...fields,
    text: `${fields.minute.text} ${fields.hour.text} ${fields.day.text} * ${fields.weekday.text}`,
  }))
}

function list(min: number, max: number) {
  return fc
    .array(fc.integer({ min, max }), { minLength: 1, maxLength: 3 })
    .map((values) => ({ text: values.join(','), values, star: false }))
}

function range(min: number, max: number) {
  return fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([a, b]) => {
    const [low, high] = a < b ? [a, b] : [b, a]
    return { text: `${low}-${high}`, values: all(low, high), star: false }
  })
}

function step(min: number, max: number, size: number) {
  return fc.integer({ min: 2, max: size }).map((by) => ({
    text: `*/${by}`,
    values: all(min, max).filter((value) => (value - min) % by === 0),
    star: true,
  }))
}

function all(min: number, max: number): number[] {
  return Array.from({ length: max - min + 1 }, (_, index) => min + index)
}
