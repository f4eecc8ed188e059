import type { Core } from '../../../control-plane/src/core.ts'
import type { Executor } from '../../../control-plane/src/discovery/executor.ts'
import type { JobSpec } from '../../../control-plane/src/jobs/job.ts'
import type { EndedRun } from '../../../control-plane/src/runs/run.ts'
import type { ExecutorChange } from '../../../control-plane/src/state/commands.ts'
import { EXECUTOR_IDS, EXECUTORS, type ExecutorId, randomSpec, SERVICES } from '../definitions.ts'
import { jobPut, schedule } from '../jobs.ts'
import { roomOf } from '../requests.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { Errands } from './errands.ts'
import type { Report } from './callback.ts'
import { type Accepted, type Executors, SECRET } from './executors.ts'
import type { Profile, Strikes } from './faults.ts'
import type { NodeProcess } from './machine.ts'
import { at, People } from './people.ts'
import type { World } from './world.ts'

export interface WorkloadDeps {
  world: World
  random: SeededRandom
  strikes: Strikes
  profile: Pick<Profile, 'busy'>
  executors: Executors
  /** Executors that poll, in all services. */
  polling: ReadonlySet<ExecutorId> | undefined
  anyNode(): NodeProcess | undefined
  /** Runs that have ended, the oldest first. */
  ended(): EndedRun[]
}

/** How often somebody may change something. */
const LOOK_MS = 500
/** How often a node may not know the run of a report before it is over. */
const REPORTS_MAX = 20

/** The jobs, services and executors of a world, and the people who change them through any node. */
export class Workload {
  readonly #deps: WorkloadDeps
  readonly #people: People
  readonly #errands: Errands
  readonly #jobs: number

  constructor(deps: WorkloadDeps) {
    const { random, profile } = deps
    this.#deps = deps
    this.#errands = new Errands(deps.world, deps.anyNode)
    this.#jobs = profile.busy ? random.integer(4, 8) : random.integer(1, 5)
    this.#people = new People({ ...deps, definition: (job) => this.#definition(Number(job.slice('job-'.length))) })
    void this.#settle()
    this.#meddleLater()
  }

  /** Every executor takes work again, and every schedule goes on. */
  openExecutors(): void {
    this.#errands.once((core) => this.#putExecutors(core, 'online'))
    for (const what of ['namespace', 'scheduler'] as const)
      void this.#errands.untilDone((core) => this.#people.pauseAll(core, what, false))
  }

