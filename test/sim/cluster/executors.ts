import { createHmac } from 'node:crypto'
import type { Exchange, ExchangeOwner, Http } from '../../../control-plane/src/dispatch/http.ts'
import type { WireRequest } from '../../../control-plane/src/dispatch/request.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { Strikes } from './faults.ts'
import { Instance, type Said, type Waiting } from './instance.ts'
import { START } from './node-clock.ts'
import type { Owner, World } from './world.ts'

const SECRET_BYTES = Buffer.alloc(32, 7)
/** With which the executors of all services sign. */
export const SECRET = `whsec_${SECRET_BYTES.toString('base64')}`

/** A call as it comes in at an executor. */
export interface Arrival {
  attempt: string
  token: string
  /** The process that it reached, what has run there so far, and whether the SDK is in it. */
  to: { who: string; handled: ReadonlySet<string>; sdk: boolean }
  /** `none`: it did not look at it. */
  taken: 'begun' | 'joined' | 'answered' | 'refused' | 'none'
}

/** What an executor tells of the end of an attempt that it accepted for later. */
export interface Accepted {
  attempt: string
  run: string
}

export interface ExecutorsDeps {
  world: World
  random: SeededRandom
  strikes: Strikes
  /** Called with every attempt as its request leaves. */
  onLeave(node: string, attempt: string): void
  /** Called with every call as it comes in. */
  onArrival(node: string, arrival: Arrival): void
  /** Called as an executor says how an attempt ended. */
  onAnswer(attempt: string, outcome: Said['outcome']): void
  /** The end of an attempt that was accepted; brought to the cluster by whatever node. */
  onLate(accepted: Accepted): void
  /** A process died; another one takes its place. */
  onRestart(service: string, executor: string): void
}

/** What a request asks for, read from it as an executor does. */
interface Dispatch {
  who: string
  service: string
  executor: string
  attempt: string
  run: string
  token: string
  supersedes: readonly string[]
  /** Whether a handler is called: an endpoint without the SDK signs nothing. */
  sdk: boolean
}

/** How long a process that died is away before it registers anew, in milliseconds. */
const AWAY_MS = [5, 100, 800]

/** The executors of a world: processes that take calls, work, answer, and die. */
export class Executors {
  readonly #deps: ExecutorsDeps
  readonly #instances = new Map<string, Instance>()

  constructor(deps: ExecutorsDeps) {
    this.#deps = deps
  }

  /** The connections of one process of a node to all of them. */
  httpOf(process: Owner, node: string): Http {
    return {
      connections: 0,
      hasRoom: () => true,
      send: (request, owner) => this.#exchange(process, node, request, owner),
      close: () => Promise.resolve(),
    }
  }

  /** Another process takes the place of the one that is there: whatever that one had is gone. */
  restart(service: string, executor: string): void {
    const who = `${service}/${executor}`
    const gone = this.#instances.get(who)
    this.#instances.delete(who)
    gone?.die()
  }

  #exchange(process: Owner, node: string, request: WireRequest, owner: ExchangeOwner): Exchange {
    const { world, random, strikes } = this.#deps
    const connection = new Connection(process, world, owner)
    if (!process.alive) return connection
    const dispatch = dispatchOf(request)
    if (dispatch === undefined) {
      connection.within(2, () => owner.onSent())
      connection.within(5, () => connection.reply(200, {}, '{}'))
      return connection
    }
    const refuses = strikes.strikes('executor-refuses')
    if (refuses && random.chance(0.5)) {
      connection.within(2, () =>
        owner.onDone({ sent: false, error: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }),
      )
      return connection
    }
    const connectMs = strikes.strikes('connection-slow') ? random.pick([50, 400, 1500]) : 1
    connection.within(connectMs, () => {
      if (!owner.onSent()) return connection.abort()
      this.#deps.onLeave(node, dispatch.attempt)
      // From here on it is under way, whatever becomes of the node.
      world.later(random.pick([0, 1, 5]), 'arrives', () => this.#arrive(connection, node, dispatch, refuses))
    })
    return connection
  }

  #arrive(connection: Connection, node: string, dispatch: Dispatch, busy: boolean): void {
    const { world, onArrival } = this.#deps
    const { who, attempt, token, supersedes, sdk } = dispatch
    const instance = this.#instances.get(who) ?? new Instance()
    this.#instances.set(who, instance)
    const to = { who, handled: new Set(instance.handled), sdk }
    const arrived = (taken: Arrival['taken']) => onArrival(node, { attempt, token, to, taken })
    if (busy) {
      arrived('none')
      return connection.reply(503, {}, '{}')
    }
    const taken = instance.take(attempt, supersedes, this.#waiting(connection, dispatch), now(world))
    arrived(taken)
    if (taken === 'refused') connection.reply(409, {}, '{"code":"duplicate-attempt"}')
    if (taken === 'begun') this.#work(connection, instance, dispatch)
  }

