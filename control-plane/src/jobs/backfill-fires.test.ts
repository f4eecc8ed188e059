import { expect, test } from 'vitest'
import { pastFires } from './backfill-fires.ts'
import { compileSchedule } from './schedule.ts'
import { readSchedules } from './schedule-definition.ts'

const at = (text: string) => Date.parse(text)
const CREATED = at('2026-11-20T00:10:00Z')

function job(...schedules: object[]) {
  const specs = readSchedules(schedules, '', [])
  return { schedules: specs.map((spec) => compileSchedule(spec, 1)), spread: 1, createdAt: CREATED }
}

function times(schedules: object[], from: string, to: string, max = 1000) {
  const { fires, more } = pastFires(job(...schedules), at(from), at(to), max)
  return { times: fires.map(({ fireTime }) => new Date(fireTime).toISOString().slice(0, 16)), more }
}

test('a range holds its first instant and not its last', () => {
  expect(times([{ cron: '0 9 * * *' }], '2026-11-01T09:00:00Z', '2026-11-03T09:00:00Z').times).toEqual([
    '2026-11-01T09:00',
    '2026-11-02T09:00',
  ])
})

test('the time zone of the schedule counts, and daylight saving with it', () => {
  const cron = [{ cron: '30 2 * * *', zone: 'Europe/Berlin' }]
  expect(times(cron, '2026-03-28T00:00:00Z', '2026-03-31T00:00:00Z').times).toEqual([
    '2026-03-28T01:30',
    '2026-03-29T01:00',
    '2026-03-30T00:30',
  ])
  const skipping = pastFires(
    job({ ...cron[0], gap: 'skip' }),
    at('2026-03-29T00:00:00Z'),
    at('2026-03-30T00:00:00Z'),
    9,
  )
  expect(skipping.fires).toMatchObject([{ skip: 'dst-gap' }])
})

test('a fixed rate is followed back beyond its beginning in the same phase, but not beyond its startAt', () => {
  expect(times([{ every: '6h' }], '2026-11-19T00:00:00Z', '2026-11-19T13:00:00Z').times).toEqual([
    '2026-11-19T00:10',
    '2026-11-19T06:10',
    '2026-11-19T12:10',
  ])
  const from = { every: '6h', startAt: '2026-11-19T12:00:00Z' }
  expect(times([from], '2026-11-19T00:00:00Z', '2026-11-19T20:00:00Z').times).toEqual([
    '2026-11-19T12:00',
    '2026-11-19T18:00',
  ])
})

test('how often a job may fire does not count, and a fixed delay names no time', () => {
  const schedules = [{ cron: '0 * * * *', maxFires: 1 }, { after: '1m' }]
  expect(times(schedules, '2026-11-01T00:00:00Z', '2026-11-01T03:00:00Z').times).toHaveLength(3)
})

test('schedules that are due together are one fire', () => {
  const { fires } = pastFires(
    job({ id: 'a', cron: '0 9 * * *' }, { id: 'b', cron: '0 9 1 * *' }),
    at('2026-11-01T00:00:00Z'),
    at('2026-11-02T00:00:00Z'),
    9,
  )
  expect(fires.map(({ schedules }) => schedules)).toEqual([['a', 'b']])
})

test('more fires than were asked for are said to be there', () => {
  const cron = [{ cron: '0 * * * *' }]
  expect(times(cron, '2026-11-01T00:00:00Z', '2026-11-01T03:00:00Z', 3).more).toBe(false)
  const cut = times(cron, '2026-11-01T00:00:00Z', '2026-11-01T04:00:00Z', 3)
  expect([cut.times.length, cut.more]).toEqual([3, true])
})
