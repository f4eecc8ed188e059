import { Attempt, type Settled } from './attempt.ts'
import type { ExecutorConfig } from './config.ts'
import { EnvelopeFault, parseEnvelope, type Cancel, type Dispatch, type Message } from './envelope.ts'
import { CancelledError, DrainError, isCronclaveError, TimeoutError } from './errors.ts'
import { runHandler, type Registered } from './handler.ts'
import { Inbox } from './inbox.ts'
import type { Env } from './keys.ts'
import { messageOf } from './outcome.ts'
import { problemReply, type Problem, type RawReply } from './problem.ts'
import { RefusalLog } from './refusals.ts'
import { checkSignature, signReply } from './signature.ts'
import { VERSION } from './version.ts'

/** Bytes of a call's body. */
export const BODY_BYTES_MAX = 1024 * 1024

const RAW_BODY_FIX =
  'mount the executor before anything that parses bodies: app.use("/jobs", express(executor)); app.use(json()); ' +
  'or keep the bytes: import { captureRawBody } from "@cronclave/sdk/express"; app.use(json({ verify: captureRawBody }))'

/** A call as an adapter hands it over. */
export interface RawCall {
  method: string
  /** The value of a header, by its lower-case name. */
  header(name: string): string | null | undefined
  /** The bytes as they came, or why there are none: more than `BODY_BYTES_MAX`, or someone else has read them. */
  body: Uint8Array | 'too-large' | 'unavailable'
  /** Aborts when the caller goes away. */
  signal?: AbortSignal | undefined
}

/** What a runtime knows beside the call. */
export interface Runtime {
  /** Handed to `secret` when that is a function. */
  env?: Env
  /** Keeps an edge runtime alive until the handler has ended. */
  waitUntil?: (promise: Promise<unknown>) => void
}

/** A reply's JSON, or why there is none. */
type Answer = string | Problem

/** Judges a call in the order size, signature, envelope, address, replay, slots, draining, handler, parameters; then runs it. */
export class Receiver {
  draining = false
  readonly #config: ExecutorConfig
  readonly #handlers: ReadonlyMap<string, Registered>
  readonly #inbox = new Inbox()
  readonly #refusals: RefusalLog
  #inFlight = 0

  constructor(config: ExecutorConfig, handlers: ReadonlyMap<string, Registered>) {
    this.#config = config
    this.#handlers = handlers
    this.#refusals = new RefusalLog(config.clock, config.logger)
  }

  /** Handlers at work. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** Answers a call. Never rejects, whatever the call. */
  async receive(call: RawCall, runtime: Runtime): Promise<RawReply> {
    try {
      return await this.#receive(call, runtime)
    } catch (error) {
      const code = isCronclaveError(error, 'config') ? 'misconfigured' : 'internal'
      this.#refusals.failed(code, { error: messageOf(error) }, 'a call could not be answered')
      return problemReply({ code })
    }
  }

  /** Aborts every handler with `DrainError`. */
  abortAll(): void {
    for (const attempt of this.#inbox.running()) attempt.abort(new DrainError())
  }

  /** Resolves when no handler is at work. */
  async idle(): Promise<void> {
    await Promise.all([...this.#inbox.running()].map((attempt) => attempt.settled))
  }

  async #receive(call: RawCall, runtime: Runtime): Promise<RawReply> {
    if (call.method !== 'POST') return problemReply({ code: 'method-not-allowed' })
    const { body } = call
    if (body === 'unavailable') return this.#bodyUnavailable(call)
    if (body === 'too-large' || body.length > BODY_BYTES_MAX) return problemReply({ code: 'body-too-large' })
    const keys = await this.#config.keyring(runtime.env ?? {})
    const headers = {
      id: call.header('webhook-id'),
      timestamp: call.header('webhook-timestamp'),
      signature: call.header('webhook-signature'),
    }
    const verdict = await checkSignature(keys, headers, body, this.#config.clock.now())
    if (!verdict.ok) {
      this.#refusals.refused(verdict.fault, verdict.skewS)
      return problemReply({ code: 'unauthorized' })
    }
    const answer = await this.#answer(verdict.id, body, call, runtime)
    return this.#sign(verdict.key, `re_${verdict.id}`, answer)
  }

  /** Somebody has read the body before us, or the caller went away in the middle of it, which is nobody's fault. */
  #bodyUnavailable({ signal }: RawCall): RawReply {
    if (!signal?.aborted) this.#refusals.failed('raw-body', {}, `a call could not be verified: ${RAW_BODY_FIX}`)
    return problemReply({ code: 'raw-body-unavailable', detail: RAW_BODY_FIX })
  }

  async #sign(key: CryptoKey, id: string, answer: Answer): Promise<RawReply> {
    const reply =
      typeof answer === 'string'
        ? { status: 200, headers: { 'content-type': 'application/json' }, body: answer }
        : problemReply(answer)
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
        return this.#reply('run.noted', {})
      case 'ping':
        return this.#reply('pong', { challenge: message.challenge })
      case 'manifest.get':
        return this.#reply('manifest', { sdk: `js/${VERSION}`, handlers: this.#describeHandlers() })
    }
  }

