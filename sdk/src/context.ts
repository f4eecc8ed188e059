import type { Attempt } from './attempt.ts'
import { durationMs, type Duration } from './duration.ts'
import type { Dispatch } from './envelope.ts'
import { ConfigError } from './errors.ts'
import type { Held, Kv, LockOptions } from './keys-and-locks.ts'
import type { Json } from './json.ts'
import type { RunLog, RunLogger } from './run-log.ts'
import { createShard, type Shard } from './shard.ts'
import { cutText } from './utf8.ts'

const NOTE_UNITS_MAX = 256

/** What a handler is given: what to do, until when, and how to report. */
export interface JobContext<Params> {
  readonly params: Params
  readonly runId: string
  readonly attemptId: string
  /** Name of the job, which may differ from the handler's. */
  readonly job: string
  /** The nominal instant for which the run was made. */
  readonly fireTime: Date
  /** The fire before this one, if there was one. */
  readonly lastFireTime?: Date
  /** From 1. */
  readonly attempt: number
  readonly maxAttempts: number
  /** When `signal` aborts, by this machine's clock. */
  readonly deadline: Date
  /** Why the run was made: `schedule`, `misfire`, `manual`, `api`, … */
  readonly trigger: string
  readonly shard: Shard
  /** Aborts with `TimeoutError`, `CancelledError`, `LeaseLostError` or `DrainError` as its reason. Pass it on to what you call. */
  readonly signal: AbortSignal
  /** Lines kept with the run: at most 1,000 and 64 KiB. */
  readonly log: RunLogger
  /** Grows with every attempt, over the whole cluster. A store that refuses a lower one than it has seen is safe from late writers. */
  readonly fencingToken: bigint
  /** The run whose end started this one. */
  readonly parent?: { readonly runId: string; readonly result: Json }
  /** W3C trace context of the call. */
  readonly traceparent?: string
  /** Keys of the namespace. Without `kv` in the executor's options, every use throws a `ConfigError`. */
  readonly kv: Kv
  /** Does something while holding a lock; the attempt's `signal` ends it as well. */
  lock<Result>(name: string, options: LockOptions, work: (held: Held) => Result | Promise<Result>): Promise<Result>
  /**
   * Asks for time: so long from now, at most until `runTimeout` of the run. Resolves to the deadline that holds then. Goes
   * on asking while no node answers; rejects when it is refused, and with the signal's reason when the attempt is over.
   */
  extend(by: Duration): Promise<Date>
  /** How far it got; the last word is kept with the attempt. Numbers that are not finite are ignored. */
  progress(done: number, total?: number, note?: string): void
}

/** The context of an attempt. `traceparent` comes from an unsigned header and decides nothing. */
export function createContext<Params>(
  dispatch: Dispatch,
  params: Params,
  attempt: Attempt,
  log: RunLog,
  traceparent: string | null | undefined,
  extend: (ms: number) => Promise<void>,
  kv: Kv = missing,
): JobContext<Params> {
  return {
    params,
    runId: dispatch.runId,
    attemptId: dispatch.attemptId,
    job: dispatch.job,
    fireTime: new Date(dispatch.fireTimeMs),
    ...(dispatch.lastFireTimeMs !== undefined && { lastFireTime: new Date(dispatch.lastFireTimeMs) }),
    attempt: dispatch.attempt,
    maxAttempts: dispatch.maxAttempts,
    get deadline() {
      return new Date(attempt.deadlineMs)
    },
    trigger: dispatch.trigger,
    shard: createShard(dispatch.shard),
    get signal() {
      return attempt.signal
    },
    log,
    fencingToken: dispatch.fencingToken,
    ...(dispatch.parent && { parent: dispatch.parent }),
    ...(traceparent && /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(traceparent) && { traceparent }),
    kv,
    lock(name, options, work) {
      const signal = AbortSignal.any([attempt.signal, options.signal ?? attempt.signal])
      return kv.lock(name, { ...options, signal }, work)
    },
    async extend(by) {
      await extend(durationMs(by))
      return new Date(attempt.deadlineMs)
    },
    progress(done, total, note) {
      if (!Number.isFinite(done)) return
      attempt.progress = {
        done,
        ...(total !== undefined && Number.isFinite(total) && { total }),
        ...(typeof note === 'string' && { note: cutText(note, NOTE_UNITS_MAX) }),
      }
    },
  }
}

/** Stands where no keys were set up: any use of it says how. */
const missing = new Proxy({} as Kv, {
  get() {
    throw new ConfigError('set `kv` of the executor: @cronclave/sdk/kv')
  },
})
