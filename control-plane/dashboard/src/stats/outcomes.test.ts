import { expect, test } from 'vitest'
import { noCounts } from '../live/live-runs.ts'
import { bucketQuantile, fromBuckets, stack, statsQuery, total, valueQuantile } from './outcomes.ts'

test('the last minutes have a point for every step, also where nothing ended', () => {
  const now = Date.UTC(2026, 10, 21, 12, 0, 7)
  const at = Date.UTC(2026, 10, 21, 11, 59, 50)
  const { points } = fromBuckets([{ at, counts: { ...noCounts(), failed: 2 } }], now)
  expect(points).toHaveLength(60)
  expect(points.at(-1)?.at).toBe(Date.UTC(2026, 10, 21, 12))
  expect(points.at(-2)?.counts.failed).toBe(2)
  expect(total(points).failed).toBe(2)
})

test('the query of a range stays the same within an hour and ends with the running one', () => {
  const early = statsQuery('day', Date.UTC(2026, 10, 21, 12, 0, 1))
  expect(early).toEqual({ from: '2026-11-20T13:00:00.000Z', step: 'hour' })
  expect(statsQuery('day', Date.UTC(2026, 10, 21, 12, 59, 59))).toEqual(early)
  expect(statsQuery('month', Date.UTC(2026, 10, 21, 12))).toEqual({ from: '2026-10-23T00:00:00.000Z', step: 'day' })
})

test('bars are stacked in the order in which states are drawn', () => {
  const counts = { ...noCounts(), succeeded: 5, skipped: 1, failed: 2 }
  expect(stack([{ at: 0, counts }]).map((series) => series[0])).toEqual([5, 6, 6, 6, 6, 8])
})

test('a quantile of buckets is a bound, and of nothing it is nothing', () => {
  const buckets = { boundsMs: [10, 50, 1000], counts: [980, 15, 4, 1] }
  expect(bucketQuantile(buckets, 0.5)).toBe('≤ 10 ms')
  expect(bucketQuantile(buckets, 0.99)).toBe('≤ 50 ms')
  expect(bucketQuantile(buckets, 1)).toBe('> 1.0 s')
  expect(bucketQuantile({ boundsMs: [10], counts: [0, 0] }, 0.99)).toBeUndefined()
})

test('a quantile of values is one of them', () => {
  expect(valueQuantile([5, 1, 9], 0.5)).toBe('5 ms')
  expect(valueQuantile([7], 0.99)).toBe('7 ms')
  expect(valueQuantile([], 0.99)).toBeUndefined()
})
