import { expect, test } from 'vitest'
import { VirtualClock } from '../../../test/sim/virtual-clock.ts'
import { Ticker, timingOf } from './ticker.ts'

test('a heartbeat has two ticks, and an election timeout as many as its time has', () => {
  expect(timingOf(100, 1000)).toEqual({ tickMs: 50, heartbeatTicks: 2, electionTicks: 20, electionMs: 1000 })
  expect(timingOf(30, 333)).toMatchObject({ tickMs: 15, electionTicks: 22 })
})

test('it ticks at its pace until it is stopped, also from within a tick', async () => {
  const clock = new VirtualClock(0)
  let ticks = 0
  const ticker = new Ticker(clock, timingOf(100, 1000), () => {
    ticks++
    if (ticks === 5) ticker.stop()
  })
  ticker.start()
  ticker.start()
  await clock.run(149)
  expect(ticks).toBe(2)
  await clock.run(10_000)
  expect(ticks).toBe(5)
})

test('a node that stood still for long ticks once and not for every tick that it missed', async () => {
  const clock = new VirtualClock(0)
  let ticks = 0
  const ticker = new Ticker(clock, timingOf(100, 1000), () => void ticks++)
  ticker.start()
  clock.leap(5000)
  await clock.run(5049)
  expect(ticks).toBe(1)
  ticker.stop()
})
