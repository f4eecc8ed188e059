import { expect, test } from 'vitest'
import type { Shard } from '../runs/run.ts'
import { shardEnds } from './shard-ends.ts'

const shard = (more: Partial<Shard>): Shard => ({
  index: 0,
  state: 'waiting',
  attempts: 0,
  retries: 0,
  redispatches: 0,
  supersedes: [],
  tried: [],
  ...more,
})

test('a part of a broadcast that never got a place still says whose it was, so that it can be done again there', () => {
  expect(shardEnds([shard({ bound: 'e2' })], 'timed-out')).toEqual([
    { index: 0, attempts: 0, executor: 'e2', outcome: 'timed-out' },
  ])
})

test('a part that ended is told as it ended, whatever became of the run', () => {
  const ended = { executor: 'e1', outcome: 'succeeded' as const }
  expect(shardEnds([shard({ items: ['a'], attempts: 2, ended })], 'cancelled')).toEqual([
    { index: 0, items: ['a'], attempts: 2, executor: 'e1', outcome: 'succeeded' },
  ])
})