  /** An executor tells of the end of what it took on, through any node, once. */
  late({ attempt, run }: Accepted): void {
    this.#errands.once(async (core) => {
      const job = core.state.runs.get(run)?.job
      if (job === undefined) return
      const finish = { attempt, job, outcome: 'succeeded' as const, endedAt: at(core), retryable: true, chance: 0 }
      await core.submit({ kind: 'attempts-finished', at: at(core), finishes: [finish] })
    })
  }

  /** An executor tells what came of a call that it polled for, until a node has taken it, or none knows of its run. */
  report({ attempt, run, said }: Report): void {
    let tries = 0
    void this.#errands.untilDone(async (core) => {
      const job = core.state.runs.get(run)?.job
      if (job === undefined && ++tries < REPORTS_MAX) throw new Error('it may not have heard of the run yet')
      if (job === undefined) return
      const { outcome, error } = said
      const retryable = error?.retryable ?? true
      const why = error && { error: { code: error.code, message: error.message } }
      const finish = { attempt, job, outcome, endedAt: at(core), retryable, chance: 0, ...why }
      await core.submit({ kind: 'attempts-finished', at: at(core), finishes: [finish] })
    })
  }

  /** A process of an executor has taken another one's place, and tells so, until somebody heard it. */
  registerAnew(service: string, id: string): void {
    const bootId = this.#bootId()
    this.#deps.executors.booted(service, id, bootId)
    void this.#errands.untilDone(async (core) => {
      const uid = core.state.serviceNames.get(`${core.state.namespaceNames.get('default')}/${service}`)
      const present = uid === undefined ? undefined : core.state.executors.get(uid)?.get(id)
      if (uid === undefined || present === undefined) return
      const { kind, url, weight, slots, labels, status } = present
      const change: ExecutorChange = { kind, bootId, url, weight, slots, labels, status }
      await core.submit({ kind: 'executor-put', at: at(core), service: uid, id, change })
    })
  }

  /** What there is from the beginning: asked for until it is there. Children come before their parents. */
  async #settle(): Promise<void> {
    const room = this.#deps.random.pick([4, 20, undefined, undefined, undefined, undefined, undefined, undefined])
    await this.#errands.untilDone(async (core) => {
      const namespace = core.state.namespaceNames.get('default')
      if (namespace === undefined) throw new Error('there is no namespace yet')
      if (room !== undefined) await core.submit({ ...roomOf(core.state, room), at: at(core) })
      for (const name of SERVICES) {
        const change = { description: '', allowedHosts: [], secrets: [SECRET] }
        await core.submit({ kind: 'service-put', at: at(core), namespace, name, change })
      }
      await this.#putExecutors(core, 'online')
    })
    for (let job = this.#jobs - 1; job >= 0; job--) {
      const definition = this.#definition(job)
      await this.#errands.untilDone(async (core) => {
        const namespace = core.state.namespaceNames.get('default') ?? 0
        if (core.state.jobNames.has(`${namespace}/job-${job}`)) return
        await core.submit({ ...jobPut(namespace, `job-${job}`, definition, at(core), job), ifVersion: 'new' })
      })
    }
  }

  async #putExecutors(core: Core, status: Executor['status']): Promise<void> {
    for (const name of SERVICES) {
      const namespace = core.state.namespaceNames.get('default')
      const service = core.state.serviceNames.get(`${namespace}/${name}`)
      if (service === undefined) throw new Error(`there is no service ${name} yet`)
      for (const id of EXECUTOR_IDS) await this.#putExecutor(core, service, id, status)
    }
  }

  async #putExecutor(core: Core, service: number, id: ExecutorId, status: Executor['status']): Promise<void> {
    const { random, executors, polling } = this.#deps
    const old = core.state.executors.get(service)?.get(id)?.bootId
    const bootId = old === undefined || random.chance(0.7) ? this.#bootId() : old
    const name = core.state.services.get(service)?.name ?? '-'
    if (bootId !== old) executors.restart(name, id)
    executors.booted(name, id, bootId)
    const change: ExecutorChange = {
      kind: 'registered',
      bootId,
      url: polling?.has(id) ? 'pull' : `http://${id}.${name}.test`,
      weight: random.integer(1, 3),
      slots: random.pick([0, 1, 3]),
      labels: { zone: EXECUTORS[id] },
      status,
    }
    await core.submit({ kind: 'executor-put', at: at(core), service, id, change })
  }

  #bootId(): string {
    return `boot-${this.#deps.random.integer(0, 1e9)}`
  }

  /** Any definition, often one that is due every moment, with deadlines that a short simulation sees. */
  #definition(place: number): JobSpec {
    const { random, profile } = this.#deps
    const children = Array.from({ length: this.#jobs - 1 - place }, (_, later) => `job-${place + 1 + later}`)
    const drawn = randomSpec(random, { children, http: true })
    const definition = { ...drawn, timeoutMs: random.pick([1000, 5000]) }
    if (random.chance(profile.busy ? 0.2 : 0.5)) return definition
    return { ...definition, schedules: [schedule({ everyMs: random.integer(1, 4) * 500 })] }
  }

  #meddleLater(): void {
    const { world, strikes } = this.#deps
    world.later(LOOK_MS, 'people', () => {
      if (strikes.draws('job-changed')) this.#errands.once((core) => this.#people.meddle(core))
      if (strikes.draws('executor-changed')) this.#errands.once((core) => this.#meddleWithExecutor(core))
      if (strikes.draws('rerun')) this.#errands.once((core) => this.#people.askAgain(core))
      if (strikes.draws('schedules-paused')) this.#pauseForAWhile()
      this.#meddleLater()
    })
  }

  async #meddleWithExecutor(core: Core): Promise<void> {
    const { random, strikes } = this.#deps
    const services = [...core.state.services.keys()]
    if (services.length === 0) return
    strikes.count('executor-changed')
    const status = random.pick(['online', 'offline', 'draining'] as const)
    await this.#putExecutor(core, random.pick(services), random.pick(EXECUTOR_IDS), status)
  }

  #pauseForAWhile(): void {
    const { world, random, strikes } = this.#deps
    const what = random.pick(['namespace', 'scheduler'] as const)
    this.#errands.once(async (core) => {
      await this.#people.pauseAll(core, what, true)
      strikes.count('schedules-paused')
    })
    world.later(random.pick([300, 1500, 4000]), 'people', () =>
      this.#errands.once((core) => this.#people.pauseAll(core, what, false)),
    )
  }
}
