import { type PeerAddress, PeerUnreachable, type RequestKind } from '../cluster/network.ts'
import { parsePeerAddress } from '../cluster/peer-address.ts'
import type { Message } from '../raft/types.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import { ByteReader } from './byte-reader.ts'
import { ClockOffset } from './clock-offset.ts'
import { type Dialled, NotConnected } from './dial.ts'
import { travels, writeMessage } from './message-codec.ts'
import type { PeerInfo, Refused, Remote } from './options.ts'
import { Requests } from './requests.ts'
import { FRAME, type PeerStream } from './stream.ts'

/** Pause after the second try to connect, doubled up to the most, and drawn between half and all of it. */
const BACKOFF_MS_MIN = 50
const BACKOFF_MS_MAX = 1000

export interface LinkDeps {
  clock: Clock
  random: Random
  queueBytesMax: number
  /** Connects to the member for messages and requests. */
  dial(peer: PeerAddress, signal: AbortSignal): Promise<Dialled>
  onUnreachable(): void
  onRefused(refused: Refused): void
  /** There is a connection, or there is none and why. */
  onState(remote: Remote | { fault: string }): void
}

interface Open {
  stream: PeerStream
  requests: Requests
  remote: Remote
}

/** What goes to one member: a connection that is made again whenever it breaks. */
export class PeerLink {
  readonly peer: PeerAddress
  readonly #deps: LinkDeps
  readonly #closing = new AbortController()
  readonly #clockOffset = new ClockOffset()
  #open: Open | undefined
  #dialling = false
  /** Tries since there last was a connection for a second; the first try after such a one is made at once. */
  #failures = 1
  #cancelPause: (() => void) | undefined
  #told = false
  #fault: string | undefined

  constructor(peer: PeerAddress, deps: LinkDeps) {
    this.peer = peer
    this.#deps = deps
    void this.#connect()
  }

  /** Hands a message over; false, and said once, when there is no connection or no room. */
  send(message: Message): boolean {
    const stream = this.#open?.stream
    if (stream === undefined || stream.queued >= this.#deps.queueBytesMax || !travels(message)) return this.#dropped()
    writeMessage(stream.out.begin(FRAME.message), message)
    if (!stream.out.end()) return this.#dropped()
    stream.send()
    this.#told = false
    return true
  }

  async request(kind: RequestKind, body: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    if (this.#open === undefined) throw new PeerUnreachable(this.#fault ?? 'there is no connection yet')
    return this.#open.requests.send(kind, body, timeoutMs)
  }

  /** The member has shown that it is there: a pause before the next try is cut short. */
  wake(): void {
    if (this.#cancelPause === undefined) return
    this.#failures = 0
    this.#cancelPause()
    this.#cancelPause = undefined
    void this.#connect()
  }

  close(): void {
    this.#closing.abort()
    this.#cancelPause?.()
    this.#open?.stream.finish('it is not wanted any more')
  }

  get clockOffsetMs(): number | undefined {
    const { clock } = this.#deps
    return this.#open === undefined ? undefined : this.#clockOffset.offsetMs(clock.now(), clock.monotonic())
  }

  get info(): PeerInfo {
    return {
      connected: this.#open !== undefined,
      remote: this.#open?.remote,
      roundTripMs: this.#clockOffset.roundTripMs,
      fault: this.#open === undefined ? this.#fault : undefined,
    }
  }

  async #connect(): Promise<void> {
    if (this.#dialling || this.#closing.signal.aborted) return
    this.#dialling = true
    try {
      this.#opened(await this.#deps.dial(this.peer, this.#closing.signal))
    } catch (error) {
      if (this.#closing.signal.aborted) return
      this.#failed((error as Error).message)
      if (error instanceof NotConnected && error.refused !== undefined) this.#deps.onRefused(error.refused)
    } finally {
      this.#dialling = false
    }
  }

  #opened({ stream, remote }: Dialled): void {
    const requests = new Requests(stream, this.#deps.clock)
    stream.events = {
      onFrame: (type, body) => {
        if (type === FRAME.reply) requests.onReply(body)
        else if (type === FRAME.pong) this.#onPong(body)
      },
      onTick: () => {
        this.#failures = 0
        this.#ping(stream)
      },
      onClose: (reason) => {
        requests.lost(reason)
        this.#open = undefined
        if (this.#closing.signal.aborted) return
        this.#failed(reason)
        this.#dropped()
      },
    }
    if (this.#closing.signal.aborted) return stream.close('it is not wanted any more')
    this.#open = { stream, requests, remote }
    this.#told = false
    this.#fault = undefined
    this.#ping(stream)
    this.#deps.onState(remote)
  }

  #failed(reason: string): void {
    this.#fault = reason
    this.#deps.onState({ fault: reason })
    const { clock, random } = this.#deps
    const whole = this.#failures === 0 ? 0 : Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** (this.#failures - 1))
    this.#failures = Math.min(this.#failures + 1, 10)
    this.#cancelPause = clock.after(whole * (0.5 + random.next() / 2), () => {
      this.#cancelPause = undefined
      void this.#connect()
    })
  }

  #dropped(): false {
    if (!this.#told) {
      this.#told = true
      this.#deps.onUnreachable()
    }
    return false
  }

  #ping(stream: PeerStream): void {
    stream.out.begin(FRAME.ping).f64(this.#deps.clock.monotonic()).end()
    stream.send()
  }

  #onPong(body: Buffer): void {
    const from = new ByteReader(body)
    const monotonic = this.#deps.clock.monotonic()
    this.#clockOffset.add(monotonic - from.f64(), from.f64(), monotonic)
  }
}

/** Whose certificate a member has to show. */
export function bearerOf({ name, address }: PeerAddress): { name: string; host?: string } {
  const host = parsePeerAddress(address)?.host
  return { name, ...(host === undefined ? {} : { host }) }
}
