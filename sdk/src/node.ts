import type { IncomingMessage, ServerResponse } from 'node:http'
import { durationMs, type Duration } from './duration.ts'
import type { Callable, Executor } from './executor.ts'
import { collectBody, serve } from './node-bridge.ts'
import type { Started, StartOptions } from './registration.ts'

/**
 * A listener for `http.createServer`, or for any router that hands on Node's request and response.
 * @example
 * http.createServer(node(executor)).listen(3000)
 */
export function node(executor: Callable): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => void collectBody(req).then((body) => serve(executor, req, res, body))
}

/** Signals on which an executor leaves. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/**
 * Announces an executor, and takes it out of service when the process is asked to end: no new work, up to `drain` for what
 * is under way, results reported. Then the process ends by the signal, unless somebody else listens for it: whoever does
 * decides, and can wait for `stop()`. A second signal is not held up.
 * @example
 * const server = http.createServer(node(executor)).listen(3000)
 * await start(executor, { url: 'http://10.0.0.7:3000', token, controlPlane: ['https://cron.example.com'], drain: '25s' })
 */
export async function start(
  executor: Pick<Executor, 'start'>,
  { drain = '25s', ...options }: StartOptions & { drain?: Duration },
): Promise<Started> {
  durationMs(drain)
  const started = await executor.start(options)
  const forget = () => {
    for (const signal of SIGNALS) process.removeListener(signal, leave)
  }
  const leave = (signal: NodeJS.Signals) => {
    forget()
    const isOurs = process.listenerCount(signal) === 0
    void started.stop({ drain }).then(() => {
      // Replies that were just handed over are written first.
      if (isOurs) setImmediate(() => process.kill(process.pid, signal))
    })
  }
  for (const signal of SIGNALS) process.prependOnceListener(signal, leave)
  return {
    id: started.id,
    bootId: started.bootId,
    stop(how) {
      forget()
      return started.stop(how)
    },
  }
}
