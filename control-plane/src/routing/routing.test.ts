import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Executor } from '../discovery/executor.ts'
import type { RoutingStrategy } from '../jobs/job.ts'
import { executor, weighted } from './fixtures.test-helper.ts'
import { Roster } from './roster.ts'
import { choosePlace, type RoutingMoment, takesCalls } from './routing.ts'

const moment: RoutingMoment = { turn: 0, key: 'k', chance: 0 }
const STRATEGIES: RoutingStrategy[] = [
  'round-robin',
  'random',
  'weighted-round-robin',
  'weighted-random',
  'least-loaded',
  'consistent-hash',
  'first',
  'last',
  'least-recently-used',
]
const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

function rosterOf(executors: readonly Executor[], labels = {}): Roster {
  const members = executors.filter((one) => takesCalls(one, labels)).sort((a, b) => (a.id < b.id ? -1 : 1))
  return new Roster(members, (attempt) => attempt === 'open')
}

function choose(strategy: RoutingStrategy, roster: Roster, change: Partial<RoutingMoment> = {}): string | undefined {
  const place = choosePlace(strategy, roster, { ...moment, ...change })
  return place === undefined ? undefined : roster.members[place]?.id
}

/** How often each was chosen. */
function tally(
  strategy: RoutingStrategy,
  executors: Executor[],
  turns: number,
  at: (turn: number) => Partial<RoutingMoment>,
): number[] {
  const roster = rosterOf(executors)
  const counts = new Map(executors.map(({ id }) => [id, 0]))
  for (let turn = 0; turn < turns; turn++) {
    const id = choose(strategy, roster, at(turn)) ?? ''
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return [...counts.values()]
}

describe.each(STRATEGIES)('%s', (strategy) => {
  test.each<[string, Partial<Executor>]>([
    ['offline', { status: 'offline' }],
    ['draining', { status: 'draining' }],
    ['of weight 0', { weight: 0 }],
    ['whose slots are full', { slots: 2, held: 2 }],
    ['whose circuit breaker is open', { breaker: { state: 'open', until: 5000, openings: 1 } }],
    ['that may be tried, and has no slot', { breaker: { state: 'half-open', openings: 1 }, slots: 1, held: 1 }],
    ['that is being tried', { breaker: { state: 'half-open', openings: 1, trial: 'open' } }],
    ['that is not well', { health: 'unhealthy' }],
    ['without the labels', { labels: { region: 'eu', disk: 'hdd' } }],
  ])('gives nothing to an executor %s', (_, change) => {
    const labels = { region: 'eu', disk: 'ssd' }
    const good = executor('good', { labels })
    const bad = executor('bad', { labels, ...change })
    const roster = rosterOf([bad, good], labels)
    for (let turn = 0; turn < 8; turn++) {
      expect(choose(strategy, roster, { turn, chance: turn / 8, key: String(turn) })).toBe('good')
    }
    expect(choose(strategy, rosterOf([bad], labels))).toBeUndefined()
  })

  test('gives one attempt to an executor whose circuit breaker is half open', () => {
    const roster = rosterOf([executor('a', { breaker: { state: 'half-open', openings: 1, trial: 'ended' } })])
    expect(choose(strategy, roster)).toBe('a')
    roster.give(0)
    expect(choose(strategy, roster)).toBeUndefined()
  })

  test('leaves those out that were tried, and forgets them afterwards', () => {
    const roster = rosterOf(weighted(1, 5, 2))
    for (let turn = 0; turn < 8; turn++) {
      const moment = { turn, chance: turn / 8, key: String(turn) }
      expect(choose(strategy, roster, { ...moment, exclude: ['e000', 'e001', 'gone'] })).toBe('e002')
      expect(choose(strategy, roster, { ...moment, exclude: ['e000', 'e001', 'e002'] })).toBeUndefined()
    }
    expect(roster.free.count).toBe(3)
  })

  test('gives the same answer on every node: whatever the order of the list, and however the roster came about', () => {
    const executors = fc.array(
      fc.record({ weight: fc.integer({ min: 0, max: 20 }), slots: fc.nat(3), held: fc.nat(3), lastToken: fc.nat(9) }),
      { minLength: 1, maxLength: 40 },
    )
    fc.assert(
      fc.property(
        executors,
        fc.array(fc.nat(39)),
        fc.nat(1e9),
        chances,
        fc.string(),
        (list, given, turn, chance, key) => {
          const own = list.map((change, at) => executor(`e${at % 7}-${at}`, change))
          const roster = rosterOf(own)
          // Asked before: indexes that are there are kept up to date, those that are not are made later.
          choose(strategy, roster, { turn, chance, key })
          for (const at of given) {
            const one = own[at]
            const place = one && roster.placeOf(one.id)
            if (!one || place === undefined) continue
            one.held += 1
            roster.read(place)
          }
          expect(choose(strategy, roster, { turn, chance, key })).toBe(
            choose(strategy, rosterOf(own.toReversed()), { turn, chance, key }),
          )
        },
      ),
    )
  })

  test('what was given counts until the state is read again', () => {
    const roster = rosterOf([executor('a', { slots: 1 })])
    expect(choose(strategy, roster)).toBe('a')
    roster.give(0)
    expect(choose(strategy, roster)).toBeUndefined()
    roster.read(0)
    expect(choose(strategy, roster)).toBe('a')
  })
})

test('S059 round robin gives every executor its turn before any has a second one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(2 ** 40), (count, from) => {
      const executors = weighted(...Array.from({ length: count }, () => 3))
      const counts = tally('round-robin', executors, count, (turn) => ({ turn: from + turn }))
      expect(counts).toEqual(executors.map(() => 1))
    }),
  )
})

