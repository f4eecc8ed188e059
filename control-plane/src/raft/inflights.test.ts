import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Inflights } from './inflights.ts'

describe('a window', () => {
  test('is full by count, and by bytes once an append has taken it to the limit', () => {
    const byCount = new Inflights(2, Number.POSITIVE_INFINITY)
    byCount.add(1, 10)
    expect(byCount.full).toBe(false)
    byCount.add(2, 10)
    expect(byCount.full).toBe(true)

    const byBytes = new Inflights(100, 15)
    byBytes.add(1, 10)
    expect(byBytes.full).toBe(false)
    byBytes.add(2, 10)
    expect(byBytes.full).toBe(true)
    byBytes.freeUpTo(1)
    expect(byBytes.full).toBe(false)
  })

  test('takes nothing more when it is full', () => {
    const window = new Inflights(1, 100)
    window.add(1, 1)
    expect(() => window.add(2, 1)).toThrow('full window')
  })

  test('behaves as a list that forgets from its beginning, however often it wraps', () => {
    const operation = fc.oneof(
      fc.record({ add: fc.integer({ min: 1, max: 3 }), bytes: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ free: fc.integer({ min: -6, max: 2 }) }),
      fc.constant('clear' as const),
    )
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), fc.integer({ min: 1, max: 12 }), (operations, countMax) => {
        const window = new Inflights(countMax, 60)
        let twin: { index: number; bytes: number }[] = []
        let last = 0
        for (const operation of operations) {
          if (operation === 'clear') {
            window.clear()
            twin = []
          } else if ('free' in operation) {
            window.freeUpTo(last + operation.free)
            twin = twin.filter(({ index }) => index > last + operation.free)
          } else if (!window.full) {
            last += operation.add
            window.add(last, operation.bytes)
            twin.push({ index: last, bytes: operation.bytes })
          }
          const bytes = twin.reduce((sum, each) => sum + each.bytes, 0)
          expect([window.count, window.full]).toEqual([twin.length, twin.length === countMax || bytes >= 60])
        }
      }),
    )
  })
})
