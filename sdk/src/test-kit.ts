import { createHmac } from 'node:crypto'
import type { ExecutorClock } from './clock.ts'
import type { Callable } from './executor.ts'
import type { RawCall, Runtime } from './receiver.ts'

/** Secrets that exist for tests only. */
export const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
export const OTHER_SECRET = `whsec_${Buffer.alloc(32, 8).toString('base64')}`
export const NOW = Date.parse('2026-11-20T15:00:00.000Z')

/** A clock that moves only when told to. */
export class VirtualClock implements ExecutorClock {
  #now = NOW
  readonly #timers = new Set<{ at: number; task: () => void }>()

  now(): number {
    return this.#now
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { at: this.#now + delayMs, task }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  advance(ms: number): void {
    this.#now += ms
    for (const timer of [...this.#timers].sort((a, b) => a.at - b.at)) {
      if (timer.at > this.#now || !this.#timers.delete(timer)) continue
      timer.task()
    }
  }
}

/** The signature of Standard Webhooks, by node:crypto. */
export function sign(id: string, timestampS: number | string, body: string | Uint8Array, secret = SECRET): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestampS}.`).update(body).digest('base64')}`
}

/** The headers of a call or reply that is signed rightly. */
export function signedHeaders(
  id: string,
  body: string | Uint8Array,
  { now = NOW, secret = SECRET } = {},
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000))
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': sign(id, timestamp, body, secret),
  }
}

/** The body of a dispatch; `data` overrides what is said of the attempt. */
export function dispatchBody(data: Record<string, unknown> = {}, now = NOW): string {
  return envelope(
    'run.dispatch',
    {
      cluster: 'c1',
      executor: 'billing-1',
      job: 'nightly',
      handler: 'report',
      runId: 'run1',
      attemptId: 'run1-0-1',
      supersedes: [],
      attempt: 1,
      maxAttempts: 4,
      trigger: 'schedule',
      fireTime: '2026-11-20T23:00:00+08:00',
      deadline: new Date(now + 60_000).toISOString(),
      shard: { index: 0, total: 1 },
      params: {},
      fencingToken: '18446744073709551615',
      respond: { mode: 'auto', waitMs: 25_000 },
      ...data,
    },
    now,
  )
}

/** The body of any call. */
export function envelope(type: string, data: Record<string, unknown>, now = NOW): string {
  const whom = { namespace: 'default', service: 'billing' }
  return JSON.stringify({ type, timestamp: new Date(now).toISOString(), data: { ...whom, ...data } })
}

/** What came back, its body read as JSON. */
export interface Answer {
  status: number
  headers: Record<string, string>
  text: string
  json: { type?: string; code?: string; data?: Record<string, unknown> } & Record<string, unknown>
}

/** Makes a call that is signed rightly, unless `headers` say otherwise. */
export async function callExecutor(
  executor: Callable,
  body: string,
  {
    id,
    headers,
    ...rest
  }: { id?: string; headers?: Record<string, string>; now?: number; secret?: string } & Partial<RawCall> & Runtime = {},
): Promise<Answer> {
  const { waitUntil, env, now, secret, ...call } = rest
  const webhookId = id ?? (JSON.parse(body) as { data: { attemptId?: string } }).data.attemptId ?? 'msg1'
  const signing = { ...(now !== undefined && { now }), ...(secret !== undefined && { secret }) }
  const all: Record<string, string> = { ...signedHeaders(webhookId, body, signing), ...headers }
  const reply = await executor.receive(
    { method: 'POST', body: new TextEncoder().encode(body), header: (name) => all[name], ...call },
    { ...(env && { env }), ...(waitUntil && { waitUntil }) },
  )
  return { ...reply, text: reply.body, json: JSON.parse(reply.body) as Answer['json'] }
}

/** A promise and its handles. */
export function deferred<Value = void>() {
  let resolve!: (value: Value) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<Value>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

/** What the control plane was asked. */
export interface Asked {
  node: string
  method: string
  path: string
  token: string
  body: Record<string, unknown>
}

/** Nodes of a control plane that remember what they are asked. */
export class FakeControlPlane {
  readonly asked: Asked[] = []
  readonly queries: string[] = []
  /** It takes requests and answers none. */
  hang = false
  /** What it says; undefined: the node does not answer. */
  answer: (asked: Asked) => { status?: number; body: object } | undefined = () => ({ body: { answer: 'continue' } })

  readonly fetch: typeof fetch = (url, init) => {
    const { origin: node, pathname: path, search } = new URL(url as string)
    const { authorization = '' } = (init?.headers ?? {}) as Record<string, string>
    const body = JSON.parse((init?.body as string | undefined) ?? '{}') as Record<string, unknown>
    const asked = { node, method: init?.method ?? 'GET', path, token: authorization.replace('Bearer ', ''), body }
    this.asked.push(asked)
    this.queries.push(search)
    if (this.hang) {
      return new Promise((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted')))
      })
    }
    const said = this.answer(asked)
    if (!said) return Promise.reject(new TypeError('fetch failed'))
    return Promise.resolve(Response.json(said.body, { status: said.status ?? 200 }))
  }
}

/** How often to poll, as the control plane says it. */
export const TIMES = { leaseTtlMs: 30_000, heartbeatMs: 10_000 }

/** A control plane whose polls hang until they are answered, or given up. */
export class PollingPlane extends FakeControlPlane {
  /** Those that hang, the oldest first. */
  hanging: ((answer: object) => void)[] = []

  readonly polled: typeof fetch = async (url, init) => {
    const reply = await this.fetch(url, init)
    if (!(url as string).endsWith('/poll') || reply.status !== 200) return reply
    return new Promise((resolve, reject) => {
      const answer = (body: object) => resolve(Response.json({ answer: 'ok', ...TIMES, calls: [], ...body }))
      this.hanging.push(answer)
      init?.signal?.addEventListener('abort', () => {
        this.hanging = this.hanging.filter((one) => one !== answer)
        reject(new Error('aborted'))
      })
    })
  }

  /** Answers the poll that hangs. */
  async answerPoll(body: object): Promise<void> {
    await flush()
    this.hanging.shift()?.(body)
    for (let i = 0; i < 3; i++) await flush()
  }
}

/** A call as a poll brings it. */
export function polledCall(data: Record<string, unknown> = {}, { now = NOW, secret = SECRET } = {}) {
  const { attemptId = 'run1-0-1' } = data as { attemptId?: string }
  const url = `https://inside.example/v1/attempts/${attemptId}`
  const callback = { url, token: 't1', expiresAt: '2027-01-01T00:00:00Z' }
  const body = dispatchBody({ callback, respond: { mode: 'auto', waitMs: 0 }, ...data }, now)
  return { headers: signedHeaders(attemptId, body, { now, secret }), body }
}

/** Lets what is under way in the thread pool and in promises settle. */
export async function flush(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await crypto.subtle.digest('SHA-256', new Uint8Array(1))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Time passes, and what is under way goes on meanwhile. */
export async function passTime(clock: VirtualClock, ms: number): Promise<void> {
  await flush()
  for (let left = ms; left > 0; left -= 500) {
    clock.advance(Math.min(left, 500))
    await flush()
  }
}
