import { expect, test } from 'vitest'
import type { Job } from '../jobs/job.ts'
import type { ShardPlan } from '../state/commands.ts'
import { plans, ShardWorld } from '../state/shard-world.test-helper.ts'
import { Board } from './board.ts'
import type { Planned } from './evaluation.ts'
import { planAll } from './planner.ts'

const SHARDED = { routing: { strategy: 'sharded' }, sharding: { count: 10 } }
const MOMENT = { now: 0, chance: () => 0 }

function split(w: ShardWorld, job: Job, run?: string) {
  const board = new Board(w.state)
  board.begin(w.state)
  const found = board.split(job, MOMENT, run === undefined ? undefined : w.open(run))
  if ('none' in found) return found.none
  return found.map(({ items, executor, bound }) => [
    items?.join(' ') ?? '',
    executor ?? '-',
    ...(bound ? ['bound'] : []),
  ])
}

test('S063 blocks go to the executors that take work, by id; the others are not counted', () => {
  const w = new ShardWorld()
  for (const id of ['e3', 'e1', 'e2']) w.executor(id, { labels: { zone: 'eu' } })
  w.executor('e4', { labels: { zone: 'eu' }, status: 'offline' })
  w.executor('e5', { labels: { zone: 'eu' }, weight: 0 })
  w.executor('e6', { labels: { zone: 'us' } })
  const job = w.job({ ...SHARDED, routing: { strategy: 'sharded', labels: { zone: 'eu' } } })
  const blocks = [
    ['0 1 2 9', 'e1'],
    ['3 4 5', 'e2'],
    ['6 7 8', 'e3'],
  ]
  expect(split(w, job)).toEqual(blocks)
  w.executor('e2', { labels: { zone: 'eu' }, status: 'draining' })
  expect(split(w, job)).toEqual([
    ['0 1 2 3 4', 'e1'],
    ['5 6 7 8 9', 'e3'],
  ])
  w.removeExecutor('e1')
  w.removeExecutor('e3')
  expect(split(w, job)).toBe('no-executor')
})

test('where those whose parts they are have no room at all, others take them over', () => {
  const w = new ShardWorld()
  for (const id of ['e1', 'e2', 'e3']) w.executor(id, { slots: 1 })
  const other = w.job({}, 'other')
  w.fire(other, undefined, ['e1'])
  const job = w.job({ ...SHARDED, sharding: { count: 2 } })
  // One of them has: the other part waits for its slot.
  expect(split(w, job)).toEqual([
    ['0', '-'],
    ['1', 'e2'],
  ])
  w.fire(other, undefined, ['e2'])
  expect(split(w, job)).toEqual([
    ['0', 'e3'],
    ['1', '-'],
  ])
  expect(split(w, w.job({ ...SHARDED, sharding: { count: 2 }, placement: 'all' }, 'whole'))).toBe('no-slot')
})

test.each<[string, { sharding?: { count: number; mode: 'per-item' } }, 'size' | undefined]>([
  ['parts that fit once those of others have ended', { sharding: { count: 4, mode: 'per-item' } }, undefined],
  ['more parts than all executors have slots', { sharding: { count: 5, mode: 'per-item' } }, 'size'],
  ['more parts than the namespace has slots', { sharding: { count: 7, mode: 'per-item' } }, 'size'],
  ['a part for each executor', {}, undefined],
])('whether all parts would fit if everything were free: %s', (_, definition, bar) => {
  const w = new ShardWorld({ slots: definition.sharding?.count === 7 ? 6 : 100 })
  w.executor('e1', { slots: definition.sharding?.count === 7 ? 0 : 3 })
  w.executor('e2', { slots: 1 })
  w.fire(w.job({}, 'other'), undefined, ['e2'])
  const job = w.job({ ...SHARDED, ...definition, placement: 'all' })
  const board = new Board(w.state)
  expect(board.split(job, MOMENT)).toEqual(bar ? { none: 'no-slot', bar } : { none: 'no-slot' })
})

test('an executor that is full keeps its block, which waits for a place; under all nothing begins', () => {
  const w = new ShardWorld()
  for (const id of ['e1', 'e2', 'e3']) w.executor(id, { slots: 1 })
  const job = w.job(SHARDED)
  w.fire(job, plans('e2'))
  expect(split(w, job)).toEqual([
    ['0 1 2 9', 'e1'],
    ['3 4 5', '-'],
    ['6 7 8', 'e3'],
  ])
  expect(split(w, w.job({ ...SHARDED, placement: 'all' }, 'all'))).toBe('no-slot')
  w.fire(job, plans('e1', 'e3'))
  expect(split(w, job)).toBe('no-slot')
})

