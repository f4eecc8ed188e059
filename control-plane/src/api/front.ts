import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Problem } from '../problems.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { type TlsFiles, type TlsPaths, type TlsTexts, watchTlsFiles } from '../runtime/tls-files.ts'
import type { Api } from './app.ts'
import { problemReply } from './failures.ts'
import { jsonHeaders } from './reply.ts'

/** Connections open at once; further ones are closed as they come. */
const CONNECTIONS_MAX = 10_000
/** How long a request, its body included, may take to arrive. */
const REQUEST_MS = 60_000
/** A connection over which nothing went for so long is closed: a stream that is read carries a comment every 15 s. */
const SILENCE_MS = 120_000
/** How long requests under way may take to be answered once the node stops. */
const FAREWELL_MS = 2000
const IDLE_CHECK_MS = 20
/** How long a TLS handshake may take. */
const HANDSHAKE_MS = 10_000
/** By addresses that stand for all of a machine's. */
const LOOPBACK_OF: Partial<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** The port, taken before anything is opened; until there is something to serve it says that the node starts. */
export interface Front {
  /** Where this machine reaches it: that of loopback, when it listens on all addresses. */
  url: string
  /** Whether it listens on all addresses, so that `url` leads nobody else here. */
  isOnAll: boolean
  address: { host: string; port: number }
  serve(api: Api): void
  close(): Promise<void>
}

export interface FrontOptions {
  host: string
  port: number
  /** @default 120_000 */
  silenceMs?: number
  /** Speaks HTTPS only. With a CA, clients need a certificate that it signed. Read again when the files change. */
  tls?: { paths: TlsPaths; clock: Clock; logger: Logger }
}

/** Rejects with the error of `listen`, or a `TlsFilesFault`. */
export async function listen({ host, port, silenceMs = SILENCE_MS, tls }: FrontOptions): Promise<Front> {
  let api: Api | undefined
  let listener: (request: IncomingMessage, response: ServerResponse) => unknown = answerWhileStarting
  const handle = (request: IncomingMessage, response: ServerResponse) => void listener(request, response)
  const secured = tls === undefined ? undefined : await secure(tls, handle)
  const server = secured?.server ?? createServer({ requestTimeout: REQUEST_MS }, handle)
  server.maxConnections = CONNECTIONS_MAX
  server.setTimeout(silenceMs)
  server.listen(port, host)
  await once(server, 'listening').catch((error: unknown) => {
    secured?.files.close()
    throw error
  })
  const bound = server.address() as AddressInfo
  const loopback = LOOPBACK_OF[bound.address]
  const reached = loopback ?? bound.address
  const name = reached.includes(':') ? `[${reached}]` : reached
  return {
    url: `${secured === undefined ? 'http' : 'https'}://${name}:${bound.port}`,
    isOnAll: loopback !== undefined,
    address: { host: bound.address, port: bound.port },
    serve(served) {
      api = served
      const routed = getRequestListener(served.app.fetch)
      listener = (request, response) => served.direct(request, response) || routed(request, response)
    },
    async close() {
      secured?.files.close()
      await closeServer(server, api)
    },
  }
}

/** A server that takes new certificates as they come; connections that are open keep theirs. */
async function secure(
  { paths, clock, logger }: NonNullable<FrontOptions['tls']>,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ server: TlsServer; files: TlsFiles }> {
  const optionsOf = (texts: TlsTexts) => ({ ...texts, minVersion: 'TLSv1.2' as const })
  const onChange = (texts: TlsTexts) => server.setSecureContext(optionsOf(texts))
  const files = await watchTlsFiles(paths, { clock, logger, onChange })
  const clients = paths.ca === undefined ? {} : { requestCert: true, rejectUnauthorized: true }
  const server = createTlsServer(
    { ...optionsOf(files.current()), ...clients, requestTimeout: REQUEST_MS, handshakeTimeout: HANDSHAKE_MS },
    handle,
  )
  return { server, files }
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
