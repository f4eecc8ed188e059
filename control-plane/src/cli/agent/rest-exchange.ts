import { Client } from 'undici'
import { guardedConnector, type Resolve } from '../../dispatch/connector.ts'
import type { EgressPolicy } from '../../dispatch/egress.ts'
import type { WireRequest } from '../../dispatch/request.ts'

/** Bytes of a reply's body that are kept. */
export const BODY_BYTES_MAX = 64 * 1024
/** Bytes of a reply's body that are read before the connection is closed. */
const READ_BYTES_MAX = 1024 * 1024
/** Until a connection stands, TLS included, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5000

/** What a call may reach, and whom it trusts. */
export interface ExchangePort {
  egress: EgressPolicy
  /** Certificates that are trusted instead of the machine's roots, PEM. */
  ca?: string | undefined
  resolve?: Resolve | undefined
}

/** A reply, as far as it was read. */
export interface RestReply {
  status: number
  /** The first of each header, by its name in lower case. */
  headers: Record<string, string>
  body: Buffer
  /** That arrived; more than `body` has when the rest was dropped. */
  bytes: number
}

/** A call without a whole reply; `sent` once its first byte may have gone out. */
export class ExchangeFailed extends Error {
  override name = 'ExchangeFailed'
  readonly sent: boolean
  readonly error: Error

  constructor(sent: boolean, error: Error) {
    super(error.message, { cause: error })
    this.sent = sent
    this.error = error
  }
}

/**
 * Sends a request over a connection of its own: none that was kept can be closed by the other side just as the request
 * leaves. Rejects with `ExchangeFailed`.
 */
export async function exchange(request: WireRequest, port: ExchangePort, signal: AbortSignal): Promise<RestReply> {
  const { egress, ca, resolve } = port
  const connect = guardedConnector({
    egress,
    timeoutMs: CONNECT_TIMEOUT_MS,
    ...(ca === undefined ? {} : { ca }),
    ...(resolve === undefined ? {} : { resolve }),
  })
  const client = new Client(request.origin, { connect, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
  let sent = false
  client.on('connect', () => {
    sent = true
  })
  try {
    const { method, path, headers, body = null } = request
    const reply = await client.request({ method, path, headers, body, signal })
    return { status: reply.statusCode, headers: firstOf(reply.headers), ...(await read(reply.body)) }
  } catch (error) {
    throw new ExchangeFailed(sent, error instanceof Error ? error : new Error(String(error)))
  } finally {
    void client.destroy()
  }
}

async function read(body: AsyncIterable<Buffer>): Promise<{ body: Buffer; bytes: number }> {
  const kept: Buffer[] = []
  let room = BODY_BYTES_MAX
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (room > 0) kept.push(chunk.subarray(0, room))
    room -= chunk.length
    if (bytes > READ_BYTES_MAX) break
  }
  return { body: Buffer.concat(kept), bytes }
}

function firstOf(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const all = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value])
  return Object.fromEntries(all) as Record<string, string>
}
