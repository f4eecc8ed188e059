import type { JobSpec } from '../jobs/job.ts'
import type { Clock, Millis } from '../runtime/clock.ts'
import type { Found, StartedAttempt } from './find.ts'
import type { Exchange, Exchanged, ExchangeOwner } from './http.ts'
import type { Parent } from './parent.ts'
import type { Prepared } from './prepare.ts'
import type { Queue, Queued } from './queue.ts'
import type { Timed } from './wheel.ts'

/** What the dispatcher has to say and to hear of a call. */
export interface CallOwner {
  /** Asked with the connection at hand, right before the first byte. When not, the call has been ended. */
  mayLeave(call: Call): boolean
  onDone(call: Call, result: Exchanged): void
}

/** One attempt on its way: waiting for a permit, or under way. */
export class Call implements Queued, Timed, ExchangeOwner {
  readonly started: StartedAttempt
  readonly job: number
  readonly #clock: Clock
  readonly #owner: CallOwner
  /** Whether it has a permit. */
  underWay = false
  over = false
  found: Found | undefined
  prepared: Prepared | undefined
  /** Of a run that another one started, once it has been read. */
  parent: Parent | undefined
  exchange: Exchange | undefined
  /** What its job said when the request was made. */
  spec: JobSpec | undefined
  redirects = 0
  /** The deadline that is being waited for. */
  deadline: Millis
  /** When the first byte was handed to the network. */
  sentAt: Millis | undefined

  behind: Queued | undefined
  ahead: Queued | undefined
  in: Queue<Queued> | undefined

  due = 0
  slot = -1
  next: Timed | undefined
  previous: Timed | undefined

  constructor(started: StartedAttempt, job: number, clock: Clock, owner: CallOwner) {
    this.started = started
    this.job = job
    this.#clock = clock
    this.#owner = owner
    this.deadline = started.attempt.deadline
  }

  get id(): string {
    return this.started.attempt.id
  }

  /** Whom it calls, for sentences. */
  get who(): string {
    return this.found?.who ?? `executor ${this.started.attempt.executor}`
  }

  onSent(): boolean {
    if (!this.#owner.mayLeave(this)) return false
    this.sentAt ??= this.#clock.now()
    return true
  }

  onDone(result: Exchanged): void {
    this.#owner.onDone(this, result)
  }
}