  async #dispatch(dispatch: Dispatch, call: RawCall, runtime: Runtime): Promise<Answer> {
    for (;;) {
      const now = this.#config.clock.now()
      const known = this.#inbox.find(dispatch.attemptId, dispatch.supersedes, now)
      if (known.kind === 'seen') return { code: 'duplicate-attempt' }
      if (known.kind === 'ended') {
        this.#inbox.keepFor(dispatch.attemptId, known.text, now)
        return this.#result(dispatch, known.text)
      }
      const attempt = known.kind === 'running' ? known.attempt : this.#start(dispatch, call, runtime)
      if ('code' in attempt) return attempt
      this.#join(attempt, dispatch, call)
      const settled = await attempt.settled
      if (settled.kind === 'outcome') return this.#result(dispatch, settled.text)
      if (settled.kind === 'refused') return settled.problem
      if (known.kind === 'new') return { code: 'abandoned' }
    }
  }

  #join(attempt: Attempt, dispatch: Dispatch, call: RawCall): void {
    if (!attempt.ids.includes(dispatch.attemptId)) {
      attempt.ids.push(dispatch.attemptId)
      this.#inbox.take(dispatch.attemptId, attempt, this.#config.clock.now())
    }
    attempt.join(dispatch.budgetMs, call.signal)
  }

  #start(dispatch: Dispatch, call: RawCall, runtime: Runtime): Attempt | Problem {
    const { clock, concurrency, orphanMs } = this.#config
    if (this.#inFlight >= concurrency) return { code: 'no-slot' }
    if (this.draining) return { code: 'draining' }
    const handler = this.#handlers.get(dispatch.handler)
    if (!handler) return { code: 'handler-not-found', detail: `no handler is named ${dispatch.handler}` }
    const attempt = new Attempt(dispatch.attemptId, clock, orphanMs)
    this.#inbox.take(dispatch.attemptId, attempt, clock.now())
    this.#inFlight++
    const settle = (settled: Settled) => {
      this.#inFlight--
      this.#inbox.settle(attempt, settled, clock.now())
      attempt.finish(settled)
    }
    const running = runHandler(handler, dispatch, attempt, call.header('traceparent'), this.#config)
    const ended = running.then(settle, () => settle({ kind: 'refused', problem: { code: 'internal' } }))
    runtime.waitUntil?.(ended)
    return attempt
  }

  #cancel({ attemptId, reason }: Cancel): string {
    const attempt = this.#inbox.runningAttempt(attemptId)
    attempt?.abort(reason === 'timed-out' ? new TimeoutError() : new CancelledError())
    return this.#reply('run.cancelled', { attemptId, known: attempt !== undefined })
  }

  #describeHandlers(): object[] {
    return [...this.#handlers].map(([name, { options }]) => ({
      name,
      ...(options.description !== undefined && { description: options.description }),
    }))
  }

  /** The reply to a dispatch: the ids of this call, and the outcome as it was kept. */
  #result({ runId, attemptId }: Dispatch, text: string): string {
    return `{"type":"run.result","timestamp":"${this.#time()}","data":{"runId":"${runId}","attemptId":"${attemptId}",${text}}`
  }

  #reply(type: string, data: object): string {
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
