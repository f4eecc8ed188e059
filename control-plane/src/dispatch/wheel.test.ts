import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Clock } from '../runtime/clock.ts'
import { type Timed, Wheel } from './wheel.ts'

/** Time that moves only when told to. */
function virtualClock() {
  let now = 1000
  let timers: { at: number; task: () => void }[] = []
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after(delayMs, task) {
      const timer = { at: now + delayMs, task }
      timers.push(timer)
      return () => void (timers = timers.filter((other) => other !== timer))
    },
  }
  return {
    clock,
    pending: () => timers.length,
    advance(ms: number) {
      const end = now + ms
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (!next) break
        timers = timers.filter((timer) => timer !== next)
        now = Math.max(now, next.at)
        next.task()
      }
      now = end
    },
  }
}

const timed = (): Timed => ({ due: 0, slot: -1, next: undefined, previous: undefined })

test('each comes due once, never early and at most two ticks late, whatever was added and removed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ after: fc.integer({ min: -50, max: 30_000 }), removed: fc.boolean() }), { maxLength: 60 }),
      (plan) => {
        const time = virtualClock()
        const fired: Timed[] = []
        const wheel = new Wheel<Timed>(time.clock, (each) => {
          const late = time.clock.monotonic() - Math.max(each.due, 1000)
          expect(late).toBeGreaterThanOrEqual(0)
          expect(late).toBeLessThanOrEqual(40)
          fired.push(each)
        })
        const all = plan.map(({ after, removed }) => {
          const each = timed()
          wheel.add(each, 1000 + after)
          return { each, removed }
        })
        for (const { each, removed } of all) if (removed) wheel.remove(each)
        time.advance(31_000)
        expect(new Set(fired)).toEqual(new Set(all.filter(({ removed }) => !removed).map(({ each }) => each)))
        expect(fired).toHaveLength(new Set(fired).size)
        expect(wheel.size).toBe(0)
        time.advance(100)
        expect(time.pending()).toBe(0)
      },
    ),
  )
})

test('one that comes due may remove others of the same tick and add new ones', () => {
  const time = virtualClock()
  const fired: Timed[] = []
  const [a, b, c] = [timed(), timed(), timed()]
  const wheel: Wheel<Timed> = new Wheel(time.clock, (each) => {
    fired.push(each)
    if (each === b) wheel.add(c, time.clock.monotonic() + 10)
    wheel.remove(each)
  })
  wheel.add(a, 1010)
  wheel.add(b, 1011)
  time.advance(100)
  expect(new Set(fired)).toEqual(new Set([a, b, c]))
})
