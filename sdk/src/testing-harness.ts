import { systemClock, type ExecutorClock } from './clock.ts'
import type { Runtime } from './receiver.ts'
import { callWithToken, randomId, replyFault, replyKeys, signCall, type SignedCall } from './testing-call.ts'
import { type Address, type CallOptions, dispatchOf, type Dispatching, messageText } from './testing-dispatch.ts'
import type { TestControlPlane, Watched } from './testing-plane.ts'
import { type AttemptResult, refusalOf, resultOf } from './testing-result.ts'
import type { TestTokens } from './testing-tokens.ts'

const SHARDS_MAX = 10_000
/** How long a call waits for its outcome before the executor reports it later, in milliseconds. */
const WAIT_MS = 25_000

/** What takes a call: an executor, or the `fetch` of an app that it is mounted in. */
export type Target =
  | { fetch(request: Request, runtime?: Runtime): Response | Promise<Response> }
  | ((request: Request) => Response | Promise<Response>)

/** How a harness calls. */
export interface HarnessOptions {
  /** The service of the executor. */
  service: string
  /** The secret that the executor was given; `testSecret()` makes one. Either this or `tokens`. */
  secret?: string
  /** The issuer whose `auth` the executor was given; `testTokens()` makes one. */
  tokens?: TestTokens
  /** @default 'default' */
  namespace?: string
  /** The executor's id, when it was given one. */
  executor?: string
  /** The executor's clock, when it was given one. @default the machine's */
  clock?: ExecutorClock
  /** Where an app has its executor mounted. @default 'http://executor.test/' */
  url?: string
  /** Takes the outcomes of calls that are answered 202; the executor was given its `fetch`. Without it calls wait. */
  controlPlane?: TestControlPlane
  /** The executor listens: it gets its calls from its polls of `controlPlane`, and every outcome is reported there. */
  listening?: boolean
  /** How long a call waits before the executor may answer 202. Only with `controlPlane`. @default 25000 */
  waitMs?: number
}

/** When an attempt that failed is followed by another. */
export interface RetryOptions {
  /** Attempts after a failed one, without waiting between them. An error that says it is not retryable ends them. @default 0 */
  retries?: number
}

/** What a run came to: its last attempt, and all of them. */
export interface RunResult extends AttemptResult {
  attempts: readonly AttemptResult[]
}

/** A call that is under way. */
export interface Running {
  readonly runId: string
  readonly attemptId: string
  readonly result: Promise<AttemptResult>
  /** Cancels as a person would, or as a run's timeout does. Resolves to whether the executor knew the attempt. */
  cancel(reason?: 'cancelled' | 'timed-out'): Promise<boolean>
  /** Once it was answered 202: its next heartbeat is told that somebody else may be at the work. Only with `controlPlane`. */
  loseLease(): void
  /** Delivers the very same call once more, byte for byte. */
  replay(): Promise<AttemptResult>
}

/** What a run over several parts does and is given. */
export type ShardOptions = Omit<CallOptions, 'shard'> &
  RetryOptions & {
    /** Parts, one item each: `0`, `1`, … Either this or `items`. */
    total?: number
    /** What is divided among the parts. */
    items?: readonly string[]
    /** Executors among which items are divided, as the scheduler does it. @default one for each item */
    executors?: number
  }

/** Calls an executor as the control plane does: signed calls through its real entry, and every reply is verified. */
export interface Harness {
  /** Runs a handler once, and again after failures as `retries` allows. */
  run(handler: string, options?: CallOptions & RetryOptions): Promise<RunResult>
  /** Begins a run and does not wait for it. */
  start(handler: string, options?: CallOptions): Running
  /** Runs every part of a run at once. */
  runShards(handler: string, options: ShardOptions): Promise<RunResult[]>
  /** The call alone, for clients such as supertest. */
  signedRequest(handler: string, options?: CallOptions): Promise<SignedCall>
  /** Handlers by name, as the executor announces them. */
  handlers(): Promise<{ name: string; [field: string]: unknown }[]>
}

/**
 * A harness around an executor, or around an app that one is mounted in.
 * @example
 * const secret = testSecret()
 * const billing = createExecutor({ service: 'billing', secret }).job('report', (ctx) => ({ day: ctx.fireTime }))
 * const { status, result } = await harness(billing, { service: 'billing', secret })
 *   .run('report', { params: { month: 11 }, fireTime: '2026-11-20T15:00:00Z' })
 */
export function harness(target: Target, options: HarnessOptions): Harness {
  return new RealHarness(target, options)
}

class RealHarness implements Harness {
  readonly #send: (request: Request) => Response | Promise<Response>
  readonly #options: HarnessOptions
  readonly #clock: ExecutorClock
  readonly #to: Address

  constructor(target: Target, options: HarnessOptions) {
    const runtime: Runtime = { longLived: true }
    this.#send =
      typeof target === 'function' ? target : (request) => target.fetch(request, options.controlPlane ? runtime : {})
    const { service, namespace = 'default', executor, secret, tokens } = options
    if ((secret === undefined) === (tokens === undefined)) throw new RangeError('give either `secret` or `tokens`')
    if (options.listening && !options.controlPlane) throw new RangeError('`listening` needs a `controlPlane`')
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#to = { service, namespace, executor }
  }

  async run(handler: string, { retries = 0, ...options }: CallOptions & RetryOptions = {}): Promise<RunResult> {
    const attempts: AttemptResult[] = []
    const first = options.attempt ?? 1
    const runId = options.runId ?? randomId()
    for (let attempt = first; ; attempt++) {
      const one = attempt === first ? options : withoutAttemptId(options)
      const last = await this.start(handler, { ...one, attempt, runId }).result
      attempts.push(last)
      const again = (last.status === 'failed' || last.status === 'timed-out') && last.error?.retryable !== false
      if (!again || attempt - first >= retries) return { ...last, attempts }
    }
  }

