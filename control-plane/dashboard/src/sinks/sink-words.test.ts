import { expect, test } from 'vitest'
import { backfillShare, lagWords, placeOf } from './sink-words.ts'

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
