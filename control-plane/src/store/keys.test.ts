import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { narrow, NARROW_MAX, wide, WIDE_MAX } from './key-number.ts'
import { attemptKeyOf, attemptKey, isPlace, placeOf, under } from './keys.ts'

test('numbers in keys sort as the numbers do, and have a fixed width', () => {
  const number = fc.oneof(fc.integer({ min: 0, max: WIDE_MAX }), fc.integer({ min: 0, max: 5000 }))
  fc.assert(
    fc.property(number, number, (a, b) => {
      expect(wide(a)).toHaveLength(10)
      expect(Math.sign(a - b)).toBe(wide(a) < wide(b) ? -1 : wide(a) > wide(b) ? 1 : 0)
      expect(Number.parseInt(wide(a), 36)).toBe(a)
    }),
  )
  fc.assert(fc.property(fc.integer({ min: 0, max: NARROW_MAX }), (n) => Number.parseInt(narrow(n), 36) === n))
  expect([wide(-5), wide(1e300)]).toEqual(['0000000000', 'zzzzzzzzzz'])
})

test('a place is recognised, and what comes close to one is not', () => {
  const place = placeOf({ fireTime: Date.UTC(2026, 10, 21), sequence: [123456, 7] })
  expect(isPlace(place)).toBe(true)
  for (const other of [place.slice(1), `${place}0`, place.toUpperCase(), `${place}\n`])
    expect(isPlace(other)).toBe(false)
})

test('an attempt id leads to its key', () => {
  expect(attemptKeyOf('abc-12-3')).toBe(attemptKey('abc', 12, 3))
  expect(attemptKeyOf('abc')).toBeUndefined()
})

test('a prefix covers what begins with it and nothing else', () => {
  expect(under('R/')).toEqual({ gte: 'R/', lt: 'R0' })
})
