import type { Clock } from '../runtime/clock.ts'

/** How much of a pause may be made good afterwards, in milliseconds. */
const BURST_MS = 50
const RATE_MIN = 1024
/** So long is waited at most before the rate is asked for again, in milliseconds. */
const WAIT_MS_MAX = 250

/** Lets bytes through at a rate that may change meanwhile. */
export class Pace {
  readonly #clock: Clock
  readonly #rate: () => number
  readonly #signal: AbortSignal
  #free: number

  constructor(clock: Clock, rateBytesPerSecond: () => number, signal: AbortSignal) {
    this.#clock = clock
    this.#rate = rateBytesPerSecond
    this.#signal = signal
    this.#free = clock.monotonic()
  }

  /** Resolves when `bytes` may go, or the signal is aborted. */
  async take(bytes: number): Promise<void> {
    let left = bytes
    while (left > 0 && !this.#signal.aborted) {
      const perMs = Math.max(RATE_MIN, this.#rate()) / 1000
      const part = Math.min(left, Math.ceil(perMs * WAIT_MS_MAX))
      const now = this.#clock.monotonic()
      this.#free = Math.max(this.#free, now - BURST_MS) + part / perMs
      left -= part
      if (this.#free > now) await this.#wait(this.#free - now)
    }
  }

  async #wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        cancel()
        this.#signal.removeEventListener('abort', done)
        resolve()
      }
      const cancel = this.#clock.after(ms, done)
      this.#signal.addEventListener('abort', done, { once: true })
    })
  }
}
