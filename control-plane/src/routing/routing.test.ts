import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Executor } from '../discovery/executor.ts'
import type { RoutingStrategy } from '../jobs/job.ts'
import { chooseExecutor, type RoutingMoment } from './routing.ts'
import { reduceWeights, smoothSequence, WEIGHT_SUM_MAX } from './weighted-round-robin.ts'

function executor(id: string, change: Partial<Executor> = {}): Executor {
  return {
    id,
    service: 2,
    namespace: 1,
    kind: 'static',
    url: 'http://10.0.0.1/',
    weight: 1,
    slots: 0,
    labels: {},
    status: 'online',
    version: 1,
    createdAt: 0,
    updatedAt: 0,
    failures: 0,
    held: 0,
    ...change,
  }
}

const moment: RoutingMoment = { turn: 0, spread: 0, chance: 0, now: 1000 }
const STRATEGIES: RoutingStrategy[] = [
  'round-robin',
  'random',
  'weighted-round-robin',
  'weighted-random',
  'least-loaded',
]

function choose(strategy: RoutingStrategy, executors: Executor[], change: Partial<RoutingMoment> = {}, labels = {}) {
  return chooseExecutor({ strategy, labels }, executors, { ...moment, ...change })?.id
}

function weighted(...weights: number[]): Executor[] {
  return weights.map((weight, i) => executor(`e${String(i).padStart(3, '0')}`, { weight }))
}

/** How often each was chosen. */
function tally(
  strategy: RoutingStrategy,
  executors: Executor[],
  turns: number,
  at: (turn: number) => Partial<RoutingMoment>,
) {
  const counts = new Map(executors.map(({ id }) => [id, 0]))
  for (let turn = 0; turn < turns; turn++) {
    const id = choose(strategy, executors, at(turn)) ?? ''
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return counts
}

describe.each(STRATEGIES)('%s', (strategy) => {
  test.each<[string, Partial<Executor>]>([
    ['offline', { status: 'offline' }],
    ['draining', { status: 'draining' }],
    ['of weight 0', { weight: 0 }],
    ['whose slots are full', { slots: 2, held: 2 }],
    ['whose circuit breaker is open', { openUntil: 1001 }],
    ['without the labels', { labels: { region: 'eu', disk: 'hdd' } }],
  ])('gives nothing to an executor %s', (_, change) => {
    const good = executor('good', { labels: { region: 'eu', disk: 'ssd' } })
    const bad = executor('bad', { labels: { region: 'eu', disk: 'ssd' }, ...change })
    const labels = { region: 'eu', disk: 'ssd' }
    for (let turn = 0; turn < 8; turn++) {
      expect(choose(strategy, [bad, good], { turn, chance: turn / 8 }, labels)).toBe('good')
    }
    expect(choose(strategy, [bad], {}, labels)).toBeUndefined()
  })

  test('leaves excluded executors out and prefers the preferred one while it is eligible', () => {
    const executors = weighted(1, 5, 2)
    expect(choose(strategy, executors, { exclude: new Set(['e000', 'e001']), turn: 5, chance: 0.9 })).toBe('e002')
    expect(choose(strategy, executors, { prefer: 'e000' })).toBe('e000')
    expect(choose(strategy, executors, { prefer: 'e000', exclude: new Set(['e000']) })).not.toBe('e000')
    expect(choose(strategy, [])).toBeUndefined()
  })

  test('gives the same answer whatever the order in which executors are listed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 8 }),
        fc.nat(1e9),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (weights, turn, chance) => {
          const executors = weighted(...weights)
          const shuffled = executors.toReversed()
          expect(choose(strategy, shuffled, { turn, chance })).toBe(choose(strategy, executors, { turn, chance }))
        },
      ),
    )
  })
})

test('S059 round robin gives every executor its turn before any has a second one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(2 ** 32 - 1), fc.nat(1e6), (count, spread, from) => {
      const executors = weighted(...Array.from({ length: count }, () => 3))
      const counts = tally('round-robin', executors, count, (turn) => ({ turn: from + turn, spread }))
      expect([...counts.values()]).toEqual(executors.map(() => 1))
    }),
  )
})

test('S061 weighted round robin is exact over a cycle, and no window strays from the weights', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 }),
      fc.nat(1e6),
      (weights, from) => {
        const executors = weighted(...weights)
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        const counts = tally('weighted-round-robin', executors, total, (turn) => ({ turn: from + turn }))
        expect([...counts.values()]).toEqual(weights)
        // After any number of turns from the start of a cycle each is within its executors' count of its share.
        const seen = weights.map(() => 0)
        smoothSequence(weights).forEach((index, step) => {
          seen[index] = (seen[index] ?? 0) + 1
          weights.forEach((weight, i) => {
            expect(Math.abs((seen[i] ?? 0) - ((step + 1) * weight) / total)).toBeLessThan(weights.length)
          })
        })
      },
    ),
  )
})

test('weighted round robin is as smooth as nginx: 5, 1, 1 give a a b a c a a', () => {
  expect([...smoothSequence([5, 1, 1])]).toEqual([0, 0, 1, 0, 2, 0, 0])
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

test('S058 S060 the random strategies follow chance evenly', () => {
  const executors = weighted(1, 2, 7)
  const even = (turn: number) => ({ chance: (turn + 0.5) / 3000 })
  expect([...tally('random', executors, 3000, even).values()]).toEqual([1000, 1000, 1000])
  expect([...tally('weighted-random', executors, 3000, even).values()]).toEqual([300, 600, 2100])
})

test('S062 least loaded takes the greatest weight × free ÷ slots', () => {
  const executors = [
    executor('a', { weight: 2, slots: 10, held: 5 }),
    executor('b', { weight: 1, slots: 10, held: 0 }),
    executor('c', { weight: 3, slots: 10, held: 6 }),
  ]
  expect(choose('least-loaded', executors)).toBe('c')
  expect(choose('least-loaded', [executor('a', { held: 3, weight: 2 }), executor('b', { held: 0 })])).toBe('b')
  expect(choose('least-loaded', [executor('b'), executor('a')])).toBe('a')
})

test('least loaded fills executors without a limit in proportion to their weights', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 6 }), (weights) => {
      const executors = weighted(...weights)
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      for (let i = 0; i < total * 10; i++) {
        const chosen = executors.find(({ id }) => id === choose('least-loaded', executors))
        if (chosen) chosen.held++
      }
      executors.forEach(({ held, weight }) => expect(Math.abs(held - weight * 10)).toBeLessThanOrEqual(10))
    }),
  )
})
