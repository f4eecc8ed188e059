import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duration } from './duration.ts'
import type { Callable, Executor } from './executor.ts'
import type { ListenOptions } from './listen.ts'
import { collectBody, serve } from './node-bridge.ts'
import type { Started, StartOptions } from './registration.ts'

/**
 * A listener for `http.createServer`, or for any router that hands on Node's request and response.
 * @example
 * http.createServer(node(executor)).listen(3000)
 */
export function node(executor: Callable): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => void collectBody(req).then((body) => serve(executor, req, res, body, 'http'))
}

/**
 * Announces an executor, and takes it out of service when the process is asked to end: no new work, up to `drain` for what
 * is under way, results reported. Once all its executors have left, the process ends by the signal, unless somebody else
 * listens for it: whoever does decides, and can wait for `stop()`. A second signal is not held up.
 * @example
 * const server = http.createServer(node(executor)).listen(3000)
 * await start(executor, { url: 'http://10.0.0.7:3000', token, controlPlane: ['https://cron.example.com'], drain: '25s' })
 */
export async function start(
  executor: Pick<Executor, 'start'>,
  { drain = '25s', ...options }: StartOptions & { drain?: Duration },
): Promise<Started> {
  const { leavingOnSignals } = await import('./node-signals.ts')
  return leavingOnSignals(drain, () => executor.start(options))
}

/**
 * The same for an executor that asks for its calls, for networks that nothing may enter: it needs no server.
 * @example
 * await listen(executor, { token, controlPlane: ['https://cron.example.com'], slots: 8, drain: '25s' })
 */
export async function listen(
  executor: Pick<Executor, 'listen'>,
  { drain = '25s', ...options }: ListenOptions & { drain?: Duration },
): Promise<Started> {
  const { leavingOnSignals } = await import('./node-signals.ts')
  return leavingOnSignals(drain, () => executor.listen(options))
}
