import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isoText } from './iso-text.ts'

test('it is what toISOString gives, of any instant, in any order', () => {
  const near = fc.integer({ min: 1_700_000_000_000, max: 1_700_000_200_000 })
  const any = fc.integer({ min: -8.64e15 + 1000, max: 8.64e15 })
  fc.assert(
    fc.property(fc.array(fc.oneof(near, any), { maxLength: 200 }), (instants) => {
      expect(instants.map(isoText)).toEqual(instants.map((at) => new Date(at).toISOString()))
    }),
  )
})

test('what is no instant is refused, and nothing is kept of it', () => {
  expect(() => isoText(Number.NaN)).toThrow(RangeError)
  expect(() => isoText(8.64e15 + 1000)).toThrow(RangeError)
  expect(isoText(0)).toBe('1970-01-01T00:00:00.000Z')
})