  start(handler: string, options: CallOptions = {}): Running {
    const nowMs = this.#clock.now()
    const dispatching = dispatchOf(handler, options, this.#to, nowMs)
    const { runId, attemptId, deadlineMs } = dispatching
    const watched = this.#options.controlPlane?.watch(attemptId, deadlineMs, this.#clock)
    const call = this.#dispatchCall(dispatching, watched, nowMs)
    const deliver = async () => this.#outcome(attemptId, await this.#exchange(await call, attemptId), watched)
    const result = deliver()
    // Whoever looks at the result later still sees the rejection.
    result.catch(() => {})
    const cancel = async (reason = 'cancelled') => {
      watched?.say('cancel')
      return this.#cancel(runId, attemptId, reason)
    }
    return { runId, attemptId, result, cancel, loseLease: () => watched?.say('lease-lost'), replay: deliver }
  }

  async runShards(handler: string, options: ShardOptions): Promise<RunResult[]> {
    const { total, items, executors, ...rest } = options
    const count = total ?? items?.length ?? 0
    if ((total === undefined) === (items === undefined)) throw new RangeError('give either total or items')
    if (!(Number.isSafeInteger(count) && count >= 1 && count <= SHARDS_MAX))
      throw new RangeError(`a run has 1 to ${SHARDS_MAX} parts`)
    const { assignParts } = await import('./generated/time-machine.ts')
    const sharding = items ? { items, mode: 'grouped' } : { count, mode: 'grouped' }
    const parts = assignParts(sharding, executors ?? count) as { items: string[] }[]
    const runId = rest.runId ?? randomId()
    return Promise.all(
      parts.map((part, index) => {
        const shard = { index, total: parts.length, items: part.items }
        return this.run(handler, { ...withoutAttemptId(rest), runId, shard })
      }),
    )
  }

  signedRequest(handler: string, options: CallOptions = {}): Promise<SignedCall> {
    const nowMs = this.#clock.now()
    return this.#dispatchCall(dispatchOf(handler, options, this.#to, nowMs), undefined, nowMs)
  }

  async handlers(): Promise<{ name: string }[]> {
    if (this.#polled) return this.#polled.handlers()
    const { handlers } = (await this.#ask('manifest.get', {})) as { handlers?: { name: string }[] }
    return handlers ?? []
  }

  #dispatchCall({ attemptId, data }: Dispatching, watched: Watched | undefined, nowMs: number): Promise<SignedCall> {
    const { waitMs = this.#polled ? 0 : WAIT_MS } = this.#options
    const later = watched && { callback: watched.callback, respond: { mode: 'auto', waitMs } }
    return this.#sign(attemptId, messageText('run.dispatch', { ...data, ...later }, nowMs), nowMs)
  }

  async #cancel(runId: string, attemptId: string, reason: string): Promise<boolean> {
    const { known } = await this.#ask('run.cancel', { runId, attemptId, reason })
    return known === true
  }

  /** Sends a message that is answered at once, and gives what the answer holds. */
  async #ask(type: string, data: object): Promise<Record<string, unknown>> {
    const id = randomId()
    const nowMs = this.#clock.now()
    const call = await this.#sign(id, messageText(type, { ...this.#to, ...data }, nowMs), nowMs)
    const { status, body } = await this.#exchange(call, id)
    // Nobody answers what a poll brought: whoever cancels knows that the executor has it.
    if (this.#polled) return { known: true }
    if (status !== 200) throw new Error(`the executor answered ${type} with ${status}: ${body}`)
    return (JSON.parse(body) as { data: Record<string, unknown> }).data
  }

  async #sign(id: string, body: string, nowMs: number): Promise<SignedCall> {
    const { secret = '', tokens, service } = this.#options
    if (tokens) return callWithToken(await tokens.sign({ id, service, body, url: this.#url, nowMs }), body)
    const { pathname, search } = new URL(this.#url)
    return signCall(secret, id, body, pathname + search, nowMs)
  }

  async #exchange(call: SignedCall, id: string): Promise<{ status: number; body: string }> {
    if (this.#polled) {
      this.#polled.hand(call)
      return { status: 202, body: '' }
    }
    const reply = await this.#send(new Request(this.#url, call))
    const body = new Uint8Array(await reply.arrayBuffer())
    if (reply.ok) {
      const keys = replyKeys(call, this.#options.secret)
      const fault = await replyFault(keys, id, { headers: reply.headers, body }, this.#clock)
      if (fault) throw new Error(`a reply ${reply.status} is not signed by the executor: ${fault}`)
    }
    return { status: reply.status, body: new TextDecoder().decode(body) }
  }

  async #outcome(
    attemptId: string,
    { status, body }: { status: number; body: string },
    watched: Watched | undefined,
  ): Promise<AttemptResult> {
    const known = { attemptId, httpStatus: status, reports: watched?.reports ?? [] }
    if (status === 202 && watched) return resultOf(await watched.result, known)
    if (status !== 200) return refusalOf(body, known)
    return resultOf((JSON.parse(body) as { data: Record<string, unknown> }).data, known)
  }

  /** Where calls wait for a poll. */
  get #polled(): TestControlPlane | undefined {
    return this.#options.listening ? this.#options.controlPlane : undefined
  }

  get #url(): string {
    return this.#options.url ?? 'http://executor.test/'
  }
}

function withoutAttemptId<Options extends CallOptions>({
  attemptId: _,
  ...options
}: Options): Omit<Options, 'attemptId'> {
  return options
}
