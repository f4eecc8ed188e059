import { createHmac } from 'node:crypto'
import type { Exchange, ExchangeOwner, Http } from '../../../control-plane/src/dispatch/http.ts'
import type { WireRequest } from '../../../control-plane/src/dispatch/request.ts'
import type { PolledCall } from '../../../control-plane/src/registration/poll-desk.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { Callback, type Line, type Report } from './callback.ts'
import type { Strikes } from './faults.ts'
import { Instance, type Said, type Waiting } from './instance.ts'
import { START } from './node-clock.ts'
import { Reach } from './reach.ts'
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
  /** It came in the answer to a poll, which may have been on its way for long. */
  polled: boolean
}

/** What an executor tells of the end of an attempt that it accepted for later. */
export interface Accepted {
  attempt: string
  run: string
}

export interface ExecutorsDeps {
  seed: number
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
  /** What came of a call that was polled for; brought to the cluster by whatever node, until one has taken it. */
  onReport(report: Report): void
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
  polled: boolean
}

/** How long a process that died is away before it registers anew, in milliseconds. */
const AWAY_MS = [5, 100, 800]
/** What handlers say of their failures: half a character among it, and one where it is cut. */
const MESSAGES = ['it broke', 'it broke 😀', 'it broke \ud83d', `x${'😀'.repeat(2100)}`]

/** The executors of a world: processes that take calls, work, answer, and die. */
export class Executors {
  readonly #deps: ExecutorsDeps
  readonly #reach: Reach
  readonly #instances = new Map<string, Instance>()
  /** Boot ids of those that are there, and those that are to register anew. */
  readonly #boots = new Map<string, string>()

  constructor(deps: ExecutorsDeps) {
    this.#deps = deps
    this.#reach = new Reach(deps)
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
    this.#boots.delete(who)
    gone?.die()
  }

  /** The process that is there has this id. */
  booted(service: string, executor: string, boot: string): void {
    this.#boots.set(`${service}/${executor}`, boot)
  }

  /** Absent while nobody is there. */
  bootOf(service: string, executor: string): string | undefined {
    return this.#boots.get(`${service}/${executor}`)
  }

  /** The process that is there is not known: another one takes its place, and registers. */
  comeAnew(service: string, executor: string): void {
    this.restart(service, executor)
    this.#deps.onRestart(service, executor)
  }

  /** A call comes in the answer to a poll, or several times: whoever had no room for it is not asked again. */
  takePolled(node: string, { body }: PolledCall, times: number): void {
    const { random, strikes, onReport } = this.#deps
    const dispatch = dispatchIn(body)
    if (dispatch === undefined) return
    const busy = strikes.strikes('executor-refuses') && random.chance(0.5)
    for (let i = 0; i < (busy ? 1 : times); i++) this.#arrive(new Callback(dispatch, onReport), node, dispatch, busy)
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
    const isAway = this.#reach.isAway(dispatch.who)
    const refuses = !isAway && strikes.strikes('executor-refuses')
    if (isAway || (refuses && random.chance(0.5))) {
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

  #arrive(connection: Line, node: string, dispatch: Dispatch, busy: boolean): void {
    const { world, onArrival } = this.#deps
    const { who, attempt, token, supersedes, sdk, polled } = dispatch
    const instance = this.#instances.get(who) ?? new Instance()
    this.#instances.set(who, instance)
    const to = { who, handled: new Set(instance.handled), sdk }
    const arrived = (taken: Arrival['taken']) => onArrival(node, { attempt, token, to, taken, polled })
    if (busy) {
      arrived('none')
      return connection.reply(503, {}, '{}')
    }
    const taken = instance.take(attempt, supersedes, this.#waiting(connection, dispatch), now(world))
    arrived(taken)
    if (taken === 'refused') connection.reply(409, {}, '{"code":"duplicate-attempt"}')
    if (taken === 'begun') this.#work(connection, instance, dispatch)
  }

  #waiting(connection: Line, { attempt, run, sdk }: Dispatch): Waiting {
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
  #work(connection: Line, instance: Instance, { attempt, run, service, executor, sdk }: Dispatch): void {
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
      const error = { code: 'broken', message: random.pick(MESSAGES), retryable: random.chance(0.8) }
      world.later(soon, 'handler', () => say(fails ? { outcome: 'failed', error } : { outcome: 'succeeded' }))
    }
  }
}

/** A request and its reply; what comes back comes as long as the process that asked is there. */
class Connection implements Exchange, Line {
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
    return { ...to, ...ids, supersedes: [], sdk: false, polled: false }
  }
  const dispatch = dispatchIn(body?.toString() ?? '{}')
  return dispatch && { ...dispatch, polled: false }
}

/** The same, of the body alone. */
function dispatchIn(body: string): Dispatch | undefined {
  const { type, data } = JSON.parse(body) as {
    type: string
    data: Record<'attemptId' | 'runId' | 'fencingToken' | 'service' | 'executor', string> & { supersedes: string[] }
  }
  if (type !== 'run.dispatch') return undefined
  const { attemptId: attempt, runId: run, fencingToken: token, supersedes, service, executor } = data
  const to = { who: `${service}/${executor}`, service, executor }
  return { ...to, attempt, run, token, supersedes, sdk: true, polled: true }
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
