import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entry } from './types.ts'
import { Unstable } from './unstable.ts'

function entry(index: number, term: number): Entry {
  return { index, term, kind: 'normal', data: new Uint8Array(0) }
}

function entries(first: number, ...terms: number[]): Entry[] {
  return terms.map((term, i) => entry(first + i, term))
}

function places(list: readonly Entry[]): string[] {
  return list.map(({ term, index }) => `${term}/${index}`)
}

describe('the unstable log', () => {
  test('hands an entry to the storage once', () => {
    const log = new Unstable(5)
    log.append(entries(5, 1, 1))
    expect(places(log.entriesToStore())).toEqual(['1/5', '1/6'])
    log.handedOut()
    expect(log.hasEntriesToStore()).toBe(false)
    log.append(entries(7, 1))
    expect(places(log.entriesToStore())).toEqual(['1/7'])
  })

  test('hands an entry out again that another has replaced', () => {
    const log = new Unstable(5)
    log.append(entries(5, 1, 1, 1))
    log.handedOut()
    log.append(entries(6, 2))
    expect(places(log.entriesToStore())).toEqual(['2/6'])
    log.append(entries(5, 3))
    expect(places(log.entriesToStore())).toEqual(['3/5'])
  })

  test('lets go of an entry when it is durable, but not of one that took its place', () => {
    const log = new Unstable(5)
    log.append(entries(5, 1, 1))
    log.handedOut()
    log.append(entries(6, 2))
    log.stableTo(6, 1)
    expect(log.offset).toBe(5)
    log.stableTo(5, 1)
    expect([log.offset, log.length]).toEqual([6, 1])
    expect(places(log.entriesToStore())).toEqual(['2/6'])
  })

  test('begins after a snapshot, which is let go of only by its own index', () => {
    const log = new Unstable(5)
    log.append(entries(5, 1, 1))
    const membership = { voters: [1], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
    log.restore({ index: 9, term: 3, membership })
    expect([log.offset, log.end, log.term(9), log.term(5)]).toEqual([10, 10, 3, undefined])
    expect(log.snapshotToStore?.index).toBe(9)
    log.handedOut()
    expect(log.snapshotToStore).toBeUndefined()
    log.snapshotStable(8)
    expect(log.snapshot?.index).toBe(9)
    log.snapshotStable(9)
    expect(log.snapshot).toBeUndefined()
  })

  test('refuses a hole', () => {
    const log = new Unstable(5)
    expect(() => log.append(entries(6, 1))).toThrow('no hole')
  })
})

test('however appends, replacements and syncs follow each other, it holds what a plain list holds', () => {
  const operation = fc.record({ back: fc.nat(6), count: fc.integer({ min: 1, max: 700 }), stable: fc.nat(900) })
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const log = new Unstable(1)
      const twin: Entry[] = []
      let stable = 0
      let term = 0
      for (const { back, count, stable: more } of operations) {
        term++
        const first = Math.max(twin.length - back, stable) + 1
        const added = Array.from({ length: count }, (_, i) => entry(first + i, term))
        twin.splice(first - 1, Number.POSITIVE_INFINITY, ...added)
        log.append(added)
        log.handedOut()
        stable = Math.min(stable + more, twin.length)
        if (stable > 0) log.stableTo(stable, twin[stable - 1]?.term ?? 0)
        expect([log.offset, log.end]).toEqual([stable + 1, twin.length + 1])
        expect(log.slice(log.offset, log.end)).toEqual(twin.slice(stable))
      }
    }),
    { numRuns: 50 },
  )
})
