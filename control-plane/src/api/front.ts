import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Problem } from '../problems.ts'
import type { Api } from './app.ts'
import { jsonHeaders } from './contract.ts'
import { problemReply } from './failures.ts'

/** Connections open at once; further ones are closed as they come. */
const CONNECTIONS_MAX = 10_000
/** How long a request, its body included, may take to arrive. */
const REQUEST_MS = 60_000
/** A connection over which nothing went for so long is closed: a stream that is read carries a comment every 15 s. */
const SILENCE_MS = 120_000
/** How long requests under way may take to be answered once the node stops. */
const FAREWELL_MS = 2000
const IDLE_CHECK_MS = 20

/** The port, taken before anything is opened; until there is something to serve it says that the node starts. */
export interface Front {
  url: string
  address: { host: string; port: number }
  serve(api: Api): void
  close(): Promise<void>
}

export interface FrontOptions {
  host: string
  port: number
  /** @default 120_000 */
  silenceMs?: number
}

export async function listen({ host, port, silenceMs = SILENCE_MS }: FrontOptions): Promise<Front> {
  let api: Api | undefined
  let listener: (request: IncomingMessage, response: ServerResponse) => unknown = answerWhileStarting
  const server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => void listener(request, response))
  server.maxConnections = CONNECTIONS_MAX
  server.setTimeout(silenceMs)
  server.listen(port, host)
  await once(server, 'listening')
  const bound = server.address() as AddressInfo
  const name = bound.address.includes(':') ? `[${bound.address}]` : bound.address
  return {
    url: `http://${name}:${bound.port}`,
    address: { host: bound.address, port: bound.port },
    serve(served) {
      api = served
      listener = getRequestListener(served.app.fetch)
    },
    close: () => closeServer(server, api),
  }
}

/** Alive, not ready: the same answers that the API will give, before it knows anything. */
function answerWhileStarting(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url?.replace(/\?.*/, '')
  if (path === '/healthz') return answer(response, 200, { status: 'ok' })
  if (path === '/readyz') return answer(response, 503, { status: 'not-ready', reason: 'the node is starting' })
  const { status, headers, body } = problemReply(new Problem('not-leader', 'the node is starting'), 0)
  answer(response, status, body, headers)
}

function answer(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...jsonHeaders(0), ...headers }).end(JSON.stringify(body))
}

/** Ends the streams, lets requests under way be answered, and does not wait for idle connections. */
async function closeServer(server: Server, api: Api | undefined): Promise<void> {
  api?.stop()
  const closed = once(server, 'close')
  server.close()
  // A connection whose stream or request ends now is idle only afterwards, and kept alive by its client.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS)
  const force = setTimeout(() => server.closeAllConnections(), FAREWELL_MS)
  await closed
  clearInterval(idle)
  clearTimeout(force)
}
