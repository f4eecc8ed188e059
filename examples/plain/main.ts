import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { closed, listening } from '../src/listen.ts'
import { runDirectly, type Started, type StartOptions } from '../src/run.ts'

const BODY_BYTES_MAX = 1024 * 1024
const TOLERANCE_S = 300

/** An HTTP endpoint without the SDK, for jobs with an `http` target: it verifies the signatures by hand, and the status says how it went. */
export async function start({ port, host = '127.0.0.1', secret }: StartOptions): Promise<Started> {
  const secrets = typeof secret === 'string' ? [secret] : secret
  const server = createServer((req, res) => void answer(req, res, secrets)).listen(port, host)
  return { url: await listening(server, ''), close: () => closed(server) }
}

async function answer(req: IncomingMessage, res: ServerResponse, secrets: string[]): Promise<void> {
  const body = await readBody(req)
  if (!body) return send(res, 413, { error: 'more than 1 MiB' })
  if (!isGenuine(req, body, secrets)) return send(res, 401, { error: 'not signed for this service' })
  const { pathname } = new URL(req.url ?? '/', 'http://localhost')
  if (pathname !== '/report') return send(res, 404, { error: 'only /report is here' })
  const { 'cronclave-run-id': run, 'cronclave-fire-time': fireTime } = req.headers
  return send(res, 200, { ok: true, run, fireTime, bytes: body.length })
}

/**
 * Whether it was sent by somebody who has one of the secrets, not long ago, and exactly so. Where only the body counts,
 * `webhook-signature` is enough; here path and headers do.
 */
function isGenuine(req: IncomingMessage, body: Buffer, secrets: string[]): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp } = req.headers
  if (typeof id !== 'string' || typeof timestamp !== 'string') return false
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= TOLERANCE_S)) return false
  const webhook = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body])
  const request = requestText(req, id, timestamp, body)
  return secrets.some((secret) => {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    const requestKey = Buffer.from(hkdfSync('sha256', key, '', 'cronclave-request-v1', 32))
    return (
      isSigned(req.headers['webhook-signature'], key, webhook) &&
      isSigned(req.headers['cronclave-signature'], requestKey, request)
    )
  })
}

/** What Standard Webhooks leaves unsigned: method, path with the query, and each `cronclave-*` header. */
function requestText({ method, url, headers }: IncomingMessage, id: string, timestamp: string, body: Buffer): string {
  const digest = createHash('sha256').update(body).digest('hex')
  const own = Object.entries(headers)
    .filter(([name]) => name.startsWith('cronclave-') && name !== 'cronclave-signature')
    .map(([name, value]) => `${name}:${String(value)}`)
  return ['request', id, timestamp, method, url, digest, ...own.sort()].join('\n')
}

/** HMAC-SHA256, compared in constant time with each of the signatures that a header lists. */
function isSigned(header: string | string[] | undefined, key: Buffer, text: Buffer | string): boolean {
  const expected = Buffer.from(`v1,${createHmac('sha256', key).update(text).digest('base64')}`)
  return String(header)
    .split(' ')
    .some((given) => {
      const bytes = Buffer.from(given)
      return bytes.length === expected.length && timingSafeEqual(bytes, expected)
    })
}

/** The whole body; nothing when it is too large, or when the caller goes away in the middle of it. */
async function readBody(req: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > BODY_BYTES_MAX) return undefined
      chunks.push(chunk)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks)
}

function send(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

await runDirectly(import.meta.url, start)
