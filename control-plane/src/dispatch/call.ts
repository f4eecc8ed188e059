import type { Clock, Millis } from '../runtime/clock.ts'
import type { Found, StartedAttempt } from './find.ts'
import type { Exchange, Exchanged, ExchangeOwner } from './http.ts'
import type { Prepared } from './prepare.ts'
import type { Queue, Queued } from './queue.ts'
import type { Timed } from './wheel.ts'

/** One attempt on its way: waiting for a permit, or under way. */
export class Call implements Queued, Timed, ExchangeOwner {
  readonly started: StartedAttempt
  readonly job: number
  readonly #clock: Clock
  readonly #done: (call: Call, result: Exchanged) => void
  /** Whether it has a permit. */
  underWay = false
  over = false
  found: Found | undefined
  prepared: Prepared | undefined
  exchange: Exchange | undefined
  redirects = 0
  /** When the first byte was handed to the network. */
  sentAt: Millis | undefined

  behind: Queued | undefined
  ahead: Queued | undefined
  in: Queue<Queued> | undefined

  due = 0
  slot = -1
  next: Timed | undefined
  previous: Timed | undefined

  constructor(started: StartedAttempt, job: number, clock: Clock, done: (call: Call, result: Exchanged) => void) {
    this.started = started
    this.job = job
    this.#clock = clock
    this.#done = done
  }

  get id(): string {
    return this.started.attempt.id
  }

  /** Whom it calls, for sentences. */
  get who(): string {
    return this.found?.who ?? `executor ${this.started.attempt.executor}`
  }

  onSent(): void {
    this.sentAt ??= this.#clock.now()
  }

  onDone(result: Exchanged): void {
    this.#done(this, result)
  }
}
