import { Attempt, type Leave, type Settled } from './attempt.ts'
import { BODY_BYTES_MAX } from './body-limit.ts'
import type { ExecutorConfig } from './config.ts'
import { EnvelopeFault, parseEnvelope, type Cancel, type Dispatch, type Message } from './envelope.ts'
import { DrainError, isCronclaveError, TimeoutError } from './errors.ts'
import { runHandler, settledBy, type Registered } from './handler.ts'
import type { Hmac, HmacKey } from './hmac.ts'
import { Inbox } from './inbox.ts'
import type { Env } from './keys.ts'
import { messageOf } from './message-of.ts'
import type { Problem, RawReply } from './problem.ts'
import type { Refusals } from './refusals.ts'
import type { Reports } from './reports.ts'
import { signReply } from './signature.ts'
import { VERSION } from './version.ts'

/** How long handlers may take to end once a drain has aborted them, in milliseconds. */
const STOP_MS = 5000

/** A call as an adapter hands it over. */
export interface RawCall {
  method: string
  /** The value of a header, by its lower-case name. */
  header(name: string): string | null | undefined
  /** The bytes as they came, or why there are none: more than `BODY_BYTES_MAX`, or someone else has read them. */
  body: Uint8Array | 'too-large' | 'unavailable'
  /** Aborts when the caller goes away. */
  signal?: AbortSignal | undefined
  /** What its signature is verified with, and the reply's made: an adapter's own. @default WebCrypto */
  hmac?: Hmac | undefined
  /** What it is mounted in, so that a refusal can say how to do that right. */
  mount?: 'express' | 'fastify' | 'fetch' | 'hono' | 'http'
}

/** What a runtime knows beside the call. */
export interface Runtime {
  /** Handed to `secret` when that is a function. */
  env?: Env
  /** Keeps an edge runtime alive until the handler has ended. */
  waitUntil?: (promise: Promise<unknown>) => void
  /** The process lives on after a call was answered, so that outcomes may be reported later. */
  longLived?: boolean
}

/** A reply's JSON, or why there is none. */
type Answer = string | Problem | { accepted: string }

/** Judges a call in the order size, signature, envelope, address, replay, slots, draining, handler, parameters; then runs it. */
export class Receiver {
  readonly #config: ExecutorConfig
  readonly #handlers: ReadonlyMap<string, Registered>
  readonly #inbox = new Inbox()
  #refusals: Promise<Refusals> | undefined
  readonly #calls = new Set<Promise<unknown>>()
  #inFlight = 0
  #draining = false

  constructor(config: ExecutorConfig, handlers: ReadonlyMap<string, Registered>) {
    this.#config = config
    this.#handlers = handlers
  }

  /** Handlers at work. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** Answers a call. Never rejects, whatever the call. */
  receive(call: RawCall, runtime: Runtime): Promise<RawReply> {
    const reply = this.#reply(call, runtime).finally(() => this.#calls.delete(reply))
    this.#calls.add(reply)
    return reply
  }

