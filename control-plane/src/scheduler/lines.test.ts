import { expect, test } from 'vitest'
import { T0 } from '../state/shard-world.test-helper.ts'
import { Board } from './board.ts'
import { kinds, Office } from './office.test-helper.ts'
import { planAll } from './planner.ts'

const http = (target: object) => ({ target: { kind: 'http', service: 'work', ...target } })
/** Five parts that begin together. */
const ALL = { routing: { strategy: 'sharded' }, sharding: { count: 5, mode: 'per-item' }, placement: 'all' }

test('S078 calls by URL, for which nobody is online, do not hold up the handlers of their service', async () => {
  const office = new Office()
  office.world.removeExecutor('e1')
  office.world.executor('p1', { kind: 'registered', bootId: 'b', url: 'pull', slots: 10 })
  const [path, small] = [office.job(http({ path: '/x' }), 'path'), office.job({}, 'small')]
  office.trigger(path)
  await office.work()
  office.trigger(small)
  await office.work()
  expect([office.states(path), office.states(small)]).toEqual([['queued'], ['running']])
  expect(office.desk.comesLater(office.job({}, 'third'))).toBe(false)
  expect(office.desk.comesLater(office.job(http({ path: '/y' }), 'fourth'))).toBe(true)
})

test('S078 a target with a URL of its own waits for no executor of the service that lends its secret', async () => {
  const office = new Office()
  office.world.removeExecutor('e1')
  const [handler, own] = [office.job({}, 'handler'), office.job(http({ url: 'http://x.example/' }), 'own')]
  office.trigger(handler)
  await office.work()
  office.trigger(own)
  await office.work()
  expect([office.states(handler), office.states(own)]).toEqual([['queued'], ['running']])
  expect(office.desk.comesLater(own)).toBe(false)
})

test('a fire does not overtake runs that wait, those of its own job neither, unless it takes their place', async () => {
  const office = new Office()
  office.world.executor('e1', { slots: 1 })
  const [job, other] = [office.job({}, 'job'), office.job({ overlap: 'cancel-running' }, 'other')]
  office.trigger(job)
  await office.work()
  office.trigger(job)
  office.trigger(other)
  await office.work()
  expect([office.states(job), office.states(other)]).toEqual([['running', 'queued'], ['queued']])
  expect(office.desk.comesLater(job)).toBe(true)
  expect(office.desk.comesLater(other)).toBe(false)
})

test('nor one that is to be skipped for a run of its own job that waits: that may have expired by then', async () => {
  const office = new Office()
  office.world.executor('e1', { slots: 1 })
  const [holder, high] = [office.job({}, 'holder'), office.job({ priority: 90 }, 'high')]
  const low = office.job({ priority: 10, overlap: 'skip' }, 'low')
  for (const job of [holder, low, high]) office.trigger(job)
  await office.work()
  expect([holder, low, high].map((job) => office.states(job))).toEqual([['queued'], ['queued'], ['running']])
  expect(office.desk.comesLater(low)).toBe(true)
  // Whose run is at work is given to a worker: it starts at once where that has ended.
  expect(office.desk.comesLater(office.job({ priority: 0, overlap: 'skip' }, 'high'))).toBe(false)
})

test('S078 parts of an earlier run for an executor that is away hold up no other run of their job', async () => {
  const office = new Office()
  office.world.executor('e2', { slots: 1 })
  const job = office.job({ routing: { strategy: 'broadcast' }, overlap: 'allow' }, 'all')
  const original = { id: office.trigger(job), fireTime: T0, schedules: [] }
  await office.work()
  for (const attempt of office.attempts) office.finish(attempt, job)
  office.world.removeExecutor('e2')
  const parts = [{ was: { index: 1, total: 2 }, bound: 'e2' }]
  office.run({ kind: 'run-rerun', job: job.uid, original, params: {}, shards: parts, by: 't' })
  await office.work()
  office.trigger(job)
  await office.work()
  expect(office.states(job)).toEqual(['queued', 'running'])
})

test('S078 a run whose parts would not fit together if all slots were free holds up nobody', async () => {
  const office = new Office()
  office.world.executor('e1', { slots: 2 })
  const [big, small] = [office.job(ALL, 'big'), office.job({}, 'small')]
  for (let i = 0; i < 3; i++) office.trigger(big)
  await office.work()
  office.trigger(small)
  await office.work()
  expect([office.states(big), office.states(small)]).toEqual([['queued', 'queued', 'queued'], ['running']])
  expect(office.desk.comesLater(office.job({}, 'third'))).toBe(false)
  // It is not tried again before there is a reason, and then once.
  office.trigger(office.job({}, 'fourth'))
  const fourth = await office.ask()
  expect(kinds(fourth)).toEqual(['run'])
  await office.hand(fourth)
  office.desk.retryBlocked()
  const again = await office.ask()
  const { state } = office.world
  const planned = planAll(new Board(state), state, again.evaluations, { now: T0, chance: () => 0 })
  expect(planned).toEqual([{ none: 'no-slot', bar: 'size' }, { behind: true }, { behind: true }])
  await office.hand(again)
  expect(kinds(await office.ask())).toEqual([])
})

test('it starts once it fits: an executor came, the quota was raised, or its job asks for less', async () => {
  const office = new Office({ slots: 4 })
  office.world.executor('e1', { slots: 4 })
  const big = office.job(ALL, 'big')
  const less = office.job({ ...ALL, sharding: { count: 6, mode: 'per-item' } }, 'less')
  office.trigger(big)
  office.trigger(less)
  await office.work()
  const change = { kind: 'static', url: 'http://e2', weight: 1, slots: 0, labels: {}, status: 'online' }
  office.run({ kind: 'executor-put', service: office.world.service, id: 'e2', change })
  await office.work()
  expect([office.states(big), office.states(less)]).toEqual([['queued'], ['queued']])
  office.job({ ...ALL, sharding: { count: 4, mode: 'per-item' } }, 'less')
  await office.work()
  expect([office.states(big), office.states(less)]).toEqual([['queued'], ['running']])
  office.run({ kind: 'namespace-put', name: 'default', change: { description: '', slots: 9 } })
  await office.work()
  expect(office.states(big)).toEqual(['running'])
})

test('a run that begins with all its parts keeps its place while others leave theirs for it', async () => {
  const office = new Office()
  office.world.executor('e1', { slots: 5 })
  const [first, big, small] = [office.job({}, 'first'), office.job(ALL, 'big'), office.job({}, 'small')]
  office.trigger(first)
  await office.work()
  office.trigger(big)
  await office.work()
  office.trigger(small)
  await office.work()
  expect([office.states(big), office.states(small)]).toEqual([['queued'], ['queued']])
  expect(office.desk.comesLater(office.job({}, 'third'))).toBe(true)
  office.finish(office.attempts[0] ?? '', first)
  await office.work()
  expect([office.states(big), office.states(small)]).toEqual([['running'], ['queued']])
})
