import { resolveJob } from '../jobs/definition.ts'
import type { Job, JobSpec } from '../jobs/job.ts'
import { scheduledRunId } from '../runs/ids.ts'
import type { EndedAttempt, EndedRun, OpenRun, Shard } from '../runs/run.ts'
import type { Applied } from './applied.ts'
import { apply } from './apply.ts'
import type { AttemptFinish, Command, ExecutorChange, ShardPlan } from './commands.ts'
import { emptyState, type State } from './state.ts'

export const T0 = 1_800_000_000_000

/** A state with one service, and short verbs for what happens to runs that are split. Everything applied is kept. */
export class ShardWorld {
  state: State = emptyState()
  readonly applied: Applied[] = []
  now = T0
  readonly #namespace: number
  readonly service: number
  #fires = 0

  constructor({ slots = 100_000 } = {}) {
    this.run({ kind: 'cluster-init', cluster: 'c', namespaceSlots: slots })
    this.#namespace = this.state.namespaceNames.get('default') ?? 0
    this.run({ kind: 'node-up', node: 'n', incarnation: 1 })
    const change = { description: '', allowedHosts: [] }
    this.run({ kind: 'service-put', namespace: this.#namespace, name: 'work', change })
    this.service = this.state.serviceNames.get(`${this.#namespace}/work`) ?? 0
  }

  run(command: Command | ({ kind: Command['kind'] } & Record<string, unknown>)): Applied {
    const entry = { index: this.state.index + 1, term: 1, command: { at: this.now, ...command } as Command }
    const applied = apply(this.state, entry)
    this.applied.push(applied)
    return applied
  }

  executor(id: string, changes: Partial<ExecutorChange> = {}): void {
    const whole = { kind: 'static', url: `http://${id}`, weight: 1, slots: 0, labels: {}, status: 'online' }
    this.run({ kind: 'executor-put', service: this.service, id, change: { ...whole, ...changes } })
  }

  removeExecutor(id: string): void {
    this.run({ kind: 'executor-delete', service: this.service, id })
  }

  held(id: string): number {
    return this.state.executors.get(this.service)?.get(id)?.held ?? 0
  }

  get namespaceHeld(): number {
    return this.state.namespaces.get(this.#namespace)?.held ?? 0
  }

  job(definition: object, name = 'job'): Job {
    const resolved = resolveJob({
      target: { kind: 'handler', service: 'work', handler: 'h' },
      overlap: 'allow',
      ...definition,
    })
    if (!resolved.ok) throw new Error(JSON.stringify(resolved.faults))
    const { spec } = resolved as { spec: JobSpec }
    this.run({ kind: 'job-put', namespace: this.#namespace, name, spec, schedules: [], spread: 0, by: 't' })
    return this.state.jobs.get(this.state.jobNames.get(`${this.#namespace}/${name}`) ?? 0) as Job
  }

  /** Decides the next fire of a job; without `shards` and `place` nothing was planned for it. */
  fire(job: Job, shards?: readonly ShardPlan[], place?: string[]): string {
    this.#fires += 1
    const fireTime = T0 + this.#fires
    const run = scheduledRunId(job.uid, fireTime)
    const fire = {
      run,
      fireTime,
      dueTime: fireTime,
      schedules: ['s'],
      cause: 'schedule',
      ...(shards ? { shards } : {}),
      ...(place ? { place } : {}),
    }
    const { version } = this.state.jobs.get(job.uid) as Job
    this.run({ kind: 'decide-fires', node: 'n', decisions: [{ job: job.uid, version, fires: [fire] }] })
    return run
  }

  /** Splits a queued run. */
  split(run: string, shards: readonly ShardPlan[]) {
    return this.#placed({ run, shard: -1, attempts: 0, executor: '', shards })
  }

  /** Once its delay is over. */
  place(run: string, shard: number, executor: string) {
    const { attempts, retryAt = 0 } = this.shard(run, shard)
    this.now = Math.max(this.now, retryAt)
    return this.#placed({ run, shard, attempts, executor })
  }

  #placed(placement: object) {
    return this.run({ kind: 'place-shards', node: 'n', placements: [placement] }).value?.fires?.[0]
  }

  finish(run: string, shard: number, outcome: AttemptFinish['outcome'], more: Partial<AttemptFinish> = {}): Applied {
    const attempt = this.shard(run, shard).attempt?.id ?? ''
    const job = this.open(run).job
    const finish = { attempt, job, outcome, endedAt: this.now, retryable: true, chance: 0, ...more }
    return this.run({ kind: 'attempts-finished', finishes: [finish] })
  }

  open(run: string): OpenRun {
    const found = this.state.runs.get(run)
    if (!found) throw new Error(`run ${run} is not open`)
    return found
  }

  shard(run: string, index: number): Shard {
    return this.open(run).shards[index] as Shard
  }

  /** The ledger row of a run. */
  ended(run: string): EndedRun | undefined {
    return this.#rows<EndedRun>('ended-run').find(({ id }) => id === run)
  }

  attempts(run: string): EndedAttempt[] {
    return this.#rows<EndedAttempt>('ended-attempt').filter((row) => row.run === run)
  }

  #rows<T>(kind: string): T[] {
    return this.applied.flatMap(({ changes }) =>
      changes.flatMap((change) => ('row' in change && change.kind === kind ? [change.row as T] : [])),
    )
  }
}

/** Plans of one item each, item 0 for the first executor and so on; `-` finds no slot. */
export function plans(...executors: string[]): ShardPlan[] {
  return executors.map((executor, place) => ({
    items: [String(place)],
    ...(executor === '-' ? {} : { executor }),
  }))
}
