import { strict as assert } from 'node:assert'
import type { Entry } from '../../control-plane/src/cluster/consensus.ts'
import { createEgressPolicy } from '../../control-plane/src/dispatch/egress.ts'
import { ExecutorWatch } from '../../control-plane/src/dispatch/executor-watch.ts'
import type { Http } from '../../control-plane/src/dispatch/http.ts'
import type { Executor } from '../../control-plane/src/discovery/executor.ts'
import type { Job, JobSpec } from '../../control-plane/src/jobs/job.ts'
import { originOf } from '../../control-plane/src/jobs/upcoming.ts'
import { nextFire } from '../../control-plane/src/jobs/schedule.ts'
import { requestedRunId } from '../../control-plane/src/runs/ids.ts'
import type { OpenAttempt } from '../../control-plane/src/runs/run.ts'
import { Batcher } from '../../control-plane/src/scheduler/batcher.ts'
import { changedJobs, handOver } from '../../control-plane/src/scheduler/hand-over.ts'
import { Scheduler } from '../../control-plane/src/scheduler/scheduler.ts'
import { Workers } from '../../control-plane/src/scheduler/workers.ts'
import type { Applied, Event } from '../../control-plane/src/state/applied.ts'
import type { State } from '../../control-plane/src/state/state.ts'
import type { AttemptFinish, Command, ExecutorChange } from '../../control-plane/src/state/commands.ts'
import { EXECUTOR_IDS, EXECUTORS, type ExecutorId, randomSpec, SERVICES } from './definitions.ts'
import { jobPut, pausedFires } from './jobs.ts'
import { drawFaults, type Faults, NO_FAULTS } from './one-node-faults.ts'
import { type Mutant, SimulatedLog } from './log.ts'
import { manifestOf } from './manifests.ts'
import { Promises } from './promises.ts'
import { backfillOf, pauseOf, rerunOf, roomOf } from './requests.ts'
import { SeededRandom } from './seeded-random.ts'
import { VirtualClock } from './virtual-clock.ts'

const START = Date.UTC(2026, 9, 31, 22, 0)
const NODE = 'n1'
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
/** No service here has a health check. */
const nobody: Http = {
  connections: 0,
  hasRoom: () => false,
  send: () => assert.fail('nobody is asked how they are'),
  close: () => Promise.resolve(),
}

/** A node with its executors in one process under virtual time: the real scheduler and state, everything else from a seed. */
export class OneNode {
  readonly random: SeededRandom
  readonly clock = new VirtualClock(START)
  readonly log: SimulatedLog
  readonly promises: Promises
  faults: Faults
  #scheduler: Scheduler | undefined
  #workers: Workers | undefined
  #watch: ExecutorWatch | undefined
  #reports: Batcher<AttemptFinish> | undefined
  #incarnation = 0
  #jobs = 0
  /** Until when executors of a name cannot be reached. */
  readonly #goneUntil = new Map<string, number>()
  #started: { attempt: OpenAttempt; job: number }[] = []

  constructor(seed: number, mutant?: Mutant) {
    this.random = new SeededRandom(seed)
    this.faults = drawFaults(this.random)
    this.promises = new Promises()
    this.log = new SimulatedLog(
      this.clock,
      this.random,
      (entry, applied, state) => this.#applied(entry, applied, state),
      mutant,
    )
  }

