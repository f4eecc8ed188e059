import type { Http } from '../../dispatch/http.ts'
import { USER_AGENT, type WireRequest } from '../../dispatch/request.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Sent } from '../channel.ts'
import { oneLine } from '../plain.ts'

/** A whole exchange, connecting included. */
export const ANSWER_TIMEOUT_MS = 10_000
/** What is read of a reply: their errors are one line of JSON. */
const REPLY_BYTES = 4096
const ERROR_CHARS_MAX = 200
/** Answers of a busy server that another try may turn into a better one, besides those from 500 on. */
const LATER = new Set([408, 421, 425, 429])

/** There is no such address any more, and will not be. */
const GONE = 410

/** What came back. */
export interface Answer {
  status: number
  text: string
  /** From `retry-after`. */
  afterMs?: number
}

/** Sends one request over a connection that the egress policy allows. Throws what went wrong, never with the URL. */
export type Post = (request: WireRequest) => Promise<Answer>

export function createPost(http: Http, clock: Clock): Post {
  return (request) =>
    new Promise((resolve, reject) => {
      const cancelTimer = clock.after(ANSWER_TIMEOUT_MS, () => {
        exchange.abort()
        reject(new Error('no answer in time'))
      })
      const exchange = http.send(
        request,
        {
          onSent: () => true,
          onDone({ reply, error }) {
            cancelTimer()
            if (!reply) return reject(error ?? new Error('no reply'))
            const afterMs = retryAfterMs(reply.headers['retry-after'], clock.now())
            const text = reply.body.toString('utf8')
            resolve({ status: reply.status, text, ...(afterMs === undefined ? {} : { afterMs }) })
          },
        },
        { keepBytes: REPLY_BYTES, silenceTimeoutMs: ANSWER_TIMEOUT_MS },
      )
    })
}

/** JSON to a URL that nobody signs. */
export function jsonPost(url: string, body: object): WireRequest {
  const { origin, pathname, search } = new URL(url)
  const headers = ['content-type', 'application/json; charset=utf-8', 'user-agent', USER_AGENT]
  return { origin, method: 'POST', path: pathname + search, headers, body: Buffer.from(JSON.stringify(body)) }
}

/** What an answer means by its status alone. */
export function judgeStatus({ status, text, afterMs }: Answer): Sent {
  if (status >= 200 && status <= 299) return { kind: 'delivered' }
  const said = oneLine(text, ERROR_CHARS_MAX)
  const error = said === '' ? `it answered ${status}` : `it answered ${status}: ${said}`
  if (status < 500 && !LATER.has(status)) return { kind: 'failed', error }
  return { kind: 'retry', error, ...(afterMs === undefined ? {} : { afterMs }) }
}

/**
 * What the answer of a webhook means: whoever receives it may be just being deployed, or be behind a proxy that does not
 * know it yet, so only one that says that it is gone is not asked again.
 */
export function judgeWebhook(answer: Answer): Sent {
  const sent = judgeStatus(answer)
  if (sent.kind !== 'failed' || answer.status === GONE) return sent
  return { ...sent, kind: 'retry', ...(answer.afterMs === undefined ? {} : { afterMs: answer.afterMs }) }
}

/** How the words of a bot's API are read: which codes are no use trying again, and which ask for patience. */
export interface BotCodes {
  /** Fields that hold the code, the first that is there counts; 0 is success. */
  code: readonly string[]
  /** Fields that say why. */
  message: readonly string[]
  /** Another try cannot help: the bot is gone, or its settings refuse what is sent. */
  final: ReadonlySet<number>
  /** Too many messages. */
  limited(code: number, message: string): boolean
  /** How long it asks to be left alone. */
  limitedMs: number
}

/** What a bot's answer means: they answer 200 to nearly all, and say in the body what came of it. */
export function judgeBot(answer: Answer, codes: BotCodes): Sent {
  const said = readBody(answer.text)
  const code = codes.code.map((name) => said?.[name]).find((value) => typeof value === 'number')
  if (said === undefined || code === undefined) {
    const sent = judgeStatus(answer)
    return sent.kind === 'delivered' ? { kind: 'retry', error: 'its answer is not what a bot answers' } : sent
  }
  if (code === 0) return { kind: 'delivered' }
  const message = codes.message.map((name) => said[name]).find((value) => typeof value === 'string') ?? ''
  const error = `it answered code ${code}: ${oneLine(message, ERROR_CHARS_MAX)}`
  if (codes.limited(code, message) || answer.status === 429)
    return { kind: 'retry', error, afterMs: answer.afterMs ?? codes.limitedMs }
  return codes.final.has(code) ? { kind: 'failed', error } : { kind: 'retry', error }
}

function readBody(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Seconds, or a date. */
function retryAfterMs(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const ms = /^\d{1,9}$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}
