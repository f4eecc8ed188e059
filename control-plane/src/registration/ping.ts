import type { Executor } from '../discovery/executor.ts'
import type { Exchanged, Http } from '../dispatch/http.ts'
import { signedMessage } from '../dispatch/request.ts'
import type { Signing } from '../dispatch/scheme.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import { type ReplyKey, verifyReply } from '../signing/reply.ts'

/** Bytes of the answer that are read; it is a challenge and little else. */
const ANSWER_BYTES_MAX = 16_384
const CHALLENGE_BYTES = 24

export interface PingDeps {
  clock: Clock
  random: Random
  http: Http
}

/** Whom a ping is for, by the names that it is called by. */
export interface Pinged {
  cluster: string
  namespace: string
  service: string
  executor: Executor
  keys: Signing
}

/**
 * Asks an executor once, over a connection of its own, to prove that it holds the secret: a challenge, signed, whose
 * answer has to be signed as well. `done` is called once with what was wrong, unless the ping was broken off.
 */
export function ping(
  { clock, random, http }: PingDeps,
  { executor, keys, ...names }: Pinged,
  timeoutMs: number,
  done: (fault: string | undefined) => void,
): { abort(): void } {
  const id = `ping_${Buffer.from(random.bytes(16)).toString('base64url')}`
  const challenge = Buffer.from(random.bytes(CHALLENGE_BYTES)).toString('base64url')
  const now = clock.now()
  const data = { ...names, executor: executor.id, challenge }
  const message = { type: 'ping', timestamp: new Date(now).toISOString(), data }
  const request = signedMessage(executor.url, id, message, keys, now)
  request.headers.push('connection', 'close')
  const { replyKeys = [] } = request
  let over = false
  let cancel = (): void => undefined
  const end = (fault: string | undefined): void => {
    if (over) return
    over = true
    cancel()
    done(fault)
  }
  const judge = (result: Exchanged) =>
    faultOf(result, { id, challenge, boot: executor.bootId, keys: replyKeys, now: clock.now() })
  const owner = { onSent: () => true, onDone: (result: Exchanged) => end(judge(result)) }
  const options = { keepBytes: ANSWER_BYTES_MAX, silenceTimeoutMs: timeoutMs, fresh: true }
  const exchange = http.send(request, owner, options)
  const abort = (): void => {
    over = true
    cancel()
    exchange.abort()
  }
  if (!over) {
    cancel = clock.after(timeoutMs, () => {
      exchange.abort()
      end(`it did not answer within ${timeoutMs} ms`)
    })
  }
  return { abort }
}

interface Expected {
  id: string
  challenge: string
  boot: string | undefined
  keys: readonly ReplyKey[]
  now: number
}

function faultOf({ reply, error }: Exchanged, { id, challenge, boot, keys, now }: Expected): string | undefined {
  if (!reply) return error?.message ?? 'there was no answer'
  const { status, headers, body, bytes } = reply
  if (status !== 200) return `it answered ${status}`
  if (bytes !== body.length) return 'its answer is too long'
  const verdict = verifyReply({ keys, attemptId: id, headers, body, nowMs: now })
  if (!verdict.ok) return `its answer is not signed with the secret of the service (${verdict.reason})`
  const said = dataOf(body)
  if (said?.['challenge'] !== challenge) return 'it did not give the challenge back'
  if (said['bootId'] !== undefined && said['bootId'] !== boot) return 'another process answers there'
  return undefined
}

function dataOf(body: Buffer): Record<string, unknown> | undefined {
  try {
    const message: unknown = JSON.parse(body.toString('utf8'))
    if (!isRecord(message) || message['type'] !== 'pong') return undefined
    return isRecord(message['data']) ? message['data'] : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
