import type { Context } from 'hono'
import { BODY_BYTES_MAX } from './body-limit.ts'
import type { Callable } from './executor.ts'
import { isFrozen } from './frozen.ts'
import type { Env } from './keys.ts'
import { readBody } from './read-body.ts'
import type { RawCall } from './receiver.ts'

/**
 * A Hono handler for an executor. Bodies that Hono has parsed already are read from its cache, byte for byte.
 * @example
 * const app = new Hono()
 * app.post('/jobs', hono(executor))
 */
export function hono(executor: Callable): (c: Context) => Promise<Response> {
  return async (c) => {
    const request = c.req.raw
    const call: RawCall = {
      method: c.req.method,
      header: (name) => c.req.header(name),
      body: await bodyOf(c),
      signal: request.signal,
      mount: 'hono',
    }
    const env = envOf(c)
    const reply = await executor.receive(call, { env, longLived: isLongLived(env), ...waitUntilOf(c) })
    return new Response(reply.body, reply)
  }
}

async function bodyOf(c: Context): Promise<RawCall['body']> {
  if (!c.req.raw.bodyUsed) return readBody(c.req.raw, BODY_BYTES_MAX)
  try {
    return new Uint8Array(await c.req.arrayBuffer())
  } catch {
    return 'unavailable'
  }
}

function envOf(c: Context): Env {
  return (c.env ?? {}) as Env
}

/** Hono's server for Node hands over Node's request; functions on hosts that freeze them have such a server, too. */
function isLongLived(bindings: Env): boolean {
  return 'incoming' in bindings && !isFrozen(globalThis.process?.env ?? {})
}

/** Only edge runtimes have an execution context; Hono throws where there is none. */
function waitUntilOf(c: Context): { waitUntil?: (promise: Promise<unknown>) => void } {
  try {
    const { executionCtx } = c
    return { waitUntil: (promise) => executionCtx.waitUntil(promise) }
  } catch {
    return {}
  }
}
