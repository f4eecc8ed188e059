import type { IncomingMessage, ServerResponse } from 'node:http'
import { BODY_BYTES_MAX } from './body-limit.ts'
import type { Callable } from './executor.ts'
import { isFrozen } from './frozen.ts'
import { nodeHmac } from './node-hmac.ts'
import type { RawCall, Runtime } from './receiver.ts'

/** The raw bytes of a request of node:http, or why there are none. Never rejects. */
export function collectBody(req: IncomingMessage): Promise<RawCall['body']> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    let length = 0
    if (req.destroyed || req.readableDidRead) return resolve('unavailable')
    if (Number(req.headers['content-length']) > BODY_BYTES_MAX) resolve('too-large')
    req.on('data', (chunk: Uint8Array) => {
      length += chunk.length
      if (length <= BODY_BYTES_MAX) chunks.push(chunk)
      else resolve('too-large')
    })
    req.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    req.once('error', () => resolve('unavailable'))
    req.once('close', () => resolve('unavailable'))
  })
}

/** Answers one request of node:http. */
export async function serve(
  executor: Callable,
  req: IncomingMessage,
  res: ServerResponse,
  body: RawCall['body'],
  mount: NonNullable<RawCall['mount']>,
): Promise<void> {
  const reply = await executor.receive({ ...callOf(req, res, body), mount }, processRuntime())
  if (res.destroyed || res.headersSent) return
  const headers: Record<string, string> = { ...reply.headers, 'content-length': String(Buffer.byteLength(reply.body)) }
  if (closesConnection(req, body)) headers['connection'] = 'close'
  res.writeHead(reply.status, headers)
  res.end(reply.body)
}

/** A request of node:http as a call; its caller's going away aborts it. */
export function callOf(req: IncomingMessage, res: ServerResponse, body: RawCall['body']): RawCall {
  const gone = new AbortController()
  if (res.destroyed) gone.abort()
  res.once('close', () => {
    if (!res.writableFinished) gone.abort()
  })
  return { method: req.method ?? '', header: (name) => headerOf(req, name), body, signal: gone.signal, hmac: nodeHmac }
}

/** What a process of Node knows beside a call. */
export function processRuntime(): Runtime {
  return { env: process.env, longLived: !isFrozen(process.env) }
}

/** What is left of a body that was too large would be read as the next request. */
export function closesConnection(req: IncomingMessage, body: RawCall['body']): boolean {
  return body === 'too-large' && req.httpVersionMajor < 2
}

function headerOf(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}
