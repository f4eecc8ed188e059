import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ScheduleSpec } from './job.ts'
import { jitterOf } from './jitter.ts'
import {
  compileSchedule,
  type CompiledSchedule,
  countFires,
  fireAt,
  type FireOrigin,
  latestFireAtOrBefore,
  nextFire,
  previewFires,
  whyNoFire,
} from './schedule.ts'

const START = Date.UTC(2027, 2, 1)
const NEW_YORK = 'America/New_York'

describe('next fire of a job', () => {
  test('a fixed rate keeps its phase from startAt, else from when the job was made', () => {
    expect(next([every(60_000)], { createdAt: START + 7, after: START + 100_000 })?.fireTime).toBe(START + 120_007)
    expect(next([every(60_000, { startAt: START + 11 })], { after: START })?.fireTime).toBe(START + 11)
    expect(next([every(60_000, { startAt: START + 11 })], { after: START + 11 })?.fireTime).toBe(START + 60_011)
  })

  test('a fixed delay counts from the last end, and waits while a fire is open', () => {
    const delay = [compile({ afterMs: 30_000 })]
    expect(next(delay, {})?.fireTime).toBe(START + 30_000)
    expect(next(delay, { busy: true })).toBeUndefined()
    expect(whyNoFire(delay, origin({ busy: true }))).toBe('waiting')
    expect(next(delay, { lastEnd: START + 5000, after: START + 1000 })?.fireTime).toBe(START + 35_000)
    expect(next([compile({ afterMs: 30_000, startAt: START + 9 })], {})?.fireTime).toBe(START + 9)
  })

  test('a fixed delay that passed undecided goes on in its own steps', () => {
    const delay = [compile({ afterMs: 30_000 })]
    expect(next(delay, { lastEnd: START, after: START + 100_000 })?.fireTime).toBe(START + 120_000)
  })

  test('an instant comes once, a manual job never', () => {
    const once = [compile({ at: START + 5 })]
    expect(next(once, {})?.fireTime).toBe(START + 5)
    expect(next(once, { after: START + 5 })).toBeUndefined()
    expect(whyNoFire(once, origin({ after: START + 5 }))).toBe('ended')
    expect(next([compile({})], {})).toBeUndefined()
    expect(whyNoFire([compile({})], origin({}))).toBe('manual')
    expect(whyNoFire([], origin({}))).toBe('manual')
  })

  test('S033 a window holds its first and its last instant', () => {
    const hourly = [compile({ cron: '0 * * * *', startAt: START, endAt: START + 3_600_000 })]
    expect(previewFires(hourly, origin({ after: START - 86_400_000 }), 9).map((fire) => fire.fireTime)).toEqual([
      START,
      START + 3_600_000,
    ])
    expect(whyNoFire(hourly, origin({ after: START + 3_600_000 }))).toBe('ended')
  })

  test('a job that reached maxFires has no next fire', () => {
    const limited = [every(60_000, { maxFires: 3 })]
    expect(next(limited, { fireCount: 2 })).toBeDefined()
    expect(next(limited, { fireCount: 3 })).toBeUndefined()
    expect(whyNoFire(limited, origin({ fireCount: 3 }))).toBe('ended')
    expect(previewFires(limited, origin({ fireCount: 1 }), 9)).toHaveLength(2)
  })

  test('an expression that never fires is told from one whose years are over', () => {
    expect(whyNoFire([compile({ cron: '0 0 31 2 *' })], origin({}))).toBe('never')
    expect(whyNoFire([compile({ cron: '0 0 0 1 1 ? 2026' })], origin({}))).toBe('ended')
    expect(whyNoFire([compile({ cron: '0 0 0 31 2 ? 2026' })], origin({}))).toBe('never')
  })

  test('schedules that are due at one instant are one fire that names them, sorted', () => {
    const schedules = [
      compile({ id: 'b', cron: '0 * * * *' }),
      compile({ id: 'a', cron: '*/30 * * * *' }),
      compile({ id: 'c', at: START }),
    ]
    expect(next(schedules, { after: START - 1 })).toEqual({
      fireTime: START,
      dueTime: START,
      schedules: ['a', 'b', 'c'],
    })
    expect(next(schedules, {})).toMatchObject({ fireTime: START + 1_800_000, schedules: ['a'] })
  })

  test('jitter is the same at every fire of a job and spreads jobs over its whole length', () => {
    const jittered = [compile({ cron: '0 * * * *', jitterMs: 60_000 })]
    const delays = previewFires(jittered, origin({ spread: 42 }), 5).map((fire) => fire.dueTime - fire.fireTime)
    expect(new Set(delays).size).toBe(1)
    const buckets = Array.from({ length: 10 }, () => 0)
    for (let spread = 0; spread < 10_000; spread++) buckets[Math.floor(jitterOf(spread, 59_999) / 6000)]!++
    expect(Math.min(...buckets)).toBeGreaterThan(850)
    expect(jitterOf(-1, 10)).toBeGreaterThanOrEqual(0)
  })

  test('schedules with different jitter are due together when the first of them is', () => {
    const both = [compile({ id: 'a', at: START + 5, jitterMs: 60_000 }), compile({ id: 'b', at: START + 5 })]
    expect(next(both, {})).toEqual({ fireTime: START + 5, dueTime: START + 5, schedules: ['a', 'b'] })
  })

  test('S034 a fire in a gap is moved or skipped, and says so', () => {
    const after = Date.parse('2027-03-14T05:00:00Z')
    const end = Date.parse('2027-03-14T07:00:00Z')
    expect(next([compile({ cron: '30 2 * * *', zone: NEW_YORK })], { after })).toMatchObject({
      fireTime: end,
      moved: 'gap-next',
    })
    const skipping = compile({ cron: '30 2 * * *', zone: NEW_YORK, gap: 'skip' })
    expect(next([skipping], { after })).toMatchObject({ fireTime: end, skip: 'dst-gap' })
    const regular = compile({ id: 'z', cron: '0 3 * * *', zone: NEW_YORK })
    expect(next([skipping, regular], { after })).toEqual({ fireTime: end, dueTime: end, schedules: ['z'] })
    expect(next([compile({ cron: '30 2,3 * * *', zone: NEW_YORK, gap: 'skip' })], { after: end })).toMatchObject({
      fireTime: end + 1_800_000,
    })
  })

  test.each([
    ['first', ['2026-11-01T05:30:00.000Z fold-first']],
    ['last', ['2026-11-01T06:30:00.000Z fold-last']],
    ['both', ['2026-11-01T05:30:00.000Z fold-both', '2026-11-01T06:30:00.000Z fold-both']],
  ] as const)('a time that happens twice is taken as fold: %s says', (fold, expected) => {
    const schedule = compile({ cron: '30 1 * * *', zone: NEW_YORK, fold })
    const fires = previewFires([schedule], origin({ after: Date.UTC(2026, 10, 1) }), expected.length)
    expect(fires.map((fire) => `${new Date(fire.fireTime).toISOString()} ${fire.moved}`)).toEqual(expected)
  })
})

