import type { HealthCheck } from '../discovery/executor.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Http } from './http.ts'
import { USER_AGENT } from './request.ts'

/**
 * Asks an executor once whether it is well: a GET at its origin, answered with any 2xx in time. Redirects are not
 * followed, and what it answers is not read. `done` is called once, unless the probe was broken off.
 */
export function probe(
  { clock, http }: { clock: Clock; http: Http },
  url: string,
  { path, timeoutMs }: Pick<HealthCheck, 'path' | 'timeoutMs'>,
  done: (healthy: boolean) => void,
): { abort(): void } {
  const request = {
    origin: new URL(url).origin,
    method: 'GET',
    path,
    headers: ['accept', '*/*', 'user-agent', USER_AGENT],
    body: undefined,
  }
  const options = { keepBytes: 0, silenceTimeoutMs: timeoutMs }
  const owner = {
    onSent: () => true,
    onDone: ({ reply }: { reply?: { status: number } }) => {
      cancel()
      done(reply !== undefined && reply.status >= 200 && reply.status < 300)
    },
  }
  let cancel = (): void => undefined
  const exchange = http.send(request, owner, options)
  cancel = clock.after(timeoutMs, () => {
    exchange.abort()
    done(false)
  })
  return {
    abort() {
      cancel()
      exchange.abort()
    },
  }
}
