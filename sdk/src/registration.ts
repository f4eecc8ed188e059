import type { ExecutorConfig } from './config.ts'
import { backoffMs, ControlPlane, isFinal, type NodeReply, pause } from './control-plane.ts'
import { type Duration, durationMs } from './duration.ts'
import type { ConfigError } from './errors.ts'
import type { Executor } from './executor.ts'
import type { Registered } from './handler.ts'
import { type Manifest, manifestHash, manifestOf } from './manifest.ts'

/** How often it says that it is there, until the control plane says otherwise. */
const HEARTBEAT_MS = 10_000
/** How long the control plane may take to hear that this process leaves, in milliseconds. */
const LEAVE_MS = 2000
/** How much longer than it may hang a poll is waited for, in milliseconds. */
const ANSWER_MARGIN_MS = 5000
/** For how many heartbeats' time the control plane lets a poll hang at most. */
const HOLD_BEATS = 2
/** A poll that is answered sooner, and with nothing, did not wait for calls, in milliseconds. */
const HASTE_MS = 1000

/** How an executor announces itself. */
export interface StartOptions {
  /** Where the control plane calls it: the URL at which the executor is mounted. */
  url: string
  /** A token of scope `service:<namespace>/<service>`. It registers, and does nothing else; it is not the signing secret. */
  token: string
  /** Nodes of the control plane. @default `controlPlane` of the executor */
  controlPlane?: string | readonly string[] | undefined
  /** Share of the work; 0 takes none. @default 1 */
  weight?: number | undefined
  /** Shards that are sent to it at once; 0 is unlimited. @default `concurrency` of the executor */
  slots?: number | undefined
  labels?: Record<string, string> | undefined
  /** Of the program: a version, a commit. */
  revision?: string | undefined
}

/** An executor that has announced itself. */
export interface Started {
  /** Its id within the service. */
  readonly id: string
  /** Another one after every start. */
  readonly bootId: string
  /** Takes no new work, waits for what is under way until `drain`, aborts the rest, reports, and leaves. @default '25s' */
  stop(options?: { drain?: Duration | undefined }): Promise<void>
}

/** What a registration needs of its executor. */
export interface RegistrationPort {
  config: ExecutorConfig
  handlers: ReadonlyMap<string, Registered>
  executor: Pick<Executor, 'drain' | 'inFlight'>
  ConfigError: typeof ConfigError
}

/** How an executor that nothing can call asks for its calls. */
export interface Polling {
  /** How long the control plane may let it wait for some, in milliseconds. */
  waitMs: number
  /** Takes what a poll was answered with. */
  take(calls: unknown): void
  /** Waits for what is still to be reported. */
  reported(): Promise<void>
}