  async #reply(call: RawCall, runtime: Runtime): Promise<RawReply> {
    try {
      return await this.#receive(call, runtime)
    } catch (error) {
      const code = isCronclaveError(error, 'config') ? 'misconfigured' : 'internal'
      const refusals = await this.#loadRefusals()
      refusals.failed(code, { error: messageOf(error) }, 'a call could not be answered')
      return refusals.reply({ code })
    }
  }

  /**
   * Refuses new work, and resolves when no handler is at work, whoever waits for one has a reply, and every outcome is
   * reported, or given up. Handlers are aborted after a while, and a little later they are waited for no more.
   */
  async drain(timeoutMs: number): Promise<void> {
    const { clock } = this.#config
    this.#draining = true
    let stopTimer = clock.after(timeoutMs, () => {
      for (const attempt of this.#inbox.running()) attempt.abort(new DrainError())
      stopTimer = clock.after(STOP_MS, () => {
        for (const attempt of this.#inbox.running()) {
          this.#settle(attempt, settledBy(attempt.signal.reason, attempt, clock.now()))
        }
      })
    })
    await Promise.all([...this.#inbox.running()].map((attempt) => attempt.settled))
    stopTimer()
    await Promise.all(this.#calls)
    await (await this.#config.reports)?.drain()
  }

  async #receive(call: RawCall, runtime: Runtime): Promise<RawReply> {
    const { body, method } = call
    if (method !== 'POST') return this.#refuse({ code: 'method-not-allowed' })
    if (body === 'unavailable') return (await this.#loadRefusals()).unread(call)
    if (body === 'too-large' || body.length > BODY_BYTES_MAX) return this.#refuse({ code: 'body-too-large' })
    const verdict = await this.#config.check(call, body, runtime.env ?? {})
    if (!verdict.ok) {
      return (await this.#loadRefusals()).refused(verdict.fault, verdict.skewS)
    }
    const answer = await this.#answer(verdict.id, body, call, runtime)
    return this.#sign(verdict.key, `re_${verdict.id}`, answer)
  }

  async #sign(key: HmacKey, id: string, answer: Answer): Promise<RawReply> {
    const headers = { 'content-type': 'application/json' }
    const reply =
      typeof answer === 'string'
        ? { status: 200, headers, body: answer }
        : 'accepted' in answer
          ? { status: 202, headers, body: answer.accepted }
          : await this.#refuse(answer)
    const signature = await signReply(key, id, this.#config.clock.now(), reply.body)
    return { ...reply, headers: { ...reply.headers, ...signature, 'x-cronclave-sdk': `js/${VERSION}` } }
  }

  async #answer(webhookId: string, body: Uint8Array, call: RawCall, runtime: Runtime): Promise<Answer> {
    const message = readMessage(body)
    if ('code' in message) return message
    const { namespace, service, id } = this.#config
    const elsewhere = message.executor !== undefined && id !== undefined && message.executor !== id
    if (message.namespace !== namespace || message.service !== service || elsewhere) {
      return { code: 'wrong-executor', detail: `this is ${namespace}/${service}${id === undefined ? '' : `/${id}`}` }
    }
    switch (message.type) {
      case 'run.dispatch':
        if (message.attemptId === webhookId) return this.#dispatch(message, call, runtime)
        return { code: 'invalid-call', detail: 'attemptId is not the webhook-id' }
      case 'run.cancel':
        return this.#cancel(message)
      case 'run.skipped':
        return this.#message('run.noted', {})
      case 'ping':
        return this.#message('pong', { challenge: message.challenge, bootId: this.#config.bootId })
      case 'manifest.get':
        return this.#manifest()
    }
  }

  async #dispatch(dispatch: Dispatch, call: RawCall, runtime: Runtime): Promise<Answer> {
    for (let joined = false; ; joined = true) {
      const now = this.#config.clock.now()
      const known = this.#inbox.find(dispatch.attemptId, dispatch.supersedes, now)
      // Whoever joined a handler that gave up begins anew.
      if (known.kind === 'seen' && !joined) return { code: 'duplicate-attempt' }
      if (known.kind === 'ended') {
        this.#inbox.keepFor(dispatch.attemptId, known.text, now)
        return this.#result(dispatch, known.text)
      }
      const attempt = known.kind === 'running' ? known.attempt : this.#start(dispatch, call, runtime)
      if ('code' in attempt) return attempt
      const leave = this.#join(attempt, dispatch, call)
      const settled = await this.#wait(attempt, dispatch, call, runtime)
      if (!settled) return this.#accept(attempt, dispatch, runtime, leave)
      if (settled.kind === 'outcome') return this.#result(dispatch, settled.text)
      if (settled.kind === 'refused') return settled.problem
      if (known.kind !== 'running') return { code: 'abandoned' }
    }
  }

  #join(attempt: Attempt, dispatch: Dispatch, call: RawCall): Leave {
    if (!attempt.ids.includes(dispatch.attemptId)) {
      attempt.ids.push(dispatch.attemptId)
      this.#inbox.take(dispatch.attemptId, attempt, this.#config.clock.now())
    }
    return attempt.take(dispatch, call.signal)
  }

  /** What the handler came to, or nothing when that takes longer than its caller waits, and is to be reported later. */
  #wait(
    attempt: Attempt,
    { callback, waitMs }: Dispatch,
    call: RawCall,
    runtime: Runtime,
  ): Promise<Settled | undefined> {
    const { clock, reportLater = runtime.longLived || runtime.waitUntil, respondMs } = this.#config
    if (!reportLater || !callback || waitMs === undefined) return attempt.settled
    return new Promise((resolve) => {
      // Nobody would hear that it is accepted if the connection is broken.
      const stopTimer = clock.after(Math.min(waitMs, respondMs), () => call.signal?.aborted || resolve(undefined))
      void attempt.settled.then(resolve).then(stopTimer)
    })
  }

  /** From here on a lease waits for the handler instead of the call. */
  async #accept(attempt: Attempt, dispatch: Dispatch, runtime: Runtime, leave: Leave): Promise<Answer> {
    try {
      const reports = await this.#loadReports()
      const kept = reports.take(attempt, dispatch)
      runtime.waitUntil?.(kept)
      return { accepted: reports.accepted }
    } finally {
      leave()
    }
  }

  #start(dispatch: Dispatch, call: RawCall, runtime: Runtime): Attempt | Problem {
    const { clock, concurrency, orphanMs } = this.#config
    if (this.#inFlight >= concurrency) return { code: 'no-slot' }
    if (this.#draining) return { code: 'draining' }
    const handler = this.#handlers.get(dispatch.handler)
    if (!handler) return { code: 'handler-not-found', detail: `no handler is named ${dispatch.handler}` }
    const attempt = new Attempt(dispatch.attemptId, clock, orphanMs)
    this.#inbox.take(dispatch.attemptId, attempt, clock.now())
    this.#inFlight++
    const settle = (settled: Settled) => this.#settle(attempt, settled)
    const extend = async (ms: number) => (await this.#loadReports()).extend(attempt, ms)
    const running = runHandler(handler, dispatch, attempt, call.header('traceparent'), extend, this.#config)
    const ended = running.then(settle, () => settle({ kind: 'refused', problem: { code: 'internal' } }))
    runtime.waitUntil?.(ended)
    return attempt
  }

  #settle(attempt: Attempt, settled: Settled): void {
    if (attempt.over) return
    this.#inFlight--
    this.#inbox.settle(attempt, settled, this.#config.clock.now())
    attempt.finish(settled)
  }

  #cancel({ attemptId, reason }: Cancel): string {
    const attempt = this.#inbox.runningAttempt(attemptId)
    if (reason === 'timed-out') attempt?.abort(new TimeoutError())
    else attempt?.cancel()
    return this.#message('run.cancelled', { attemptId, known: attempt !== undefined })
  }

  #loadReports(): Promise<Reports> {
    return (this.#config.reports ??= import('./reports.ts').then(({ Reports }) => new Reports(this.#config)))
  }

  async #refuse(problem: Problem): Promise<RawReply> {
    const refusals = await this.#loadRefusals()
    return refusals.reply(problem)
  }

  #loadRefusals(): Promise<Refusals> {
    return (this.#refusals ??= import('./refusals.ts').then(({ Refusals }) => new Refusals(this.#config)))
  }

  async #manifest(): Promise<string> {
    const { manifestAnswer } = await import('./manifest.ts')
    return this.#message('manifest', manifestAnswer(this.#config, this.#handlers))
  }

  /** The reply to a dispatch: the ids of this call, and the outcome as it was kept. */
  #result({ runId, attemptId }: Dispatch, text: string): string {
    return `{"type":"run.result","timestamp":"${this.#time()}","data":{"runId":"${runId}","attemptId":"${attemptId}",${text}}`
  }

  #message(type: string, data: object): string {
    return JSON.stringify({ type, timestamp: this.#time(), data })
  }

  #time(): string {
    return new Date(this.#config.clock.now()).toISOString()
  }
}

function readMessage(body: Uint8Array): Message | Problem {
  try {
    return parseEnvelope(body)
  } catch (error) {
    if (error instanceof EnvelopeFault) return { code: 'invalid-call', detail: error.message }
    throw error
  }
}
