import type { SealedSecret } from '../discovery/executor.ts'
import type { OpenAttempt } from '../runs/run.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import type { AttemptFinish } from '../state/commands.ts'
import type { State } from '../state/state.ts'
import type { EgressPolicy } from './egress.ts'

export interface DispatchLogger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface DispatcherDeps {
  clock: Clock
  random: Random
  logger: DispatchLogger
  state(): State
  node: string
  incarnation: number
  openSecret(sealed: SealedSecret): string
  egress: EgressPolicy
  report(finish: AttemptFinish): void
  accepted(attempt: string, leaseMs: number): void
  /** Requests under way at once. @default 256 @minimum 1 */
  concurrencyMax?: number
  /** Requests that wait for a permit; beyond it attempts end `refused`. @default 100_000 */
  queueMax?: number
}

/** What the dispatcher is told of an attempt: the `attempt-started` event. */
export interface StartedAttempt {
  run: string
  shard: number
  attempt: OpenAttempt
}

/** Sends the requests of this node's attempts and reports what came of each. */
export class Dispatcher {
  readonly #deps: DispatcherDeps

  constructor(deps: DispatcherDeps) {
    this.#deps = deps
  }

  get inFlight(): number {
    return 0
  }

  get waiting(): number {
    return 0
  }

  start(event: StartedAttempt): void {
    this.#deps.logger.debug({ attempt: event.attempt.id }, 'started')
  }

  abort(attemptId: string, why: 'cancelled' | 'timed-out'): void {
    this.#deps.logger.debug({ attempt: attemptId, why }, 'aborted')
  }

  /** Lets requests under way finish for `graceMs`, then closes them. */
  stop(graceMs: number): Promise<void> {
    return graceMs >= 0 ? Promise.resolve() : Promise.reject(new RangeError('graceMs is negative'))
  }
}
