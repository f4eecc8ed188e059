import * as fc from 'fast-check'
import { Packr } from 'msgpackr'
import { describe, expect, test } from 'vitest'
import type { ScheduleSpec } from './job.ts'
import { compactSchedule, type CompiledSchedule, compileSchedule, describeSchedule, ScheduleFault } from './schedule.ts'

describe('a schedule is refused, with the place of its fault', () => {
  test.each([
    ['', 'the expression is empty'],
    ['   ', 'the expression is empty'],
    ['*', 'the expression has 1 field, 5 to 7 are needed'],
    ['* * * *', 'the expression has 4 fields, 5 to 7 are needed'],
    ['* * * * * * * *', 'the expression has 8 fields, 5 to 7 are needed'],
    ['60 * * * *', 'minute 60 is outside 0-59 (at character 1)'],
    ['0 24 * * *', 'hour 24 is outside 0-23 (at character 3)'],
    ['0 0 32 * *', 'day of month 32 is outside 1-31 (at character 5)'],
    ['0 0 0 * *', 'day of month 0 is outside 1-31 (at character 5)'],
    ['0 0 * 13 *', 'month 13 is outside 1-12 (at character 7)'],
    ['0 0 * * 8', 'weekday 8 is outside 0-7 (at character 9)'],
    ['75 0 0 * * *', 'second 75 is outside 0-59 (at character 1)'],
    ['0 0 0 1 1 * 1969', 'year 1969 is outside 1970-2199 (at character 13)'],
    ['1,2,61 * * * *', 'minute 61 is outside 0-59 (at character 5)'],
    ['5-70 * * * *', 'minute 70 is outside 0-59 (at character 3)'],
    ['30-10 * * * *', 'minute 30-10 runs backwards; write two ranges (at character 1)'],
    ['0 0 * * FRI-TUE', 'weekday FRI-TUE runs backwards; write two ranges (at character 9)'],
    ['*/0 * * * *', 'step 0 of the minute is outside 1-60 (at character 3)'],
    ['*/90 * * * *', 'step 90 of the minute is outside 1-60 (at character 3)'],
    ['*/x * * * *', 'step x of the minute is outside 1-60 (at character 3)'],
    ['1,,2 * * * *', 'minute has an empty place in its list (at character 3)'],
    ['-5 * * * *', 'minute cannot be "-5" (at character 1)'],
    ['1.5 * * * *', 'minute cannot be "1.5" (at character 1)'],
    ['* * * * MOND', 'weekday cannot be "MOND" (at character 9)'],
    ['* * * FOO *', 'month cannot be "FOO" (at character 7)'],
    ['* * L-31 * *', 'day of month L-31 is outside L-0 to L-30 (at character 5)'],
    ['* * 32W * *', 'day of month 32 is outside 1-31 (at character 5)'],
    ['* L * * *', 'hour cannot be "L" (at character 3)'],
    ['* * * * L', 'weekday L needs a day before it, as in 5L (at character 9)'],
    ['* * * * 5#6', 'weekday #6 is outside #1 to #5 (at character 9)'],
    ['* * * * 5#', 'weekday cannot be "5#" (at character 9)'],
    ['0 H(9-30) * * *', 'hour 30 is outside 0-23 (at character 7)'],
    ['0 0 0 1 1 * H', 'H cannot choose a year (at character 13)'],
    ['@reboot', /^"@reboot" is not one of @yearly/],
    ['@daily 5', 'nothing may follow @daily (at character 8)'],
    ['@every', '@every needs one duration, as in "@every 1h30m" (at character 1)'],
    ['@every soon', '"soon" is not a duration such as 1h30m (at character 8)'],
    ['@every 10ms', '10ms is outside 1s to 3652d'],
    ['TZ=Mars/Olympus 0 9 * * *', '"Mars/Olympus" is not an IANA time zone (at character 4)'],
    ['CRON_TZ=+08:00 0 9 * * *', '"+08:00" is not an IANA time zone (at character 9)'],
    ['CRON_TZ=Asia/Tokyo', 'the expression is empty'],
    [`${'1,'.repeat(600)}1 * * * *`, 'the expression is longer than 1024 characters'],
  ])('%s', (cron, detail) => {
    const fault = faultOf({ cron })
    expect(fault.pointer).toBe('/cron')
    expect(fault.detail).toMatch(detail)
  })

  test.each<[Partial<ScheduleSpec>, string]>([
    [{ zone: 'Europe/Atlantis', cron: '0 0 * * *' }, '/zone'],
    [{ zone: '+02:00', cron: '0 0 * * *' }, '/zone'],
    [{ zone: '', everyMs: 5000 }, '/zone'],
    [{ zone: 'Asia/Tokyo', cron: 'TZ=Europe/Berlin 0 0 * * *' }, '/zone'],
    [{ cron: '0 0 * * *', everyMs: 5000 }, '/every'],
    [{ everyMs: 999 }, '/every'],
    [{ everyMs: Number.NaN }, '/every'],
    [{ afterMs: 0 }, '/after'],
    [{ afterMs: 1e15 }, '/after'],
    [{ at: -1 }, '/at'],
    [{ at: Date.UTC(2300, 0, 1) }, '/at'],
    [{ everyMs: 5000, startAt: 2000, endAt: 1000 }, '/endAt'],
    [{ everyMs: 5000, jitterMs: -1 }, '/jitter'],
    [{ everyMs: 5000, maxFires: 0 }, '/maxFires'],
    [{ everyMs: 5000, maxFires: 1.5 }, '/maxFires'],
  ])('%j at %s', (spec, pointer) => {
    expect(faultOf(spec).pointer).toBe(pointer)
  })

  test('whatever is written, the answer is a schedule or a fault', () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom(
        '*',
        '?',
        'H',
        'L',
        'W',
        'LW',
        '15W',
        'L-3',
        '5#2',
        'H(0-7)',
        '*/5',
        '1-5',
        'MON',
        'JAN-MAR',
        '0',
        '@every',
        'TZ=UTC',
      ),
      fc.stringMatching(/^[0-9LWH#/*?,()-]{1,8}$/),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), fc.boolean(), (pieces, quartzWeekdays) => {
        try {
          compileSchedule(spec({ cron: pieces.join(' '), quartzWeekdays }), 1)
        } catch (error) {
          expect(error).toBeInstanceOf(ScheduleFault)
        }
      }),
      { numRuns: 5000, seed: 1 },
    )
  })
})

