/** How the SDK asks for time. Tests hand in a virtual one. */
export interface ExecutorClock {
  /** Epoch milliseconds. */
  now(): number
  /** Calls `task` once, about `delayMs` later; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void
}

const DELAY_MS_MAX = 2 ** 31 - 1

/** The machine's clock: the only place in the core that asks for it. */
export const systemClock: ExecutorClock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, Math.min(Math.max(delayMs, 0), DELAY_MS_MAX))
    return () => clearTimeout(timer)
  },
}
