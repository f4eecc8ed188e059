import { expect, test } from 'vitest'
import { ShardWorld } from './shard-world.test-helper.ts'

const becomes = (world: ShardWorld, definition: object, executor: string) => {
  const job = world.job({ whenFull: 'fail', ...definition }, executor)
  const run = world.fire(job, undefined, [executor])
  return job.progress.lastRun?.state ?? world.open(run).state
}

test('an executor whose weight or labels changed since a plan was made is not placed on', () => {
  const world = new ShardWorld()
  world.executor('idle', { weight: 0 })
  expect(becomes(world, {}, 'idle')).toBe('failed')
  world.executor('here', { labels: { zone: 'a' } })
  expect(becomes(world, { routing: { labels: { zone: 'b' } } }, 'here')).toBe('failed')
  world.executor('there', { labels: { zone: 'a' } })
  expect(becomes(world, { routing: { labels: { zone: 'a' } } }, 'there')).toBe('running')
})

test('a run that may not wait is planned again where somebody else is free by the time that its executor is not', () => {
  const world = new ShardWorld()
  world.executor('full', { slots: 1 })
  world.fire(world.job({}, 'holder'), undefined, ['full'])
  expect(becomes(world, {}, 'full')).toBe('failed')
  world.executor('free', { slots: 1 })
  const job = world.job({ whenFull: 'fail' }, 'again')
  const run = world.fire(job, undefined, ['full'])
  expect(world.open(run).state).toBe('queued')
  expect(world.place(run, 0, 'free')).toBe('started')
  // What nobody planned is not looked at twice.
  world.executor('other')
  expect(world.ended(world.fire(job))?.state).toBe('failed')
})

test.each([
  ['fail', true],
  ['queue', false],
])('open runs give way to one that starts or waits, never to one that fails at once: %s', (whenFull, stays) => {
  const world = new ShardWorld()
  world.executor('e1')
  const job = world.job({ overlap: 'cancel-running', whenFull })
  const first = world.fire(job, undefined, ['e1'])
  world.executor('e1', { weight: 0 })
  world.fire(job, undefined, ['gone'])
  expect(job.openRuns.includes(first)).toBe(stays)
})

test('what starts in the place of a run that gives way needs no room in the queue', () => {
  const world = new ShardWorld({ slots: 1 })
  world.executor('e1')
  world.run({ kind: 'namespace-put', name: 'default', change: { description: '', slots: 1, queuedRunsMax: 1 } })
  const job = world.job({ overlap: 'cancel-running' })
  const first = world.fire(job, undefined, ['e1'])
  world.fire(world.job({}, 'other'))
  const second = world.fire(job, undefined, ['e1'])
  expect([world.ended(first)?.state, world.open(second).state]).toEqual(['cancelled', 'running'])
  // What could not start all the same is skipped, and the old one goes on.
  const third = world.fire(job, undefined, ['gone'])
  expect([world.state.runs.has(third), world.open(second).state]).toEqual([false, 'running'])
})

test('what waits in the place of a run that gives way needs no more room in the queue than that had', () => {
  const world = new ShardWorld()
  world.run({ kind: 'namespace-put', name: 'default', change: { description: '', slots: 1, queuedRunsMax: 1 } })
  const job = world.job({ overlap: 'cancel-running' })
  const first = world.fire(job)
  const second = world.fire(job)
  expect([world.ended(first)?.state, world.open(second).state]).toEqual(['cancelled', 'queued'])
  const other = world.job({ overlap: 'cancel-running' }, 'other')
  expect(world.state.runs.has(world.fire(other))).toBe(false)
})

test('a fire for which there is no slot either once the old run has gone fails, if it may not wait, and the old one goes on', () => {
  const world = new ShardWorld()
  for (const id of ['e1', 'full']) world.executor(id, { slots: 1 })
  const other = world.job({}, 'other')
  world.fire(other, undefined, ['full'])
  const job = world.job({ overlap: 'cancel-running', whenFull: 'fail' })
  const first = world.fire(job, undefined, ['e1'])
  world.executor('e1', { slots: 1, weight: 0 })
  const second = world.fire(job, undefined, ['full'])
  expect(world.ended(second)).toMatchObject({ state: 'failed', error: { code: 'no-slot' } })
  expect(world.open(first).state).toBe('running')
  // The one that the old run leaves is as good.
  world.executor('e1', { slots: 1 })
  const third = world.fire(job, undefined, ['full'])
  expect([world.ended(first)?.state, world.open(third).state]).toEqual(['cancelled', 'queued'])
  expect(world.place(third, 0, 'e1')).toBe('started')
})

test('where neither an executor is there nor a slot free, the executor is the reason', () => {
  const world = new ShardWorld({ slots: 1 })
  world.executor('e1')
  world.fire(world.job({}, 'holder'), undefined, ['e1'])
  const job = world.job({ whenFull: 'fail' })
  const reason = (run: string) => world.ended(run)?.error?.code
  expect(reason(world.fire(job, undefined, ['e1']))).toBe('no-slot')
  expect(reason(world.fire(job, undefined, ['gone']))).toBe('no-executor')
  // What nobody planned fares alike.
  expect(reason(world.fire(job))).toBe('no-slot')
  world.removeExecutor('e1')
  expect(reason(world.fire(job))).toBe('no-executor')
})