  #waiting(connection: Connection, { attempt, run, sdk }: Dispatch): Waiting {
    const { world, onAnswer } = this.#deps
    return {
      answer(said) {
        onAnswer(attempt, said.outcome)
        if (!sdk) return connection.reply(said.outcome === 'succeeded' ? 200 : 500, {}, '{}')
        const text = JSON.stringify({ type: 'run.result', data: { runId: run, attemptId: attempt, ...said } })
        connection.reply(200, signed(attempt, text, START + world.now), text)
      },
      reset: () => connection.reset(),
    }
  }

  /** What the handler does with a call: any of the ends that it can have. */
  #work(connection: Connection, instance: Instance, { attempt, run, service, executor, sdk }: Dispatch): void {
    const { world, random, strikes, onAnswer, onLate, onRestart } = this.#deps
    const soon = random.pick([3, 20, 300, 1500])
    const say = (said: Said) => instance.say(attempt, said, now(world))
    if (strikes.strikes('executor-hangs')) return
    if (strikes.strikes('executor-crashes')) {
      world.later(soon, 'executor crashes', () => {
        if (!instance.alive) return
        // Often only the connection breaks, and the handler goes on.
        if (random.chance(0.5)) {
          connection.reset()
          world.later(soon, 'handler', () => say({ outcome: 'succeeded' }))
          return
        }
        this.restart(service, executor)
        world.later(random.pick(AWAY_MS), 'executor comes back', () => onRestart(service, executor))
      })
    } else if (strikes.strikes('executor-late')) {
      // Where nothing was agreed on, it means success.
      if (!sdk) onAnswer(attempt, 'succeeded')
      connection.reply(202, { 'content-type': 'application/json' }, '{"leaseTtlMs":2000}')
      if (!random.chance(0.7)) return
      world.later(soon + 10, 'late', () => {
        if (!instance.alive) return
        say({ outcome: 'succeeded' })
        onLate({ attempt, run })
      })
    } else {
      const fails = strikes.strikes('executor-error')
      const error = { code: 'broken', message: 'it broke', retryable: random.chance(0.8) }
      world.later(soon, 'handler', () => say(fails ? { outcome: 'failed', error } : { outcome: 'succeeded' }))
    }
  }
}

/** A request and its reply; what comes back comes as long as the process that asked is there. */
class Connection implements Exchange {
  readonly #process: Owner
  readonly #world: World
  readonly #owner: ExchangeOwner
  #over = false

  constructor(process: Owner, world: World, owner: ExchangeOwner) {
    this.#process = process
    this.#world = world
    this.#owner = owner
  }

  abort(): void {
    this.#over = true
  }

  within(delayMs: number, task: () => void): void {
    this.#world.laterIn(
      () => this.#process,
      delayMs,
      'http',
      () => {
        if (!this.#over) task()
      },
    )
  }

  reply(status: number, headers: Record<string, string>, text: string): void {
    const reply = { status, headers, body: Buffer.from(text), bytes: Buffer.byteLength(text) }
    this.within(1, () => this.#end(() => this.#owner.onDone({ sent: true, reply })))
  }

  reset(): void {
    const error = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    this.within(1, () => this.#end(() => this.#owner.onDone({ sent: true, error })))
  }

  #end(task: () => void): void {
    this.#over = true
    task()
  }
}

function now(world: World): number {
  return START + world.now
}

/** Undefined for what asks nobody to run anything. */
function dispatchOf({ origin, body, headers }: WireRequest): Dispatch | undefined {
  const [executor = '', service = ''] = new URL(origin).hostname.split('.')
  const to = { who: `${service}/${executor}`, service, executor }
  const header = (name: string) => headers[headers.indexOf(name) + 1] ?? ''
  if (headers.includes('cronclave-attempt-id')) {
    const attempt = header('cronclave-attempt-id')
    const ids = { attempt, run: header('cronclave-run-id'), token: header('cronclave-fencing-token') }
    // Nobody there remembers what came before.
    return { ...to, ...ids, supersedes: [], sdk: false }
  }
  const { type, data } = JSON.parse(body?.toString() ?? '{}') as {
    type: string
    data: Record<'attemptId' | 'runId' | 'fencingToken', string> & { supersedes: string[] }
  }
  if (type !== 'run.dispatch') return undefined
  const { attemptId: attempt, runId: run, fencingToken: token, supersedes } = data
  return { ...to, attempt, run, token, supersedes, sdk: true }
}

/** The headers with which an executor signs its answer. */
function signed(attempt: string, body: string, at: number): Record<string, string> {
  const head = `re_${attempt}.${Math.floor(at / 1000)}.`
  const signature = createHmac('sha256', SECRET_BYTES).update(head).update(body).digest('base64')
  return {
    'webhook-id': `re_${attempt}`,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': `v1,${signature}`,
  }
}
