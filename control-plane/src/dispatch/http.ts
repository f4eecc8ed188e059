import { Client, type Dispatcher as Undici } from 'undici'
import { guardedConnector, type Resolve } from './connector.ts'
import type { EgressPolicy } from './egress.ts'
import type { Reply, Verdict } from './outcome.ts'
import type { WireRequest } from './request.ts'

export interface HttpLimits {
  /** Connections to one origin, one request on each at a time. @default 128 */
  connectionsPerOriginMax?: number
  /** Origins whose idle connections are kept; the least recently used goes first. @default 2048 */
  originsMax?: number
  /** Until a connection stands, TLS included, in milliseconds. @default 5_000 */
  connectTimeoutMs?: number
  /** Bytes read of a reply before the connection is closed. @default 1_048_576 */
  replyBytesMax?: number
}

export interface HttpDeps extends HttpLimits {
  egress: EgressPolicy
  /** Certificates that are trusted instead of the machine's roots, PEM. */
  ca?: string | string[]
  resolve?: Resolve
  /** The other side closed a connection to an origin without announcing it, or refused one. */
  onBroken?: (origin: string) => void
}

/** How an exchange ended; `error` is absent when there is a whole reply or enough of one. */
export interface Exchanged {
  sent: boolean
  reply?: Reply
  error?: Error
  /** What it means for an attempt, where the way that it took says that by itself. */
  verdict?: Verdict
}

export interface Exchange {
  /** Closes the connection; the exchange ends without a word. */
  abort(): void
}

/** What an exchange tells its owner. `done` is called once, unless it was aborted. */
export interface ExchangeOwner {
  /** The first byte is about to be handed to the network: whether it may be. When not, the owner hears no more of it. */
  onSent(): boolean
  onDone(result: Exchanged): void
}

export interface ExchangeOptions {
  /** Bytes of the reply that are kept; the rest is counted and dropped. */
  keepBytes: number
  /** Until the headers, and between two pieces of the body: behind the owner's own deadline. */
  silenceTimeoutMs: number
  /**
   * Over a connection that was never used. A kept one may be closed by the other side just as the request leaves, and
   * then nobody can say whether it was read.
   */
  fresh?: boolean
}

/** Sends requests over kept connections. The owner limits how many; here none ever waits for another. */
export interface Http {
  /** Connections in use or kept. */
  readonly connections: number
  /** Whether an origin has a connection to spare. */
  hasRoom(origin: string): boolean
  send(request: WireRequest, owner: ExchangeOwner, options: ExchangeOptions): Exchange
  /** Has origins named that have room again although nothing sent to them has ended. */
  onRoom?(listener: (origin: string) => void): void
  close(): Promise<void>
}

const KEEP_ALIVE_MS = 4000

/** A connection per request under way to each origin: an undici client each, the most recently used taken first. */
interface Origin {
  idle: Client[]
  busy: number
  connect: NonNullable<Client.Options['connect']>
}

export function createHttp(deps: HttpDeps): Http {
  const { connectionsPerOriginMax = 128, originsMax = 2048, connectTimeoutMs = 5000, replyBytesMax = 1_048_576 } = deps
  const origins = new Map<string, Origin>()
  const closing = new Set<Promise<void>>()
  const clients = new Set<Client>()

  function originOf(url: string): Origin {
    let origin = origins.get(url)
    if (origin) return origin
    if (origins.size >= originsMax) evictIdle()
    const { egress, ca, resolve } = deps
    const connect = guardedConnector({
      egress,
      timeoutMs: connectTimeoutMs,
      ...(ca === undefined ? {} : { ca }),
      ...(resolve === undefined ? {} : { resolve }),
    })
    origin = { idle: [], busy: 0, connect }
    origins.set(url, origin)
    return origin
  }

  function evictIdle(): void {
    for (const [url, origin] of origins) {
      if (origin.busy > 0) continue
      origins.delete(url)
      for (const client of origin.idle) discard(client)
      return
    }
  }

  function discard(client: Client): void {
    clients.delete(client)
    const gone: Promise<void> = client.destroy().finally(() => closing.delete(gone))
    closing.add(gone)
  }

  function takeClient(url: string, origin: Origin, fresh = false): Client {
    const client = fresh ? undefined : origin.idle.pop()
    if (client) return client
    const made = new Client(url, { connect: origin.connect, pipelining: 1, keepAliveTimeout: KEEP_ALIVE_MS })
    clients.add(made)
    // A client without its connection is worth nothing, and after a burst there are many.
    made.on('connectionError', () => deps.onBroken?.(url))
    made.on('disconnect', (_url, _targets, error) => {
      if (isBroken(error)) deps.onBroken?.(url)
      const at = origin.idle.indexOf(made)
      if (at < 0) return
      origin.idle.splice(at, 1)
      discard(made)
    })
    return made
  }

  return {
    get connections() {
      return clients.size
    },
    hasRoom: (url) => (origins.get(url)?.busy ?? 0) < connectionsPerOriginMax,
    send(request, owner, options) {
      const origin = originOf(request.origin)
      if (origin.busy++ === 0) {
        // To the end of the map, which is in the order of use.
        origins.delete(request.origin)
        origins.set(request.origin, origin)
      }
      const client = takeClient(request.origin, origin, options.fresh)
      const call = new Call(owner, options.keepBytes, replyBytesMax, (reusable) => {
        origin.busy--
        if (!reusable || origin.idle.length >= connectionsPerOriginMax) discard(client)
        else origin.idle.push(client)
      })
      client.dispatch(
        {
          method: request.method,
          path: request.path,
          headers: request.headers,
          body: request.body ?? null,
          headersTimeout: options.silenceTimeoutMs,
          bodyTimeout: options.silenceTimeoutMs,
        },
        call,
      )
      return call
    },
    async close() {
      for (const client of clients) discard(client)
      origins.clear()
      await Promise.all(closing)
    },
  }
}

