import type { Authenticator, Principal } from '../auth/authenticator.ts'
import { Problem } from '../problems.ts'
import type { ApiContext } from './context.ts'

/** Event streams open at once on a node. */
export const STREAMS_MAX = 256
/** The part of them that one token may hold, sessions included: nobody alone keeps all others out. */
const TOKEN_SHARE = 1 / 4
/** Something is sent so often: it keeps proxies from closing an idle stream, and shows the node that a reader has gone. */
const HEARTBEAT_MS = 15_000

const encoder = new TextEncoder()

/** What a stream is made of. */
export interface StreamSource {
  /** What it begins with, without the line that says how soon to come back. */
  opening: string
  /** Sent when nothing else was for a while. */
  beat(): string
  /**
   * The next events as text, '' when none of them is wanted; or that some are lost, that it was woken, or that there will be
   * none. Waits for them.
   */
  next(): Promise<{ text: string } | 'dropped' | 'woken' | 'over'>
  /** Makes `next` answer. */
  wake(): void
  /** Nobody reads it any more. */
  close?(): void
}

/** The event streams of a node: counted, bounded, and ended with the credential or the node. */
export class EventStreams {
  readonly #context: Pick<ApiContext, 'clock' | 'state' | 'limits'>
  readonly #authenticator: Authenticator
  readonly #streamsMax: number
  /** Streams open by id of the token. */
  readonly #openOf = new Map<string, number>()
  readonly #sources = new Set<StreamSource>()
  #stopped = false

  constructor(context: Pick<ApiContext, 'clock' | 'state' | 'limits'>, authenticator: Authenticator) {
    this.#context = context
    this.#authenticator = authenticator
    this.#streamsMax = context.limits?.streams ?? STREAMS_MAX
  }

  get open(): number {
    return this.#sources.size
  }

  /** Ends every stream with a last event that says so. */
  stop(): void {
    this.#stopped = true
    for (const source of this.#sources) source.wake()
  }

  /** The reply that a source is streamed in. `source` is asked for only if the stream may be opened. */
  reply(call: { principal: Principal; request: Caller }, source: () => StreamSource): Response {
    const { principal, request } = call
    const headers = {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'x-cronclave-index': String(this.#context.state().index),
    }
    if (request.method === 'HEAD') return new Response(null, { headers })
    this.#refuseMore(principal)
    return new Response(this.#stream(principal, source(), request.signal()), { headers })
  }

  #refuseMore({ token }: Principal): void {
    if (this.#stopped || this.open >= this.#streamsMax) throw new Problem('too-many-streams')
    const share = Math.max(1, Math.floor(this.#streamsMax * TOKEN_SHARE))
    if ((this.#openOf.get(token) ?? 0) < share) return
    throw new Problem('too-many-streams', `one token may hold ${share}`)
  }

  #count(token: string, change: 1 | -1): void {
    const left = (this.#openOf.get(token) ?? 0) + change
    if (left === 0) this.#openOf.delete(token)
    else this.#openOf.set(token, left)
  }

  #stream(principal: Principal, source: StreamSource, signal: AbortSignal): ReadableStream<Uint8Array> {
    const { clock } = this.#context
    let closed = false
    let cancelTimer: () => void = () => undefined
    const close = () => {
      if (closed) return
      closed = true
      cancelTimer()
      this.#sources.delete(source)
      this.#count(principal.token, -1)
      source.wake()
      source.close?.()
    }
    this.#sources.add(source)
    this.#count(principal.token, 1)
    signal.addEventListener('abort', close, { once: true })
    const isOver = () => this.#stopped || !this.#authenticator.isLive(principal)
    let beat = false
    const arm = () => {
      const leftMs = (principal.expiresAt ?? Number.POSITIVE_INFINITY) - clock.now()
      cancelTimer = clock.after(Math.max(1, Math.min(HEARTBEAT_MS, leftMs)), () => {
        beat = true
        source.wake()
        if (!closed) arm()
      })
    }
    arm()
    return new ReadableStream<Uint8Array>(
      {
        start(controller) {
          controller.enqueue(encoder.encode(`retry: 2000\n\n${source.opening}`))
        },
        async pull(controller) {
          while (!closed) {
            if (isOver()) return end(controller, close, message('end', undefined, {}))
            if (takeBeat()) return controller.enqueue(encoder.encode(source.beat()))
            const read = await source.next()
            if (closed) break
            if (isOver()) return end(controller, close, message('end', undefined, {}))
            if (read === 'dropped') return end(controller, close, message('dropped', undefined, {}))
            if (read === 'over') return end(controller, close, '')
            if (read !== 'woken' && read.text !== '') return controller.enqueue(encoder.encode(read.text))
          }
        },
        cancel: close,
      },
      { highWaterMark: 1 },
    )

    function takeBeat(): boolean {
      const was = beat
      beat = false
      return was
    }
  }
}

/** What of a request a stream needs. */
interface Caller {
  readonly method: string
  signal(): AbortSignal
}

/** One server-sent event. */
export function message(event: string, id: string | undefined, data: object): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

function end(controller: ReadableStreamDefaultController<Uint8Array>, close: () => void, last: string): void {
  if (last !== '') controller.enqueue(encoder.encode(last))
  controller.close()
  close()
}
