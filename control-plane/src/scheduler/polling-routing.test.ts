import { beforeEach, expect, test } from 'vitest'
import type { Job } from '../jobs/job.ts'
import { ShardWorld, T0 } from '../state/shard-world.test-helper.ts'
import { Board } from './board.ts'

const HTTP = { kind: 'http', service: 'work', method: 'POST', path: '/x' }
const MOMENT = { now: T0, chance: () => 0 }

let world: ShardWorld
beforeEach(() => {
  world = new ShardWorld()
  world.executor('e1')
  const said = { url: 'pull', weight: 1, slots: 10, labels: {}, boot: 'b1', manifest: {} }
  world.run({ kind: 'executor-register', service: world.service, id: 'p1', ...said })
  const found = { service: world.service, id: 'p1', boot: 'b1', status: 'online' }
  world.run({ kind: 'executors-found', executors: [found] })
})

/** Who gets the next runs of a job. */
function chosen(job: Job, count = 4): unknown[] {
  const board = new Board(world.state)
  board.begin(world.state)
  return Array.from({ length: count }, () => board.choose(job, MOMENT))
}

test('calls of handlers go to executors that poll and to those that are called', () => {
  expect(new Set(chosen(world.job({})))).toEqual(new Set(['e1', 'p1']))
})

test('calls of http targets go to those that have a URL alone', () => {
  expect(new Set(chosen(world.job({ target: HTTP })))).toEqual(new Set(['e1']))
  world.removeExecutor('e1')
  expect(chosen(world.job({ target: HTTP }, 'other'), 1)).toEqual([{ none: 'no-executor' }])
})

test('a broadcast of an http target has no part for one that polls, one of a handler has', () => {
  const board = new Board(world.state)
  board.begin(world.state)
  const parts = (job: Job) => {
    const split = board.split(job, MOMENT)
    return 'none' in split ? split : split.map(({ executor }) => executor)
  }
  expect(parts(world.job({ routing: { strategy: 'broadcast' }, target: HTTP }))).toEqual(['e1'])
  expect(parts(world.job({ routing: { strategy: 'broadcast' } }, 'other'))).toEqual(['e1', 'p1'])
})

test('what was planned for one that polls before its job called a URL is not started', () => {
  const job = world.job({ target: HTTP })
  const run = world.fire(job)
  expect([world.place(run, 0, 'p1'), world.place(run, 0, 'e1')]).toEqual(['queued', 'started'])
})
