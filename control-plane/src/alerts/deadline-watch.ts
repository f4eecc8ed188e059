import type { CompiledSchedule } from '../jobs/schedule.ts'
import type { Job } from '../jobs/job.ts'
import type { EndedRun } from '../runs/run.ts'
import type { Clock, Millis } from '../runtime/clock.ts'
import { jobSubject } from '../state/alert-outcomes.ts'
import type { AlertObservation } from '../state/alert-commands.ts'
import type { State } from '../state/state.ts'
import { compileDeadline, type Deadline, instantsOf, judgeDeadline, meets, missedSummary } from './deadlines.ts'
import type { AlertRule } from './rule.ts'
import { isInScope } from './vitals.ts'

/** Finished runs of a job that are looked at where a rule has not watched for long enough, newest first. */
const ROWS_MAX = 200

/** Jobs that are judged before others get a turn. */
const JOBS_STEP = 1000

/** Finished runs, from the ledger. */
export interface EndedRuns {
  runs(query: { namespace: number; job: number; newestFirst: boolean; limit: number }): Promise<{ rows: EndedRun[] }>
}

export interface DeadlineWatchDeps {
  clock: Clock
  state(): State
  ended: EndedRuns
}

interface Watched {
  version: number
  schedule: CompiledSchedule
  /** When the next instant is; nothing is asked of the schedule before. */
  next: Millis
  /** The newest instant, while it has not been judged. */
  pending?: Millis
}

/** Looks whether what was to start or to succeed by some time has. */
export class DeadlineWatch {
  readonly #deps: DeadlineWatchDeps
  readonly #watched = new Map<number, Watched>()

  constructor(deps: DeadlineWatchDeps) {
    this.#deps = deps
  }

  clear(): void {
    this.#watched.clear()
  }

  /** Deadlines that have passed since they were last `recorded`, of jobs that missed them. */
  async *missed(): AsyncGenerator<AlertObservation> {
    const { state } = this.#deps
    for (const uid of this.#watched.keys()) if (!state().alertRules.has(uid)) this.#watched.delete(uid)
    for (const rule of state().alertRules.values()) {
      const { condition } = rule
      if (!rule.enabled || (condition.kind !== 'not-started' && condition.kind !== 'not-finished')) continue
      const instant = this.#instant(rule, condition)
      if (instant !== undefined) yield* this.#judge(rule, condition, instant)
    }
  }

  /** What was found is in the log: instants that were judged are done. */
  recorded(): void {
    for (const watched of this.#watched.values()) delete watched.pending
  }

  #instant(rule: AlertRule, condition: Deadline): Millis | undefined {
    const now = this.#deps.clock.now()
    let watched = this.#watched.get(rule.uid)
    if (watched?.version !== rule.version) {
      watched = { version: rule.version, schedule: compileDeadline(condition), next: 0 }
      this.#watched.set(rule.uid, watched)
    }
    if (now >= watched.next) {
      const { last, next } = instantsOf(watched.schedule, rule.since, now)
      watched.next = next ?? Number.POSITIVE_INFINITY
      if (last !== undefined) watched.pending = last
    }
    return watched.pending
  }

  async *#judge(rule: AlertRule, condition: Deadline, instant: Millis): AsyncGenerator<AlertObservation> {
    const { state } = this.#deps
    let looked = 0
    for (const job of jobsOf(state(), rule)) {
      if (++looked % JOBS_STEP === 0) await this.#breathe()
      const verdict = judgeDeadline(rule, condition, state(), job, instant)
      if (verdict === 'kept') continue
      if (verdict === 'unknown' && (await this.#hasMet(condition, job, instant))) continue
      const summary = missedSummary(condition, instant)
      yield { rule: rule.uid, subject: jobSubject(state(), job), firing: true, summary, instant }
    }
  }

  #breathe(): Promise<void> {
    return new Promise((resolve) => void this.#deps.clock.after(0, resolve))
  }

  async #hasMet(condition: Deadline, { uid, namespace }: Job, instant: Millis): Promise<boolean> {
    const { rows } = await this.#deps.ended.runs({ namespace, job: uid, newestFirst: true, limit: ROWS_MAX })
    return rows.some((row) => meets(condition, instant, row))
  }
}

function* jobsOf(state: State, { scope }: AlertRule): Generator<Job> {
  if (scope.kind === 'job') {
    const job = state.jobs.get(scope.job)
    if (job) yield job
    return
  }
  for (const job of state.jobs.values()) if (isInScope(state, scope, job)) yield job
}
