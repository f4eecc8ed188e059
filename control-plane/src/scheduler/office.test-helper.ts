import { Problem } from '../problems.ts'
import { scheduledRunId } from '../runs/ids.ts'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import type { Job } from '../jobs/job.ts'
import type { Command, FireDecision } from '../state/commands.ts'
import { ShardWorld, T0 } from '../state/shard-world.test-helper.ts'
import { Board } from './board.ts'
import { Desk } from './desk.ts'
import type { Ask, Delivery, Planned } from './evaluation.ts'
import { planAll } from './planner.ts'
import { HOLD_MS } from './pollers.ts'

/** A desk over a real state; workers are played by the test. */
export class Office {
  readonly clock = new StillClock()
  readonly world: ShardWorld
  readonly desk: Desk
  readonly proposed: Command[] = []
  readonly decided: number[] = []
  /** What was said about that went wrong. */
  readonly warned: object[] = []
  refuse = false
  #fires = 0

  constructor(options: { slots?: number } = {}) {
    this.world = new ShardWorld(options)
    this.world.executor('e1')
    this.world.run({ kind: 'node-up', node: 'm', incarnation: 1 })
    this.desk = new Desk({
      clock: this.clock,
      node: 'leader',
      logger: {
        debug() {},
        info() {},
        warn: (fields, message) => void this.warned.push({ ...fields, message }),
        error() {},
      },
      options: { catchUpPerSecond: 100 },
      state: () => this.world.state,
      propose: (command) => this.#propose(command),
      onDecided: (jobs) => void this.decided.push(...jobs),
      wake: () => undefined,
    })
    this.desk.open()
  }

  offer(job: Job): FireDecision {
    this.#fires += 1
    const fireTime = T0 + this.#fires
    const fire = { run: scheduledRunId(job.uid, fireTime), fireTime, dueTime: fireTime, schedules: [] }
    const decision: FireDecision = { job: job.uid, version: job.version, fires: [{ ...fire, cause: 'schedule' }] }
    this.desk.offer(job, decision)
    return decision
  }

  /** A command from elsewhere, and the events of it. */
  run(command: { kind: Command['kind'] } & Record<string, unknown>): void {
    for (const event of this.world.run(command).events) this.desk.onEvent(event)
  }

  /** Makes a job, or changes it, as `world.job` does, and the desk hears of it. */
  job(definition: object, name: string): Job {
    const before = this.world.applied.length
    const job = this.world.job(definition, name)
    for (const { events } of this.world.applied.slice(before)) for (const event of events) this.desk.onEvent(event)
    return job
  }

  /** Another service with one executor, unless it is to have none. */
  service(name: string, executor?: string): void {
    const namespace = this.world.state.namespaceNames.get('default')
    this.run({ kind: 'service-put', namespace, name, change: { description: '', allowedHosts: [] } })
    const service = this.world.state.serviceNames.get(`${namespace}/${name}`)
    if (executor === undefined) return
    const change = { kind: 'static', url: `http://${executor}`, weight: 1, slots: 0, labels: {}, status: 'online' }
    this.run({ kind: 'executor-put', service, id: executor, change })
  }

  /** Workers ask and plan until there is nothing to do for them. */
  async work(rounds = 50): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      const delivery = await this.ask()
      if (delivery.evaluations.length === 0) return
      await this.hand(delivery)
    }
    throw new Error('there is always something to do')
  }

  /** States of the open runs of a job, oldest first. */
  states(job: Job): string[] {
    return job.openRuns.flatMap((id) => this.world.state.runs.get(id)?.state ?? [])
  }

  trigger(job: Job): string {
    this.#fires += 1
    const run = scheduledRunId(job.uid, T0 + 1e6 + this.#fires)
    this.run({ kind: 'run-request', job: job.uid, run, cause: 'manual', by: 't' })
    return run
  }

  finish(attempt: string, job: Job): void {
    const finish = { attempt, job: job.uid, outcome: 'succeeded', endedAt: T0, retryable: true, chance: 0 }
    this.run({ kind: 'attempts-finished', finishes: [finish] })
  }

  /** Asks, and gets what is there after time went on far enough for an answer. */
  async ask(more: Partial<Ask> = {}): Promise<Delivery> {
    const answer = this.desk.ask({ node: 'n', incarnation: 1, worker: 1, room: 100, holds: [], ...more })
    // Whoever awaits this hears of it; it may be refused before that.
    answer.catch(() => undefined)
    this.desk.advance()
    await this.clock.pass(HOLD_MS)
    this.desk.advance()
    return answer
  }

  /** Hands back what planning says, or what it is told. */
  async hand({ token, evaluations }: Delivery, planned?: Planned[]) {
    const { state } = this.world
    const plan = planned ?? planAll(new Board(state), state, evaluations, { now: T0, chance: () => 0 })
    const handed = this.desk.hand({ node: 'n', incarnation: 1, worker: 1, token, planned: plan })
    await this.clock.pass(0)
    await this.clock.pass(500)
    return handed
  }

  /** Time goes on, and the leader looks. */
  async pass(ms: number): Promise<void> {
    await this.clock.pass(ms)
    this.desk.advance()
  }

  get attempts(): string[] {
    return [...this.world.state.attempts.keys()]
  }

  async #propose(command: Command) {
    this.proposed.push(command)
    if (this.refuse) throw new Problem('not-leader', 'refused')
    const { events, value } = this.world.run(command)
    for (const event of events) this.desk.onEvent(event)
    return { kind: 'applied' as const, index: this.world.state.index, value }
  }
}

/** What a worker was given, by kind. */
export const kinds = ({ evaluations }: Delivery) => evaluations.map(({ wanted }) => wanted.kind)
