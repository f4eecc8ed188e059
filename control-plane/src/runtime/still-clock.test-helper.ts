import type { Clock, Millis } from './clock.ts'

/** A clock that goes on when it is told to. */
export class StillClock implements Clock {
  #now: Millis = Date.UTC(2026, 10, 20, 15)
  readonly #timers = new Set<{ at: Millis; task: () => void }>()

  now(): Millis {
    return this.#now
  }

  monotonic(): number {
    return this.#now
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { at: this.#now + delayMs, task }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** How many wait. */
  get timers(): number {
    return this.#timers.size
  }

  /** Lets time pass; what is due runs, and what its promises set off. */
  async pass(ms: number): Promise<void> {
    this.#now += ms
    for (const timer of [...this.#timers]) if (timer.at <= this.#now && this.#timers.delete(timer)) timer.task()
    await new Promise((resolve) => setImmediate(resolve))
  }
}