/** Announces an executor; see `Executor.start`. */
export async function start(port: RegistrationPort, options: StartOptions): Promise<Started> {
  if (!/^https?:\/\//.test(options.url))
    throw new port.ConfigError('`url` is not an http(s) URL: where the control plane calls it')
  return announce(port, options)
}

/** The same for one that polls: in place of heartbeats, and with what it is answered handed on. */
export async function announce(port: RegistrationPort, options: StartOptions, polling?: Polling): Promise<Started> {
  const { config } = port
  if (config.bootId !== undefined) throw new port.ConfigError('this executor was started already')
  const registration = new Registration(port, options, crypto.randomUUID(), polling)
  config.bootId = registration.bootId
  // Calls for whoever had this address before are answered 421 from now on.
  config.id = registration.id
  config.reportLater ??= true
  await registration.begin()
  return registration
}

/**
 * Keeps an executor registered: registers, sends heartbeats as often as the control plane says, and registers again when it
 * is not known any more. Nodes that do not answer are asked again, ever less often, and others in their place.
 */
class Registration implements Started {
  readonly id: string
  readonly bootId: string
  readonly #port: RegistrationPort
  readonly #options: StartOptions
  readonly #polling: Polling | undefined
  readonly #nodes: ControlPlane
  readonly #path: string
  readonly #stopped = new AbortController()
  #state: 'online' | 'draining' = 'online'
  #heartbeatMs = HEARTBEAT_MS
  #registered = false
  #registering: Promise<NodeReply | undefined> | undefined
  #described: { manifest: Manifest; hash: string } | undefined
  #leaving: Promise<void> | undefined
  /** Polls in a row that were answered at once, with nothing. */
  #hasty = 0
  /** Why it was refused last; it is said once. */
  #refusedFor = ''

  constructor(port: RegistrationPort, options: StartOptions, bootId: string, polling: Polling | undefined) {
    const { config } = port
    const { clock, controlPlane, fetch: send, namespace, service } = config
    const nodes = [options.controlPlane ?? controlPlane].flat()
    if (nodes.length === 0) throw new port.ConfigError('`controlPlane` is missing: the URLs of nodes to register with')
    if (!options.token) throw new port.ConfigError('`token` is missing: one of scope service:<namespace>/<service>')
    this.id = config.id ?? bootId
    this.bootId = bootId
    this.#port = port
    this.#options = options
    this.#polling = polling
    this.#nodes = new ControlPlane(nodes, clock, send)
    const names = ['namespaces', namespace, 'services', service, 'executors', this.id]
    this.#path = `/v1/${names.map(encodeURIComponent).join('/')}`
  }

  /** Resolves when it is registered, or when no node could be reached: then it goes on trying. Rejects when it is refused. */
  async begin(): Promise<void> {
    const reply = await this.#register()
    const { ConfigError, config } = this.#port
    if (!this.#registered && reply && isFinal(reply) && reply.status !== 409) {
      config.bootId = undefined
      throw new ConfigError(`the control plane does not register this executor: ${told(reply)}`)
    }
    if (!reply) config.logger.warn({ id: this.id }, 'no node of the control plane answers; registering goes on')
    void this.#keep(this.#registered ? 0 : 1)
  }

  async stop({ drain }: { drain?: Duration | undefined } = {}): Promise<void> {
    return (this.#leaving ??= this.#leave(drain === undefined ? {} : { timeout: durationMs(drain) }))
  }

  async #leave(drain: { timeout?: number }): Promise<void> {
    this.#state = 'draining'
    const drained = this.#port.executor.drain(drain)
    const condition = `?bootId=${this.bootId}`
    // What is under way would put it back there after it has left; what takes too long is given up then.
    await Promise.race([this.#registering, pause(this.#port.config.clock, LEAVE_MS, undefined, true)])
    if (this.#registered) await this.#ask('POST', `/drain${condition}`, undefined, LEAVE_MS)
    await drained
    await this.#polling?.reported()
    this.#stopped.abort()
    // It may be there although nobody said so.
    await this.#ask('DELETE', condition, undefined, LEAVE_MS)
  }

  async #keep(failures: number): Promise<void> {
    const { clock } = this.#port.config
    const { signal } = this.#stopped
    while (!signal.aborted) {
      const waitMs = failures > 0 ? Math.min(backoffMs(failures), this.#heartbeatMs) : this.#heartbeatMs
      // Whoever polls waits in its polls, and has nothing else that keeps its process alive.
      const isCalled = !this.#polling
      if (failures > 0 || isCalled) await pause(clock, waitMs * (0.9 + Math.random() / 10), signal, isCalled)
      if (signal.aborted || (!this.#registered && this.#state === 'draining')) return
      const isHeard = this.#registered ? await this.#beat() : (await this.#register(), this.#registered)
      failures = isHeard ? 0 : failures + 1
    }
  }

  /** Whether a node has heard it; one that does not know it is told who it is at once. */
  async #beat(): Promise<boolean> {
    const { hash } = await this.#manifest()
    const { config, executor } = this.#port
    const body = {
      bootId: this.bootId,
      state: this.#state,
      inFlight: executor.inFlight,
      clock: new Date(config.clock.now()).toISOString(),
      manifestHash: hash,
    }
    const reply = this.#polling ? await this.#poll(this.#polling, body) : await this.#ask('POST', '/heartbeat', body)
    if (reply?.status === 200) this.#heed(reply)
    const isKnown = reply?.status === 200 ? reply.body['answer'] === 'ok' : reply?.status !== 404
    if (reply && isKnown && isFinal(reply)) this.#sayRefusal('not heard', reply)
    if (isKnown || this.#state === 'draining') return reply?.status === 200
    this.#registered = false
    await this.#register()
    return this.#registered
  }

  /** Waits for calls; empty answers that come at once, one after the other, are waited out. */
  async #poll({ waitMs, take }: Polling, body: object): Promise<NodeReply | undefined> {
    const { clock } = this.#port.config
    const askedAt = clock.now()
    // Whoever waited longer for a node that is gone would count as silent before it asked another one.
    const patienceMs = Math.min(waitMs, HOLD_BEATS * this.#heartbeatMs) + ANSWER_MARGIN_MS
    const reply = await this.#ask('POST', '/poll', { ...body, waitMs }, patienceMs)
    if (reply?.status !== 200) return reply
    const calls = reply.body['calls']
    const isEmpty = !Array.isArray(calls) || calls.length === 0
    this.#hasty = isEmpty && clock.now() - askedAt < HASTE_MS ? this.#hasty + 1 : 0
    if (!isEmpty) take(calls)
    if (this.#hasty > 1) await pause(clock, backoffMs(this.#hasty - 2), this.#stopped.signal)
    return reply
  }

  #register(): Promise<NodeReply | undefined> {
    return (this.#registering = this.#put())
  }

  async #put(): Promise<NodeReply | undefined> {
    const { url, weight, slots, labels } = this.#options
    const { concurrency } = this.#port.config
    const { manifest, hash } = await this.#manifest()
    const { revision, handlers } = manifest
    const body = {
      bootId: this.bootId,
      url,
      weight,
      slots: slots ?? (Number.isFinite(concurrency) ? Math.floor(concurrency) : undefined),
      labels,
      revision,
      handlers: handlers.map(({ name }) => ({ name })),
      manifestHash: hash,
    }
    const reply = await this.#ask('PUT', '', body)
    if (reply?.body['needManifest'] === true) this.#heedVerdict(await this.#ask('PUT', '', { ...body, manifest }))
    const isTaken = reply?.status === 200 || reply?.status === 201
    if (reply && isTaken) this.#heed(reply)
    this.#sayRefusal('not registered', reply)
    this.#registered = isTaken
    return reply
  }

  /** Says once why what it asked is refused, as when a token expires or is revoked, and when that is over. */
  #sayRefusal(what: string, reply: NodeReply | undefined): void {
    const { logger } = this.#port.config
    const refusal = reply && (reply.status < 200 || reply.status > 299) ? `${what}: ${told(reply)}` : ''
    if (refusal !== '' && refusal !== this.#refusedFor) logger.warn({ id: this.id }, refusal)
    if (reply && refusal === '' && this.#refusedFor !== '') logger.info({ id: this.id }, 'heard again')
    if (reply) this.#refusedFor = refusal
  }

  #heed({ body: { heartbeatMs } }: NodeReply): void {
    if (typeof heartbeatMs === 'number' && heartbeatMs > 0) this.#heartbeatMs = heartbeatMs
  }

  /** The jobs stay as they are then, and it takes work for those that there are. */
  #heedVerdict(reply: NodeReply | undefined): void {
    const { logger } = this.#port.config
    if (reply && reply.status >= 400) logger.warn({ id: this.id }, `the manifest is not taken: ${told(reply)}`)
    const { status, errors } = (reply?.body['manifest'] ?? {}) as { status?: unknown; errors?: unknown }
    if (status !== 'manifest-refused') return
    logger.warn({ id: this.id, errors }, 'the jobs in the code are refused: nothing of them was taken')
  }

  /** Handlers are added, and never change. */
  async #manifest(): Promise<{ manifest: Manifest; hash: string }> {
    const { config, handlers } = this.#port
    if (this.#described?.manifest.handlers.length === handlers.size) return this.#described
    const { revision = config.options.revision } = this.#options
    const manifest = manifestOf({ ...config, options: { ...config.options, revision } }, handlers)
    return (this.#described = { manifest, hash: await manifestHash(manifest) })
  }

  #ask(method: string, path: string, body?: object, withinMs?: number): Promise<NodeReply | undefined> {
    return this.#nodes.ask(this.#path + path, {
      method,
      token: this.#options.token,
      // What leaves is not held up by what is under way.
      ...(method !== 'DELETE' && { signal: this.#stopped.signal }),
      ...(body && { body: JSON.stringify(body) }),
      ...(withinMs !== undefined && { withinMs }),
    })
  }
}

/** What a node said, for people. */
function told({ status, body: { code, title, detail, errors } }: NodeReply): string {
  const [fault] = Array.isArray(errors) ? (errors as { pointer?: unknown; detail?: unknown }[]) : []
  const words = [status, code, detail ?? title, fault?.pointer, fault?.detail].filter(isWord)
  return words.join(' ')
}

function isWord(part: unknown): boolean {
  return typeof part === 'string' || typeof part === 'number'
}