describe('fires in a stretch of time', () => {
  test('their number and their ends are those of the walk, for any mix of schedules', () => {
    fc.assert(
      fc.property(
        fc.array(anySchedule(), { minLength: 1, maxLength: 3 }),
        fc.nat({ max: 5 * 86_400_000 }),
        fc.boolean(),
        (specs, length, paused) => {
          const schedules = specs.map((change, index) => compile({ ...change, id: `${index}` }))
          const from = origin({ paused })
          const to = START + length
          const walked = previewFires(schedules, from, 2000).filter((fire) => fire.fireTime <= to)
          const counted = countFires(schedules, from, to, 2000)
          expect(counted.count).toBe(walked.length)
          expect([counted.first, counted.last]).toEqual([walked[0]?.fireTime, walked.at(-1)?.fireTime])
          if (walked.length < 2000 && !paused) expect(latestFireAtOrBefore(schedules, from, to)).toEqual(walked.at(-1))
        },
      ),
      { numRuns: 300, seed: 3 },
    )
  })

  test('a count stops at its cap and goes on from there', () => {
    const schedules = [compile({ cron: '* * * * *' })]
    const first = countFires(schedules, origin({}), START + 3_600_000, 25)
    const rest = countFires(schedules, origin({ after: first.last ?? 0 }), START + 3_600_000, 1000)
    expect([first.count, rest.count]).toEqual([25, 35])
    expect(countFires([every(1000)], origin({}), START + 1e9, 10)).toEqual({
      count: 10,
      first: START + 1000,
      last: START + 10_000,
    })
  })

  test('the latest of a thousand million fires is found at once', () => {
    const to = START + 30 * 365 * 86_400_000 + 500
    expect(latestFireAtOrBefore([every(1000)], origin({}), to)?.fireTime).toBe(to - 500)
    const bursts = compile({ cron: '* 9 * * *', zone: NEW_YORK })
    expect(latestFireAtOrBefore([bursts], origin({}), Date.parse('2040-06-05T08:00:00Z'))?.fireTime).toBe(
      Date.parse('2040-06-04T13:59:00Z'),
    )
  })

  test('while nobody schedules, a fixed delay is missed once; while the job is paused, each time', () => {
    const delay = [compile({ afterMs: 10_000 })]
    expect(countFires(delay, origin({ lastEnd: START }), START + 60_000, 100)).toMatchObject({
      count: 1,
      last: START + 10_000,
    })
    expect(countFires(delay, origin({ lastEnd: START, paused: true }), START + 60_000, 100)).toMatchObject({ count: 6 })
  })
})

