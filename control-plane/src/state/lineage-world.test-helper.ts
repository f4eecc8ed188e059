import { resolveJob } from '../jobs/definition.ts'
import type { ChildMoment, Job, JobSpec } from '../jobs/job.ts'
import type { EndedRun, OpenRun } from '../runs/run.ts'
import type { Applied } from './applied.ts'
import { apply } from './apply.ts'
import type { AttemptFinish, Command } from './commands.ts'
import { emptyState, type State } from './state.ts'

export const T0 = 1_800_000_000_000

/** A state with jobs that call a URL of their own, and short verbs for what happens to their runs. */
export class World {
  readonly state: State = emptyState()
  /** Every entry, so that a twin can be fed the same. */
  readonly entries: { index: number; term: number; command: Command }[] = []
  readonly namespace: number
  /** Rows and what the last entry did. */
  readonly ended: EndedRun[] = []
  last: Applied = { changes: [], events: [] }
  now = T0

  constructor() {
    this.run({ kind: 'cluster-init', cluster: 'c', namespaceSlots: 1000 })
    this.namespace = this.state.namespaceNames.get('default') ?? 0
  }

  run(command: { kind: Command['kind'] } & Record<string, unknown>): Applied {
    const entry = { index: this.state.index + 1, term: 1, command: { at: this.now, ...command } as Command }
    this.entries.push(entry)
    this.last = apply(this.state, entry)
    for (const change of this.last.changes) if (change.kind === 'ended-run') this.ended.push(change.row)
    return this.last
  }

  /** Children as `name` or `name:moment`. */
  job(name: string, children: string[] = [], spec: Partial<JobSpec> = {}): Applied {
    const resolved = resolveJob({ target: { kind: 'http', url: 'https://a.example.com/' }, overlap: 'allow' })
    if (!resolved.ok) throw new Error('not a job')
    const list = children.map((text) => {
      const [job = '', on = 'success'] = text.split(':')
      return { job, on: on as ChildMoment }
    })
    const { namespace } = this
    const whole = { ...resolved.spec, children: list, ...spec }
    return this.run({ kind: 'job-put', namespace, name, spec: whole, schedules: [], spread: 0, by: 't' })
  }

  jobNamed(name: string): Job {
    const job = this.state.jobs.get(this.state.jobNames.get(`${this.namespace}/${name}`) ?? -1)
    if (!job) throw new Error(`no job ${name}`)
    return job
  }

  /** A run of the job that is under way. */
  started(name: string, id = `run-of-${name}`): string {
    this.run({ kind: 'run-request', job: this.jobNamed(name).uid, run: id, cause: 'api', by: 't' })
    return this.place(id)
  }

  place(run: string): string {
    const attempts = this.state.runs.get(run)?.shards[0]?.attempts ?? 0
    this.run({ kind: 'place-shards', node: 'n', placements: [{ run, shard: 0, attempts, executor: '-' }] })
    return run
  }

  end(run: string, outcome: AttemptFinish['outcome'] = 'succeeded', more: Partial<AttemptFinish> = {}): Applied {
    const open = this.state.runs.get(run)
    const attempt = open?.shards[0]?.attempt?.id ?? ''
    const finish = { attempt, job: open?.job, outcome, endedAt: this.now, retryable: false, chance: 0, ...more }
    return this.run({ kind: 'attempts-finished', finishes: [finish] })
  }

  /** Open runs of a job. */
  openOf(name: string): OpenRun[] {
    return this.jobNamed(name).openRuns.flatMap((id) => this.state.runs.get(id) ?? [])
  }

  rowsOf(name: string): EndedRun[] {
    const { uid } = this.jobNamed(name)
    return this.ended.filter(({ job }) => job === uid)
  }
}
