import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { reduceWeights, smoothSequence, WEIGHT_SUM_MAX } from './smooth-sequence.ts'

const weightLists = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 12 })

/** As nginx has it, place by place. */
function naive(weights: readonly number[]): number[] {
  const reduced = reduceWeights(weights)
  const total = reduced.reduce((sum, weight) => sum + weight, 0)
  const current = reduced.map(() => 0)
  return Array.from({ length: total }, () => {
    reduced.forEach((weight, place) => {
      current[place] = (current[place] ?? 0) + weight
    })
    const best = current.indexOf(Math.max(...current))
    current[best] = (current[best] ?? 0) - total
    return best
  })
}

test('5, 1, 1 give a a b a c a a', () => {
  expect([...smoothSequence([5, 1, 1])]).toEqual([0, 0, 1, 0, 2, 0, 0])
})

test('the sequence is that of nginx, turn by turn', () => {
  fc.assert(
    fc.property(weightLists, (weights) => {
      expect([...smoothSequence(weights)]).toEqual(naive(weights))
    }),
  )
})

test('S061 after any number of turns nobody strays from its share by more than there are executors', () => {
  fc.assert(
    fc.property(weightLists, (weights) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      const seen = weights.map(() => 0)
      smoothSequence(weights).forEach((place, step) => {
        seen[place] = (seen[place] ?? 0) + 1
        weights.forEach((weight, at) => {
          expect(Math.abs((seen[at] ?? 0) - ((step + 1) * weight) / total)).toBeLessThan(weights.length)
        })
      })
    }),
  )
})

test('weights are divided by their divisor, and their sum is limited while each keeps a turn', () => {
  expect(reduceWeights([100, 200, 300])).toEqual([1, 2, 3])
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 500 }), (weights) => {
      const reduced = reduceWeights(weights)
      expect(reduced.reduce((sum, weight) => sum + weight, 0)).toBeLessThanOrEqual(WEIGHT_SUM_MAX)
      expect(Math.min(...reduced)).toBeGreaterThanOrEqual(1)
    }),
  )
})
