import { errorKind, type RetryAfterError } from './errors.ts'
import { durationMs } from './duration.ts'
import { jsonDepth } from './json.ts'
import { messageOf } from './message-of.ts'
import type { LogLine } from './run-log.ts'
import { cutText, utf8Length } from './utf8.ts'

/** How an attempt ended, as the handler has it. */
export type OutcomeName = 'succeeded' | 'failed' | 'skipped' | 'cancelled' | 'timed-out'

/** An error as it travels to the control plane. */
export interface OutcomeError {
  name: string
  message: string
  code: string
  retryable: boolean
  retryAfterMs?: number
}

/** How far a handler got, by its own account. */
export interface Progress {
  done: number
  total?: number
  note?: string
}

/** What an attempt leaves behind for its reply. */
export interface Outcome {
  outcome: OutcomeName
  /** The result as JSON text. */
  result?: string
  error?: OutcomeError
}

/** Bytes of a handler's result as JSON in UTF-8. */
export const RESULT_BYTES_MAX = 64 * 1024
/** Nesting of a handler's result; the control plane takes no deeper reply. */
export const RESULT_DEPTH_MAX = 60
const NAME_UNITS_MAX = 128
const CODE = /^[a-z][a-z0-9-]{0,63}$/

/** What a handler's return value comes to. */
export function outcomeOfResult(value: unknown): Outcome {
  if (value === undefined) return { outcome: 'succeeded' }
  try {
    const text = JSON.stringify(value) as string | undefined
    if (text === undefined) return badResult('result-not-json', `a ${typeof value} is not JSON`)
    const bytes = utf8Length(text)
    if (bytes > RESULT_BYTES_MAX) {
      return badResult(
        'result-too-large',
        `the result has ${bytes} bytes of JSON, at most ${RESULT_BYTES_MAX} are kept`,
      )
    }
    if (text.length > 2 * RESULT_DEPTH_MAX && jsonDepth(text) > RESULT_DEPTH_MAX) {
      return badResult('result-too-deep', `the result is nested more than ${RESULT_DEPTH_MAX} deep`)
    }
    return { outcome: 'succeeded', result: text }
  } catch (error) {
    return badResult('result-not-json', `the result is not JSON: ${messageOf(error)}`)
  }
}

/** What a handler's exception comes to; `reason` is that of its signal, once that was aborted. */
export function outcomeOfError(error: unknown, reason: unknown, nowMs: number): Outcome {
  const aborted = errorKind(reason)
  if (aborted === 'cancelled') return { outcome: 'cancelled', error: describe(error, 'cancelled', false) }
  if (aborted === 'timeout') return { outcome: 'timed-out', error: describe(error, 'timeout', true) }
  switch (errorKind(error)) {
    case 'skip':
      return { outcome: 'skipped', error: describe(error, 'skipped', false) }
    case 'non-retryable':
      return { outcome: 'failed', error: describe(error, 'non-retryable', false) }
    case 'retry-after':
      return { outcome: 'failed', error: { ...describe(error, 'retry-after', true), ...retryAfter(error, nowMs) } }
    default:
      return { outcome: 'failed', error: describe(error, aborted ?? 'handler-error', true) }
  }
}

/** The reply's fields after the ids, as JSON text without its opening brace: it is kept, and answers again as it is. */
export function outcomeText(
  { result, ...outcome }: Outcome,
  logs: readonly LogLine[],
  progress: Progress | undefined,
): string {
  const text = JSON.stringify({ ...outcome, ...(logs.length > 0 && { logs }), ...(progress && { progress }) })
  return result === undefined ? text.slice(1) : `"result":${result},${text.slice(1)}`
}

function badResult(code: string, message: string): Outcome {
  return { outcome: 'failed', error: { name: 'ResultError', message, code, retryable: false } }
}

function describe(error: unknown, fallbackCode: string, retryable: boolean): OutcomeError {
  const { name, code } = namesOf(error)
  return {
    name: typeof name === 'string' && name !== '' ? cutText(name, NAME_UNITS_MAX) : 'Error',
    message: messageOf(error),
    code: typeof code === 'string' && CODE.test(code) ? code : fallbackCode,
    retryable,
  }
}

function namesOf(error: unknown): { name?: unknown; code?: unknown } {
  try {
    const { name, code } = Object(error) as { name?: unknown; code?: unknown }
    return { name, code }
  } catch {
    return {}
  }
}

function retryAfter(error: unknown, nowMs: number): { retryAfterMs?: number } {
  try {
    const { after } = error as RetryAfterError
    const ms = after instanceof Date ? after.getTime() - nowMs : durationMs(after)
    return Number.isNaN(ms) ? {} : { retryAfterMs: Math.max(0, Math.ceil(ms)) }
  } catch {
    return {}
  }
}
