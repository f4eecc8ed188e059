import { expect, test } from 'vitest'
import { type Step, stepEnd, stepsBetween, stepStart } from './periods.ts'

const HOUR = 3_600_000
const at = (text: string) => Date.parse(text)

test.each<[Step, string, string, string, string]>([
  ['hour', 'Asia/Kathmandu', '2026-11-21T10:20:00Z', '2026-11-21T10:00:00Z', '2026-11-21T11:00:00Z'],
  ['day', 'UTC', '2026-11-21T10:20:00Z', '2026-11-21T00:00:00Z', '2026-11-22T00:00:00Z'],
  ['day', 'Asia/Shanghai', '2026-11-21T16:00:00Z', '2026-11-21T16:00:00Z', '2026-11-22T16:00:00Z'],
  ['day', 'Asia/Kathmandu', '2026-11-21T18:14:00Z', '2026-11-20T18:15:00Z', '2026-11-21T18:15:00Z'],
  // Days of 23 and of 25 hours.
  ['day', 'Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
  ['day', 'Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
  // A day whose midnight is left out begins at one.
  ['day', 'Africa/Cairo', '2026-04-24T12:00:00Z', '2026-04-23T22:00:00Z', '2026-04-24T21:00:00Z'],
  // A year whose last days belong to the first week of the next.
  ['week', 'UTC', '2026-12-31T10:00:00Z', '2026-12-28T00:00:00Z', '2027-01-04T00:00:00Z'],
  ['week', 'UTC', '2026-12-28T00:00:00Z', '2026-12-28T00:00:00Z', '2027-01-04T00:00:00Z'],
  ['week', 'America/New_York', '2026-03-09T03:59:59Z', '2026-03-02T05:00:00Z', '2026-03-09T04:00:00Z'],
  ['month', 'Europe/Berlin', '2026-03-31T21:59:59Z', '2026-02-28T23:00:00Z', '2026-03-31T22:00:00Z'],
  ['month', 'UTC', '2028-02-29T10:00:00Z', '2028-02-01T00:00:00Z', '2028-03-01T00:00:00Z'],
])('a %s in %s at %s is from %s to %s', (step, zone, now, from, to) => {
  expect(new Date(stepStart(at(now), step, zone)).toISOString()).toBe(new Date(at(from)).toISOString())
  expect(new Date(stepEnd(at(from), step, zone)).toISOString()).toBe(new Date(at(to)).toISOString())
})

test.each([
  'Europe/Berlin',
  'Africa/Cairo',
  'America/Havana',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Asia/Beirut',
])('steps of years in %s leave nothing out and never overlap', (zone) => {
  for (const step of ['day', 'week', 'month'] as const) {
    const [from, to] = [at('2015-01-01T00:00:00Z'), at('2019-06-01T00:00:00Z')]
    const edges = stepsBetween(from, to, step, zone, 5000) ?? []
    for (const [i, edge] of edges.entries()) {
      expect(stepStart(edge, step, zone)).toBe(edge)
      const next = edges[i + 1]
      if (next !== undefined) expect(stepStart(next - 1, step, zone)).toBe(edge)
      if (next !== undefined && step === 'day') expect(Math.abs(next - edge - 24 * HOUR)).toBeLessThanOrEqual(HOUR)
    }
    expect(edges[0]).toBeLessThanOrEqual(from)
    expect(edges.at(-1)).toBeGreaterThanOrEqual(to)
  }
})

test('more steps than there may be are none', () => {
  expect(stepsBetween(0, 25 * HOUR, 'hour', 'UTC', 24)).toBeUndefined()
  expect(stepsBetween(0, 24 * HOUR, 'hour', 'UTC', 24)).toHaveLength(25)
})
