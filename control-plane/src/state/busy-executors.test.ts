import { expect, test } from 'vitest'
import { ShardWorld } from './shard-world.test-helper.ts'

const BUSY = { status: 503 }

/** A run whose part is placed by turns on whoever was not tried; `e1` fails, the others have no time for it. */
function world(executors: string[], retryMax: number) {
  const w = new ShardWorld()
  for (const id of executors) w.executor(id)
  const run = w.fire(w.job({ retry: { max: retryMax, delay: '1s' } }), undefined, ['e1'])
  const begin = () => {
    const { state, placedOn, tried } = w.shard(run, 0)
    if (state === 'waiting') w.place(run, 0, placedOn ?? executors.find((id) => !tried.includes(id)) ?? '-')
    return w.shard(run, 0).attempt?.executor
  }
  const ask = () => {
    const on = begin()
    if (on === 'e1') w.finish(run, 0, 'failed')
    else w.finish(run, 0, 'refused', BUSY)
    return on
  }
  return { w, run, begin, ask }
}

test.each([
  [['e1', 'e2'], 0],
  [['e1', 'e2', 'e3'], 0],
  [['e1', 'e2', 'e3'], 2],
])('of %j, an executor on which all %d retries were used is not asked again with those that are busy', (ids, retries) => {
  const { w, run, begin, ask } = world(ids, retries)
  const asked = Array.from({ length: 20 }, ask)
  expect(asked.filter((id) => id === 'e1')).toHaveLength(retries + 1)
  for (const id of ids) expect(asked).toContain(id)
  begin()
  w.finish(run, 0, 'succeeded')
  expect(w.ended(run)?.state).toBe('succeeded')
})

test('one that fails and has no time by turns gets no more retries than one that always fails', () => {
  const { w, run, begin } = world(['e1', 'constructor', 'e3'], 2)
  const failed = { count: 0, isNext: true }
  for (let asked = 0; asked < 60; asked++) {
    const isFirst = begin() === 'e1'
    if (isFirst && failed.isNext) {
      failed.count += 1
      w.finish(run, 0, 'failed')
    } else w.finish(run, 0, 'refused', BUSY)
    if (isFirst) failed.isNext = !failed.isNext
  }
  expect(failed.count).toBe(3)
  expect(w.shard(run, 0)).toMatchObject({ spent: ['e1'] })
})

test('those that were all busy are all asked again', () => {
  const w = new ShardWorld()
  for (const id of ['e1', 'e2']) w.executor(id)
  const run = w.fire(w.job({}), undefined, ['e1'])
  w.finish(run, 0, 'refused', BUSY)
  w.place(run, 0, 'e2')
  w.finish(run, 0, 'refused', BUSY)
  expect(w.shard(run, 0)).toMatchObject({ state: 'waiting', tried: [], placedOn: 'e2' })
  w.place(run, 0, 'e2')
  w.finish(run, 0, 'refused', BUSY)
  expect(w.place(run, 0, 'e1')).toBe('started')
})
