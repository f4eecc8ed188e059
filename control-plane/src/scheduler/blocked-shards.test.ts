import { expect, test } from 'vitest'
import { BlockedShards } from './blocked-shards.ts'

const wait = (run: number) => ({ run: `r${run}`, shard: 0, at: 5 })
const runs = (waits: { run: string }[]) => waits.map(({ run }) => run)

test('the oldest of a group is woken first, also when it was blocked last', () => {
  const blocked = new BlockedShards()
  for (const run of [3, 1, 2]) blocked.add('1/s g', wait(run), run)
  expect(runs(blocked.wake(1))).toEqual(['r1'])
  blocked.add('1/s g', wait(1), 1)
  expect(blocked.wake(1)).toEqual([{ run: 'r1', shard: 0, at: 0, woken: true }])
})

test('where one found a place more are woken, twice as many each time; where none did, one again', () => {
  const blocked = new BlockedShards()
  for (let run = 0; run < 20; run++) blocked.add('1/s g', wait(run), run)
  expect(runs(blocked.wake())).toEqual(['r0'])
  expect(runs(blocked.placed('1/s g'))).toEqual(['r1', 'r2'])
  expect(runs(blocked.placed('1/s g'))).toHaveLength(4)
  blocked.full('1/s g')
  expect(runs(blocked.wake())).toEqual(['r7'])
  expect(blocked.size).toBe(12)
})

test('what frees in a namespace wakes those of that namespace alone, of each group the first', () => {
  const blocked = new BlockedShards()
  blocked.add('1/s a', wait(1), 1)
  blocked.add('1/s b', wait(2), 2)
  blocked.add('12/s a', wait(3), 3)
  expect(runs(blocked.wake(1))).toEqual(['r1', 'r2'])
  expect(blocked.has('1/s a')).toBe(false)
  expect(runs(blocked.wake(12))).toEqual(['r3'])
})

test('however many groups there are, a bounded number is woken at once, and all of them in turn', () => {
  const blocked = new BlockedShards()
  for (let group = 0; group < 200; group++)
    for (let run = 0; run < 10; run++) blocked.add(`1/s ${group}`, wait(group), group)
  const woken = new Set<string>()
  for (let round = 0; round < 4; round++) {
    const now = runs(blocked.wake(1))
    expect(now.length).toBeLessThanOrEqual(64)
    for (const run of now) woken.add(run)
  }
  expect(woken.size).toBe(200)
})
