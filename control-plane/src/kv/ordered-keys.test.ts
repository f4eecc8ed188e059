import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { OrderedKeys } from './ordered-keys.ts'

test('keys come in order from any key on, whatever was added and removed', () => {
  const key = fc.oneof(fc.integer({ min: 0, max: 5000 }).map(String), fc.string({ maxLength: 3 }))
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(fc.constant('add' as const), key) },
    fc.tuple(fc.constant('delete' as const), key),
  )
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { maxLength: 3000, size: 'max' }),
      fc.array(step, { maxLength: 3000, size: 'max' }),
      key,
      (first, steps, from) => {
        const ordered = new OrderedKeys(first)
        const naive = new Set(first)
        for (const [verb, one] of steps) {
          ordered[verb](one)
          naive[verb](one)
        }
        expect([...ordered.from(from)]).toEqual([...naive].filter((one) => one >= from).sort())
      },
    ),
    { numRuns: 60 },
  )
})

test('many keys in falling and in rising order', () => {
  const keys = Array.from({ length: 20_000 }, (_, i) => String(i).padStart(6, '0'))
  for (const order of [keys, [...keys].reverse()]) {
    const ordered = new OrderedKeys([])
    for (const key of order) ordered.add(key)
    expect([...ordered.from('')]).toEqual(keys)
    for (const key of order) ordered.delete(key)
    expect([...ordered.from('')]).toEqual([])
  }
})
