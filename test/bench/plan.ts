import type { Executor } from '../../control-plane/src/discovery/executor.ts'
import type { Job, RoutingStrategy } from '../../control-plane/src/jobs/job.ts'
import { Backlog } from '../../control-plane/src/scheduler/backlog.ts'
import { Board } from '../../control-plane/src/scheduler/board.ts'
import type { Evaluation, Planned } from '../../control-plane/src/scheduler/evaluation.ts'
import { planAll } from '../../control-plane/src/scheduler/planner.ts'
import { scheduledRunId } from '../../control-plane/src/runs/ids.ts'
import { apply } from '../../control-plane/src/state/apply.ts'
import type { Command } from '../../control-plane/src/state/commands.ts'
import { noteExecutor } from '../../control-plane/src/state/slot-journal.ts'
import { emptyState, type State } from '../../control-plane/src/state/state.ts'
import { jobPut, spec } from '../sim/jobs.ts'
import { type Figure, median, progress } from './figure.ts'
import type { BenchOptions } from './options.ts'

const STRATEGIES: RoutingStrategy[] = [
  'round-robin',
  'random',
  'weighted-round-robin',
  'weighted-random',
  'least-loaded',
  'consistent-hash',
  'first',
  'last',
  'least-recently-used',
  'sharded',
]
const EXECUTORS = 1000
const JOBS = 1000
/** Evaluations that a worker takes at once. */
const BATCH = 64
/** Batches whose runs have not ended yet. */
const OPEN_BATCHES = 50
const T0 = Date.UTC(2026, 10, 20)

/** Evaluations planned per second by one worker, for each strategy, and what one run more costs when thousands are open. */
export function benchPlan({ quick }: BenchOptions): Promise<Figure[]> {
  const seconds = quick ? 0.2 : 3
  const figures = STRATEGIES.map((strategy): Figure => {
    progress(strategy)
    const value = planned(strategy, seconds)
    return {
      name: `${strategy}, ${EXECUTORS.toLocaleString('en-US')} executors`,
      value,
      unit: 'plans/s',
      target: 20_000,
    }
  })
  progress('one run more')
  const few = oneMore(10, seconds)
  const many = oneMore(10_000, seconds)
  figures.push(
    { name: 'one run more: 10 executors, 10 runs at work, 10 waiting', value: few, unit: 'µs', better: 'less' },
    { name: 'one run more: 10,000 executors, 10,000 at work, 10,000 waiting', value: many, unit: 'µs', better: 'less' },
    { name: 'the second over the first', value: many / few, unit: '', target: 2, better: 'less' },
  )
  return Promise.resolve(figures)
}

/** Plans batches over executors of different weights, whose slots fill and free between the batches as runs begin and end. */
function planned(strategy: RoutingStrategy, seconds: number): number {
  const world = new World(EXECUTORS)
  const sharding = strategy === 'sharded' ? { sharding: { count: 10, mode: 'grouped' as const } } : {}
  const jobs = Array.from({ length: JOBS }, (_, at) =>
    world.job(`job-${at}`, { routing: { strategy, labels: { zone: 'a' } }, params: { tenant: at }, ...sharding }),
  )
  const board = new Board(world.state)
  const open: Executor[][] = []
  let done = 0
  let at = 0
  const begin = performance.now()
  while (performance.now() - begin < seconds * 1000) {
    const batch = Array.from({ length: BATCH }, () => evaluationOf(jobs[at++ % JOBS] as Job))
    const plans = planAll(board, world.state, batch, { now: T0, chance: Math.random })
    open.push(world.take(plans))
    if (open.length > OPEN_BATCHES) world.free(open.shift() ?? [])
    done += BATCH
  }
  return done / ((performance.now() - begin) / 1000)
}

/** Microseconds for one run from its fire to its end, others being at work or waiting: planned, applied, indexed. */
function oneMore(size: number, seconds: number): number {
  const world = new World(size)
  const idle = world.job('idle', { overlap: 'allow' })
  const board = new Board(world.state)
  for (let i = 0; i < size; i++) world.run(board, idle, i)
  const unlucky = world.job('unlucky', {
    overlap: 'allow',
    target: { kind: 'handler', service: 'nobody', handler: 'h' },
  })
  for (let i = 0; i < size; i++) world.wait(unlucky, i)
  const job = world.job('one-more', { overlap: 'allow' })
  const times: number[] = []
  const end = performance.now() + seconds * 1000
  for (let i = 0; performance.now() < end; i++) {
    const begin = performance.now()
    world.finish(world.run(board, job, i))
    world.lookForPlaces(board)
    times.push((performance.now() - begin) * 1000)
  }
  return median(times)
}

function evaluationOf(job: Job): Evaluation {
  return { job: job.uid, wanted: { kind: 'fires', version: job.version, fires: 1 } }
}

class World {
  readonly state: State = emptyState()
  readonly #namespace: number
  readonly #service: number
  readonly #backlog = new Backlog(() => this.state, 100)

