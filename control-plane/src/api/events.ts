import type { JobEvent, RunEvent } from '@cronclave/openapi'
import type { Authenticator, Principal } from '../auth/authenticator.ts'
import { allows, readsNamespace } from '../auth/scopes.ts'
import { Problem } from '../problems.ts'
import type { ApiContext } from './context.ts'
import type { Feed, FeedEvent } from './feed.ts'
import type { Call, Handlers } from './handlers.ts'
import { runSummary } from './run-view.ts'
import { timeText } from './times.ts'

/** Event streams open at once on a node. */
export const STREAMS_MAX = 256
/** The part of them that one token may hold, sessions included: nobody alone keeps all others out. */
const TOKEN_SHARE = 1 / 4
/** A comment keeps proxies from closing an idle stream, and shows the node that a reader has gone. */
const HEARTBEAT_MS = 15_000
/** Events written at a time, at most. */
const CHUNK_EVENTS = 100

const encoder = new TextEncoder()

/** The event streams of a node. */
export class EventStreams {
  readonly #context: ApiContext
  readonly #authenticator: Authenticator
  readonly #streamsMax: number
  /** Streams open by id of the token. */
  readonly #openOf = new Map<string, number>()
  #open = 0
  #stopped = false

  constructor(context: ApiContext, authenticator: Authenticator) {
    this.#context = context
    this.#authenticator = authenticator
    this.#streamsMax = context.limits?.streams ?? STREAMS_MAX
  }

  get open(): number {
    return this.#open
  }

  /** Ends every stream with a last event that says so. */
  stop(): void {
    this.#stopped = true
    this.#context.feed.wake()
  }

  handlers(): Pick<Handlers, 'streamEvents'> {
    return { streamEvents: (call) => ({ status: 200, response: this.#answer(call) }) }
  }

  #answer({ query, header, principal, request }: Call<'streamEvents'>): Response {
    if (query.namespace !== undefined && !readsNamespace(principal.scope, query.namespace)) {
      throw new Problem('forbidden', `the credential has scope ${principal.scope}`)
    }
    const headers = {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'x-cronclave-index': String(this.#context.state().index),
    }
    if (request.method === 'HEAD') return new Response(null, { headers })
    this.#refuseMore(principal)
    const wanted = (event: FeedEvent) =>
      allows(principal.scope, 'namespace-read', event) &&
      (query.namespace === undefined || query.namespace === event.namespace) &&
      (query.job === undefined || query.job === event.job)
    return new Response(this.#stream(principal, wanted, header['Last-Event-ID'], request.signal), { headers })
  }

  #refuseMore({ token }: Principal): void {
    if (this.#stopped || this.#open >= this.#streamsMax) throw new Problem('too-many-streams')
    const share = Math.max(1, Math.floor(this.#streamsMax * TOKEN_SHARE))
    if ((this.#openOf.get(token) ?? 0) < share) return
    throw new Problem('too-many-streams', `one token may hold ${share}`)
  }

  #count(token: string, change: 1 | -1): void {
    this.#open += change
    const left = (this.#openOf.get(token) ?? 0) + change
    if (left === 0) this.#openOf.delete(token)
    else this.#openOf.set(token, left)
  }

  #stream(
    principal: Principal,
    wanted: (event: FeedEvent) => boolean,
    lastEventId: string | undefined,
    signal: AbortSignal,
  ): ReadableStream<Uint8Array> {
    const { feed, clock } = this.#context
    const resumed = lastEventId === undefined ? feed.end : feed.positionOf(lastEventId)
    let position = resumed ?? feed.end
    let closed = false
    let cancelTimer: () => void = () => undefined
    const close = () => {
      if (closed) return
      closed = true
      cancelTimer()
      this.#count(principal.token, -1)
      feed.wake()
    }
    this.#count(principal.token, 1)
    signal.addEventListener('abort', close, { once: true })
    const isOver = () => this.#stopped || !this.#authenticator.isLive(principal)
    let beat = false
    const arm = () => {
      const leftMs = (principal.expiresAt ?? Number.POSITIVE_INFINITY) - clock.now()
      cancelTimer = clock.after(Math.max(1, Math.min(HEARTBEAT_MS, leftMs)), () => {
        beat = true
        feed.wake()
        if (!closed) arm()
      })
    }
    arm()
    return new ReadableStream<Uint8Array>(
      {
        start(controller) {
          const first = resumed === undefined ? message('reset', feed.idOf(position), {}) : ''
          controller.enqueue(encoder.encode(`retry: 2000\n\n${first}`))
        },
        async pull(controller) {
          while (!closed) {
            if (isOver()) return end(controller, close, message('end', undefined, {}))
            if (takeBeat()) return controller.enqueue(encoder.encode(':\n\n'))
            const read = await feed.read(position, CHUNK_EVENTS)
            if (closed) break
            if (isOver()) return end(controller, close, message('end', undefined, {}))
            if (read.kind === 'dropped') return end(controller, close, message('dropped', undefined, {}))
            if (read.kind === 'woken') continue
            const text = written(feed, read.events, position, wanted)
            position = read.last
            if (text !== '') return controller.enqueue(encoder.encode(text))
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

function end(controller: ReadableStreamDefaultController<Uint8Array>, close: () => void, last: string): void {
  controller.enqueue(encoder.encode(last))
  controller.close()
  close()
}

function written(
  feed: Feed,
  events: readonly FeedEvent[],
  from: number,
  wanted: (event: FeedEvent) => boolean,
): string {
  let text = ''
  for (const [i, event] of events.entries()) {
    if (wanted(event)) text += message(event.type, feed.idOf(from + i + 1), dataOf(event))
  }
  return text
}

function message(event: string, id: string | undefined, data: object): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

function dataOf(event: FeedEvent): RunEvent | JobEvent {
  const { namespace, job, run, changed } = event
  if (run) return { namespace, job, run: runSummary(run, { namespace, job }) }
  if (!changed) return { namespace, job }
  const next = changed.nextFire === undefined ? {} : { nextFire: timeText(changed.nextFire) }
  return { namespace, job, version: changed.version, state: changed.state, ...next }
}