test('per item, executors take turns and whoever is full is passed over', () => {
  const w = new ShardWorld()
  for (const [id, slots] of Object.entries({ e1: 1, e2: 0, e3: 2 })) w.executor(id, { slots })
  const job = w.job({ ...SHARDED, sharding: { count: 7, mode: 'per-item' } })
  const found = split(w, job) as string[][]
  const count = (id: string) => found.filter(([, executor]) => executor === id).length
  expect([count('e1'), count('e2'), count('e3')]).toEqual([1, 4, 2])
  expect(found.map(([items]) => items)).toEqual(['0', '1', '2', '3', '4', '5', '6'])
  w.executor('e2', { slots: 1 })
  expect((split(w, job) as string[][]).map(([, executor]) => executor).slice(4)).toEqual(['-', '-', '-'])
})

test('the slots of the namespace are counted too', () => {
  const w = new ShardWorld({ slots: 2 })
  for (const id of ['e1', 'e2', 'e3']) w.executor(id)
  expect((split(w, w.job(SHARDED)) as string[][]).map(([, executor]) => executor)).toEqual(['e1', 'e2', '-'])
})

test('a broadcast is for everybody, those who are full too', () => {
  const w = new ShardWorld()
  for (const [id, slots] of Object.entries({ e1: 0, e2: 1 })) w.executor(id, { slots })
  w.fire(w.job(SHARDED), plans('e2'))
  expect(split(w, w.job({ routing: { strategy: 'broadcast' } }, 'b'))).toEqual([
    ['', 'e1', 'bound'],
    ['', 'e2', 'bound'],
  ])
})

test('a rerun of parts keeps their items, spread over who is there; one for a chosen executor goes to that', () => {
  const w = new ShardWorld()
  for (const id of ['e1', 'e2']) w.executor(id)
  const job = w.job(SHARDED)
  const shards = [{ items: ['3', '4'] }, { items: ['7'] }, { items: ['9'] }]
  const queued = (more: object) => {
    const run = w.fire(job)
    Object.assign(w.open(run), more)
    return run
  }
  const parts = shards.map((part, index) => ({ ...part, index, state: 'waiting' }))
  const again = split(w, job, queued({ shards: parts })) as string[][]
  expect(again.map(([items]) => items)).toEqual(['3 4', '7', '9'])
  expect(new Set(again.map(([, executor]) => executor))).toEqual(new Set(['e1', 'e2']))
  const chosen = queued({ executor: 'e2' })
  expect(split(w, job, chosen)).toEqual([['0 1 2 3 4 5 6 7 8 9', 'e2', 'bound']])
  // Labels that the job asks for by now do not count for it.
  const edited = w.job({ ...SHARDED, routing: { strategy: 'sharded', labels: { zone: 'eu' } } })
  expect(split(w, edited, chosen)).toEqual([['0 1 2 3 4 5 6 7 8 9', 'e2', 'bound']])
  expect(split(w, edited, queued({}))).toBe('no-executor')
})

test('one plan holds so many parts: runs that are split wait for the next one, the first is never too long', () => {
  const w = new ShardWorld()
  w.executor('e1')
  const items = Array.from({ length: 9000 }, (_, item) => `${item}`.padStart(40, 'x'))
  const big = w.job({ ...SHARDED, sharding: { items, mode: 'per-item' } }, 'big')
  const plain = w.job({}, 'plain')
  const of = (job: Job, fires = 1) => ({
    job: job.uid,
    wanted: { kind: 'fires' as const, version: job.version, fires },
  })
  const planned = planAll(new Board(w.state), w.state, [of(big), of(big, 4), of(big), of(plain)], MOMENT)
  const lengths = (plan: Planned | undefined) =>
    plan && 'splits' in plan ? plan.splits.map((parts: ShardPlan[] | null) => parts?.length ?? 0) : plan
  expect(planned.map(lengths)).toEqual([[9000], [9000, 9000, 0, 0], { behind: true }, { places: ['e1'] }])
})
