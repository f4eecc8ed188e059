import { expect, test } from 'vitest'
import { StillClock } from '../api/fixtures.ts'
import { Problem } from '../problems.ts'
import { AppliedWaits } from './applied-waits.ts'

test('those who wait go on once their index is applied, in whatever order they came', async () => {
  const clock = new StillClock()
  const waits = new AppliedWaits(clock)
  const done: number[] = []
  for (const index of [5, 3, 9, 3]) void waits.wait(index, 1000).then(() => done.push(index))
  waits.applied(2)
  waits.applied(5)
  await Promise.resolve()
  expect(done.sort((a, b) => a - b)).toEqual([3, 3, 5])
  expect(clock.timers).toBe(1)
})

test('a wait ends when its time is over, and leaves nothing behind', async () => {
  const clock = new StillClock()
  const waits = new AppliedWaits(clock)
  const late = expect(waits.wait(5, 100)).rejects.toBeInstanceOf(Problem)
  clock.pass(100)
  await late
  waits.applied(9)
  expect(clock.timers).toBe(0)
})

test('a stop refuses all who wait', async () => {
  const clock = new StillClock()
  const waits = new AppliedWaits(clock)
  const all = [3, 4].map((index) => expect(waits.wait(index, 100)).rejects.toMatchObject({ code: 'not-leader' }))
  waits.stop(new Problem('not-leader', 'The node is stopping'))
  await Promise.all(all)
  expect(clock.timers).toBe(0)
})
