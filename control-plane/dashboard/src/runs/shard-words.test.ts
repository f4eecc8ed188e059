import { expect, test } from 'vitest'
import { itemsWords, rerunChoices, shardsWords } from './shard-words.ts'

const counts = (change: object) => ({ total: 0, waiting: 0, running: 0, succeeded: 0, failed: 0, ...change })

test('the parts of a run are counted by how they stand', () => {
  expect(shardsWords(counts({ total: 12, succeeded: 9, failed: 3 }))).toBe('12: 9 succeeded, 3 failed')
  expect(shardsWords(counts({ total: 0 }))).toBe('0')
})

test('items are listed while there is room, and the others counted', () => {
  expect(itemsWords(['0', '1', '2', '9'])).toBe('0, 1, 2, 9')
  const many = Array.from({ length: 1000 }, (_, i) => `item-${i}`)
  expect(itemsWords(many)).toMatch(/^item-0, item-1, .* and 99\d more$/)
  expect(itemsWords(['x'.repeat(200), 'y'])).toBe(`${'x'.repeat(60)}… and 1 more`)
})

test('only what has ended can be done again, its failed parts by themselves where others succeeded', () => {
  expect(rerunChoices({ state: 'running' })).toEqual({ all: false, failed: false })
  expect(rerunChoices({ state: 'failed' })).toEqual({ all: true, failed: false })
  const shardCounts = counts({ total: 3, succeeded: 2, failed: 1 })
  expect(rerunChoices({ state: 'failed', shardCounts })).toEqual({ all: true, failed: true })
  const allFailed = counts({ total: 3, failed: 3 })
  expect(rerunChoices({ state: 'failed', shardCounts: allFailed })).toEqual({ all: true, failed: false })
})
