import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Callable } from './executor.ts'
import { BODY_BYTES_MAX, type RawCall } from './receiver.ts'

/** The raw bytes of a request of node:http, or why there are none. Never rejects. */
export function collectBody(req: IncomingMessage): Promise<RawCall['body']> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    let length = 0
    if (req.destroyed) resolve('unavailable')
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

/** Where a process is frozen once it has answered. */
const FROZEN = ['AWS_LAMBDA_FUNCTION_NAME', 'FUNCTION_TARGET', 'FUNCTIONS_WORKER_RUNTIME', 'VERCEL']

/** Answers one request of node:http; its caller's going away aborts the call. */
export async function serve(
  executor: Callable,
  req: IncomingMessage,
  res: ServerResponse,
  body: RawCall['body'],
): Promise<void> {
  const gone = new AbortController()
  if (res.destroyed) gone.abort()
  res.once('close', () => {
    if (!res.writableFinished) gone.abort()
  })
  const call: RawCall = {
    method: req.method ?? '',
    header: (name) => headerOf(req, name),
    body,
    signal: gone.signal,
  }
  const reply = await executor.receive(call, { env: process.env, longLived: !FROZEN.some((name) => process.env[name]) })
  if (res.destroyed || res.headersSent) return
  const headers: Record<string, string> = { ...reply.headers, 'content-length': String(Buffer.byteLength(reply.body)) }
  if (body === 'too-large' && req.httpVersionMajor < 2) headers['connection'] = 'close'
  res.writeHead(reply.status, headers)
  res.end(reply.body)
}

function headerOf(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}