describe('what the schedule says of an instant', () => {
  const nine = compile({ cron: '0 9 * * *', zone: NEW_YORK, startAt: START, endAt: START + 20 * 86_400_000 })

  test('it is a fire', () => {
    expect(fireAt([nine], origin({}), Date.parse('2027-03-05T14:00:00Z'))).toMatchObject({ kind: 'fire' })
  })

  test('it fell in a gap', () => {
    const skipping = compile({ cron: '30 2 * * *', zone: NEW_YORK, gap: 'skip' })
    expect(fireAt([skipping], origin({}), Date.parse('2027-03-14T07:00:00Z'))).toMatchObject({ kind: 'dst-gap' })
  })

  test('it is outside the window', () => {
    expect(fireAt([nine], origin({}), Date.parse('2027-06-05T13:00:00Z'))).toEqual({
      kind: 'outside-window',
      schedules: ['s'],
    })
  })

  test('it is none, and these are its neighbours', () => {
    expect(fireAt([nine], origin({}), Date.parse('2027-03-05T15:00:00Z'))).toEqual({
      kind: 'not-a-fire',
      before: Date.parse('2027-03-05T14:00:00Z'),
      after: Date.parse('2027-03-06T14:00:00Z'),
    })
  })
})

function anySchedule(): fc.Arbitrary<Partial<ScheduleSpec>> {
  const interval = fc.integer({ min: 600, max: 90_000 }).map((seconds) => seconds * 1000)
  return fc.oneof(
    interval.map((everyMs) => ({ everyMs })),
    interval.map((everyMs) => ({ everyMs, startAt: START + 77_777, endAt: START + 2 * 86_400_000 })),
    fc.integer({ min: 1, max: 9 }).map((maxFires) => ({ everyMs: 3_600_000, maxFires })),
    fc
      .constantFrom('0 * * * *', '*/20 8-9 * * *', '30 2 * * 1-5', '0 12 2 * *')
      .map((cron) => ({ cron, zone: NEW_YORK })),
    fc.nat({ max: 86_400_000 }).map((offset) => ({ at: START + offset })),
    interval.map((afterMs) => ({ afterMs })),
    fc.constant({}),
  )
}

function every(everyMs: number, change: Partial<ScheduleSpec> = {}): CompiledSchedule {
  return compile({ everyMs, ...change })
}

function compile(change: Partial<ScheduleSpec>): CompiledSchedule {
  return compileSchedule({ id: 's', zone: 'UTC', gap: 'next', fold: 'first', jitterMs: 0, ...change }, 1)
}

function origin(change: Partial<FireOrigin>): FireOrigin {
  return { after: START, spread: 1, fireCount: 0, createdAt: START, ...change }
}

function next(schedules: CompiledSchedule[], change: Partial<FireOrigin>) {
  return nextFire(schedules, origin(change))
}
