import { expect, test } from 'vitest'
import { Board } from '../scheduler/board.ts'
import type { Shard } from '../runs/run.ts'
import { plans, ShardWorld } from './shard-world.test-helper.ts'

const MOMENT = { now: 0, chance: () => 0 }
const DEAD = { code: 'e', message: 'it was down' }

/** A run of one part that failed on `e1` and is to move to `e2`, which has no slot for it. */
function moving({ split = true } = {}) {
  const w = new ShardWorld()
  w.executor('e1')
  w.executor('e2', { slots: 1 })
  const job = w.job(split ? { routing: { strategy: 'sharded' }, sharding: { count: 2 } } : {})
  const run = w.fire(job, plans('e1', 'e2'))
  if (!split) w.place(run, 0, 'e1')
  w.finish(run, 0, 'failed', { error: DEAD })
  const choose = (shard: Shard = w.shard(run, 0)) => {
    const board = new Board(w.state)
    board.begin(w.state)
    return board.choose(job, MOMENT, shard)
  }
  return { w, job, run, choose }
}

test('a shard whose last executor leaves before it could move there ends as its last attempt did', () => {
  const { w, run, choose } = moving()
  expect(choose()).toEqual({ none: 'no-slot' })
  w.finish(run, 1, 'succeeded')
  w.executor('e2', { slots: 1, status: 'offline' })
  const executor = choose()
  expect(executor).toBe('e1')
  expect(w.place(run, 0, 'e1')).toBe('skipped')
  const row = w.ended(run)
  expect(row).toMatchObject({ state: 'failed', error: { code: 'shards-failed' } })
  expect(row?.error?.message).toContain('it was down')
  expect(row?.shardEnds?.[0]).toMatchObject({ outcome: 'failed', executor: 'e1', error: DEAD })
  expect(w.namespaceHeld).toBe(0)
})

test('likewise a run that is not split; one whose outcome is unknown ends as lost', () => {
  const { w, run, choose } = moving({ split: false })
  w.removeExecutor('e2')
  expect(choose()).toBe('e1')
  expect(w.place(run, 0, 'e1')).toBe('skipped')
  expect(w.ended(run)).toMatchObject({ state: 'failed', executor: 'e1', error: DEAD })
  const other = new ShardWorld()
  for (const id of ['e1', 'e2']) other.executor(id)
  const unsure = other.fire(other.job({}))
  for (let times = 0; times < 4; times++) {
    other.place(unsure, 0, 'e1')
    other.finish(unsure, 0, 'uncertain')
  }
  expect(other.shard(unsure, 0).tried).toEqual(['e1'])
  other.removeExecutor('e2')
  expect(other.place(unsure, 0, 'e1')).toBe('skipped')
  expect(other.ended(unsure)?.state).toBe('lost')
})

test('as long as there is one that it was not tried on, it goes on waiting, and never back to where it failed', () => {
  const { w, run, choose } = moving()
  expect(w.place(run, 0, 'e1')).toBe('queued')
  w.removeExecutor('e2')
  w.executor('e3', { slots: 1 })
  expect(choose()).toBe('e3')
  expect(w.place(run, 0, 'e1')).toBe('queued')
  expect(w.place(run, 0, 'e3')).toBe('started')
})

test('a retry whose executor was removed ends the shard once all who take calls have had their try', () => {
  const w = new ShardWorld()
  for (const id of ['e1', 'e2']) w.executor(id)
  const job = w.job({ retry: { max: 1 } })
  const run = w.fire(job, [])
  w.place(run, 0, 'e1')
  w.finish(run, 0, 'failed', { error: DEAD })
  w.place(run, 0, 'e1')
  w.finish(run, 0, 'failed', { error: DEAD })
  w.place(run, 0, 'e2')
  w.finish(run, 0, 'failed', { error: DEAD })
  expect(w.shard(run, 0)).toMatchObject({ tried: ['e1'], placedOn: 'e2', state: 'waiting' })
  expect(w.place(run, 0, 'e9')).toBe('queued')
  w.removeExecutor('e2')
  expect(w.place(run, 0, 'e2')).toBe('skipped')
  expect(w.ended(run)).toMatchObject({ state: 'failed', executor: 'e2', error: DEAD })
  expect(w.namespaceHeld).toBe(0)
})

test('where nobody takes calls any more, a retry waits for somebody', () => {
  const w = new ShardWorld()
  w.executor('e1')
  const run = w.fire(w.job({ retry: { max: 1 } }), [])
  w.place(run, 0, 'e1')
  w.finish(run, 0, 'failed', { error: DEAD })
  w.removeExecutor('e1')
  expect(w.place(run, 0, 'e1')).toBe('queued')
  w.executor('e2')
  expect(w.place(run, 0, 'e2')).toBe('started')
})
