import { expect, test } from 'vitest'
import { ShardWorld } from './shard-world.test-helper.ts'

const fails = (world: ShardWorld, definition: object, executor: string) => {
  const job = world.job({ whenFull: 'fail', ...definition }, executor)
  world.fire(job, undefined, [executor])
  return job.progress.lastRun?.state
}

test('an executor whose weight or labels changed since a plan was made is not placed on', () => {
  const world = new ShardWorld()
  world.executor('idle', { weight: 0 })
  world.executor('here', { labels: { zone: 'a' } })
  expect(fails(world, {}, 'idle')).toBe('failed')
  expect(fails(world, { routing: { labels: { zone: 'b' } } }, 'here')).toBe('failed')
  world.executor('there', { labels: { zone: 'a' } })
  expect(fails(world, { routing: { labels: { zone: 'a' } } }, 'there')).toBeUndefined()
})

test.each([
  ['fail', true],
  ['queue', false],
])('open runs give way to one that starts or waits, never to one that fails at once: %s', (whenFull, stays) => {
  const world = new ShardWorld()
  world.executor('e1')
  const job = world.job({ overlap: 'cancel-running', whenFull })
  const first = world.fire(job, undefined, ['e1'])
  world.fire(job, undefined, ['gone'])
  expect(job.openRuns.includes(first)).toBe(stays)
})
