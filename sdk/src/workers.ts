import type { Executor } from './executor.ts'
import type { Env } from './keys.ts'

/** What Cloudflare hands over beside a request. */
interface ExecutionContext {
  waitUntil(promise: Promise<unknown>): void
}

/** The default export of a worker. */
export interface Worker {
  fetch(request: Request, env: unknown, context: ExecutionContext): Promise<Response>
}

/**
 * The default export of a Cloudflare worker. Its bindings go to `secret`, and long handlers go on after they were accepted.
 * @example
 * const executor = createExecutor({ service: 'billing', secret: (env) => env.CRONCLAVE_SECRET })
 * export default workers(executor)
 */
export function workers(executor: Pick<Executor, 'fetch'>): Worker {
  return {
    fetch: (request, env, context) =>
      executor.fetch(request, { env: env as Env, waitUntil: (promise) => context.waitUntil(promise) }),
  }
}
