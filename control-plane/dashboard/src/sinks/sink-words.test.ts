import { expect, test } from 'vitest'
import { backfillShare, lagWords, newestGaps, placeOf } from './sink-words.ts'

const delivery = { lagRows: 0, lagMs: 0, rowsPerSecond: 0 }

test('a place is written as one would type it', () => {
  expect(placeOf({ host: 'db', port: 3306, database: 'ledger' })).toBe('db:3306/ledger')
  expect(placeOf({ host: '::1', port: 4000, database: 'd' })).toBe('[::1]:4000/d')
})

test('a lag is told in rows and time, and its absence as such', () => {
  expect(lagWords(undefined)).toBe('unknown')
  expect(lagWords(delivery)).toBe('has every row')
  expect(lagWords({ ...delivery, lagRows: 1, lagMs: 900 })).toBe('1 row, 900 ms')
  expect(lagWords({ ...delivery, lagRows: 12_000, lagMs: 65_000 })).toBe('12,000 rows, 1 min 5 s')
})

test('a back-fill is told while there is one', () => {
  expect(backfillShare(delivery)).toBeUndefined()
  expect(backfillShare({ ...delivery, backfill: { done: 5, total: 0 } })).toBeUndefined()
  expect(backfillShare({ ...delivery, backfill: { done: 5, total: 20 } })).toBe(0.25)
  expect(backfillShare({ ...delivery, backfill: { done: 30, total: 20 } })).toBe(1)
})

test('gaps are newest by when their rows left, not by their place in the order of rows', () => {
  const gap = (index: number, at: string) => ({ from: { index, ordinal: 0 }, to: { index, ordinal: 0 }, count: 1, at })
  const gaps = [
    gap(1, '2026-11-20T15:00:00Z'),
    gap(2, '2026-11-21T09:00:00Z'),
    gap(3, '2026-11-20T14:00:00Z'),
    gap(4, '2026-11-20T13:00:00Z'),
  ]
  expect(newestGaps(gaps, 3).map(({ from }) => from.index)).toEqual([2, 1, 3])
  expect(newestGaps([], 1)).toEqual([])
})