describe('a compiled schedule', () => {
  test.each<Partial<ScheduleSpec>>([
    { cron: '*/5 * * * *' },
    { cron: '0 30 2 L-3,15W ? 5#2,FRIL 2027-2030', zone: 'Europe/Berlin', gap: 'skip', fold: 'both', jitterMs: 9000 },
    { everyMs: 90_000, startAt: 5, endAt: 10, maxFires: 3 },
    { afterMs: 1000 },
    { at: 99 },
    {},
  ])('survives JSON and msgpack: %j', (change) => {
    const compiled = compileSchedule(spec(change), 7)
    expect(JSON.parse(JSON.stringify(compiled))).toStrictEqual(compiled)
    const packr = new Packr({ useRecords: false })
    expect({ ...packr.unpack(packr.pack(compiled)) }).toEqual(compiled)
    expect(compactSchedule(packr.unpack(packr.pack(compiled)) as CompiledSchedule)).toStrictEqual(compiled)
    expect(Object.values(compiled)).not.toContain(undefined)
  })

  test.each([
    ['0-10,5 * * * *', '0-10 * * * *'],
    ['1,1 * * * *', '1 * * * *'],
    ['0 0 * * 0,7', '0 0 * * SUN'],
    ['0 0 * * 5-7', '0 0 * * 0,5,6'],
    ['0 0 * * SAT-SUN', '0 0 * * 6,0'],
    ['0 0 * * mon-Fri', '0 0 * * 1-5'],
    ['0 0 * JAN,dec *', '0 0 * 1,12 *'],
    ['0 0 ? * ?', '0 0 * * *'],
    ['5/15 * * * *', '5,20,35,50 * * * *'],
    ['0 12 * * 1', '0 0 12 * * 1'],
    ['0 12 * * 1', '0 0 12 ? * MON *'],
    ['@midnight', '0 0 * * *'],
    ['@daily', '0 0 * * *'],
    ['@hourly', '0 * * * *'],
    ['@weekly', '0 0 * * 0'],
    ['@monthly', '0 0 1 * *'],
    ['@yearly', '0 0 1 1 *'],
    ['@Annually', '0 0 1 1 *'],
    ['  0   9 * * *  ', '0 9 * * *'],
  ])('%s means %s', (cron, same) => {
    expect(compileSchedule(spec({ cron }), 1)).toEqual(compileSchedule(spec({ cron: same }), 1))
  })

  test.each([
    ['0 9 ? * 2', '0 9 * * MON'],
    ['0 9 ? * 1,7', '0 9 * * SUN,SAT'],
    ['0 9 ? * 2-6', '0 9 * * MON-FRI'],
    ['0 9 ? * 2/2', '0 9 * * MON,WED,FRI'],
    ['0 9 ? * 6L', '0 9 * * FRIL'],
    ['0 9 ? * L', '0 9 * * SAT'],
    ['0 9 ? * 6#3', '0 9 * * FRI#3'],
    ['0 9 ? * SAT-SUN', '0 9 * * 6,0'],
  ])('with Quartz weekdays %s means %s', (cron, same) => {
    expect(compileSchedule(spec({ cron, quartzWeekdays: true }), 1)).toEqual(compileSchedule(spec({ cron: same }), 1))
  })

  test('with Quartz weekdays there is no weekday 0', () => {
    expect(faultOf({ cron: '0 9 ? * 0', quartzWeekdays: true }).detail).toBe(
      'weekday 0 is outside 1-7 (at character 9)',
    )
  })

  test('S036 @every is a fixed rate, a zone prefix is a zone', () => {
    expect(compileSchedule(spec({ cron: '@every 1h30m' }), 1)).toEqual({ kind: 'every', id: 's', everyMs: 5_400_000 })
    expect(compileSchedule(spec({ cron: 'CRON_TZ=asia/tokyo 0 9 * * *' }), 1)).toMatchObject({ zone: 'Asia/Tokyo' })
    expect(compileSchedule(spec({ cron: 'TZ=Asia/Tokyo 0 9 * * *', zone: 'Asia/Tokyo' }), 1)).toMatchObject({
      zone: 'Asia/Tokyo',
    })
  })

  test('H is the same for the same job, within its range, and spreads over jobs', () => {
    const minuteOf = (cron: string, spread: number) => {
      const compiled = compileSchedule(spec({ cron }), spread)
      if (compiled.kind !== 'cron') throw new Error('not a cron')
      return { hours: compiled.hours, low: compiled.minutesLow, high: compiled.minutesHigh, days: compiled.days }
    }
    expect(minuteOf('H H(0-7) H * *', 5)).toEqual(minuteOf('H H(0-7) H * *', 5))
    const minutes = new Set<string>()
    for (let spread = 0; spread < 600; spread++) {
      const { hours, low, high, days } = minuteOf('H H(0-7) H * *', spread)
      minutes.add(`${low}/${high}`)
      expect(hours & ~0xff).toBe(0)
      expect(days & ~0x0fffffff).toBe(0)
      expect(minuteOf('H/15 * * * *', spread).low.toString(2).match(/1/g)).toHaveLength(2)
    }
    expect(minutes.size).toBeGreaterThan(50)
  })

  test('is described in words', () => {
    expect(describeSchedule(spec({ cron: '0 9 * * 1-5', zone: 'Europe/Berlin' }))).toBe(
      'cron 0 9 * * 1-5 in Europe/Berlin',
    )
    expect(describeSchedule(spec({ everyMs: 90_000 }))).toBe('every 90s')
    expect(describeSchedule(spec({}))).toBe('by hand only')
  })
})

function spec(change: Partial<ScheduleSpec>): ScheduleSpec {
  return { id: 's', zone: 'UTC', gap: 'next', fold: 'first', jitterMs: 0, ...change }
}

function faultOf(change: Partial<ScheduleSpec>): ScheduleFault {
  try {
    compileSchedule(spec(change), 1)
  } catch (error) {
    if (error instanceof ScheduleFault) return error
    throw error
  }
  throw new Error('it was accepted')
}
