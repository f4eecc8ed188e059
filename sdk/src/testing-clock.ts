import type { ExecutorClock } from './clock.ts'
import { durationMs, type Duration } from './duration.ts'

/** A clock that stands still until a test moves it. */
export interface TestClock extends ExecutorClock {
  /** Moves on, and calls what falls due meanwhile, in order. */
  advance(by: Duration): void
}

/**
 * A clock for executor and harness, at `now` or at the present moment.
 * @example
 * const clock = testClock('2026-11-20T15:00:00Z')
 * const billing = createExecutor({ service: 'billing', secret: testSecret(), clock })
 * clock.advance('1h')
 */
export function testClock(now: Date | string | number = Date.now()): TestClock {
  let nowMs = new Date(now).getTime()
  const timers = new Set<{ atMs: number; task: () => void }>()
  const nextUpTo = (endMs: number) => [...timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0]
  return {
    now: () => nowMs,
    after(delayMs, task) {
      const timer = { atMs: nowMs + Math.max(0, delayMs), task }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(by) {
      const endMs = nowMs + durationMs(by)
      for (let timer = nextUpTo(endMs); timer; timer = nextUpTo(endMs)) {
        timers.delete(timer)
        nowMs = timer.atMs
        timer.task()
      }
      nowMs = endMs
    },
  }
}
