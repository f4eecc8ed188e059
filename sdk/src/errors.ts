import type { Duration } from './duration.ts'

/** Marks our errors, so that they are known across two copies of the package. */
const BRAND: unique symbol = Symbol.for('@cronclave/sdk/error') as never

/** What an error of ours is; it decides the outcome of an attempt, not the class does. */
export type ErrorKind =
  | 'non-retryable'
  | 'retry-after'
  | 'skip'
  | 'timeout'
  | 'cancelled'
  | 'lease-lost'
  | 'drain'
  | 'signature'
  | 'config'
  | 'kv'

/** Options of the errors that handlers throw. `code` is for scripts: lower-case words joined by hyphens. */
export interface ErrorOptions {
  cause?: unknown
  code?: string
}

/** What every error of the SDK is. Test with `isCronclaveError`, not `instanceof`. */
export class CronclaveError extends Error {
  override name = 'CronclaveError'
  readonly code: string
  readonly [BRAND]: ErrorKind

  constructor(kind: ErrorKind, message: string, options: ErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this[BRAND] = kind
    this.code = options.code ?? kind
  }
}

/**
 * Whether `error` is one of the SDK's, of any copy of it, and of `kind` when that is given.
 * @example
 * try {
 *   await copyRows(ctx.signal)
 * } catch (error) {
 *   if (isCronclaveError(error, 'timeout')) ctx.log.warn('ran out of time')
 *   throw error
 * }
 */
export function isCronclaveError(error: unknown, kind?: ErrorKind): error is CronclaveError {
  const found = errorKind(error)
  return found !== undefined && (kind === undefined || found === kind)
}

/** The kind of an SDK error, `undefined` for anything else, an object that throws when it is looked at included. */
export function errorKind(error: unknown): ErrorKind | undefined {
  try {
    return (error as Partial<CronclaveError> | null | undefined)?.[BRAND]
  } catch {
    return undefined
  }
}

/**
 * Thrown by a handler: the attempt failed and asking again is useless.
 * @example
 * throw new NonRetryableError('customer 42 does not exist', { code: 'unknown-customer' })
 */
export class NonRetryableError extends CronclaveError {
  override name = 'NonRetryableError'
  constructor(message: string, options?: ErrorOptions) {
    super('non-retryable', message, options)
  }
}

/**
 * Thrown by a handler: the attempt failed, ask again, but not before this time has passed. The job decides whether it has a
 * retry left, and waits its `retry.maxDelay` at most, which is 5 minutes unless it says more.
 * @example
 * throw new RetryAfterError('the bank is closed', '30m')
 */
export class RetryAfterError extends CronclaveError {
  override name = 'RetryAfterError'
  readonly after: Duration | Date
  constructor(message: string, after: Duration | Date, options?: ErrorOptions) {
    super('retry-after', message, options)
    this.after = after
  }
}

/**
 * Thrown by a handler: there was nothing to do. The attempt ends `skipped`, which is no failure.
 * @example
 * throw new SkipError('no new orders')
 */
export class SkipError extends CronclaveError {
  override name = 'SkipError'
  constructor(message: string, options?: ErrorOptions) {
    super('skip', message, { code: 'skipped', ...options })
  }
}

/** Reason of `ctx.signal`: the attempt's deadline has passed. */
export class TimeoutError extends CronclaveError {
  override name = 'TimeoutError'
  constructor(message = 'the deadline of the attempt has passed') {
    super('timeout', message)
  }
}

/** Reason of `ctx.signal`: someone cancelled the run. */
export class CancelledError extends CronclaveError {
  override name = 'CancelledError'
  constructor(message = 'the run was cancelled') {
    super('cancelled', message)
  }
}

/** Reason of `ctx.signal`: nobody waits for this attempt any more; another executor may be doing its work. */
export class LeaseLostError extends CronclaveError {
  override name = 'LeaseLostError'
  constructor(message = 'the caller went away and nobody took over the attempt') {
    super('lease-lost', message)
  }
}

/** Reason of `ctx.signal`: the executor shuts down and its patience is over. */
export class DrainError extends CronclaveError {
  override name = 'DrainError'
  constructor(message = 'the executor is shutting down') {
    super('drain', message)
  }
}

/** Why a signature was refused. `too-old` and `too-new` mean clocks that differ by more than five minutes, or a replay. */
export type SignatureFault =
  | 'missing-header'
  | 'malformed-timestamp'
  | 'too-old'
  | 'too-new'
  | 'no-match'
  | 'missing-token'
  | 'malformed-token'
  | 'unknown-key'
  | 'wrong-audience'
  | 'wrong-claims'
  | 'wrong-body'
  | 'keys-unavailable'

/** A call that nobody with a known secret signed, or not for this moment. `code` says which. */
export class SignatureError extends CronclaveError {
  override name = 'SignatureError'
  constructor(fault: SignatureFault, message: string) {
    super('signature', message, { code: fault })
  }
}

/** The executor is set up wrongly; the message says how to put it right. */
export class ConfigError extends CronclaveError {
  override name = 'ConfigError'
  constructor(message: string, options?: ErrorOptions) {
    super('config', message, options)
  }
}
