import type { JobMap, MapRun, MapState } from '@cronclave/openapi'
import { expect, test } from 'vitest'
import {
  CELLS_MAX,
  cellName,
  cellsOf,
  cellsPerLine,
  countHits,
  figures,
  findAgain,
  isHit,
  isRoomy,
  slotWords,
} from './map-words.ts'

const run = (job: string, state: MapState = 'running'): MapRun => ({
  run: `r-${job}`,
  job,
  state,
  since: '2026-11-20T15:00:00Z',
})

function map(held: MapRun[], waiting: MapRun[] = [], free = 1): JobMap {
  const slots = { slots: held.length + free, held: held.length, free }
  const executor = { id: 'e1', status: 'online' as const, slots, runs: held, more: 0 }
  const counts = { slots, running: held.length, waiting: waiting.length }
  const service = { ...counts, name: 'billing', executors: [executor], moreExecutors: 0, runs: waiting, more: 0 }
  const namespaces = [{ ...counts, name: 'default', services: [service] }]
  return { now: '2026-11-20T15:00:00Z', ...counts, named: 0, more: 0, namespaces }
}

test('squares are the named runs, then those without a name, then what is free', () => {
  const { cells, more } = cellsOf({ runs: [run('a')], more: 2, free: 1 })
  expect(cells.map(({ kind }) => kind)).toEqual(['run', 'other', 'other', 'free'])
  expect(more).toBe(0)
})

test('an executor with very many slots has a bounded number of squares, and the rest is counted', () => {
  const { cells, more } = cellsOf({ runs: [run('a')], more: 0, free: 1_000_000 })
  expect(cells).toHaveLength(CELLS_MAX)
  expect(more).toBe(1_000_001 - CELLS_MAX)
})

test('a map with very many executors has fewer squares for each, and never more than a browser can show', () => {
  const drawn = map([run('a')])
  const [service] = drawn.namespaces[0]?.services ?? []
  expect(cellsPerLine(drawn)).toBe(CELLS_MAX)
  const [executor] = service?.executors ?? []
  if (service && executor) service.executors = Array.from({ length: 2000 }, () => executor)
  expect(cellsPerLine(drawn) * 2001).toBeLessThan(12_000)
})

test('names have room while squares are few', () => {
  expect(isRoomy(map([run('a')], [run('b', 'waiting')]))).toBe(true)
  expect(isRoomy(map([run('a')], [], 500))).toBe(false)
})

test('a hit matches part of the name and the state', () => {
  expect(isHit(run('Nightly-Report'), { job: 'report', state: '' })).toBe(true)
  expect(isHit(run('nightly'), { job: '', state: 'waiting' })).toBe(false)
  const drawn = map([run('nightly'), run('hourly')], [run('nightly', 'waiting')])
  expect(countHits(drawn, { job: 'night', state: '' })).toBe(2)
  expect(countHits(drawn, { job: 'night', state: 'waiting' })).toBe(1)
})

test('the head has shares of all slots, and none where there is no limit', () => {
  const slots = { slots: 200, held: 50, free: 150 }
  expect(figures({ slots, running: 50, waiting: 3 })).toEqual([
    { name: 'Slots', value: '200' },
    { name: 'Running', value: '50', share: '25 %' },
    { name: 'Idle', value: '150', share: '75 %' },
    { name: 'Waiting', value: '3', share: '1.5 %' },
  ])
  expect(figures({ slots: { slots: 0, held: 1 }, running: 1, waiting: 0 })[1]).toEqual({ name: 'Running', value: '1' })
})

test('slots and squares are named for those who cannot see them', () => {
  expect(slotWords({ slots: 8, held: 3, free: 5 })).toBe('3 of 8')
  expect(slotWords({ slots: 0, held: 3 })).toBe('3 held, no limit')
  expect(cellName({ ...run('a'), shard: 1, shards: 3 }, 'Running')).toBe('a, shard 1 (of 3), Running')
})

test('a run that was pointed at is found where it has moved to, or not any more', () => {
  const peeked = { run: run('a', 'waiting'), namespace: 'default' }
  expect(findAgain(map([], [run('a', 'waiting')]), peeked)).toEqual(peeked)
  expect(findAgain(map([run('a')]), peeked)).toMatchObject({ run: { state: 'running' }, executor: 'e1' })
  expect(findAgain(map([]), peeked)).toBeUndefined()
})
