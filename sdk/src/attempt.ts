import type { ExecutorClock } from './clock.ts'
import { LeaseLostError, TimeoutError } from './errors.ts'
import type { Problem } from './problem.ts'

/** How an attempt of ours ended. */
export type Settled =
  /** The handler's word, as the text of `outcomeText`; kept in the inbox. */
  | { kind: 'outcome'; text: string }
  /** The handler was not called. */
  | { kind: 'refused'; problem: Problem }
  /** The handler gave up because nobody waited for it: worth nothing, so whoever asks again starts anew. */
  | { kind: 'abandoned' }

/** A handler at work, and the calls that wait for it: the one that began it and those that joined. */
export class Attempt {
  /** The attempt ids that it answers for, the one it began with first. */
  readonly ids: string[]
  readonly settled: Promise<Settled>
  readonly #clock: ExecutorClock
  readonly #orphanMs: number
  readonly #controller = new AbortController()
  #settle!: (settled: Settled) => void
  #deadlineMs = 0
  #waiting = 0
  #over = false
  #stopDeadline = () => {}
  #stopOrphan = () => {}

  /** `orphanMs`: how long the handler goes on after the last call that waited for it was broken off. */
  constructor(id: string, clock: ExecutorClock, orphanMs: number) {
    this.ids = [id]
    this.#clock = clock
    this.#orphanMs = orphanMs
    this.settled = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** By our clock. Moves back when a call joins that allows more time. */
  get deadlineMs(): number {
    return this.#deadlineMs
  }

  /** A call waits for the outcome; the handler may go on until its deadline. */
  join(budgetMs: number, disconnected: AbortSignal | undefined): void {
    this.#waiting++
    this.#stopOrphan()
    const leave = () => this.#leave()
    if (disconnected?.aborted) leave()
    else if (disconnected) {
      disconnected.addEventListener('abort', leave, { once: true })
      void this.settled.then(() => disconnected.removeEventListener('abort', leave))
    }
    this.#allow(budgetMs)
  }

  /** Aborts the handler's signal; the first reason stands. */
  abort(reason: Error): void {
    this.#controller.abort(reason)
  }

  /** Answers every call that waits. */
  finish(settled: Settled): void {
    this.#stopDeadline()
    this.#stopOrphan()
    this.#over = true
    this.#settle(settled)
  }

  #allow(budgetMs: number): void {
    const deadlineMs = this.#clock.now() + budgetMs
    if (deadlineMs <= this.#deadlineMs) return
    this.#deadlineMs = deadlineMs
    this.#stopDeadline()
    this.#stopDeadline = this.#clock.after(budgetMs, () => this.abort(new TimeoutError()))
  }

  #leave(): void {
    if (--this.#waiting > 0 || this.#over) return
    this.#stopOrphan = this.#clock.after(this.#orphanMs, () => this.abort(new LeaseLostError()))
  }
}