test.each([
  'round-robin',
  'weighted-round-robin',
] as const)('the turns that one has no room for go round among the others: %s', (strategy) => {
  const executors = weighted(8, 8, 8, 8, 8)
  executors[0] = executor('e000', { weight: 8, slots: 1, held: 1 })
  const counts = tally(strategy, executors, 2000, (turn) => ({ turn }))
  expect(counts[0]).toBe(0)
  for (const count of counts.slice(1)) expect(Math.abs(count - 500)).toBeLessThan(25)
})

test('S061 weighted round robin gives each exactly its weight over a cycle', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 }),
      fc.nat(1e6),
      (weights, from) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        const counts = tally('weighted-round-robin', weighted(...weights), total, (turn) => ({ turn: from + turn }))
        expect(counts).toEqual(weights)
      },
    ),
  )
})

test('S058 S060 random is even, weighted random follows the weights', () => {
  const executors = weighted(1, 2, 7)
  const even = (turn: number) => ({ chance: (turn + 0.5) / 3000 })
  expect(tally('random', executors, 3000, even)).toEqual([1000, 1000, 1000])
  expect(tally('weighted-random', executors, 3000, even)).toEqual([300, 600, 2100])
})

test('S060 weighted random gives each its share, and never a weight of zero', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { minLength: 1, maxLength: 12 }), (weights) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      const even = (turn: number) => ({ chance: (turn + 0.5) / (total * 4) })
      const counts = tally('weighted-random', weighted(...weights), total * 4, even)
      expect(counts).toEqual(weights.map((weight) => weight * 4))
    }),
  )
})

test('S062 least loaded takes the greatest weight × free ÷ slots', () => {
  const executors = [
    executor('a', { weight: 2, slots: 10, held: 5 }),
    executor('b', { weight: 1, slots: 10, held: 0 }),
    executor('c', { weight: 3, slots: 10, held: 6 }),
  ]
  expect(choose('least-loaded', rosterOf(executors))).toBe('c')
  const unlimited = [executor('a', { held: 3, weight: 2 }), executor('b', { held: 0 })]
  expect(choose('least-loaded', rosterOf(unlimited))).toBe('b')
  expect(choose('least-loaded', rosterOf([executor('b'), executor('a')]))).toBe('a')
})

test('S069 least loaded fills executors without a limit in proportion to their weights', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 6 }), (weights) => {
      const roster = rosterOf(weighted(...weights))
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      for (let i = 0; i < total * 10; i++) roster.give(choosePlace('least-loaded', roster, moment) ?? 0)
      weights.forEach((weight, place) => {
        expect(Math.abs(roster.held(place) - weight * 10)).toBeLessThanOrEqual(10)
      })
    }),
  )
})

test('first and last go by id', () => {
  const executors = [executor('b'), executor('c'), executor('a')]
  expect([choose('first', rosterOf(executors)), choose('last', rosterOf(executors))]).toEqual(['a', 'c'])
})

test('least recently used takes who was used longest ago; those just given work come last, in their order', () => {
  const roster = rosterOf([executor('a', { lastToken: 9 }), executor('b'), executor('c', { lastToken: 4 })])
  const order = Array.from({ length: 5 }, () => {
    const place = choosePlace('least-recently-used', roster, moment) ?? 0
    roster.give(place)
    return roster.members[place]?.id
  })
  expect(order).toEqual(['b', 'c', 'a', 'b', 'c'])
})
