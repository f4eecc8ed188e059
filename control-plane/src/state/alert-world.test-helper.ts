import type { AlertCondition, AlertScope } from '../alerts/rule.ts'
import type { AlertMessage, Episode } from '../alerts/episode.ts'
import { resolveJob } from '../jobs/definition.ts'
import type { Job, JobSpec } from '../jobs/job.ts'
import { scheduledRunId } from '../runs/ids.ts'
import type { SkipReason } from '../runs/run.ts'
import type { AlertObservation, AlertRuleChange } from './alert-commands.ts'
import type { Applied } from './applied.ts'
import { apply } from './apply.ts'
import type { AttemptFinish, Command } from './commands.ts'
import { emptyState, type State } from './state.ts'

export const T0 = 1_800_000_000_000

/** A state with jobs, rules and channels, and short verbs for what happens to them. */
export class AlertWorld {
  readonly state: State = emptyState()
  readonly namespace: number
  now: number
  #serial = 0

  constructor(now = T0) {
    this.now = now
    this.run({ kind: 'cluster-init', cluster: 'c', namespaceSlots: 100_000 })
    this.namespace = this.state.namespaceNames.get('default') ?? 0
  }

  run(command: { kind: Command['kind'] } & Record<string, unknown>): Applied {
    const entry = { index: this.state.index + 1, term: 1, command: { at: this.now, ...command } as Command }
    return apply(this.state, entry)
  }

  pass(ms: number): void {
    this.now += ms
  }

  job(name = 'job', spec: Partial<JobSpec> = {}): Job {
    const resolved = resolveJob({ target: { kind: 'http', url: 'https://a.example.com/' }, overlap: 'allow' })
    if (!resolved.ok) throw new Error('not a job')
    const whole = { ...resolved.spec, ...spec }
    const { value } = this.run({
      kind: 'job-put',
      namespace: this.namespace,
      name,
      spec: whole,
      schedules: [],
      spread: 0,
      by: 't',
    })
    return this.state.jobs.get(value?.uid ?? 0) as Job
  }

  channel(name = 'ops', messagesMax = 100, namespace = this.namespace): number {
    const change = { target: { kind: 'webhook', origin: 'https://hook.example.com' }, messagesMax, windowMs: 60_000 }
    return this.run({ kind: 'channel-put', namespace, name, change, by: 't' }).value?.uid ?? 0
  }

  rule(condition: AlertCondition, more: Partial<AlertRuleChange> & { name?: string; namespace?: number } = {}): number {
    const { name = 'rule', namespace = this.namespace, ...change } = more
    const scope: AlertScope = namespace === 0 ? { kind: 'cluster' } : { kind: 'namespace', namespace }
    const { value, rejection } = this.run({
      kind: 'alert-rule-put',
      namespace,
      name,
      change: { scope, condition, channels: [], notifyResolved: true, enabled: true, ...change },
      by: 't',
    })
    if (rejection) throw new Error(rejection.detail)
    return value?.uid ?? 0
  }

  /** A fire of the job that starts now, `lateMs` after it was due. */
  start(job: Job, lateMs = 0): string {
    const fireTime = this.now - lateMs
    const id = scheduledRunId(job.uid, fireTime)
    const fire = { run: id, fireTime, dueTime: fireTime, schedules: ['s'], cause: 'schedule', place: ['-'] }
    this.run({ kind: 'decide-fires', node: 'n', decisions: [{ job: job.uid, version: job.version, fires: [fire] }] })
    return id
  }

  finish(run: string, outcome: AttemptFinish['outcome'], more: Partial<AttemptFinish> = {}): void {
    const open = this.state.runs.get(run)
    const attempt = open?.shards[0]?.attempt?.id ?? ''
    const error = outcome === 'succeeded' ? {} : { error: { code: 'e', message: 'it broke' } }
    const finish = { attempt, job: open?.job, outcome, endedAt: this.now, retryable: false, chance: 0 }
    this.run({ kind: 'attempts-finished', finishes: [{ ...finish, ...error, ...more }] })
  }

  /** A run that begins, takes so long, and ends like that. */
  ends(job: Job, outcome: AttemptFinish['outcome'], tookMs = 1000): string {
    this.pass(1000)
    const id = this.start(job)
    this.pass(tookMs)
    this.finish(id, outcome)
    return id
  }

  skip(job: Job, reason: SkipReason, count = 1): void {
    this.pass(1000)
    const from = Math.max(this.now, job.progress.decidedUpTo + 1)
    const skipped = [{ reason, from, to: from + count - 1, count }]
    this.run({
      kind: 'decide-fires',
      node: 'n',
      decisions: [{ job: job.uid, version: job.version, fires: [], skipped }],
    })
  }

  observe(observation: Partial<AlertObservation> & Pick<AlertObservation, 'rule'>): void {
    const subject = { kind: 'node', id: 'n2', name: 'n2' } as const
    this.run({
      kind: 'alerts-observed',
      observations: [{ subject, firing: true, summary: `seen ${this.#serial++}`, ...observation }],
    })
  }

  get episodes(): Episode[] {
    return [...this.state.episodes.values()]
  }

  /** What channels were told, e.g. `firing`, in order. */
  get told(): string[] {
    return [...this.state.alertMessages.values()].map(({ about }: AlertMessage) => about.kind)
  }

  /** How episodes are, e.g. `firing 3`. */
  get summary(): string[] {
    return this.episodes.map(({ state, count, closed }) => [state, count, ...(closed ? [closed] : [])].join(' '))
  }
}
