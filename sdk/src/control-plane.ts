import type { ExecutorClock } from './clock.ts'
import { isObject } from './json.ts'

/** How long a node may take to answer, in milliseconds. */
const ANSWER_MS = 10_000
const BACKOFF_MS_MIN = 250
const BACKOFF_MS_MAX = 30_000

/** What a node of the control plane answered. `body` is empty when it was no JSON object. */
export interface NodeReply {
  status: number
  body: Record<string, unknown>
}

export interface Asking {
  method: string
  token: string
  body?: string
  /** Gives up waiting for the answer. */
  signal?: AbortSignal
  /** @default 10 s */
  withinMs?: number
}

/** Nodes of the control plane, asked one after the other until one answers; the one that did is asked first next time. */
export class ControlPlane {
  readonly #bases: string[]
  readonly #clock: ExecutorClock
  readonly #fetch: typeof fetch

  constructor(bases: readonly string[], clock: ExecutorClock, send: typeof fetch) {
    this.#bases = [...new Set(bases.map((base) => base.replace(/\/+$/, '')))]
    this.#clock = clock
    this.#fetch = send
  }

  /** The first answer that is one; undefined when no node gave any. Never rejects. */
  async ask(path: string, asking: Asking): Promise<NodeReply | undefined> {
    let answer: NodeReply | undefined
    for (const base of [...this.#bases]) {
      if (asking.signal?.aborted) break
      const reply = await this.#askOne(base + path, asking).catch(() => undefined)
      if (reply && isFinal(reply)) {
        this.#prefer(base)
        return reply
      }
      answer ??= reply
    }
    return answer
  }

  async #askOne(url: string, { method, token, body, signal, withinMs = ANSWER_MS }: Asking): Promise<NodeReply> {
    const patience = new AbortController()
    const giveUp = () => patience.abort()
    const tooLong = () => patience.abort(new DOMException('no answer in time', 'TimeoutError'))
    const stopTimer = this.#clock.after(withinMs, tooLong)
    signal?.addEventListener('abort', giveUp)
    try {
      const headers: Record<string, string> = { authorization: `Bearer ${token}` }
      if (body !== undefined) headers['content-type'] = 'application/json'
      const init = { method, headers, signal: patience.signal, redirect: 'manual' as const }
      const reply = await this.#fetch(url, body === undefined ? init : { ...init, body })
      const json: unknown = await reply.json().catch(() => undefined)
      return { status: reply.status, body: isObject(json) ? json : {} }
    } finally {
      stopTimer()
      signal?.removeEventListener('abort', giveUp)
    }
  }

  #prefer(base: string): void {
    const at = this.#bases.indexOf(base)
    if (at > 0) this.#bases.unshift(...this.#bases.splice(at, 1))
  }
}

/** Asking another node, or the same one later, may be answered otherwise. */
const RETRIED = new Set([408, 421, 425, 429])

/** Whether a node has spoken: a good answer, or a refusal with a code of its own, which a proxy's lacks. */
export function isFinal({ status, body }: NodeReply): boolean {
  if (status >= 200 && status < 300) return true
  return status >= 400 && status < 500 && !RETRIED.has(status) && typeof body['code'] === 'string'
}

/** How long to wait before the next try, in milliseconds: doubles, and half of it is chance. */
export function backoffMs(failures: number, maxMs = BACKOFF_MS_MAX): number {
  const longest = Math.min(maxMs, BACKOFF_MS_MIN * 2 ** failures)
  return longest * (0.5 + Math.random() / 2)
}

/** Resolves after a while, or at once when `signal` aborts. A process that waits for nothing but `idle` pauses may end. */
export function pause(clock: ExecutorClock, ms: number, signal?: AbortSignal, idle = false): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stop()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const stop = clock.after(ms, done, idle)
    if (signal?.aborted) done()
    else signal?.addEventListener('abort', done)
  })
}
