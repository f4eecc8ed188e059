import { assert, constantFrom, integer, nat, property } from 'fast-check'
import { expect, test } from 'vitest'
import { assignParts } from './assign.ts'

const numbers = (parts: readonly { items: string[] }[]) => parts.map(({ items }) => items.map(Number))
const count = (items: number, executors: number) => numbers(assignParts({ count: items, mode: 'grouped' }, executors))

test.each([
  [
    10,
    3,
    [
      [0, 1, 2, 9],
      [3, 4, 5],
      [6, 7, 8],
    ],
  ],
  [
    11,
    3,
    [
      [0, 1, 2, 9],
      [3, 4, 5, 10],
      [6, 7, 8],
    ],
  ],
  [
    9,
    3,
    [
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8],
    ],
  ],
  [2, 3, [[0], [1]]],
  [1, 1, [[0]]],
  [4, 1, [[0, 1, 2, 3]]],
  [4, 0, []],
])('%i items over %i executors go in the blocks that gojob makes', (items, executors, blocks) => {
  expect(count(items, executors)).toEqual(blocks)
})

test('items of a definition keep their names and their order', () => {
  const items = ['tianjin', 'shanghai', 'beijing', 'wuhan', 'xian']
  expect(assignParts({ items, mode: 'grouped' }, 2)).toEqual([
    { items: ['tianjin', 'shanghai', 'xian'], executor: 0 },
    { items: ['beijing', 'wuhan'], executor: 1 },
  ])
})

test('per item, every item is a part, and executors take turns', () => {
  const parts = assignParts({ count: 5, mode: 'per-item' }, 3, 7)
  expect(parts.map(({ items }) => items)).toEqual([['0'], ['1'], ['2'], ['3'], ['4']])
  expect(parts.map(({ executor }) => executor)).toEqual([1, 2, 0, 1, 2])
})

test('whatever the numbers, no item is lost or given twice, no part is empty, and shares differ by one at most', () => {
  assert(
    property(
      integer({ min: 1, max: 500 }),
      integer({ min: 1, max: 60 }),
      constantFrom('grouped' as const, 'per-item' as const),
      nat(1000),
      (items, executors, mode, turn) => {
        const parts = assignParts({ count: items, mode }, executors, turn)
        const given = parts.flatMap((part) => part.items.map(Number))
        expect([...given].sort((a, b) => a - b)).toEqual(Array.from({ length: items }, (_, place) => place))
        const shares = new Map<number, number>()
        for (const part of parts) {
          expect(part.items.length).toBeGreaterThan(0)
          expect(part.executor).toBeLessThan(executors)
          shares.set(part.executor, (shares.get(part.executor) ?? 0) + part.items.length)
        }
        expect(Math.max(...shares.values()) - Math.min(...shares.values())).toBeLessThanOrEqual(1)
        expect(shares.size).toBe(Math.min(items, executors))
      },
    ),
  )
})