  constructor(executors: number) {
    this.#apply({ kind: 'cluster-init', at: T0, cluster: 'bench', namespaceSlots: 1_000_000 })
    this.#apply({ kind: 'node-up', at: T0, node: 'n', incarnation: 1 })
    this.#namespace = this.state.namespaceNames.get('default') ?? 0
    const change = { description: '', allowedHosts: [] }
    for (const name of ['work', 'nobody']) {
      this.#apply({ kind: 'service-put', at: T0, namespace: this.#namespace, name, change })
    }
    this.#service = [...this.state.services.keys()][0] ?? 0
    for (let i = 0; i < executors; i++) {
      const id = `executor-${(i * 7919) % 100_003}`
      const labels = { zone: 'a', rack: String(i % 20) }
      const url = `http://10.0.${i >> 8}.${i & 255}/`
      const executor = {
        kind: 'static' as const,
        url,
        weight: 1 + (i % 10),
        slots: 20,
        labels,
        status: 'online' as const,
      }
      this.#apply({ kind: 'executor-put', at: T0, service: this.#service, id, change: executor })
    }
  }

  job(name: string, changes: Parameters<typeof spec>[0]): Job {
    this.#apply(jobPut(this.#namespace, name, spec(changes), T0))
    return this.state.jobs.get(this.state.jobNames.get(`${this.#namespace}/${name}`) ?? 0) as Job
  }

  /** Slots are taken as `apply` would take them. */
  take(plans: readonly Planned[]): Executor[] {
    const ids = plans.flatMap((plan) => {
      if ('places' in plan) return plan.places
      return 'splits' in plan ? plan.splits.flatMap((shards) => shards?.map(({ executor }) => executor) ?? []) : []
    })
    const taken = ids.flatMap((id) => this.state.executors.get(this.#service)?.get(id ?? '') ?? [])
    for (const executor of taken) {
      executor.held += 1
      noteExecutor(this.state, executor)
    }
    return taken
  }

  free(taken: readonly Executor[]): void {
    for (const executor of taken) {
      executor.held -= 1
      noteExecutor(this.state, executor)
    }
  }

  /** Plans and starts a fire of the job, and answers its run. */
  run(board: Board, job: Job, fire: number): string {
    const [plan] = planAll(board, this.state, [evaluationOf(job)], { now: T0, chance: () => 0.5 })
    const place = plan && 'places' in plan ? plan.places[0] : undefined
    const run = this.#fire(job, fire, place ? { place: [place] } : {})
    if (this.state.runs.get(run)?.state !== 'running') throw new Error('a run did not start')
    return run
  }

  /** A fire of a job that nobody takes. */
  wait(job: Job, fire: number): void {
    const run = this.#fire(job, fire, {})
    if (this.state.runs.get(run)?.state !== 'queued') throw new Error('a run does not wait')
  }

  /** What waits is tried again, as far as there is a reason to. */
  lookForPlaces(board: Board): void {
    const slots = { left: () => 'some' as const }
    const round = this.#backlog.round({ now: T0, isBusy: () => false, slots, tries: Number.POSITIVE_INFINITY })
    for (let waiting = round?.first(); round && waiting; waiting = round.first()) {
      this.#backlog.take(round, waiting)
      const wanted = { kind: 'run' as const, run: waiting.id, line: waiting.service }
      const evaluation = { job: waiting.job, wanted }
      const [plan] = planAll(board, this.state, [evaluation], { now: T0, chance: () => 0.5 })
      if (!plan || !('none' in plan)) throw new Error('a run found a place where nobody is')
      this.#backlog.noteRoom(waiting, 'own')
      this.#backlog.back(waiting)
    }
  }

  #fire(job: Job, fire: number, more: { place?: string[] }): string {
    const fireTime = T0 + 1000 * (fire + 1)
    const run = scheduledRunId(job.uid, fireTime)
    const start = { run, fireTime, dueTime: fireTime, schedules: ['main'], cause: 'schedule' as const }
    const decision = { job: job.uid, version: job.version, fires: [{ ...start, ...more }] }
    this.#apply({ kind: 'decide-fires', at: T0, node: 'n', decisions: [decision] })
    return run
  }

  finish(id: string): void {
    const run = this.state.runs.get(id)
    const attempt = run?.shards[0]?.attempt?.id ?? ''
    const finish = {
      attempt,
      job: run?.job ?? 0,
      outcome: 'succeeded' as const,
      endedAt: T0,
      retryable: true,
      chance: 0,
    }
    this.#apply({ kind: 'attempts-finished', at: T0, finishes: [finish] })
    if (this.state.runs.has(id)) throw new Error('a run did not end')
  }

  #apply(command: Command): void {
    const { rejection, events } = apply(this.state, { index: this.state.index + 1, term: 1, command })
    if (rejection) throw new Error(rejection.detail)
    for (const event of events) this.#backlog.onEvent(event)
  }
}
