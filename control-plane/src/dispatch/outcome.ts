import { mendedJson } from '../runtime/mended-json.ts'
import { cutText } from '../runtime/characters.ts'
import type { HttpTarget, Json } from '../jobs/job.ts'
import type { AttemptOutcome, RunError } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import type { ReplyKey } from '../signing/reply.ts'
import type { AttemptFinish } from '../state/commands.ts'

/** What an attempt's end says besides its times and its chance. */
export type Finish = Omit<AttemptFinish, 'attempt' | 'job' | 'sentAt' | 'endedAt' | 'chance'>

/** What the dispatcher is told to do about a reply. */
export type Verdict = { kind: 'finished'; finish: Finish } | { kind: 'accepted'; leaseMs: number }

/** A reply as far as it was read. */
export interface Reply {
  status: number
  /** The few headers that matter, in lower case. */
  headers: Readonly<Record<string, string>>
  body: Buffer
  /** Bytes that arrived; more than `body` holds when the rest was dropped. */
  bytes: number
}

/** Whom an attempt called, for its sentences. */
export interface Called {
  /** `executor billing-1 at http://10.0.0.7:8080` or `http://example.test`. */
  who: string
  runId: string
  attemptId: string
  now: Millis
}

export interface HandlerCalled extends Called {
  keys: readonly ReplyKey[]
  /** Only a signed answer proves that nothing was started: a proxy's 503 may hide a request that arrived. */
  strict: boolean
}

export interface HttpCalled extends Called {
  target: Pick<HttpTarget, 'successStatuses' | 'expect' | 'async' | 'acceptStatuses'>
}

/** Lease of an acceptance that names none, and the longest one taken, in milliseconds. */
export const LEASE_MS = 30_000
export const LEASE_MS_MAX = 30 * 60_000
/** Lease of an `http` endpoint that reports later: most of them send no heartbeats. */
export const HTTP_LEASE_MS = 30 * 60_000

/** An end with an error; the sentence begins with whom was called. */
export function ended(
  outcome: AttemptOutcome,
  code: string,
  message: string,
  more: Partial<Omit<Finish, 'outcome' | 'error'>> = {},
): Verdict {
  return { kind: 'finished', finish: { outcome, retryable: true, error: { code, message }, ...more } }
}

/** Milliseconds of a `Retry-After` header: seconds, or an HTTP date; nothing when it is neither. */
export function retryAfterMs(header: string | undefined, now: Millis): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  if (!/^[A-Za-z]{3}/.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** The same as a field, to be spread into a finish. */
export function retryAfter(reply: Reply, now: Millis): { retryAfterMs?: number } {
  const ms = retryAfterMs(reply.headers['retry-after'], now)
  return ms === undefined ? {} : { retryAfterMs: ms }
}

/** A code as codes are written here: lower case, with hyphens, at most 64 characters. */
export function codeOf(given: unknown, otherwise: string): string {
  if (typeof given !== 'string') return otherwise
  const code = given
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
  return code === '' ? otherwise : code
}

/** An error from elsewhere, cut to size. */
export function errorOf(code: string, message: string, name: unknown): RunError {
  return {
    code,
    message: cutText(message, MESSAGE_CHARS_MAX),
    ...(typeof name === 'string' && name !== '' ? { name: cutText(name, 100) } : {}),
  }
}

/** Characters of an error's message that are kept. */
export const MESSAGE_CHARS_MAX = 4096

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Bytes of a result that enter the log. */
export const RESULT_BYTES_MAX = 64 * 1024
/** Nesting of a result at most: deeper JSON is kept as text, since not everything that reads it later can follow. */
export const RESULT_DEPTH_MAX = 64

/** The value of a JSON text as it can be kept, or undefined when it is none or is nested too deeply. */
export function parseJson(text: string): Json | undefined {
  if (depthOf(text) > RESULT_DEPTH_MAX) return undefined
  try {
    return mendedJson(text, JSON.parse(text) as Json)
  } catch {
    return undefined
  }
}

function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x5c && inString) i++
    else if (code === 0x22) inString = !inString
    else if (inString) continue
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth)
    else if (code === 0x5d || code === 0x7d) depth--
  }
  return deepest
}

/** At most `bytesMax` bytes of UTF-8, cut on a character boundary. */
export function textWithin(body: Buffer, bytesMax: number): string {
  if (body.length <= bytesMax) return body.toString('utf8')
  let end = bytesMax
  while (end > 0 && ((body[end] ?? 0) & 0xc0) === 0x80) end--
  return body.toString('utf8', 0, end)
}
