import { type LookupAddress, lookup as resolveName } from 'node:dns'
import { connect as connectTo, isIP, type LookupFunction, type Socket } from 'node:net'
import { buildConnector } from 'undici'
import { type EgressPolicy, EgressRefused } from './egress.ts'

export interface ConnectorOptions {
  egress: EgressPolicy
  /** Until the connection, TLS included, stands. */
  timeoutMs: number
  /** Certificates trusted besides the machine's own roots being replaced by them; PEM. */
  ca?: string | string[]
  /** Replaces the machine's name resolution. */
  resolve?: Resolve
}

export type Resolve = (
  name: string,
  options: { all: true; family?: number; hints?: number },
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void

const PORT_OF: Record<string, number> = { 'http:': 80, 'https:': 443 }

/**
 * Opens connections to one origin that the egress policy allows. What is judged is the address that is then connected
 * to, after resolution, so a name that resolves differently the second time gains nothing.
 */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  const byPort = new Map<number, buildConnector.connector>()
  return (target, callback) => {
    const port = Number(target.port) || (PORT_OF[target.protocol] ?? 0)
    if (isIP(target.hostname) !== 0) {
      const refusal = judged(options.egress, target.hostname, port)
      if (refusal) return queueMicrotask(() => callback(refusal, null))
    }
    let connect = byPort.get(port)
    if (!connect) {
      connect = buildConnector({
        timeout: options.timeoutMs,
        // Said outright, or NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would turn it off.
        rejectUnauthorized: true,
        lookup: guardedLookup(options.egress, port, options.resolve),
        ...(options.ca === undefined ? {} : { ca: options.ca }),
      })
      byPort.set(port, connect)
    }
    connect(target, (...result) => {
      const socket = result[1]
      const refusal = socket && judgePeer(options.egress, socket, port)
      if (!refusal) return callback(...result)
      socket.destroy()
      callback(refusal, null)
    })
  }
}

/** A DNS lookup for `net.connect` that fails with `EgressRefused` unless every address found may be called at `port`. */
export function guardedLookup(egress: EgressPolicy, port: number, resolve: Resolve = resolveName): LookupFunction {
  return (name, options, done) => {
    const family = options.family === 'IPv4' ? 4 : options.family === 'IPv6' ? 6 : options.family
    const wanted = {
      all: true as const,
      ...(family === undefined ? {} : { family }),
      ...(options.hints === undefined ? {} : { hints: options.hints }),
    }
    resolve(name, wanted, (error, addresses) => {
      if (error) return done(error, [])
      for (const { address } of addresses) {
        const refusal = judged(egress, address, port)
        if (refusal) return done(refusal, [])
      }
      const [first] = addresses
      if (!first) return done(Object.assign(new Error(`${name} has no address`), { code: 'ENOTFOUND' }), [])
      if (options.all) done(null, addresses)
      else done(null, first.address, first.family)
    })
  }
}

function judgePeer(egress: EgressPolicy, socket: Socket, port: number): EgressRefused | undefined {
  return socket.remoteAddress === undefined ? undefined : judged(egress, socket.remoteAddress, port)
}

function judged(egress: EgressPolicy, address: string, port: number): EgressRefused | undefined {
  const verdict = egress.judge(address, port)
  return verdict.allowed ? undefined : new EgressRefused(verdict.why)
}

/** Opens plain connections, to host and port, that the egress policy allows; what it refuses throws `EgressRefused`. */
export function guardedDial({
  egress,
  timeoutMs,
  resolve,
}: ConnectorOptions): (host: string, port: number) => Promise<Socket> {
  return (host, port) =>
    new Promise((done, fail) => {
      const refusal = isIP(host) === 0 ? undefined : judged(egress, host, port)
      if (refusal) return fail(refusal)
      const socket = connectTo({ host, port, lookup: guardedLookup(egress, port, resolve), timeout: timeoutMs })
      socket.once('error', fail)
      socket.once('timeout', () => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)))
      socket.once('connect', () => {
        socket.setTimeout(0)
        socket.removeAllListeners('timeout')
        socket.off('error', fail)
        const judgment = judgePeer(egress, socket, port)
        if (judgment === undefined) return done(socket)
        socket.destroy()
        fail(judgment)
      })
    })
}
