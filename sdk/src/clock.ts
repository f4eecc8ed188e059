/** How the SDK asks for time. Tests hand in a virtual one. */
export interface ExecutorClock {
  /** Epoch milliseconds. */
  now(): number
  /** Calls `task` once, about `delayMs` later; the returned function cancels it. A process that waits for nothing but `idle` ones may end. */
  after(delayMs: number, task: () => void, idle?: boolean): () => void
}

const DELAY_MS_MAX = 2 ** 31 - 1

/** The machine's clock: the only place in the core that asks for it. */
export const systemClock: ExecutorClock = {
  now: () => Date.now(),
  after(delayMs, task, idle) {
    const timer = setTimeout(task, Math.min(Math.max(delayMs, 0), DELAY_MS_MAX))
    // Outside of Node timers are numbers, and hold nothing up.
    if (idle) timer.unref?.()
    return () => clearTimeout(timer)
  },
}
