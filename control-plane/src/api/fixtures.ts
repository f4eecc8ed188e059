import { createHash } from 'node:crypto'
import { newToken } from '../auth/tokens.ts'
import { LoginCodes } from '../auth/login-codes.ts'
import type { Outcome } from '../cluster/consensus.ts'
import { Leading, OWN_ID } from '../cluster/leading.test-helper.ts'
import { PollDesk } from '../registration/poll-desk.ts'
import { Registry } from '../registration/registry.ts'
import { createHttp } from '../dispatch/http.ts'
import { createEgressPolicy } from '../dispatch/egress.ts'
import { Metrics } from '../metrics/metrics.ts'
import { Buckets, FAST_MS } from '../runtime/buckets.ts'
import type { Clock, Millis } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import { LeaseKeeper } from '../kv/lease-keeper.ts'
import { planResend } from '../logs/resend.ts'
import { Problem } from '../problems.ts'
import { explain } from '../scheduler/explain.ts'
import { Heartbeats } from '../scheduler/heartbeats.ts'
import { deriveCallbackKey } from '../signing/callback-token.ts'
import { createSealer } from '../signing/seal.ts'
import { apply } from '../state/apply.ts'
import type { Command } from '../state/commands.ts'
import { Image } from '../state/image.ts'
import { executorsOf } from '../state/executors.ts'
import { pauseAbove } from '../state/pauses.ts'
import { emptyState, type Scope, type State } from '../state/state.ts'
import { Ledger } from '../store/ledger.ts'
import { exportState } from '../store/state-export.ts'
import { type Api, createApp } from './app.ts'
import type { ApiContext, ApiLimits } from './context.ts'
import { type ContractDocument, readContract } from './document.ts'
import { Feed } from './feed.ts'
import { MemoryStore } from './memory-store.test-helper.ts'
import { createValidator, type Check } from './validator.ts'

/** Fixtures: the API of one node in memory, with the real state and ledger, and time that stands still. */
export const NOW = Date.UTC(2026, 10, 20, 15, 0, 0)

export const contract: ContractDocument = readContract()
const validator = createValidator(contract)
const replyChecks = new Map<string, Check>()

/** A clock that goes on when it is told to. */
export class StillClock implements Clock {
  #now = NOW
  #timers = new Set<{ at: Millis; task: () => void }>()

  now(): Millis {
    return this.#now
  }

