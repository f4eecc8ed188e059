import { expect, test } from 'vitest'
import { SeededRandom } from '../sim/seeded-random.ts'
import { KINDS, planFaults, saidOf } from './faults.ts'

test('the same seed plans the same faults, another seed others', () => {
  expect(planFaults(new SeededRandom(7), 100)).toEqual(planFaults(new SeededRandom(7), 100))
  expect(planFaults(new SeededRandom(7), 100).slice(0, 5)).toEqual(planFaults(new SeededRandom(7), 5))
  expect(planFaults(new SeededRandom(7), 100)).not.toEqual(planFaults(new SeededRandom(8), 100))
})

test('in as many rounds as there are kinds every kind strikes once', () => {
  const struck = planFaults(new SeededRandom(1), KINDS.length).map(({ kind }) => kind)
  expect(struck.toSorted()).toEqual(KINDS.toSorted())
})

test('a fault is said with whom it strikes and for how long', () => {
  expect(saidOf({ kind: 'isolate', victim: { role: 'leader', pick: 3 }, cut: 'hold', ms: 2000 })).toBe(
    'isolate leader hold 2000 ms',
  )
})
