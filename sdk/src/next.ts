import type { Executor } from './executor.ts'
import { isFrozen } from './frozen.ts'
import type { Runtime } from './receiver.ts'

/**
 * The exports of a route handler of Next's App Router: put this into `app/jobs/route.ts`.
 * @example
 * export const { POST } = next(executor)
 * export const maxDuration = 60
 */
export function next(executor: Pick<Executor, 'fetch'>): { POST: (request: Request) => Promise<Response> } {
  return { POST: (request) => executor.fetch(request, runtime()) }
}

interface RequestContext {
  get?: () => { waitUntil?: Runtime['waitUntil'] } | undefined
}

/** Hosts that freeze a process, or an isolate, once it has answered say where Next looks for it how to keep it awake. */
function runtime(): Runtime {
  const env = typeof process === 'undefined' ? {} : process.env
  const globals = globalThis as { [key: symbol]: RequestContext | undefined }
  const waitUntil = globals[Symbol.for('@next/request-context')]?.get?.()?.waitUntil
  return { env, longLived: !('EdgeRuntime' in globalThis) && !isFrozen(env), ...(waitUntil && { waitUntil }) }
}
