import { PeerFault, PeerLost, PeerUnreachable, type RequestKind } from '../cluster/network.ts'
import type { Clock } from '../runtime/clock.ts'
import { ByteReader } from './byte-reader.ts'
import { FRAME, type PeerStream } from './stream.ts'

/** Requests under way over one connection, and bytes of their bodies. */
export const REQUESTS_MAX = 8192
const REQUEST_BYTES_MAX = 64 * 1024 * 1024
const FAULT_TEXT_MAX = 4096

/** One more kind belongs here too: a request of a kind that is not here is answered as not handled. */
const KINDS: Record<RequestKind, true> = {
  submit: true,
  'read-index': true,
  status: true,
  digest: true,
  api: true,
  join: true,
  bootstrap: true,
  heartbeat: true,
  executors: true,
  output: true,
  work: true,
}
const STATUS = { done: 0, fault: 1, unhandled: 2 } as const

interface Pending {
  resolve(reply: Uint8Array): void
  reject(error: Error): void
  bytes: number
  cancel(): void
}

/** Requests that were sent over a connection and wait for their reply. */
export class Requests {
  readonly #stream: PeerStream
  readonly #clock: Clock
  readonly #pending = new Map<number, Pending>()
  #bytes = 0
  #last = 0

  constructor(stream: PeerStream, clock: Clock) {
    this.#stream = stream
    this.#clock = clock
  }

  /** Rejects with `PeerUnreachable`, `PeerLost` or `PeerFault`. */
  async send(kind: RequestKind, body: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    const stream = this.#stream
    if (stream.closed) throw new PeerUnreachable('there is no connection')
    if (this.#pending.size >= REQUESTS_MAX || this.#bytes + body.length > REQUEST_BYTES_MAX)
      throw new PeerUnreachable('too many requests are under way')
    const id = ++this.#last
    if (!stream.out.begin(FRAME.request).u64(id).text(kind).raw(body).end())
      throw new PeerUnreachable('the request is too long')
    stream.send()
    return new Promise((resolve, reject) => {
      const late = () => this.#settle(id)?.reject(new PeerLost(`no reply within ${timeoutMs} ms`))
      const cancel = this.#clock.after(timeoutMs, late)
      this.#pending.set(id, { resolve, reject, bytes: body.length, cancel })
      this.#bytes += body.length
    })
  }

  /** A reply came; one that is not waited for any more is passed over. */
  onReply(frame: Buffer): void {
    const from = new ByteReader(frame)
    const pending = this.#settle(from.u64())
    const status = from.u8()
    const rest = from.rest()
    if (status === STATUS.done) pending?.resolve(rest)
    else if (status === STATUS.fault) pending?.reject(new PeerFault(rest.toString('utf8')))
    else pending?.reject(new PeerUnreachable(rest.toString('utf8')))
  }

  /** The connection is gone. */
  lost(reason: string): void {
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(new PeerLost(reason))
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    if (pending === undefined) return undefined
    this.#pending.delete(id)
    this.#bytes -= pending.bytes
    pending.cancel()
    return pending
  }
}

/** Answers the requests that come over a connection. */
export class Replies {
  readonly #stream: PeerStream
  readonly #handle: (kind: RequestKind, body: Buffer) => Promise<Uint8Array>
  readonly #queueBytesMax: number
  #underWay = 0

  constructor(
    stream: PeerStream,
    queueBytesMax: number,
    handle: (kind: RequestKind, body: Buffer) => Promise<Uint8Array>,
  ) {
    this.#stream = stream
    this.#queueBytesMax = queueBytesMax
    this.#handle = handle
  }

  onRequest(frame: Buffer): void {
    const from = new ByteReader(frame)
    const id = from.u64()
    const kind = from.text()
    if (!Object.hasOwn(KINDS, kind)) return this.#reply(id, STATUS.unhandled, 'requests of this kind are not known')
    if (this.#underWay >= REQUESTS_MAX) return this.#reply(id, STATUS.unhandled, 'too many requests are under way')
    this.#underWay += 1
    void this.#answer(id, kind as RequestKind, from.rest())
  }

  async #answer(id: number, kind: RequestKind, body: Buffer): Promise<void> {
    try {
      this.#reply(id, STATUS.done, await this.#handle(kind, body))
    } catch (error) {
      const status = error instanceof PeerUnreachable ? STATUS.unhandled : STATUS.fault
      this.#reply(id, status, (error instanceof Error ? error.message : String(error)).slice(0, FAULT_TEXT_MAX))
    } finally {
      this.#underWay -= 1
    }
  }

  /** Dropped when the other side does not read: its request ends by time. */
  #reply(id: number, status: number, body: Uint8Array | string): void {
    const stream = this.#stream
    if (stream.closed || stream.queued >= this.#queueBytesMax) return
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    const long = Buffer.from('the reply is too long')
    if (!stream.out.begin(FRAME.reply).u64(id).u8(status).raw(bytes).end())
      stream.out.begin(FRAME.reply).u64(id).u8(STATUS.fault).raw(long).end()
    stream.send()
  }
}
