import { OWN_ID } from '../cluster/leading.test-helper.ts'
import { callbacksAt } from '../dispatch/callback.ts'
import { Dispatcher } from '../dispatch/dispatcher.ts'
import { createEgressPolicy } from '../dispatch/egress.ts'
import type { WireRequest } from '../dispatch/request.ts'
import { resolveJob } from '../jobs/definition.ts'
import { scheduledRunId } from '../runs/ids.ts'
import type { Shard } from '../runs/run.ts'
import type { AttemptFinish } from '../state/commands.ts'
import type { PollAnswer } from './polls.ts'
import { RegistryWorld } from './world.test-helper.ts'

const T0 = Date.UTC(2026, 10, 20, 15)

/** Fixtures: a leader with a dispatcher whose calls go to executors that poll, on a clock that stands still. */
export class PollWorld {
  readonly world = new RegistryWorld()
  readonly dispatcher: Dispatcher
  readonly finished: AttemptFinish[] = []
  /** Attempts that were sent to a URL. */
  readonly sent: string[] = []
  #runs = 0

  constructor() {
    const { world } = this
    const none = () => undefined
    const noHttp = {
      connections: 0,
      hasRoom: () => true,
      send: ({ body }: WireRequest) => {
        const { data } = JSON.parse(body?.toString() ?? '{}') as { data: { attemptId: string } }
        this.sent.push(data.attemptId)
        return { abort: () => undefined }
      },
      close: () => Promise.resolve(),
    }
    this.dispatcher = new Dispatcher({
      clock: world.clock,
      random: { next: () => 0, bytes: (size) => new Uint8Array(size) },
      logger: { debug: none, info: none, warn: none, error: none },
      state: () => world.state,
      node: OWN_ID,
      inTouch: () => true,
      leads: () => world.leads,
      openSecret: (sealed) => sealed,
      callbackOf: callbacksAt('https://cron.example.com', Buffer.alloc(32, 1)),
      egress: createEgressPolicy({}),
      http: world.pollDesk.beside(noHttp),
      report: (finish) => {
        this.finished.push(finish)
        world.run({ kind: 'attempts-finished', at: world.clock.now(), finishes: [finish] })
      },
      accepted: (attempt, leaseMs) =>
        void world.run({ kind: 'attempts-accepted', at: world.clock.now(), accepted: [{ attempt, leaseMs }] }),
    })
    world.onEvent = (event) => {
      if (event.type === 'attempt-started' && event.attempt.node === OWN_ID) this.dispatcher.start(event)
      if (event.type === 'attempt-aborted') this.dispatcher.abort(event.attempt, event.why, event.accepted)
    }
    world.run({ kind: 'node-up', at: T0, node: OWN_ID, incarnation: 1 })
    this.dispatcher.comeUp(1)
    this.putJob({})
  }

  /** The job whose runs are placed. */
  putJob(definition: object): void {
    const target = { kind: 'handler', service: 'billing', handler: 'report' }
    const resolved = resolveJob({ target, overlap: 'allow', timeout: '1m', ...definition })
    if (!resolved.ok) throw new Error(JSON.stringify(resolved.faults))
    const { spec } = resolved
    const put = { namespace: 1, name: 'job', spec, schedules: [], spread: 0, by: 't' }
    this.world.run({ kind: 'job-put', at: T0, ...put })
  }

  register(id: string, boot = 'b1') {
    return this.world.register(id, boot, { url: 'pull' })
  }

  /** Polls, and leaves when it is told to. */
  poll(id: string, { boot = 'b1', waitMs = 20_000, signal = new AbortController().signal } = {}): Polling {
    const asked = { namespace: 'default', service: 'billing', id, boot, state: 'online' as const, inFlight: 0, waitMs }
    return new Polling(this.world.registry.poll(asked, signal))
  }

  /** One that has polled, and is online. */
  async online(id: string): Promise<void> {
    this.register(id)
    const polling = this.poll(id, { waitMs: 0 })
    await this.world.clock.pass(0)
    await polling.answer
  }

  /** A run that is placed on an executor. */
  place(executor: string): string {
    const { world } = this
    const job = [...world.state.jobs.keys()][0] ?? 0
    const at = world.clock.now()
    const run = scheduledRunId(job, T0 + ++this.#runs)
    world.run({ kind: 'run-request', at, job, run, cause: 'manual', by: 't' })
    this.placeAgain(run, executor)
    return run
  }

  /** The next attempt of a run. */
  placeAgain(run: string, executor: string): void {
    const attempts = this.shard(run)?.attempts ?? 0
    const placements = [{ run, shard: 0, attempts, executor }]
    const at = this.world.clock.now()
    this.world.run({ kind: 'place-shards', at, node: 'elsewhere', desk: OWN_ID, placements })
  }

  shard(run: string): Shard | undefined {
    return this.world.state.runs.get(run)?.shards[0]
  }
}

/** A poll, and what it was answered with once it was. */
export class Polling {
  readonly answer: Promise<PollAnswer>
  given: PollAnswer | undefined

  constructor(answer: Promise<PollAnswer>) {
    this.answer = answer
    void answer.then((given) => (this.given = given)).catch(() => undefined)
  }

  /** What the calls are. */
  get types(): string[] | undefined {
    return this.given?.calls.map(({ body }) => (JSON.parse(body) as { type: string }).type)
  }
}
