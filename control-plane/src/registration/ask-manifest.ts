import type { Service } from '../discovery/executor.ts'
import type { Exchanged, Http } from '../dispatch/http.ts'
import { signedMessage } from '../dispatch/request.ts'
import type { Signing } from '../dispatch/scheme.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import { type ReplyKey, verifyReply } from '../signing/reply.ts'

/** Bytes of the answer that are read: more than a manifest may have. */
const ANSWER_BYTES_MAX = 1024 * 1024
/** How deep an answer may be nested. */
const DEPTH_MAX = 64

export interface AskDeps {
  clock: Clock
  random: Random
  http: Http
}

/** Whom the question is for, by the names that it is called by. */
export interface Asked {
  cluster: string
  namespace: string
  service: Service
  /** Empty when nobody in particular is meant. */
  executor: string
  url: string
  keys: Signing
}

/** What a program says of itself, or why it says nothing. */
export type SaidManifest = { manifest: unknown } | { fault: string }

/** Asks a program what it has: a signed `manifest.get`, whose answer has to be signed as well. Never rejects. */
export function askManifest(
  { clock, random, http }: AskDeps,
  { service, executor, url, keys, ...names }: Asked,
  timeoutMs: number,
): Promise<SaidManifest> {
  const id = `manifest_${Buffer.from(random.bytes(16)).toString('base64url')}`
  const now = clock.now()
  const data = { ...names, service: service.name, ...(executor === '' ? {} : { executor }) }
  const message = { type: 'manifest.get', timestamp: new Date(now).toISOString(), data }
  const request = signedMessage(url, id, message, keys, now)
  const { replyKeys = [] } = request
  return new Promise((resolve) => {
    let over = false
    let cancel = (): void => undefined
    const owner = {
      onSent: () => true,
      onDone: (result: Exchanged) => {
        over = true
        cancel()
        resolve(read(result, id, replyKeys, clock.now()))
      },
    }
    const exchange = http.send(request, owner, {
      keepBytes: ANSWER_BYTES_MAX,
      silenceTimeoutMs: timeoutMs,
      fresh: true,
    })
    if (over) return
    cancel = clock.after(timeoutMs, () => {
      exchange.abort()
      resolve({ fault: `it did not answer within ${timeoutMs} ms` })
    })
  })
}

function read({ reply, error }: Exchanged, id: string, keys: readonly ReplyKey[], nowMs: number): SaidManifest {
  if (!reply) return { fault: error?.message ?? 'there was no answer' }
  const { status, headers, body, bytes } = reply
  if (status !== 200) return { fault: `it answered ${status}` }
  if (bytes !== body.length) return { fault: `its answer is longer than ${ANSWER_BYTES_MAX} bytes` }
  const verdict = verifyReply({ keys, attemptId: id, headers, body, nowMs })
  if (!verdict.ok) return { fault: `its answer is not signed with the secret of the service (${verdict.reason})` }
  const text = body.toString('utf8')
  if (isDeep(text)) return { fault: `its answer is nested deeper than ${DEPTH_MAX} levels` }
  return manifestIn(text) ?? { fault: 'its answer is not a manifest' }
}

function manifestIn(text: string): SaidManifest | undefined {
  try {
    const message: unknown = JSON.parse(text)
    if (!isRecord(message) || message['type'] !== 'manifest' || !isRecord(message['data'])) return undefined
    const { revision, revisionOrder, handlers } = message['data']
    const said = Object.entries({ revision, revisionOrder, handlers }).filter(([, value]) => value !== undefined)
    return { manifest: Object.fromEntries(said) }
  } catch {
    return undefined
  }
}

/** Before it is read: reading, too, goes down level by level. */
function isDeep(text: string): boolean {
  let depth = 0
  for (const [bracket] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (bracket === '[' || bracket === '{') depth += 1
    else if (bracket === ']' || bracket === '}') depth -= 1
    if (depth > DEPTH_MAX) return true
  }
  return false
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
