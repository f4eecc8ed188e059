import { expect, test } from 'vitest'
import { VirtualClock } from '../../../test/sim/virtual-clock.ts'
import { Wakefulness } from './wakefulness.ts'

const LIMIT_MS = 500

function asleep() {
  const clock = new VirtualClock(0)
  const asked: { resolve: () => void; reject: (error: Error) => void }[] = []
  const ask = () => new Promise<void>((resolve, reject) => asked.push({ resolve, reject }))
  return { clock, asked, wakefulness: new Wakefulness(clock, LIMIT_MS, ask) }
}

test('a process that ticks is awake, and asks nobody', async () => {
  const { clock, asked, wakefulness } = asleep()
  for (let at = 100; at <= 3000; at += 100) {
    await clock.run(at)
    wakefulness.tick()
    expect(wakefulness.isAwake()).toBe(true)
  }
  expect(asked).toHaveLength(0)
})

test('one that was stopped is not awake, before its first tick and after, until a majority has answered', async () => {
  const { clock, asked, wakefulness } = asleep()
  clock.leap(LIMIT_MS + 1)
  expect(wakefulness.isAwake()).toBe(false)
  wakefulness.tick()
  expect(wakefulness.isAwake()).toBe(false)
  expect(asked).toHaveLength(1)
  asked[0]?.resolve()
  await clock.run(clock.monotonic())
  await Promise.resolve()
  expect(wakefulness.isAwake()).toBe(true)
})

test('an answer that does not come is asked for again', async () => {
  const { clock, asked, wakefulness } = asleep()
  clock.leap(LIMIT_MS + 1)
  wakefulness.tick()
  asked[0]?.reject(new Error('nobody leads'))
  await new Promise((resolve) => setImmediate(resolve))
  await clock.run(clock.monotonic() + LIMIT_MS)
  expect(asked).toHaveLength(2)
  wakefulness.tick()
  asked[1]?.resolve()
  await new Promise((resolve) => setImmediate(resolve))
  expect(wakefulness.isAwake()).toBe(true)
})