  monotonic(): number {
    return this.#now
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { at: this.#now + delayMs, task }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  pass(ms: number): void {
    this.#now += ms
    for (const timer of [...this.#timers]) {
      if (timer.at > this.#now || !this.#timers.delete(timer)) continue
      timer.task()
    }
  }

  get timers(): number {
    return this.#timers.size
  }
}

/** Chance that is the same every time. */
function seededRandom(): Random {
  let count = 0
  const next = () => createHash('sha512').update(`seed ${count++}`).digest()
  return { next: () => next().readUInt32BE() / 2 ** 32, bytes: (length) => next().subarray(0, length) }
}

export interface Sent {
  method?: string
  token?: string
  body?: unknown
  headers?: Record<string, string>
}

export interface Got {
  status: number
  // Tests look into bodies of every shape.
  body: Record<string, unknown> & { code?: string; errors?: { pointer: string; detail: string }[] }
  headers: Headers
}

export interface Bench extends Api {
  clock: StillClock
  state: State
  feed: Feed
  codes: LoginCodes
  context: ApiContext
  logged: { fields: object; message: string }[]
  /** Commands in the order in which they were submitted. */
  commands: Command[]
  /** What the cluster is like. */
  leading: Leading
  heartbeats: Heartbeats
  apply(command: Command): Outcome
  /** A token that is in the state. */
  token(scope: Scope, options?: { expiresAt?: Millis; name?: string }): string
  /** Sends a request and holds the reply against the contract. */
  send(path: string, sent?: Sent): Promise<Got>
  /** The same as administrator, for what is to succeed. */
  ok(path: string, sent?: Sent): Promise<Got>
}

/** An API with a namespace `default`, and another, `other`. */
export function createBench(limits: Partial<ApiLimits> = {}): Bench {
  const clock = new StillClock()
  const random = seededRandom()
  const state = emptyState()
  const store = new MemoryStore()
  const image = new Image(state, store)
  const ledger = new Ledger(store)
  const feed = new Feed('boot', 64)
  const codes = new LoginCodes(clock, random)
  const logged: Bench['logged'] = []
  const log = (fields: object, message: string) => void logged.push({ fields, message })
  const commands: Command[] = []
  let tokens = 0
  const keeper = new LeaseKeeper({ clock, state: () => state, propose: (command) => Promise.resolve(run(command)) })
  keeper.lead(new AbortController().signal)
  const heartbeats = new Heartbeats({
    clock,
    node: OWN_ID,
    state: () => state,
    consensus: { leadership: () => leading.consensus.leadership(), inTouch: () => true },
    network: { request: () => Promise.reject(new Error('this member leads')) },
  })

  const registry = new Registry({
    clock,
    node: OWN_ID,
    state: () => state,
    consensus: {
      leadership: () => leading.consensus.leadership(),
      onLeadership: () => () => undefined,
      inTouch: () => true,
    },
    network: { request: () => Promise.reject(new Error('this member leads')) },
    executorTtlMs: 30_000,
    pollDesk: new PollDesk(clock),
    random,
    logger: { info: log, warn: log },
    propose: (command) => Promise.resolve(run(command)),
    submit: (command) => Promise.resolve(run(command)),
    openSecret: (sealed) => createSealer(Buffer.alloc(32, 7), random).open(sealed),
    http: createHttp({ egress: createEgressPolicy({ allowLoopback: true }) }),
  })

  function run(command: Command): Outcome {
    commands.push(command)
    const index = state.index + 1
    const applied = apply(state, { index, term: 1, command })
    image.note(applied.changes)
    for (const event of applied.events) {
      keeper.onEvent(event)
      heartbeats.onEvent(event)
      feed.onEvent(state, event)
      metrics.onEvent(event)
    }
    if (applied.rejection) return { kind: 'rejected', index, rejection: applied.rejection }
    return { kind: 'applied', index, value: applied.value }
  }

  const leading = new Leading({ clock, random, state, run })
  const metrics = new Metrics({
    clock,
    version: '0.0.0-test',
    state: () => state,
    report: () => leading.observer.own(),
    queues: () => ({ evaluations: [], catchUpPerSecond: 100, nodes: [] }),
    sinks: () => context.sinks.figures(),
    calls: () => ({ inFlight: 0, waiting: 0, concurrencyMax: 256 }),
    log: () => ({
      entries: 0,
      syncs: 0,
      bytes: 0,
      syncDurations: new Buckets(FAST_MS),
      commitDurations: new Buckets(FAST_MS),
    }),
    clockOffsets: () => new Map(),
    heartbeats: () => heartbeats.beats,
    executors: () => registry.figures,
    loopLags: new Buckets(FAST_MS),
  })
  const context: ApiContext = {
    clock,
    random,
    state: () => state,
    submit: (command) => Promise.resolve(run(command)),
    keepLease(lease) {
      if (keeper.keep(lease)) return Promise.resolve()
      return Promise.reject(new Problem('lease-not-found', `there is no lease ${lease}`))
    },
    consensus: {
      leadership: () => leading.consensus.leadership(),
      readIndex: () => Promise.resolve(state.index),
      waitApplied: () => Promise.resolve(),
    },
    ledger,
    output: { lines: () => Promise.resolve([]) },
    feed,
    sealer: createSealer(Buffer.alloc(32, 7), random),
    egress: createEgressPolicy({ ownListeners: [{ host: '127.0.0.1', port: 7420 }] }),
    exportState: () => exportState(store, { tzdata: '2026b' }),
    explain: (job, at) =>
      explain(job, at, clock.now(), {
        openRun: (id) => state.runs.get(id),
        endedRun: (id) => ledger.run(id),
        coveringStretch: (uid, instant) => ledger.coveringStretch(uid, instant),
        pauseAbove: (one, dueTime) => pauseAbove(state, one, dueTime),
        executorsOf: (one) => executorsOf(state, one),
      }),
    cluster: {
      node: OWN_ID,
      consensus: leading.consensus,
      observer: leading.observer,
      change: (request) => leading.members.ask(request),
    },
    executors: registry,
    sinks: {
      figures: () => Promise.resolve(undefined),
      test: () => Promise.resolve({ ok: true, steps: [], tookMs: 0 }),
      async *verify() {
        yield { report: { equal: true, upTo: [0, 0], hours: 0, rows: 0, differences: [], more: 0 } }
        await Promise.resolve()
      },
      planResend: (sink, range) => planResend({ state: () => state, store }, sink, range),
      read: () => Promise.resolve({ failed: [] }),
    },
    queues: () => Promise.resolve({ leader: OWN_ID, figures: { evaluations: [], catchUpPerSecond: 100, nodes: [] } }),
    status: () => ({
      node: 'n1',
      role: 'leader',
      leader: 'n1',
      startedAt: NOW,
      inFlight: 0,
      waiting: 0,
      concurrencyMax: 256,
      log: { entries: 0, syncs: 0, bytes: 0, runsEnded: 0 },
    }),
    metrics,
    notReady: () => undefined,
    baseUrl: 'https://scheduler.example.com',
    hosts: ['scheduler.example.com'],
    version: '0.0.0-test',
    sessionKey: Buffer.alloc(32, 9),
    callbackKey: deriveCallbackKey(Buffer.alloc(32, 7)),
    heartbeat: (attempt) => heartbeats.beat(attempt),
    codes,
    logger: { error: log, warn: log, debug: () => undefined },
    limits,
  }
  run({ kind: 'cluster-init', at: NOW, cluster: 'c1', namespaceSlots: 1000 })
  run({ kind: 'node-up', at: NOW, node: 'n1', incarnation: 1 })
  const self = { id: OWN_ID, name: 'n1', address: '127.0.0.1:7421', addedAt: NOW, joinedAt: NOW }
  run({ kind: 'member-put', at: NOW, member: self })
  const other = { description: '', slots: 10, queuedRunsMax: 10 }
  run({ kind: 'namespace-put', at: NOW, name: 'other', change: other })

  const api = createApp(context, { document: contract, dashboard: 'no such folder', docsAssets: 'no such folder' })
  const bench: Bench = {
    ...api,
    clock,
    state,
    feed,
    codes,
    context,
    logged,
    commands,
    leading,
    heartbeats,
    apply: run,
    token(scope, options = {}) {
      const { token, hash } = newToken(random)
      const id = `tok_${++tokens}`
      const expiry = options.expiresAt === undefined ? {} : { expiresAt: options.expiresAt }
      run({
        kind: 'token-put',
        at: clock.now(),
        id,
        hash,
        scope,
        name: options.name ?? `t${tokens}`,
        by: 'test',
        ...expiry,
      })
      return token
    },
    async send(path, { method = 'GET', token, body, headers = {} } = {}) {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const response = await api.app.request(path, {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
          ...headers,
        },
        ...(text === undefined ? {} : { body: text }),
      })
      const type = response.headers.get('content-type') ?? ''
      let reply: Got['body'] = {}
      if (type.includes('json')) reply = (await response.json()) as Got['body']
      else await response.body?.cancel()
      checkReply(method, path, response.status, type, reply)
      return { status: response.status, body: reply, headers: response.headers }
    },
    ok(path, sent = {}) {
      return bench.send(path, { token: admin, ...sent })
    },
  }
  const admin = bench.token('admin', { name: 'admin' })
  return bench
}

/** Fails when a status or a body is not what the contract declares for the operation. */
export function checkReply(method: string, path: string, status: number, type: string, body: unknown): void {
  const operation = operationAt(method, path)
  if (!operation) return
  if (!operation.responses.has(status)) throw new Error(`${operation.id} answers ${status}, which is not declared`)
  const schema = operation.responses.get(status)
  if (!schema || !type.includes('json')) return
  const key = `${operation.id} ${status}`
  const check = replyChecks.get(key) ?? validator.body(schema)
  replyChecks.set(key, check)
  const faults = check(body)
  if (faults.length > 0) throw new Error(`${key}: ${JSON.stringify(faults)} in ${JSON.stringify(body).slice(0, 1000)}`)
}

function operationAt(method: string, path: string) {
  const { pathname } = new URL(path, 'http://localhost')
  return contract.operations.find((operation) => {
    const pattern = new RegExp(`^${operation.path.replaceAll(/:\w+/g, '[^/]+')}$`)
    return operation.method === method && pattern.test(pathname)
  })
}
