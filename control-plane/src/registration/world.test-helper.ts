import type { Executor } from '../discovery/executor.ts'
import { OWN_ID } from '../cluster/leading.test-helper.ts'
import type { Http } from '../dispatch/http.ts'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import { hmacSha256 } from '../signing/hmac.ts'
import { generateSecret, signingKey } from '../signing/secret.ts'
import type { Event } from '../state/applied.ts'
import { apply } from '../state/apply.ts'
import type { Command } from '../state/commands.ts'
import { emptyState, type State } from '../state/state.ts'
import type { Beat, BeatAnswer } from './beats.ts'
import { PollDesk } from './poll-desk.ts'
import { Registry } from './registry.ts'

/** How an executor of the fixtures answers a ping. */
export type Manner =
  | 'answers'
  | 'refuses'
  | 'is silent'
  | 'is unsigned'
  | 'repeats another challenge'
  | 'is another process'

export const TTL_MS = 30_000

/** Fixtures: the leader's registry over a state of its own, on a clock that stands still, with executors that answer as told. */
export class RegistryWorld {
  readonly clock = new StillClock()
  readonly state: State = emptyState()
  readonly commands: Command[] = []
  readonly asked: string[] = []
  readonly pollDesk = new PollDesk(this.clock)
  readonly registry: Registry
  /** By host name. */
  readonly manners = new Map<string, Manner>()
  readonly secret: string
  onEvent: (event: Event) => void = () => undefined
  readonly service: number
  #commits = true
  #inTouch = true
  #leads = true
  #controller = new AbortController()
  #changed: (leadership: Parameters<Parameters<Parameters<Registry['follow']>[0]['onLeadership']>[0]>[0]) => void =
    () => undefined

  constructor() {
    let bytes = 0
    const random = { next: () => 0.5, bytes: (size: number) => new Uint8Array(size).fill(++bytes % 256) }
    const none = () => undefined
    this.secret = generateSecret(random)
    this.registry = new Registry({
      clock: this.clock,
      random,
      node: OWN_ID,
      logger: { info: none, warn: none },
      state: () => this.state,
      consensus: {
        leadership: () => this.#leadership(),
        onLeadership: () => none,
        inTouch: () => this.#inTouch,
      },
      pollDesk: this.pollDesk,
      network: { request: () => Promise.reject(new Error('this member leads')) },
      submit: (command) => Promise.resolve(this.run(command)),
      propose: (command) =>
        this.#commits ? Promise.resolve(this.run(command)) : Promise.reject(new Error('no majority')),
      openSecret: (sealed) => sealed,
      http: this.#http(),
      executorTtlMs: TTL_MS,
    })
    this.run({ kind: 'cluster-init', at: this.clock.now(), cluster: 'c', namespaceSlots: 1000 })
    const change = { description: '', allowedHosts: [], secrets: [this.secret] }
    const namespace = this.state.namespaceNames.get('default') ?? 0
    this.run({ kind: 'service-put', at: this.clock.now(), namespace, name: 'billing', change })
    this.service = [...this.state.services.keys()][0] ?? 0
    this.registry.follow({
      leadership: () => this.#leadership(),
      onLeadership: (listener) => {
        this.#changed = listener
        return none
      },
    })
  }

  run(command: Command) {
    this.commands.push(command)
    const index = this.state.index + 1
    const applied = apply(this.state, { index, term: 1, command })
    for (const event of applied.events) {
      this.registry.onEvent(event)
      this.onEvent(event)
    }
    if (applied.rejection) return { kind: 'rejected' as const, index, rejection: applied.rejection }
    return { kind: 'applied' as const, index, value: applied.value }
  }

  /** What is proposed from now on is committed, or not. */
  commits(does: boolean): void {
    this.#commits = does
  }

  touches(does: boolean): void {
    this.#inTouch = does
  }

  register(id: string, boot = 'b1', changes: { url?: string; revision?: string } = {}) {
    const { url = `http://${id}.example.com/jobs`, revision = 'r1' } = changes
    const about = { url, weight: 1, slots: 0, labels: {}, manifest: { revision, hash: revision } }
    return this.run({ kind: 'executor-register', at: this.clock.now(), service: this.service, id, boot, ...about })
  }

  beat(id: string, boot = 'b1', changes: Partial<Beat> = {}): Promise<BeatAnswer> {
    return this.registry.beat({ service: this.service, id, boot, state: 'online', inFlight: 0, ...changes })
  }

  executor(id: string): Executor | undefined {
    return this.state.executors.get(this.service)?.get(id)
  }

  status(id: string): Executor['status'] | undefined {
    return this.executor(id)?.status
  }

  /** Lets time pass, step by step; each that `beats` sends a heartbeat every ten seconds. */
  async elapse(ms: number, beats: readonly string[] = []): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      if (passed % 10_000 === 0) for (const id of beats) await this.beat(id, this.executor(id)?.bootId)
      await this.clock.pass(Math.min(100, ms - passed))
    }
  }

  /** Somebody else led in between. */
  leadAnew(): void {
    this.#controller.abort()
    this.#controller = new AbortController()
    this.#changed(this.#leadership())
  }

  /** Somebody else leads from now on. */
  follow(): void {
    this.#controller.abort()
    this.#leads = false
    this.#changed(this.#leadership())
  }

  found(): Command[] {
    return this.commands.filter(({ kind }) => kind === 'executors-found')
  }

  get leads(): boolean {
    return this.#leads
  }

  #leadership() {
    return {
      term: 1,
      leader: this.#leads ? OWN_ID : undefined,
      isLeader: this.#leads,
      signal: this.#controller.signal,
    }
  }

  #http(): Http {
    return {
      connections: 0,
      hasRoom: () => true,
      close: () => Promise.resolve(),
      send: (request, owner) => {
        const host = new URL(request.origin).hostname
        // It has no manifest to show.
        if (request.body?.includes('"manifest.get"')) return { abort: () => undefined }
        this.asked.push(host)
        const manner = this.manners.get(host) ?? 'answers'
        if (manner === 'is silent') return { abort: () => undefined }
        queueMicrotask(() => {
          if (manner === 'refuses') owner.onDone({ sent: false, error: new Error('connect ECONNREFUSED') })
          else owner.onDone({ sent: true, reply: this.#pong(request.headers, request.body ?? Buffer.alloc(0), manner) })
        })
        return { abort: () => undefined }
      },
    }
  }

  #pong(headers: readonly string[], body: Buffer, manner: Manner) {
    const { data } = JSON.parse(body.toString()) as { data: { challenge: string } }
    const said = {
      challenge: manner === 'repeats another challenge' ? 'another' : data.challenge,
      ...(manner === 'is another process' ? { bootId: 'b9' } : {}),
    }
    const answer = Buffer.from(JSON.stringify({ type: 'pong', data: said }))
    const id = `re_${headers[headers.indexOf('webhook-id') + 1]}`
    const seconds = String(Math.floor(this.clock.now() / 1000))
    const signature = hmacSha256(signingKey(this.secret).secret, `${id}.${seconds}.`, answer, 'base64')
    const signed = { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` }
    return { status: 200, headers: manner === 'is unsigned' ? {} : signed, body: answer, bytes: answer.length }
  }
}
