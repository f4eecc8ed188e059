import type { Core } from '../../../control-plane/src/core.ts'
import type { Executor } from '../../../control-plane/src/discovery/executor.ts'
import type { JobSpec } from '../../../control-plane/src/jobs/job.ts'
import { nextFire } from '../../../control-plane/src/jobs/schedule.ts'
import { originOf } from '../../../control-plane/src/jobs/upcoming.ts'
import { requestedRunId } from '../../../control-plane/src/runs/ids.ts'
import type { Command, ExecutorChange } from '../../../control-plane/src/state/commands.ts'
import { jobPut, pausedFires, randomSpec, schedule, SERVICES } from '../jobs.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { type Accepted, type Executors, SECRET } from './executors.ts'
import type { Strikes } from './faults.ts'
import type { NodeProcess } from './machine.ts'
import type { World } from './world.ts'

export interface WorkloadDeps {
  world: World
  random: SeededRandom
  strikes: Strikes
  executors: Executors
  anyNode(): NodeProcess | undefined
}

/** How often something that has to be there is asked for again. */
const AGAIN_MS = 200
/** How often somebody may change something. */
const LOOK_MS = 500

/** The jobs, services and executors of a world, and the people who change them through any node. */
export class Workload {
  readonly #deps: WorkloadDeps
  readonly #jobs: number

  constructor(deps: WorkloadDeps) {
    this.#deps = deps
    this.#jobs = deps.random.integer(1, 5)
    void this.#settle()
    this.#meddleLater()
  }

  /** Every executor takes work again. */
  openExecutors(): void {
    this.#once((core) => this.#putExecutors(core, 'online'))
  }

