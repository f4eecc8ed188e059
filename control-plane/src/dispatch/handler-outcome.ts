import { cutText } from '../runtime/characters.ts'
import { verifyReply } from '../signing/reply.ts'
import { reportedFinish } from './reported.ts'
import {
  ended,
  type Finish,
  type HandlerCalled,
  isRecord,
  LEASE_MS,
  LEASE_MS_MAX,
  parseJson,
  type Reply,
  RESULT_BYTES_MAX,
  retryAfter,
  textWithin,
  type Verdict,
} from './outcome.ts'

const OUTCOMES = new Set<unknown>(['succeeded', 'failed', 'skipped', 'cancelled', 'timed-out'])
/** Answers that let another executor begin the work. */
const NOT_STARTED = new Set([404, 421, 429, 503])

/** What an executor's reply to `run.dispatch` means. Only a signed 200 is the handler's word. */
export function handlerVerdict(reply: Reply, called: HandlerCalled): Verdict {
  const { status } = reply
  const { who, now } = called
  const rest = { status, ...retryAfter(reply, now) }
  if (called.strict && NOT_STARTED.has(status) && !isSigned(reply, called)) {
    const what = `answered ${status} without a valid signature, so it does not prove that nothing was started`
    return ended('uncertain', 'reply-unsigned', `${who} ${what}${saidBy(reply)}`, rest)
  }
  switch (status) {
    case 200:
      return signedVerdict(reply, called)
    case 202:
    case 409:
      return { kind: 'accepted', leaseMs: leaseOf(reply) }
    default:
      return (
        refusal(status, who, saidBy(reply), rest) ??
        ended('uncertain', `http-${status}`, `${who} answered ${status}, which is not a handler's word`, rest)
      )
  }
}

/** What it means that an executor did not begin; `said` is its own sentence. Undefined for statuses that do not say so. */
export function refusal(status: number, who: string, said: string, rest: Partial<Finish>): Verdict | undefined {
  switch (status) {
    case 429:
    case 503:
      return ended('refused', 'executor-busy', `${who} has no room (${status})${said}`, rest)
    case 404:
      return ended('refused', 'handler-unknown', `${who} does not know the handler (404)${said}`, rest)
    case 421:
      return ended('refused', 'executor-mismatch', `${who} is not the executor it was called as (421)${said}`, rest)
    case 401:
      return ended('failed', 'signature-refused', `${who} refuses our signature (401)${said}`, final(status))
    case 413:
      return ended('failed', 'request-too-large', `${who} finds the request too large (413)${said}`, final(status))
    case 422:
      return ended('failed', 'request-refused', `${who} refuses the parameters (422)${said}`, final(status))
    default:
      return undefined
  }
}

function isSigned(reply: Reply, { keys, attemptId, now }: HandlerCalled): boolean {
  const { headers, body, bytes } = reply
  return bytes === body.length && verifyReply({ keys, attemptId, headers, body, nowMs: now }).ok
}

function final(status: number): Partial<Finish> {
  return { status, retryable: false }
}

/** A problem document's sentence, if the executor sent one. */
function saidBy(reply: Reply): string {
  const body = parseJson(textWithin(reply.body, RESULT_BYTES_MAX))
  const detail = isRecord(body) ? (body['detail'] ?? body['title']) : undefined
  return typeof detail === 'string' && detail !== '' ? `: ${cutText(detail, 500)}` : ''
}

function leaseOf(reply: Reply): number {
  const body = parseJson(textWithin(reply.body, RESULT_BYTES_MAX))
  const lease = isRecord(body) ? body['leaseTtlMs'] : undefined
  return typeof lease === 'number' && lease >= 1 ? Math.min(Math.ceil(lease), LEASE_MS_MAX) : LEASE_MS
}

function signedVerdict(reply: Reply, called: HandlerCalled): Verdict {
  const { who, keys, attemptId, runId, now } = called
  const doubt = (code: string, what: string) => ended('uncertain', code, `${who} ${what}`, { status: reply.status })
  if (reply.bytes > reply.body.length) {
    return doubt(
      'reply-too-large',
      `answered with more than ${reply.body.length} bytes, so its signature proves nothing`,
    )
  }
  const verified = verifyReply({ keys, attemptId, headers: reply.headers, body: reply.body, nowMs: now })
  if (!verified.ok) {
    return verified.reason === 'missing-header'
      ? doubt('reply-unsigned', 'answered 200 without a signature')
      : doubt('reply-signature-invalid', `answered 200 with a signature that does not hold (${verified.reason})`)
  }
  const body = parseJson(reply.body.toString('utf8'))
  const data = isRecord(body) && body['type'] === 'run.result' ? body['data'] : undefined
  if (!isRecord(data) || !OUTCOMES.has(data['outcome'])) {
    return doubt('reply-invalid', 'answered with something that is not a run.result')
  }
  if (data['runId'] !== runId || data['attemptId'] !== attemptId) {
    return doubt('reply-mismatch', 'answered for another run or attempt')
  }
  return { kind: 'finished', finish: { status: 200, ...reportedFinish(data, who) } }
}
