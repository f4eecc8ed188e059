import type { Clock } from '../runtime/clock.ts'

/** What somebody may wait for: a change wakes everybody, new rows only those who wait for rows. */
export type Reason = 'rows' | 'change'

/** Sleeps until it is woken. What rings while nobody sleeps is heard by the next one who would. */
export class Alarm {
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #rung = new Set<Reason>()
  #wake: () => void = () => undefined

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock
    this.#signal = signal
  }

  ring(reason: Reason): void {
    this.#rung.add(reason)
    this.#wake()
  }

  /** Until there is such a reason, for so long at most, or until the signal aborts: then undefined. */
  async sleep(reason: Reason, ms?: number): Promise<Reason | undefined> {
    const heard = () => (this.#rung.has('change') ? 'change' : this.#rung.has(reason) ? reason : undefined)
    if (heard() === undefined && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          cancel?.()
          this.#signal.removeEventListener('abort', done)
          this.#wake = () => undefined
          resolve()
        }
        const cancel = ms === undefined ? undefined : this.#clock.after(ms, done)
        this.#signal.addEventListener('abort', done, { once: true })
        this.#wake = () => {
          if (heard() !== undefined) done()
        }
      })
    }
    const what = heard()
    this.#rung.clear()
    return what
  }
}
