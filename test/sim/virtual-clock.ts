import type { Clock, Millis } from '../../control-plane/src/runtime/clock.ts'

interface Timer {
  at: number
  order: number
  task: () => void
}

/** A clock whose time passes only when it is told to. Timers of one instant run in the order in which they were set. */
export class VirtualClock implements Clock {
  #now: Millis
  #stepped = 0
  #order = 0
  #timers: Timer[] = []

  constructor(start: Millis) {
    this.#now = start
  }

  now(): Millis {
    return Math.floor(this.#now) + this.#stepped
  }

  /** Somebody sets the wall clock; the monotonic one goes on. */
  step(byMs: number): void {
    this.#stepped += byMs
  }

  monotonic(): number {
    return this.#now
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, delayMs), order: this.#order++, task }
    let place = this.#timers.length
    // Latest first, so that the next one is taken from the end; of one instant the newest comes before the older.
    while (place > 0 && (this.#timers[place - 1] as Timer).at <= timer.at) place -= 1
    this.#timers.splice(place, 0, timer)
    return () => {
      const at = this.#timers.indexOf(timer)
      if (at >= 0) this.#timers.splice(at, 1)
    }
  }

  /** Lets time pass up to `until`, running every timer on the way, and everything that its promises set off. */
  async run(until: Millis, step: () => void = () => undefined): Promise<void> {
    for (;;) {
      const next = this.#timers.at(-1)
      if (!next || next.at > until) break
      this.#timers.pop()
      this.#now = Math.max(this.#now, next.at)
      next.task()
      await settled()
      step()
    }
    this.#now = Math.max(this.#now, until)
  }

  /** Time passes and nobody notices: what SIGSTOP or a stopped process looks like from inside. */
  leap(byMs: number): void {
    this.#now += byMs
  }

  /** Forgets every timer: the process that set them is gone. */
  clear(): void {
    this.#timers = []
  }
}

/** When everything that promises have set off so far is done. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
