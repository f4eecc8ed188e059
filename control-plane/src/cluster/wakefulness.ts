import type { Clock } from '../runtime/clock.ts'

/**
 * Whether what this process believes can be believed. One that was stopped for a while wakes up with messages from before
 * in its hands: until a majority has answered something that it asked afterwards, it does not know what it has missed.
 */
export class Wakefulness {
  readonly #clock: Clock
  readonly #limitMs: number
  readonly #ask: () => Promise<unknown>
  #lastTick: number
  #asking = false

  /** `ask` resolves once a majority has confirmed the leader, by messages that were sent after the call. */
  constructor(clock: Clock, limitMs: number, ask: () => Promise<unknown>) {
    this.#clock = clock
    this.#limitMs = limitMs
    this.#ask = ask
    this.#lastTick = clock.monotonic()
  }

  /** To be called regularly, far more often than the limit. */
  tick(): void {
    const now = this.#clock.monotonic()
    const slept = now - this.#lastTick > this.#limitMs
    this.#lastTick = now
    if (slept && !this.#asking) this.#wake()
  }

  isAwake(): boolean {
    return !this.#asking && this.#clock.monotonic() - this.#lastTick <= this.#limitMs
  }

  #wake(): void {
    this.#asking = true
    this.#ask().then(
      () => {
        this.#asking = false
      },
      // Nobody leads, or is reached: the next answer is as good.
      () => this.#clock.after(this.#limitMs, () => this.#wake()),
    )
  }
}