  /** An executor tells of the end of what it took on, through any node, once. */
  late({ attempt, run }: Accepted): void {
    this.#once(async (core) => {
      const job = core.state.runs.get(run)?.job
      if (job === undefined) return
      const at = core.state.now
      const finish = { attempt, job, outcome: 'succeeded' as const, endedAt: at, retryable: true, chance: 0 }
      await core.submit({ kind: 'attempts-finished', at, finishes: [finish] })
    })
  }

  /** A process of an executor has taken another one's place, and tells so, until somebody heard it. */
  registerAnew(service: string, id: string): void {
    const bootId = this.#bootId()
    void this.#untilDone(async (core) => {
      const uid = core.state.serviceNames.get(`${core.state.namespaceNames.get('default')}/${service}`)
      const present = uid === undefined ? undefined : core.state.executors.get(uid)?.get(id)
      if (uid === undefined || present === undefined) return
      const { kind, url, weight, slots, labels, status } = present
      const change: ExecutorChange = { kind, bootId, url, weight, slots, labels, status }
      await core.submit({ kind: 'executor-put', at: at(core), service: uid, id, change })
    })
  }

  #bootId(): string {
    return `boot-${this.#deps.random.integer(0, 1e9)}`
  }

  /** What there is from the beginning: asked for until it is there. */
  async #settle(): Promise<void> {
    await this.#untilDone(async (core) => {
      const namespace = core.state.namespaceNames.get('default')
      if (namespace === undefined) throw new Error('there is no namespace yet')
      for (const name of SERVICES) {
        const change = { description: '', allowedHosts: [], secrets: [SECRET] }
        await core.submit({ kind: 'service-put', at: at(core), namespace, name, change })
      }
      await this.#putExecutors(core, 'online')
    })
    for (let job = 0; job < this.#jobs; job++) {
      const definition = this.#definition()
      await this.#untilDone(async (core) => {
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
      for (let i = 0; i < 3; i++) await this.#putExecutor(core, service, `e${i}`, status)
    }
  }

  async #putExecutor(core: Core, service: number, id: string, status: Executor['status']): Promise<void> {
    const { random, executors } = this.#deps
    const old = core.state.executors.get(service)?.get(id)?.bootId
    const bootId = old === undefined || random.chance(0.7) ? this.#bootId() : old
    const name = core.state.services.get(service)?.name
    if (bootId !== old && name !== undefined) executors.restart(name, id)
    const change: ExecutorChange = {
      kind: 'registered',
      bootId,
      url: `http://${id}.test`,
      weight: random.integer(1, 3),
      slots: random.pick([0, 1, 3]),
      labels: {},
      status,
    }
    await core.submit({ kind: 'executor-put', at: at(core), service, id, change })
  }

  /** Any definition, often one that is due every moment, with deadlines that a short simulation sees. */
  #definition(): JobSpec {
    const { random } = this.#deps
    const definition = { ...randomSpec(random), timeoutMs: random.pick([1000, 5000]) }
    if (random.chance(0.5)) return definition
    return { ...definition, schedules: [schedule({ everyMs: random.integer(1, 4) * 500 })] }
  }

  #meddleLater(): void {
    const { world, strikes } = this.#deps
    world.later(LOOK_MS, 'people', () => {
      if (strikes.draws('job-changed')) this.#once((core) => this.#meddle(core))
      if (strikes.draws('executor-changed')) this.#once((core) => this.#meddleWithExecutor(core))
      this.#meddleLater()
    })
  }

  async #meddleWithExecutor(core: Core): Promise<void> {
    const { random, strikes } = this.#deps
    const services = [...core.state.services.keys()]
    if (services.length === 0) return
    strikes.count('executor-changed')
    const id = `e${random.integer(0, 2)}`
    await this.#putExecutor(core, random.pick(services), id, random.pick(['online', 'offline', 'draining']))
  }

  async #meddle(core: Core): Promise<void> {
    const { random, strikes } = this.#deps
    const { state } = core
    const jobs = [...state.jobs.values()]
    if (jobs.length === 0) return
    strikes.count('job-changed')
    const job = random.pick(jobs)
    const by = 'test'
    const run = [...state.runs.keys()][0]
    switch (random.integer(0, 4)) {
      case 0: {
        const put = jobPut(job.namespace, job.name, this.#definition(), at(core), job.spread, job)
        const fires = job.state === 'paused' ? pausedFires(job, at(core)) : undefined
        await core.submit({ ...put, ...(fires ? { fires } : {}), ifVersion: job.version })
        return
      }
      case 1:
        await core.submit({ kind: 'job-pause', at: at(core), job: job.uid, by })
        return
      case 2: {
        const paused = jobs.find((one) => one.state === 'paused')
        if (!paused) return
        const fires = pausedFires(paused, at(core))
        const origin = originOf(paused, at(core), false)
        const next = nextFire(paused.schedules, { ...origin, fireCount: origin.fireCount + (fires?.count ?? 0) })
        const resume = { kind: 'job-resume' as const, at: at(core), job: paused.uid, by, ifVersion: paused.version }
        await core.submit({ ...resume, ...(fires ? { fires } : {}), ...(next ? { next } : {}) })
        return
      }
      case 3: {
        const id = requestedRunId(random.bytes(16))
        await core.submit({ kind: 'run-request', at: at(core), job: job.uid, run: id, cause: 'manual', by })
        return
      }
      default:
        if (run !== undefined) await core.submit({ kind: 'run-cancel', at: at(core), run, by })
    }
  }

  /** Through any node that is up; what comes of it is nobody's business. */
  #once(task: (core: Core) => Promise<void>): void {
    const process = this.#deps.anyNode()
    if (process === undefined) return
    this.#deps.world.laterIn(
      () => process,
      1,
      'people',
      () => void (process.core && task(process.core).catch(() => undefined)),
    )
  }

  #untilDone(task: (core: Core) => Promise<void>): Promise<void> {
    const { world } = this.#deps
    return new Promise((resolve) => {
      let done = false
      const attempt = () => {
        if (done) return
        this.#once((core) =>
          task(core).then(() => {
            done = true
            resolve()
          }),
        )
        world.later(AGAIN_MS, 'setup', attempt)
      }
      attempt()
    })
  }
}

/** The instant of a command, as the API takes it. */
function at(core: Core): Command['at'] {
  return core.state.now
}
