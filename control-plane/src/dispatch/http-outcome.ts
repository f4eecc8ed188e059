import { cutText } from '../runtime/characters.ts'
import type { HttpTarget, Json } from '../jobs/job.ts'
import {
  ended,
  type Finish,
  HTTP_LEASE_MS,
  type HttpCalled,
  parseJson,
  type Reply,
  RESULT_BYTES_MAX,
  retryAfter,
  textWithin,
  type Verdict,
} from './outcome.ts'

/** What the reply of a plain HTTP endpoint means: the request is the user's own, so the status decides. */
export function httpVerdict(reply: Reply, { target, who, now }: HttpCalled): Verdict {
  const { status } = reply
  if (target.async && isAcceptance(status, target.acceptStatuses)) return { kind: 'accepted', leaseMs: HTTP_LEASE_MS }
  const result = resultOf(reply)
  const kept = { status, ...(result === undefined ? {} : { result }) }
  if (!isSuccess(status, target.successStatuses)) {
    return ended('failed', `http-${status}`, `${who} answered ${status}`, { ...kept, ...retryAfter(reply, now) })
  }
  const unmet = target.expect && unmetExpectation(reply, result, target.expect)
  if (unmet !== undefined) {
    return ended('failed', 'unexpected-reply', `${who} answered ${status}, but ${unmet}`, kept)
  }
  return { kind: 'finished', finish: { outcome: 'succeeded', retryable: true, ...kept } satisfies Finish }
}

/** The work was taken on, and how it ends is told later. */
function isAcceptance(status: number, listed: readonly number[] = []): boolean {
  return listed.length === 0 ? status === 202 : listed.includes(status)
}

function isSuccess(status: number, listed: readonly number[]): boolean {
  return listed.length === 0 ? status >= 200 && status <= 299 : listed.includes(status)
}

/** JSON as it is, anything else as `{text}`, cut on a character boundary when there is more than the log takes. */
function resultOf(reply: Reply): Json | undefined {
  if (reply.bytes === 0) return undefined
  const truncated = reply.bytes > RESULT_BYTES_MAX
  const text = textWithin(reply.body, RESULT_BYTES_MAX)
  if (truncated) return { text, truncated, bytes: reply.bytes }
  const type = reply.headers['content-type'] ?? ''
  const json = /json/i.test(type) || /^\s*[[{]/.test(text) ? parseJson(text) : undefined
  return json === undefined ? { text } : json
}

function unmetExpectation(
  reply: Reply,
  result: Json | undefined,
  { field, equals }: NonNullable<HttpTarget['expect']>,
): string | undefined {
  if (reply.bytes > RESULT_BYTES_MAX)
    return `its body has more than ${RESULT_BYTES_MAX} bytes, so ${field} was not looked for`
  let value: Json | undefined = result
  for (const name of field.split('.')) {
    const holds = typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    value = holds ? (value as { [key: string]: Json })[name] : undefined
  }
  if (value === undefined) return `its body has no field ${field}`
  return sameJson(value, equals) ? undefined : `${field} is ${cutText(JSON.stringify(value), 200)}`
}

function sameJson(a: Json, b: Json): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [left, right] = [Object.entries(a), b as { [key: string]: Json }]
  return (
    left.length === Object.keys(right).length &&
    left.every(([name, value]) => Object.hasOwn(right, name) && sameJson(value, right[name] as Json))
  )
}
