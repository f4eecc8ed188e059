import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Callable } from './executor.ts'
import { collectBody, serve } from './node-bridge.ts'
import type { RawCall } from './receiver.ts'

/** Where the bytes of a body that was parsed may still be found. */
interface MaybeParsed extends IncomingMessage {
  rawBody?: unknown
  body?: unknown
}

/**
 * A request handler for Express 4 and 5. Mount it before `express.json()`, or give that
 * `{ limit: '1mb', verify: captureRawBody }`.
 * @example
 * app.use('/jobs', express(executor))
 * app.use(json())
 */
export function express(executor: Callable): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => void bodyOf(req).then((body) => serve(executor, req, res, body, 'express'))
}

/**
 * Keeps the bytes of a body that `express.json()` parses, for an executor that is mounted after it. Calls have up to 1 MiB;
 * by itself Express refuses more than 100 kB.
 * @example
 * app.use(json({ limit: '1mb', verify: captureRawBody }))
 * app.use('/jobs', express(executor))
 */
export function captureRawBody(req: IncomingMessage, _res: unknown, bytes: Uint8Array): void {
  const parsed: MaybeParsed = req
  parsed.rawBody = bytes
}

function bodyOf(req: MaybeParsed): Promise<RawCall['body']> {
  if (req.rawBody instanceof Uint8Array) return Promise.resolve(req.rawBody)
  if (req.body instanceof Uint8Array) return Promise.resolve(req.body)
  return collectBody(req)
}
