import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { Webhook } from 'standardwebhooks'
import type { Executor } from '../discovery/executor.ts'
import type { HttpTarget, Job, JobSpec, Target } from '../jobs/job.ts'
import type { OpenAttempt, OpenRun, Shard } from '../runs/run.ts'
import { systemClock } from '../runtime/clock.ts'
import { systemRandom } from '../runtime/random.ts'
import type { AttemptFinish } from '../state/commands.ts'
import { emptyState, type State } from '../state/state.ts'
import { Dispatcher, type DispatcherDeps } from './dispatcher.ts'
import { createEgressPolicy } from './egress.ts'

/** What the tests of this folder stand on: a small state, executors on loopback, and a dispatcher that remembers. */
export const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
/** A self-signed certificate for 127.0.0.1 that nobody trusts, valid until 2126, and its key. Only ever used by tests. */
export const UNTRUSTED = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWWkJ7C8bF915Fxlu
foU7Oa6JKwYIIuMkw3BFdRIlDjChRANCAARvpiKZok+7fKVQ1VTfWUd8IRHrHrZN
3t1xsb0G0QlHrPnV6fdhOq8NTRopEZxWo8SlDBlbUaPEiqi63x3GtJRc
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBjzCCATagAwIBAgIUAbfXy8BVoOvQY6/8oMs5PTHWwKwwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyMTAyMzYxNVoYDzIxMjYxMDI4
MDIzNjE1WjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARvpiKZok+7fKVQ1VTfWUd8IRHrHrZN3t1xsb0G0QlHrPnV6fdhOq8N
TRopEZxWo8SlDBlbUaPEiqi63x3GtJRco2QwYjAdBgNVHQ4EFgQU1r5ZKTv+1W1g
4toBeoVRidrGMBEwHwYDVR0jBBgwFoAU1r5ZKTv+1W1g4toBeoVRidrGMBEwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0cAMEQC
IESPxA6jSTD0BGkJAlHwxnF8KLDDyHL8+kXmwaz2GFIvAiANNB1ftXDqtwHLc9KW
hOUY/fVq747wT19DXoxgNr8XYw==
-----END CERTIFICATE-----`,
}
const clock = systemClock()
const EPOCH = Date.UTC(2026, 10, 20, 15)

export function jobSpec(change: Partial<JobSpec> = {}): JobSpec {
  return {
    description: '',
    labels: {},
    schedules: [],
    target: { kind: 'handler', service: 'billing', handler: 'report' },
    params: {},
    misfire: { policy: 'run-once', thresholdMs: 600_000, max: 100 },
    overlap: 'allow',
    maxConcurrentRuns: 0,
    queueMax: 10,
    queueTtlMs: 600_000,
    whenFull: 'queue',
    priority: 50,
    routing: { strategy: 'round-robin', labels: {} },
    retry: { max: 0, delayMs: 1000, backoff: 'fixed', maxDelayMs: 300_000, jitter: 0 },
    failover: true,
    timeoutMs: 60_000,
    runTimeoutMs: 86_400_000,
    onUncertain: 'redispatch',
    placement: 'partial',
    children: [],
    notify: [],
    pauseAfterFailures: 0,
    ...change,
  }
}

export function httpTarget(change: Partial<HttpTarget> = {}): HttpTarget {
  return { kind: 'http', method: 'GET', query: {}, headers: {}, successStatuses: [], redirectMax: 0, ...change }
}

export function executor(id: string, change: Partial<Executor> = {}): Executor {
  return {
    id,
    service: 2,
    namespace: 1,
    kind: 'static',
    url: 'http://127.0.0.1:9/',
    weight: 1,
    slots: 0,
    labels: {},
    status: 'online',
    version: 1,
    createdAt: EPOCH,
    updatedAt: EPOCH,
    failures: 0,
    held: 0,
    ...change,
  }
}

export function job(spec: JobSpec): Job {
  return {
    uid: 3,
    namespace: 1,
    name: 'nightly-report',
    version: 1,
    definitions: 1,
    state: 'active',
    stateEntry: 3,
    spread: 1,
    since: EPOCH,
    sinceEntry: 3,
    spec,
    schedules: [],
    createdBy: 'test',
    updatedBy: 'test',
    createdAt: EPOCH,
    updatedAt: EPOCH,
    progress: { decidedUpTo: EPOCH, fireCount: 0, startedRuns: 0, failuresInARow: 0 },
    openRuns: [],
  }
}

export function openRun(id: string, attempt: OpenAttempt, change: Partial<OpenRun> = {}): OpenRun {
  return {
    id,
    job: 3,
    namespace: 1,
    cause: 'schedule',
    state: 'running',
    fireTime: EPOCH,
    dueTime: EPOCH,
    createdAt: EPOCH,
    jobVersion: 1,
    params: {},
    schedules: [],
    sequence: 9,
    shards: [
      { index: 0, state: 'running', attempt, attempts: 1, retries: 0, redispatches: 0, supersedes: [], tried: [] },
    ],
    ...change,
  }
}

export function openAttempt(run: string, change: Partial<OpenAttempt> = {}): OpenAttempt {
  return {
    id: `${run}-0-1`,
    ordinal: 1,
    fencingToken: 184_467,
    executor: 'e1',
    node: 'n1',
    incarnation: 1,
    startedAt: EPOCH,
    deadline: EPOCH + 60_000,
    supersedes: [],
    ...change,
  }
}

/** One namespace, one service `billing` with a sealed secret. */
export function stateWith(...executors: Executor[]): State {
  const state = emptyState()
  const stamps = { description: '', version: 1, createdAt: EPOCH, updatedAt: EPOCH }
  state.cluster = 'c1'
  state.namespaces.set(1, { uid: 1, name: 'default', slots: 1000, queuedRunsMax: 1000, held: 0, queued: 0, ...stamps })
  state.namespaceNames.set('default', 1)
  state.services.set(2, {
    uid: 2,
    namespace: 1,
    name: 'billing',
    secrets: [`sealed ${SECRET}`],
    allowedHosts: [],
    ...stamps,
  })
  state.serviceNames.set('1/billing', 2)
  state.executors.set(2, new Map(executors.map((each) => [each.id, each])))
  return state
}

/** A dispatcher on the machine's clock, with what it reported. */
export class Bench {
  readonly state: State
  readonly finishes: AttemptFinish[] = []
  readonly leases: [attempt: string, leaseMs: number][] = []
  readonly dispatcher: Dispatcher
  readonly #waiting = new Map<string, () => void>()
  #jobs = 100
  #runs = 0

  constructor(state: State, deps: Partial<DispatcherDeps> = {}) {
    this.state = state
    this.dispatcher = new Dispatcher({
      clock,
      random: systemRandom,
      logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      state: () => state,
      node: 'n1',
      inTouch: () => true,
      leads: () => true,
      openSecret: (sealed) => sealed.replace('sealed ', ''),
      egress: createEgressPolicy({ allowLoopback: true }),
      report: (finish) => {
        this.finishes.push(finish)
        this.#ended(finish.attempt)
      },
      accepted: (attempt, leaseMs) => {
        this.leases.push([attempt, leaseMs])
        this.#ended(attempt)
      },
      ...deps,
    })
    this.dispatcher.comeUp(1)
  }

  /** Starts an attempt of a new job and gives its id. */
  start(
    target: Target,
    executorId: string,
    change: { timeoutMs?: number; spec?: Partial<JobSpec>; run?: Partial<OpenRun>; shards?: Partial<Shard>[] } = {},
  ): string {
    const id = `run${++this.#runs}`
    const now = clock.now()
    const timeoutMs = change.timeoutMs ?? 10_000
    const attempt = openAttempt(id, { executor: executorId, startedAt: now, deadline: now + timeoutMs })
    const uid = ++this.#jobs
    this.state.jobs.set(uid, { ...job(jobSpec({ target, timeoutMs, ...change.spec })), uid })
    const run = openRun(id, attempt, { job: uid, ...change.run })
    if (change.shards) {
      run.partsLeft = change.shards.length
      run.shards = change.shards.map((shard, index) => ({ ...(run.shards[0] as Shard), index, ...shard }))
    }
    this.state.runs.set(id, run)
    this.state.attempts.set(attempt.id, id)
    this.dispatcher.start({ run: id, shard: 0, attempt })
    return attempt.id
  }

  /** What the attempt ended with; undefined when it was accepted. */
  async end(attempt: string): Promise<AttemptFinish | undefined> {
    const found = () => this.finishes.find((finish) => finish.attempt === attempt)
    if (!found() && !this.leases.some(([id]) => id === attempt)) {
      await new Promise<void>((resolve) => this.#waiting.set(attempt, resolve))
    }
    return found()
  }

  #ended(attempt: string): void {
    this.#waiting.get(attempt)?.()
    this.#waiting.delete(attempt)
  }
}

