import type { Millis } from '../runtime/clock.ts'

/** Paces how fast missed runs start: a bucket that fills at `perSecond` and holds one second's worth. */
export class Governor {
  readonly #perSecond: number
  #tokens: number
  #at: Millis = 0

  constructor(perSecond: number) {
    this.#perSecond = perSecond
    this.#tokens = perSecond
  }

  /** Whether one more may start at `now`. */
  mayStart(now: Millis): boolean {
    this.#tokens = Math.min(this.#perSecond, this.#tokens + (Math.max(0, now - this.#at) / 1000) * this.#perSecond)
    this.#at = now
    return this.#tokens >= 1
  }

  /** Takes what `mayStart` allowed. */
  started(): void {
    this.#tokens -= 1
  }

  /** Gives back what was taken for one that did not start. */
  unused(): void {
    this.#tokens = Math.min(this.#perSecond, this.#tokens + 1)
  }
}
