import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Executor } from '../discovery/executor.ts'
import { consistentHash } from './consistent-hash.ts'
import { executor } from './fixtures.test-helper.ts'
import { Roster } from './roster.ts'

const KEYS = Array.from({ length: 4000 }, (_, at) => `tenant-${at}`)

function homes(executors: readonly Executor[]): Map<string, string> {
  const roster = new Roster([...executors].sort((a, b) => (a.id < b.id ? -1 : 1)))
  return new Map(KEYS.map((key) => [key, roster.members[consistentHash(roster, key) ?? -1]?.id ?? '']))
}

/** Five standard deviations of the number of keys that fall on a share of them. */
function slack(share: number): number {
  return 5 * Math.sqrt(KEYS.length * share * (1 - share)) + 1
}

const fleets = fc
  .array(fc.record({ id: fc.string({ minLength: 1, maxLength: 12 }), weight: fc.integer({ min: 1, max: 5 }) }), {
    minLength: 2,
    maxLength: 30,
  })
  .map((list) =>
    [...new Map(list.map((one) => [one.id, one])).values()].map(({ id, weight }) => executor(id, { weight })),
  )
  .filter((list) => list.length > 1)

test('when one executor goes, only its keys move, at most its share of all; when it comes, it alone takes keys', () => {
  fc.assert(
    fc.property(fleets, fc.nat(), (fleet, pick) => {
      const gone = fleet[pick % fleet.length] as Executor
      const before = homes(fleet)
      const after = homes(fleet.filter((one) => one !== gone))
      const moved = KEYS.filter((key) => before.get(key) !== after.get(key))
      expect(moved.every((key) => before.get(key) === gone.id)).toBe(true)
      const share = gone.weight / fleet.reduce((sum, { weight }) => sum + weight, 0)
      expect(Math.abs(moved.length - share * KEYS.length)).toBeLessThan(slack(share))
    }),
    { numRuns: 40, seed: 7 },
  )
})

test('ids and keys that differ in one character only are spread as well', () => {
  const fleet = Array.from({ length: 50 }, (_, at) => executor(`billing-${at}`))
  const counts = new Map<string, number>()
  for (const home of homes(fleet).values()) counts.set(home, (counts.get(home) ?? 0) + 1)
  for (const { id } of fleet) {
    expect(Math.abs((counts.get(id) ?? 0) - KEYS.length / 50)).toBeLessThan(slack(1 / 50))
  }
})

test('a key whose executor has no room goes elsewhere for as long as that lasts', () => {
  const roster = new Roster(['a', 'b', 'c'].map((id) => executor(id, { slots: 1 })))
  const home = consistentHash(roster, 'k') ?? -1
  roster.give(home)
  const other = consistentHash(roster, 'k')
  expect([other === undefined, other === home]).toEqual([false, false])
  roster.read(home)
  expect(consistentHash(roster, 'k')).toBe(home)
})
