import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { FreeSet } from './free-set.ts'
import { Tournament } from './tournament.ts'
import { WeightTree } from './weight-tree.ts'

const sizes = fc.integer({ min: 1, max: 200 })
const changes = fc.array(fc.tuple(fc.nat(199), fc.integer({ min: 0, max: 9 })), { maxLength: 60 })

test('a free set counts, and finds the first, the last and the n-th as a list does', () => {
  fc.assert(
    fc.property(sizes, changes, fc.boolean(), (size, list, full) => {
      const set = new FreeSet(size)
      const naive = new Set<number>()
      const put = (place: number, free: boolean): void => {
        set.set(place, free)
        if (free) naive.add(place)
        else naive.delete(place)
      }
      for (let place = 0; full && place < size; place++) put(place, true)
      for (const [place, value] of list) if (place < size) put(place, value > 4)
      const free = [...naive].sort((a, b) => a - b)
      expect([set.count, set.first, set.last]).toEqual([free.length, free[0], free.at(-1)])
      for (let rank = 0; rank <= free.length; rank++) expect(set.nth(rank)).toBe(free[rank])
      for (let place = 0; place < size; place++) expect(set.has(place)).toBe(naive.has(place))
    }),
  )
})

test('a weight tree gives every place as much of the whole as it weighs', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 200 }),
      changes,
      (weights, list) => {
        const tree = new WeightTree(weights)
        const naive = [...weights]
        for (const [place, value] of list) {
          if (place >= naive.length) continue
          tree.set(place, value)
          naive[place] = value
        }
        const all = naive.flatMap((weight, place) => Array.from({ length: weight }, () => place))
        const found = all.map((_, at) => tree.at((at + 0.5) / all.length))
        expect(found).toEqual(all)
        if (all.length === 0) expect(tree.at(0)).toBeUndefined()
      },
    ),
  )
})

test('a tournament is won by the greatest, of equals by the first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 200 }), changes, (scores, list) => {
      const tournament = new Tournament(scores)
      const naive = [...scores]
      expect(tournament.winner).toBe(naive.indexOf(Math.max(...naive)))
      for (const [place, value] of list) {
        if (place >= naive.length) continue
        tournament.set(place, value)
        naive[place] = value
        expect(tournament.winner).toBe(naive.indexOf(Math.max(...naive)))
      }
    }),
  )
})
