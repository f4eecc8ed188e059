import { uptime } from 'node:os'

/** Epoch milliseconds, UTC. */
export type Millis = number

/** The only way to ask the machine for time. A seeded twin replaces it in the simulator. */
export interface Clock {
  /** Wall clock, epoch milliseconds. May step. */
  now(): Millis
  /** Monotonic clock in milliseconds, with fractions; only differences mean something. */
  monotonic(): number
  /** Milliseconds since the machine started, those that it slept included; absent: as `monotonic`. Coarser than that. */
  uptime?(): number
  /** Calls `task` once, at least `delayMs` (0 to 2^31-1) later; 0 is the next turn of the loop. The returned function cancels it. */
  after(delayMs: number, task: () => void): () => void
}

/** The machine's clock. Its timers keep the process alive unless `unref` is given. */
export function systemClock({ unref = false }: { unref?: boolean } = {}): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    uptime: () => uptime() * 1000,
    after(delayMs, task) {
      if (delayMs <= 0) {
        const immediate = setImmediate(task)
        return () => clearImmediate(immediate)
      }
      const timer = setTimeout(task, delayMs)
      if (unref) timer.unref()
      return () => clearTimeout(timer)
    },
  }
}
