import { expect, test } from 'vitest'
import { keepsFailures, maxAgeOf, RETENTION_DEFAULTS, retentionOf } from './retention.ts'

const DAY = 86_400_000

test.each([
  ['nobody says anything', [], { maxAgeMs: 30 * DAY, failedMaxAgeMs: 30 * DAY, maxRuns: 10_000 }],
  ['the job says one thing', [{ maxRuns: 5 }], { maxAgeMs: 30 * DAY, failedMaxAgeMs: 30 * DAY, maxRuns: 5 }],
  [
    'the job comes before the namespace, field by field',
    [{ maxAgeMs: DAY }, { maxAgeMs: 2 * DAY, maxRuns: 7 }],
    { maxAgeMs: DAY, failedMaxAgeMs: DAY, maxRuns: 7 },
  ],
  [
    'failures are kept as their own rule says',
    [undefined, { failedMaxAgeMs: 90 * DAY }],
    { maxAgeMs: 30 * DAY, failedMaxAgeMs: 90 * DAY, maxRuns: 10_000 },
  ],
])('what is in force when %s', (_, rules, expected) => {
  expect(retentionOf(rules, RETENTION_DEFAULTS)).toEqual(expected)
})

test('failures are counted apart only when they are kept longer', () => {
  const rule = { maxAgeMs: DAY, failedMaxAgeMs: DAY, maxRuns: 1 }
  expect(keepsFailures(rule)).toBe(false)
  expect(keepsFailures({ ...rule, failedMaxAgeMs: 2 * DAY })).toBe(true)
  expect(maxAgeOf('lost', { ...rule, failedMaxAgeMs: 2 * DAY })).toBe(2 * DAY)
  expect(maxAgeOf('cancelled', { ...rule, failedMaxAgeMs: 2 * DAY })).toBe(DAY)
})
