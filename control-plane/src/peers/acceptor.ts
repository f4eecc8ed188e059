import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { decodeHello, encodeRefusal, type Hello } from './hello.ts'
import { LogOnce } from './log-once.ts'
import type { RefusalCode } from './options.ts'
import type { PeerTls, Proven } from './peer-tls.ts'
import { FRAME, PeerStream } from './stream.ts'

/** Connections that have not said who they are yet; further ones are closed as they come. */
export const PENDING_MAX = 64
/** How long one may take to do so, from its first packet on, in milliseconds. */
export const HELLO_MS = 2000
/** Connections at once, whoever they are from. */
const CONNECTIONS_MAX = 512

/** Somebody who said hello, and what his TLS has proved. Whoever takes him answers. */
export interface Arrival {
  hello: Hello
  proven: Proven
  stream: PeerStream
  from: string
}

export interface Acceptor {
  address: { host: string; port: number }
  close(): Promise<void>
}

export interface AcceptorDeps {
  clock: Clock
  logger: Logger
  tls: PeerTls
  listen: { host: string; port: number }
  onArrival(arrival: Arrival): void
}

/** Takes the port for other members. Rejects with the error of `listen`. */
export async function openAcceptor(deps: AcceptorDeps): Promise<Acceptor> {
  const { clock, logger, tls, listen } = deps
  const log = new LogOnce(logger)
  const sockets = new Set<Socket>()
  const pending = new Map<string, () => void>()
  const server = createServer({ ...tls.server(), handshakeTimeout: HELLO_MS })
  server.maxConnections = CONNECTIONS_MAX
  tls.onChange(() => server.setSecureContext(tls.server()))
  server.on('connection', (socket: Socket) => {
    const key = ends(socket)
    if (pending.size >= PENDING_MAX) {
      socket.destroy()
      log.warn(
        'pending',
        { pendingMax: PENDING_MAX },
        'connections of members are turned away: too many wait to say hello',
      )
      return
    }
    pending.set(
      key,
      clock.after(HELLO_MS, () => socket.destroy()),
    )
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      greeted(pending, key)
    })
  })
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    const from = socket.remoteAddress ?? ''
    log.warn(`${from} ${error.code}`, { from, error: error.code }, 'a connection to the peer port did not prove itself')
    socket.destroy()
  })
  server.on('secureConnection', (socket) => receive(socket, () => greeted(pending, ends(socket)), deps))
  server.listen(listen.port, listen.host)
  await once(server, 'listening')
  server.on('error', (error) => logger.warn({ error: error.message }, 'the peer port cannot take a connection'))
  const { address, port } = server.address() as AddressInfo
  return {
    address: { host: address, port },
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Says no, with a reason that the other side gets to see. */
export function refuse(stream: PeerStream, code: RefusalCode, reason: string): void {
  stream.out.begin(FRAME.answer).raw(encodeRefusal(code, reason)).end()
  stream.finish(reason)
}

function receive(socket: TLSSocket, done: () => void, { clock, tls, onArrival }: AcceptorDeps): void {
  socket.setNoDelay(true)
  const ignore = { onFrame: () => undefined, onClose: () => undefined }
  const stream = new PeerStream(socket, clock, ignore)
  const from = socket.remoteAddress ?? ''
  const proven = tls.proven(socket)
  if ('fault' in proven) return refuse(stream, 'not-allowed', proven.fault)
  stream.events = {
    ...ignore,
    onFrame(type, body) {
      stream.events = ignore
      const hello = type === FRAME.hello ? decodeHello(body) : undefined
      if (hello === undefined) return refuse(stream, 'malformed', 'a connection begins with a hello')
      done()
      onArrival({ hello, proven, stream, from })
    },
  }
}

function greeted(pending: Map<string, () => void>, key: string): void {
  pending.get(key)?.()
  pending.delete(key)
}

/** Both ends of a connection: the same for its TCP and its TLS socket, and for no other connection. */
function ends({ remoteAddress, remotePort, localAddress, localPort }: Socket | TLSSocket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
}
