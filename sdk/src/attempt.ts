import type { ExecutorClock } from './clock.ts'
import type { Dispatch } from './envelope.ts'
import type { Lease } from './lease.ts'
import { CancelledError, LeaseLostError, TimeoutError } from './errors.ts'
import type { Progress } from './outcome.ts'
import type { Problem } from './problem.ts'
import type { RunLog } from './run-log.ts'

/** How an attempt of ours ended. */
export type Settled =
  /** The handler's word, as the text of `outcomeText`; kept in the inbox. */
  | { kind: 'outcome'; text: string }
  /** The handler was not called. */
  | { kind: 'refused'; problem: Problem }
  /** The handler gave up because nobody waited for it: worth nothing, so whoever asks again starts anew. */
  | { kind: 'abandoned' }

/** Ends the waiting of a call or a lease; when nobody is left, the handler has this long. @default `orphanGrace` */
export type Leave = (graceMs?: number) => void

/** A handler at work, and the calls that wait for it: the one that began it and those that joined. */
export class Attempt {
  /** The attempt ids that it answers for, the one it began with first. */
  readonly ids: string[]
  readonly settled: Promise<Settled>
  /** The call that joined last. */
  dispatch?: Dispatch
  /** What was reported of it, by attempt id. */
  readonly leases = new Map<string, Lease>()
  /** What the handler has said so far. */
  log?: RunLog
  progress?: Progress
  over = false
  readonly #clock: ExecutorClock
  readonly #orphanMs: number
  readonly #controller = new AbortController()
  #settle!: (settled: Settled) => void
  /** How far our clock is ahead of the caller's. */
  #skewMs = 0
  #deadlineMs = 0
  #waiting = 0
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
  take(dispatch: Dispatch, disconnected: AbortSignal | undefined): Leave {
    // One that was superseded may come again.
    if (this.ids.at(-1) === dispatch.attemptId) this.dispatch = dispatch
    this.#skewMs = this.#clock.now() - dispatch.sentMs
    this.allow(dispatch.budgetMs)
    return this.join(disconnected)
  }

  /** A call or a lease waits for the outcome, until it is disconnected or leaves. */
  join(disconnected?: AbortSignal): Leave {
    this.#waiting++
    this.#stopOrphan()
    let waits = true
    const leave: Leave = (graceMs = this.#orphanMs) => {
      if (!waits) return
      waits = false
      disconnected?.removeEventListener('abort', broken)
      if (--this.#waiting > 0 || this.over) return
      this.#stopOrphan = this.#clock.after(graceMs, () => this.lose())
    }
    const broken = () => leave()
    disconnected?.addEventListener('abort', broken)
    if (disconnected?.aborted) leave()
    void this.settled.then(broken)
    return leave
  }

  /** The handler may go on for so long from now, unless it already may for longer. */
  allow(budgetMs: number): void {
    const deadlineMs = this.#clock.now() + budgetMs
    if (!(deadlineMs > this.#deadlineMs)) return
    this.#deadlineMs = deadlineMs
    this.#stopDeadline()
    this.#stopDeadline = this.#clock.after(budgetMs, () => this.abort(new TimeoutError()))
  }

  /** The same for a deadline by the clock of the caller. */
  allowUntil(deadlineMs: number): void {
    this.allow(deadlineMs + this.#skewMs - this.#clock.now())
  }

  /** Somebody cancelled the run. */
  cancel(): void {
    this.abort(new CancelledError())
  }

  /** Somebody else may be at the work. */
  lose(): void {
    this.abort(new LeaseLostError())
  }

  /** Aborts the handler's signal; the first reason stands. */
  abort(reason: Error): void {
    this.#controller.abort(reason)
  }

  /** Answers every call that waits. */
  finish(settled: Settled): void {
    this.#stopDeadline()
    this.#stopOrphan()
    this.over = true
    this.#settle(settled)
  }
}