/** What the present test has opened. */
export const opened: Listening[] = []
export const benches: Bench[] = []

/** For `afterEach`: stops dispatchers, then servers. */
export async function closeAll(): Promise<void> {
  await Promise.all(benches.splice(0).map((bench) => bench.dispatcher.stop(0)))
  await Promise.all(opened.splice(0).map((server) => server.close()))
}

/** A dispatcher with one executor, `e1`, that answers with this listener. */
export async function benchWith(listener: RequestListener, deps?: Partial<DispatcherDeps>): Promise<Bench> {
  const server = await listenHttp(listener)
  opened.push(server)
  const bench = new Bench(stateWith(executor('e1', { url: `${server.url}run?via=lb` })), deps)
  benches.push(bench)
  return bench
}

function quiet(): void {}

export interface Listening {
  url: string
  port: number
  close(): Promise<void>
}

/** An HTTP server on a free port of loopback. */
export function listenHttp(listener: RequestListener): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: 60_000 }, listener)
  return listen(server, () => server.closeAllConnections())
}

/** A TCP server on a free port of loopback: for whatever is not HTTP. */
export function listenTcp(onSocket: (socket: Socket) => void): Promise<Listening> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', quiet).on('close', () => sockets.delete(socket))
    onSocket(socket)
  })
  return listen(server, () => sockets.forEach((socket) => socket.destroy()))
}

export async function listen(server: Server, cut: () => void, scheme = 'http'): Promise<Listening> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        cut()
      }),
  }
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** The headers under which an executor's reply is its word. */
export function signReply(
  attemptId: string,
  body: string,
  at = new Date(clock.now()),
  secret = SECRET,
): Record<string, string> {
  return {
    'webhook-id': `re_${attemptId}`,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(`re_${attemptId}`, at, body),
  }
}

/** Answers `run.dispatch` as the SDK does. `change` alters the data of the reply. */
export async function answer(request: IncomingMessage, response: ServerResponse, change: object = {}): Promise<void> {
  const { data } = JSON.parse(await bodyOf(request)) as { data: { runId: string; attemptId: string } }
  const { runId, attemptId } = data
  const reply = JSON.stringify({
    type: 'run.result',
    timestamp: new Date(clock.now()).toISOString(),
    data: { runId, attemptId, outcome: 'succeeded', result: { ok: true }, ...change },
  })
  response.writeHead(200, { 'content-type': 'application/json', ...signReply(attemptId, reply) }).end(reply)
}
