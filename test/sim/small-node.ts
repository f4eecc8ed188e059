import { ClockSteps } from '../../control-plane/src/cluster/clock-steps.ts'
import { requestedRunId } from '../../control-plane/src/runs/ids.ts'
import { Scheduler } from '../../control-plane/src/scheduler/scheduler.ts'
import { Workers } from '../../control-plane/src/scheduler/workers.ts'
import type { Applied, Event } from '../../control-plane/src/state/applied.ts'
import type { AttemptFinish, Command, ExecutorChange } from '../../control-plane/src/state/commands.ts'
import type { JobSpec } from '../../control-plane/src/jobs/job.ts'
import { jobPut, spec } from './jobs.ts'
import { SimulatedLog } from './log.ts'
import { SeededRandom } from './seeded-random.ts'
import { VirtualClock } from './virtual-clock.ts'

export const START = Date.UTC(2026, 9, 31, 22, 0)
const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** A node whose test decides everything: real scheduler and state, no faults, and executors that answer when told to. */
export class SmallNode {
  readonly clock = new VirtualClock(START)
  readonly random = new SeededRandom(1)
  readonly log = new SimulatedLog(this.clock, this.random, (_entry, applied) => this.#applied(applied))
  readonly proposed: Command[] = []
  readonly events: Event[] = []
  /** What the log refuses, from now on. */
  refuse: (command: Command) => boolean = () => false
  readonly steps = new ClockSteps(this.clock, 60_000)
  scheduler: Scheduler | undefined
  workers: Workers | undefined
  #incarnation = 0

  static async start({ slots = 1000, executors = 1 } = {}): Promise<SmallNode> {
    const node = new SmallNode()
    await node.commit({ kind: 'cluster-init', at: START, cluster: 'c', namespaceSlots: slots })
    await node.service('work')
    for (let i = 0; i < executors; i++) await node.executor(`e${i}`)
    await node.boot()
    return node
  }

  async boot(): Promise<void> {
    this.#incarnation += 1
    await this.commit({ kind: 'node-up', at: this.clock.now(), node: 'n1', incarnation: this.#incarnation })
    const { clock, random } = this
    this.scheduler = new Scheduler({
      clock,
      random,
      logger: quiet,
      node: 'n1',
      options: { lateAfterMs: 1000, catchUpPerSecond: 100 },
      state: () => this.log.state,
      propose: (command) => this.#propose(command),
      trusted: () => this.steps.trusted,
    })
    this.workers = new Workers({
      clock,
      random,
      logger: quiet,
      node: 'n1',
      count: 1,
      port: this.scheduler.port,
      state: () => this.log.state,
      incarnation: () => this.#incarnation,
      inTouch: () => true,
      room: () => 1024,
      waitApplied: () => Promise.resolve(),
    })
    this.scheduler.start()
    this.workers.start()
  }

  /** The process is gone for `byMs`, then starts anew. */
  async restart(byMs: number): Promise<void> {
    this.workers?.stop()
    this.scheduler?.stop()
    this.clock.clear()
    await this.log.crash()
    this.clock.leap(byMs)
    await this.boot()
  }

  get state() {
    return this.log.state
  }

  get namespace(): number {
    return this.state.namespaceNames.get('default') ?? 0
  }

  serviceUid(name = 'work'): number {
    return this.state.serviceNames.get(`${this.namespace}/${name}`) ?? 0
  }

  async service(name: string): Promise<void> {
    const change = { description: '', allowedHosts: [] }
    await this.commit({ kind: 'service-put', at: this.clock.now(), namespace: this.namespace, name, change })
  }

  async executor(id: string, changes: Partial<ExecutorChange> = {}, service = 'work'): Promise<void> {
    const change: ExecutorChange = {
      kind: 'static',
      url: `http://${id}`,
      weight: 1,
      slots: 0,
      labels: {},
      status: 'online',
      ...changes,
    }
    await this.commit({ kind: 'executor-put', at: this.clock.now(), service: this.serviceUid(service), id, change })
  }

  async job(name: string, definition: Partial<JobSpec>): Promise<number> {
    await this.commit(jobPut(this.namespace, name, spec(definition), this.clock.now()))
    return this.state.jobNames.get(`${this.namespace}/${name}`) ?? 0
  }

  async trigger(job: number): Promise<string> {
    const run = requestedRunId(this.random.bytes(16))
    await this.commit({ kind: 'run-request', at: this.clock.now(), job, run, cause: 'manual', by: 'test' })
    return run
  }

  async finish(attempt: string, outcome: AttemptFinish['outcome'], more: Partial<AttemptFinish> = {}): Promise<void> {
    const run = this.state.runs.get(this.state.attempts.get(attempt) ?? '')
    const at = this.clock.now()
    const finish = { attempt, job: run?.job ?? 0, outcome, endedAt: at, retryable: true, chance: 0, ...more }
    await this.commit({ kind: 'attempts-finished', at, finishes: [finish] })
  }

  /** Open attempts, the oldest first. */
  attempts() {
    return [...this.state.runs.values()].flatMap((run) =>
      run.shards.flatMap(({ attempt }) => (attempt ? [{ run, attempt }] : [])),
    )
  }

  async commit(command: Command): Promise<void> {
    let done = false
    void this.log.propose(command).finally(() => {
      done = true
    })
    for (let i = 0; i < 1000 && !done; i++) await this.clock.run(this.clock.monotonic() + 1)
  }

  async run(ms: number): Promise<void> {
    await this.clock.run(this.clock.monotonic() + ms)
  }

  #propose(command: Command) {
    this.proposed.push(command)
    return this.refuse(command) ? Promise.reject(new Error('refused')) : this.log.propose(command)
  }

  #applied(applied: Applied): void {
    for (const event of applied.events) {
      this.events.push(event)
      this.scheduler?.onEvent(event)
    }
  }
}
