import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Callable } from './executor.ts'
import { collectBody, serve } from './node-bridge.ts'

/**
 * A listener for `http.createServer`, or for any router that hands on Node's request and response.
 * @example
 * http.createServer(node(executor)).listen(3000)
 */
export function node(executor: Callable): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => void collectBody(req).then((body) => serve(executor, req, res, body))
}