  async begin(jobs: number): Promise<void> {
    await this.#commit({
      kind: 'cluster-init',
      at: START,
      cluster: 'sim',
      namespaceSlots: this.random.pick([2, 5, 1000]),
    })
    await this.boot()
    const namespace = this.namespace()
    const room = this.random.pick([4, 20, undefined, undefined, undefined, undefined, undefined, undefined])
    if (room !== undefined) await this.#commit({ ...roomOf(this.log.state, room), at: this.clock.now() })
    for (const name of SERVICES) {
      const change = { description: '', allowedHosts: [] }
      await this.#commit({ kind: 'service-put', at: this.clock.now(), namespace, name, change })
    }
    await this.openExecutors()
    this.#jobs = jobs
    const last = jobs - this.random.pick([0, 0, 1, 3])
    const made = Array.from({ length: jobs - Math.max(0, last) }, (_, later) => `job-${jobs - 1 - later}`)
    if (made.length > 0) await this.#bring(made)
    for (let i = last - 1; i >= 0; i--)
      await this.#commit(jobPut(namespace, `job-${i}`, this.#definition(i), this.clock.now(), i))
  }

  /** The process starts: what it left open is uncertain from the entry on that says so. */
  async boot(): Promise<void> {
    this.#incarnation += 1
    const { clock, random, log } = this
    const propose = (command: Command) => log.propose(command)
    await this.#commit({ kind: 'node-up', at: clock.now(), node: NODE, incarnation: this.#incarnation })
    this.#reports = new Batcher<AttemptFinish>(
      64,
      (finishes) => propose({ kind: 'attempts-finished', at: clock.now(), finishes }),
      () => ({ next: 'drop' }),
    )
    this.#scheduler = new Scheduler({
      clock,
      random,
      logger: quiet,
      node: NODE,
      options: { lateAfterMs: 1000, catchUpPerSecond: 20 },
      state: () => log.state,
      propose,
    })
    this.#workers = new Workers({
      clock,
      random,
      logger: quiet,
      node: NODE,
      count: 1,
      port: this.#scheduler.port,
      state: () => log.state,
      incarnation: () => this.#incarnation,
      inTouch: () => true,
      room: () => 1024,
      waitApplied: () => Promise.resolve(),
    })
    this.#watch = new ExecutorWatch({
      clock,
      random,
      logger: quiet,
      state: () => log.state,
      propose,
      egress: createEgressPolicy(),
      http: nobody,
    })
    this.#scheduler.start()
    this.#workers.start()
    this.#watch.start()
  }

  /** The process dies between two steps; memory, timers and calls under way are gone. */
  async crash(): Promise<void> {
    this.#workers?.stop()
    this.#scheduler?.stop()
    this.#watch?.stop()
    this.clock.clear()
    await this.log.crash()
    this.promises.history.reloaded(this.log.state)
    this.#started = []
  }

  /** One virtual second with whatever the seed has in store. */
  async second(): Promise<void> {
    const { random, clock, faults } = this
    if (random.chance(faults.crash)) {
      await this.crash()
      clock.leap(random.pick([100, 3000, 30_000, 900_000]))
      await this.boot()
    }
    if (random.chance(faults.pause)) clock.leap(random.pick([500, 5000, 60_000]))
    if (random.chance(faults.edit)) await this.#meddle()
    if (random.chance(faults.gone))
      this.#goneUntil.set(random.pick(EXECUTOR_IDS), clock.now() + random.pick([5000, 40_000]))
    await clock.run(clock.monotonic() + 1000, () => this.#step())
  }

  namespace(): number {
    return [...this.log.state.namespaces.keys()][0] ?? 0
  }

  /** Children come after their parents, so that no chain comes back to where it began. */
  #definition(place: number): JobSpec {
    const children = Array.from({ length: this.#jobs - 1 - place }, (_, later) => `job-${place + 1 + later}`)
    return randomSpec(this.random, { children })
  }

  #step(): void {
    this.promises.checkState(this.log.state)
  }

  #applied(entry: Entry, applied: Applied, state: State): void {
    this.promises.checkEntry(entry, applied, state)
    for (const event of applied.events) this.#onEvent(event)
  }

  #onEvent(event: Event): void {
    this.#scheduler?.onEvent(event)
    if (event.type !== 'attempt-started' || event.attempt.incarnation !== this.#incarnation) return
    const job = this.log.state.runs.get(event.run)?.job ?? 0
    this.#started.push({ attempt: event.attempt, job })
    this.#call(event.attempt, job)
  }

  /** What an executor does with a call: any of the ends that a call can have. */
  #call(attempt: OpenAttempt, job: number): void {
    const { random, clock, faults } = this
    const incarnation = this.#incarnation
    const finish = (outcome: AttemptFinish['outcome'], more: Partial<AttemptFinish> = {}) => {
      if (incarnation !== this.#incarnation || !this.log.state.attempts.has(attempt.id)) return
      this.#reports?.add({
        attempt: attempt.id,
        job,
        outcome,
        endedAt: clock.now(),
        retryable: true,
        chance: random.next(),
        ...more,
      })
    }
    const soon = random.pick([1, 20, 300, 1500])
    const dice = random.next()
    let bound = faults.hang
    if (dice < bound) return
    if (faults.gone > 0 && clock.now() < (this.#goneUntil.get(attempt.executor) ?? 0)) {
      clock.after(soon, () => finish('refused', { connectionFailed: true }))
    } else if (dice < (bound += faults.refused)) {
      const busy = random.chance(0.5)
      clock.after(soon, () => finish('refused', busy ? { status: 503 } : { connectionFailed: true }))
    } else if (dice < (bound += faults.uncertain)) clock.after(soon, () => finish('uncertain'))
    else if (dice < (bound += faults.failed))
      clock.after(soon, () => finish('failed', { retryable: random.chance(0.8) }))
    else if (dice < bound + faults.accepted) {
      clock.after(
        1,
        () =>
          void this.log
            .propose({ kind: 'attempts-accepted', at: clock.now(), accepted: [{ attempt: attempt.id, leaseMs: 3000 }] })
            .catch(() => undefined),
      )
      if (random.chance(0.7)) clock.after(soon + 10, () => finish('succeeded'))
    } else clock.after(soon, () => finish('succeeded', { result: { ok: true } }))
  }

  /** Somebody changes, pauses, resumes, triggers, cancels, or an executor comes or goes. */
  async #meddle(): Promise<void> {
    const { random, clock, log } = this
    const jobs = [...log.state.jobs.values()]
    const job = random.pick(jobs)
    const at = clock.now()
    const run = random.pick([...log.state.runs.keys(), 'none'])
    const service = random.pick([...log.state.services.keys()])
    const id = random.pick(EXECUTOR_IDS)
    switch (random.pick([0, 0, 1, 2, 2, 2, 3, 4, 5, 5, 5, 6, 7, 7, 8, 9, 9, 10, 10])) {
      case 0:
        await this.#settled(job.uid)
        await this.#edit(job)
        break
      case 1:
        await this.#settled(job.uid)
        await this.#commit({ kind: 'job-pause', at: clock.now(), job: job.uid, by: 'test' })
        break
      case 2:
        await this.#resume(jobs.find(({ state }) => state === 'paused')?.uid ?? job.uid)
        break
      case 3:
        await this.#commit({
          kind: 'run-request',
          at,
          job: job.uid,
          run: requestedRunId(random.bytes(16)),
          cause: 'manual',
          by: 'test',
        })
        break
      case 4:
        if (run !== 'none') await this.#commit({ kind: 'run-cancel', at, run, by: 'test' })
        break
      case 5:
        await this.#putExecutor(service, id, random.pick(['online', 'online', 'offline', 'draining']))
        break
      case 6:
        await this.#commit({ kind: 'executor-delete', at, service, id })
        break
      case 7: {
        const ended = [...this.promises.ended.values()].filter((row) => log.state.jobs.has(row.job)).slice(-20)
        if (ended.length > 0) await this.#commit({ ...rerunOf(log.state, random.pick(ended)), at })
        break
      }
      case 8:
        await this.#commit({ ...backfillOf(log.state, job, random), at })
        break
      case 9:
        await this.#commit({ ...pauseOf(log.state, random.pick(['namespace', 'scheduler']), random.chance(0.3)), at })
        break
      default:
        await this.#bring([])
    }
  }

  /** A manifest changes jobs of a service, and makes others. */
  async #bring(made: string[]): Promise<void> {
    const at = Math.max(this.clock.now(), this.log.state.now)
    const definition = (name: string) => this.#definition(Number(name.slice('job-'.length)))
    const command = manifestOf(this.log.state, this.random, definition, { at, made })
    if (command) await this.#submit(command)
  }

  /** What the API does: everything is computed at one instant and proposed a little later. */
  async #edit(job: Job): Promise<void> {
    const at = Math.max(this.clock.now(), this.log.state.now)
    const definition = this.#definition(Number(job.name.slice('job-'.length)))
    const put = jobPut(job.namespace, job.name, definition, at, job.spread, job)
    const fires = job.state === 'paused' ? pausedFires(job, at) : undefined
    await this.#submit({ ...put, ...(fires ? { fires } : {}) })
  }

  async #resume(uid: number): Promise<void> {
    const at = Math.max(this.clock.now(), this.log.state.now)
    const job = this.log.state.jobs.get(uid)
    if (!job || job.state === 'active') return
    const fires = pausedFires(job, at)
    const origin = originOf(job, at, false)
    const next = nextFire(job.schedules, { ...origin, fireCount: origin.fireCount + (fires?.count ?? 0) })
    const resume = { kind: 'job-resume' as const, at, job: uid, by: 'test', ifVersion: job.version }
    await this.#submit({ ...resume, ...(fires ? { fires } : {}), ...(next ? { next } : {}) })
  }

  async #submit(command: Command): Promise<void> {
    if (this.random.chance(0.5)) this.clock.leap(this.random.pick([1, 900]))
    let done = false
    const over = () => {
      done = true
    }
    void this.#handOver(command).then(over, over)
    for (let i = 0; i < 100 && !done; i++) await this.clock.run(this.clock.monotonic() + 10, () => this.#step())
  }

  /** As a leader does it: nothing comes between what was settled last and the proposal. */
  async #handOver(command: Command): Promise<void> {
    await this.#scheduler?.settleAll(changedJobs(this.log.state, command))
    await this.log.propose(handOver(this.log.state, command, this.clock.now()))
  }

  async #settled(uid: number): Promise<void> {
    let done = false
    void this.#scheduler?.settle(uid).then(() => {
      done = true
    })
    for (let i = 0; i < 50 && !done; i++) await this.clock.run(this.clock.monotonic() + 10, () => this.#step())
  }

  async #putExecutor(service: number, id: ExecutorId, status: Executor['status']): Promise<void> {
    const old = this.log.state.executors.get(service)?.get(id)?.bootId
    const bootId = old === undefined || this.random.chance(0.7) ? `boot-${this.random.integer(0, 1e9)}` : old
    const change: ExecutorChange = {
      kind: 'registered',
      bootId,
      url: `http://${id}`,
      weight: this.random.integer(1, 3),
      slots: this.random.pick([0, 1, 3]),
      labels: { zone: EXECUTORS[id] },
      status,
    }
    await this.#commit({ kind: 'executor-put', at: this.clock.now(), service, id, change })
  }

  async openExecutors(): Promise<void> {
    for (const service of this.log.state.services.keys())
      for (const id of EXECUTOR_IDS) await this.#putExecutor(service, id, 'online')
  }

  async resumeAll(): Promise<void> {
    for (const what of ['namespace', 'scheduler'] as const) {
      await this.#commit({ ...pauseOf(this.log.state, what, false), at: this.clock.now() })
    }
  }

  async #commit(command: Command): Promise<void> {
    let done = false
    void this.log.propose(command).then(
      () => {
        done = true
      },
      () => {
        done = true
      },
    )
    for (let i = 0; i < 100 && !done; i++) await this.clock.run(this.clock.monotonic() + 2, () => this.#step())
  }
}

/** Plays one seed to its end: a while with faults, a while without, then every promise about the whole. */
export async function play(seed: number, options: { seconds?: number; mutant?: Mutant } = {}): Promise<OneNode> {
  const { seconds = 120, mutant } = options
  const world = new OneNode(seed, mutant)
  await world.begin(world.random.integer(2, 8))
  for (let second = 0; second < seconds; second++) await world.second()
  world.faults = NO_FAULTS
  await world.resumeAll()
  await world.openExecutors()
  for (let second = 0; second < 90; second++) {
    await world.second()
    world.promises.queues.watch(world.log.state)
  }
  world.promises.checkState(world.log.state)
  world.promises.checkLedger(world.log.state)
  world.promises.checkWork(world.log.state, world.clock.now() - 60_000)
  return world
}
