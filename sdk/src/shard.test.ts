import { expect, test } from 'vitest'
import { createShard, hashKey } from './shard.ts'

test('every key belongs to exactly one shard, and shards are even', () => {
  const shards = Array.from({ length: 7 }, (_, index) => createShard({ index, total: 7, items: undefined }))
  const counts = shards.map(() => 0)
  for (let key = 0; key < 7000; key++) {
    const owners = shards.filter((shard) => shard.owns(key))
    expect(owners).toHaveLength(1)
    counts[owners[0]?.index ?? -1]!++
  }
  expect(Math.min(...counts)).toBeGreaterThan(850)
  expect(Math.max(...counts)).toBeLessThan(1150)
})

test('numbers, bigints and text of the same digits are the same key', () => {
  for (let index = 0; index < 5; index++) {
    const shard = createShard({ index, total: 5, items: undefined })
    expect([shard.owns(42), shard.owns(42n)]).toEqual([shard.owns('42'), shard.owns('42')])
  }
})

test('the hash is the same for ever: 32-bit FNV-1a with the last steps of murmur3', () => {
  expect(['', 'a', 'customer-42', '天津'].map(hashKey)).toEqual([
    2_872_998_923, 444_641_715, 2_807_919_948, 3_932_182_009,
  ])
})
