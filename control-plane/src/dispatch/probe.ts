import type { HealthCheck } from '../discovery/executor.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Exchanged, Http } from './http.ts'
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
  let over = false
  let cancel = (): void => undefined
  const end = (healthy: boolean): void => {
    if (over) return
    over = true
    cancel()
    done(healthy)
  }
  const owner = {
    onSent: () => true,
    onDone: ({ reply }: Exchanged) => end(reply !== undefined && reply.status >= 200 && reply.status < 300),
  }
  const exchange = http.send(request, owner, options)
  const abort = (): void => {
    over = true
    cancel()
    exchange.abort()
  }
  if (!over) {
    cancel = clock.after(timeoutMs, () => {
      exchange.abort()
      end(false)
    })
  }
  return { abort }
}
