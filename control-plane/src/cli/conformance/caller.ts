import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Clock } from '../../runtime/clock.ts'
import { type IncomingReply, verifyReply } from '../../signing/reply.ts'
import type { TlsOptions } from '../tls-fetch.ts'
import type { Signer } from './signer.ts'

/** How long an executor may take for an answer, in milliseconds. */
const ANSWER_MS = 10_000
/** Bytes of a reply that are read. */
const REPLY_BYTES_MAX = 1024 * 1024

/** Whom the kit calls, and how. */
export interface Subject {
  url: URL
  signer: Signer
  namespace: string
  service: string
  executor: string
  tls: TlsOptions
  clock: Clock
  signal: AbortSignal
}

/** A call before it is signed, and what is done to it afterwards. */
export interface Call {
  id: string
  body: Buffer
  method?: string
  /** Added to the clock of the signature. */
  shiftMs?: number
  /** Signs it instead of the subject's. */
  as?: Signer
  /** Changes what was signed; a header that is undefined is left out. */
  spoil?: (headers: Record<string, string | undefined>, body: Buffer) => { body?: Buffer } | undefined
}

/** What came back. `signed`: it is the executor's word about this very call. */
export interface Answer {
  status: number
  signed: boolean
  /** Why it is not. */
  fault?: string
  text: string
  json: Record<string, unknown>
}

/** Makes one call, whatever is wrong with it. Rejects only when no answer came. */
export async function send(subject: Subject, call: Call): Promise<Answer> {
  const { url, clock } = subject
  const { id, method = 'POST', as: signer = subject.signer } = call
  const timestampMs = clock.now() + (call.shiftMs ?? 0)
  const headers: Record<string, string | undefined> = {
    'content-type': 'application/json',
    'user-agent': 'cronclave-conformance',
    ...signer.headers({ id, timestampMs, method, url, body: call.body }),
  }
  const body = call.spoil?.(headers, call.body)?.body ?? call.body
  const kept = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const reply = await exchange(subject, method, Object.fromEntries(kept), body)
  return answerOf(reply, { attemptId: id, keys: signer.replyKeys(headers), nowMs: clock.now() })
}

interface Reply {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/** One exchange as it is: `fetch` would repeat a call that is answered 421. */
function exchange(
  { url, tls, signal }: Subject,
  method: string,
  headers: Record<string, string>,
  body: Buffer,
): Promise<Reply> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  const options = {
    method,
    headers,
    agent: false,
    ...tls,
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
  }
  return new Promise((resolve, reject) => {
    const sending = request(url, options, (reply) => {
      readSome(reply).then((body) => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body }), reject)
    })
    sending.on('error', reject)
    sending.end(method === 'GET' ? undefined : body)
  })
}

function answerOf(
  { status, headers, body }: Reply,
  expected: Pick<IncomingReply, 'attemptId' | 'keys' | 'nowMs'>,
): Answer {
  const text = body.toString('utf8')
  const verdict = verifyReply({ ...expected, headers, body })
  const about = { status, text, json: objectOf(text) }
  return verdict.ok ? { ...about, signed: true } : { ...about, signed: false, fault: verdict.reason }
}

async function readSome(reply: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of reply) {
    parts.push(part)
    bytes += part.length
    if (bytes > REPLY_BYTES_MAX) throw new Error(`the reply is longer than ${REPLY_BYTES_MAX} bytes`)
  }
  return Buffer.concat(parts)
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