/** Closed by the other side; what this side closes, or was told of by `connection: close`, is nobody's fault. */
function isBroken(error: Error & { code?: string }): boolean {
  return error.code === 'UND_ERR_SOCKET' || error.code === 'ECONNRESET' || error.code === 'EPIPE'
}

/** Headers of replies that anything here reads. */
const READ_HEADERS = new Set(
  'webhook-id webhook-timestamp webhook-signature retry-after content-type location'.split(' '),
)
const NO_BYTES = Buffer.alloc(0)

/** One exchange, as undici's own handler: what is faster than a promise and a stream per request. */
class Call implements Undici.DispatchHandler, Exchange {
  readonly #owner: ExchangeOwner
  readonly #keepBytes: number
  readonly #readBytes: number
  readonly #release: (reusable: boolean) => void
  #abort: ((error?: Error) => void) | undefined
  #over = false
  #sent = false
  #status = 0
  #headers: Record<string, string> = {}
  #chunks: Buffer[] = []
  #kept = 0
  #bytes = 0

  constructor(owner: ExchangeOwner, keepBytes: number, readBytes: number, release: (reusable: boolean) => void) {
    this.#owner = owner
    this.#keepBytes = keepBytes
    this.#readBytes = readBytes
    this.#release = release
  }

  abort(): void {
    if (this.#over) return
    this.#over = true
    this.#close()
  }

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort
    if (this.#over) return abort()
    if (!this.#owner.onSent()) {
      this.#over = true
      return this.#close()
    }
    this.#sent = true
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    if (status >= 200) {
      this.#status = status
      this.#headers = readHeaders(headers)
    }
    return true
  }

  onData(chunk: Buffer): boolean {
    if (this.#over) return true
    this.#bytes += chunk.length
    const room = this.#keepBytes - this.#kept
    if (room > 0) {
      this.#chunks.push(chunk.length <= room ? chunk : chunk.subarray(0, room))
      this.#kept += Math.min(chunk.length, room)
    }
    if (this.#bytes > this.#readBytes) {
      this.#over = true
      this.#close()
      this.#owner.onDone(this.#replied())
    }
    return true
  }

  onComplete(): void {
    if (this.#over) return
    this.#over = true
    this.#release(true)
    this.#owner.onDone(this.#replied())
  }

  onError(error: Error): void {
    if (this.#over) return
    this.#over = true
    this.#release(false)
    this.#owner.onDone({ sent: this.#sent, error })
  }

  #close(): void {
    this.#abort?.()
    this.#release(false)
  }

  #replied(): Exchanged {
    const [only] = this.#chunks
    const body = this.#chunks.length > 1 ? Buffer.concat(this.#chunks) : (only ?? NO_BYTES)
    return { sent: true, reply: { status: this.#status, headers: this.#headers, body, bytes: this.#bytes } }
  }
}

/** The first of each header that is read, by its name in lower case. */
function readHeaders(raw: readonly Buffer[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const length = raw[i]?.length ?? 0
    if (length < 8 || length > 17) continue
    const name = (raw[i]?.toString('latin1') ?? '').toLowerCase()
    if (READ_HEADERS.has(name)) headers[name] ??= raw[i + 1]?.toString('latin1') ?? ''
  }
  return headers
}
