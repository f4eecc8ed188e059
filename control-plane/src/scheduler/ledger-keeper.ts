import type { Outcome } from '../cluster/consensus.ts'
import { type Retention, type RetentionDefaults, RETENTION_DEFAULTS, retentionOf } from '../jobs/retention.ts'
import type { LateResult } from '../runs/run.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { pause } from '../runtime/pause.ts'
import type { Command, LedgerTrim } from '../state/commands.ts'
import { DAY_MS } from '../state/counters.ts'
import { goneExecutors } from '../state/gone-executors.ts'
import { neededParents } from '../state/ledger-trim.ts'
import { lowestCursor } from '../state/sink-gaps.ts'
import type { State } from '../state/state.ts'
import { type DueQuery, dueRuns, dueStretches, isOver } from '../store/due-rows.ts'
import { foldedDays, oldDays } from '../store/day-rows.ts'
import { type JobOfRows, jobsOfRows, oldCounters, orphanedResults } from '../store/ledger-walk.ts'
import type { LedgerSpace } from '../store/ledger-space.ts'
import type { Store } from '../store/store.ts'
import { attemptsOfRun, withWaiting } from '../store/waiting-rows.ts'
import { OutboxKeeper } from './outbox-keeper.ts'
import { SinkWait, type SinkWaitDeps } from './sink-wait.ts'

/** From the end of one round over the ledger to the next, in milliseconds. */
const ROUND_PAUSE_MS = 10_000
/** The same for what belongs to no job that there is, and for counters. */
const WALK_PAUSE_MS = 600_000
/** After a step that removed something, and after so many looks that did not, in milliseconds. */
const STEP_PAUSE_MS = 10
const LOOKS_PER_PAUSE = 1000
const LOOKS_PAUSE_MS = 50
/** Looks in memory that one into the store costs. */
const LOOK_COST = 20
/** Those that finding the next job with rows costs: nobody waits for what belongs to no job. */
const WALK_COST = 250
/** Deleted jobs that one entry forgets at most. */
const FORMER_JOBS_STEP = 256
/** The age of a job's rows is looked at after so much of the time that they are kept, and at least so often. */
const AGE_SHARE = 0.01
const AGE_LOOK_MS_MAX = 3_600_000

export interface LedgerOptions {
  retention: RetentionDefaults
  /** How long hourly counters are kept. */
  countersMaxAgeMs: number
  /** How long the counters of days are kept. */
  daysMaxAgeMs: number
  /** How long an executor that announced itself may be offline before it is removed. */
  goneAfterMs: number
  /** Space that the ledger may take while sinks are waited for. @default 0.7 of the disk */
  bytesMax?: number
}

export const LEDGER_OPTIONS: LedgerOptions = {
  retention: RETENTION_DEFAULTS,
  countersMaxAgeMs: 92 * DAY_MS,
  daysMaxAgeMs: 1830 * DAY_MS,
  goneAfterMs: DAY_MS,
}

export interface LedgerKeeperDeps {
  clock: Clock
  logger: Logger
  options?: LedgerOptions | undefined
  state(): State
  store(): Pick<Store, 'range' | 'get' | 'getMany'>
  disk?: { space?(): Promise<LedgerSpace> } | undefined
  /** How far delivery to sinks is. */
  standings?: SinkWaitDeps['standings']
  propose(command: Command): Promise<Outcome>
}

/**
 * What the leader removes by itself, all of it through the log: rows of the ledger whose time is over, counters of old
 * hours, executors that are long gone. It goes round and round, reads its own store, and names in small entries what is
 * to go, so that what is new never waits long for what is old.
 */
export class LedgerKeeper {
  readonly #deps: LedgerKeeperDeps & { options: LedgerOptions }
  #stop = new AbortController()
  /** When the age of a job's rows is looked at next, by the monotonic clock. */
  readonly #ageLooks = new Map<number, { ageMs: number; next: number }>()
  #nextWalk = Number.NEGATIVE_INFINITY
  #looks = 0
  readonly #sinks: SinkWait
  readonly #outbox: OutboxKeeper

  constructor(deps: LedgerKeeperDeps) {
    const { clock, state, disk, options = LEDGER_OPTIONS } = deps
    this.#deps = { ...deps, options }
    const { standings } = deps
    this.#sinks = new SinkWait({ clock, state, standings, space: disk?.space, bytesMax: options.bytesMax })
    this.#outbox = new OutboxKeeper(deps)
  }

  /** Goes round until it is stopped: for one term of office. */
  start(): void {
    this.stop()
    this.#stop = new AbortController()
    void this.#goRound(this.#stop.signal)
  }

  stop(): void {
    this.#stop.abort()
  }

  async #goRound(signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(this.#deps.clock, ROUND_PAUSE_MS, signal)
      if (signal.aborted) return
      try {
        await this.#round(signal)
      } catch (error) {
        if (!signal.aborted) this.#deps.logger.debug({ error: String(error) }, 'the ledger could not be trimmed now')
      }
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { clock, state } = this.#deps
    await this.#removeGone()
    await this.#sinks.look()
    // Looked up once: applying a trim asks again.
    const needed = neededParents(state())
    for (const job of [...state().jobs.keys()]) {
      const query = this.#queryOf({ job, namespace: state().jobs.get(job)?.namespace ?? 0 }, needed)
      if (this.#mayBeDue(query) ? !(await this.#trimJob(query, signal)) : !(await this.#looked(signal))) return
    }
    for await (const outbox of this.#outbox.turn()) {
      if (!(await this.#step({ outbox }, outbox.length, signal))) return
    }
    if (clock.monotonic() < this.#nextWalk) return
    await this.#walk(needed, signal)
    this.#nextWalk = clock.monotonic() + WALK_PAUSE_MS
  }

  /** What no job that there is leads to. */
  async #walk(needed: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const { clock, options, state, store } = this.#deps
    const former = [...state().formerJobs.keys()]
    const withRows = new Set<number>()
    for (const rows of ['R/', 'S/'] as const) {
      for await (const found of jobsOfRows(store(), rows, (job) => state().jobs.has(job))) {
        withRows.add(found.job)
        if (
          state().jobs.has(found.job)
            ? !(await this.#looked(signal, WALK_COST))
            : !(await this.#trimGone(found, needed, signal))
        )
          return
      }
    }
    for (const job of this.#ageLooks.keys()) if (!state().jobs.has(job)) this.#ageLooks.delete(job)
    const young = clock.now() - options.retention.maxAgeMs
    const stays = ({ run, at, sequence, job }: LateResult) => {
      withRows.add(job)
      return (
        state().runs.has(run) || (at > young && this.#sinks.isAwaited(sequence)) || this.#sinks.isUnderWay(sequence)
      )
    }
    for await (const late of orphanedResults(store(), stays, () => clock.now())) {
      if (!(await this.#step({ late }, late.length, signal))) return
    }
    for (const formerJobs of stepsOf(former.filter((job) => !withRows.has(job)))) {
      if (!(await this.#step({ formerJobs }, formerJobs.length, signal))) return
    }
    await this.#walkCounters(signal)
  }

  /** Days that are over get rows of their own; hours that are in them, and days, go when their time is over. */
  async #walkCounters(signal: AbortSignal): Promise<void> {
    const { clock, options, state, store } = this.#deps
    for await (const step of foldedDays(store(), state(), clock.now())) {
      if (!(await this.#step(step, 1, signal))) return
    }
    const before = Math.min(clock.now() - options.countersMaxAgeMs, state().countedTo)
    for await (const counters of oldCounters(store(), before)) {
      if (!(await this.#step({ counters }, counters.length, signal))) return
    }
    for await (const daysGone of oldDays(store(), clock.now() - options.daysMaxAgeMs)) {
      if (!(await this.#step({ daysGone }, daysGone.length, signal))) return
    }
  }

  /** Whether a job has too many rows, which memory knows, or it is time to look at the age of its oldest ones. */
  #mayBeDue(query: DueQuery): boolean {
    const { rule, job, count } = query
    if (!count) return false
    const now = this.#deps.clock.monotonic()
    const ageMs = Math.min(rule.maxAgeMs, rule.failedMaxAgeMs)
    // No row is older than its job.
    const livedMs = query.now - (this.#deps.state().jobs.get(job)?.createdAt ?? 0)
    if (livedMs >= 0 && livedMs < ageMs) return isOver(query)
    const looked = this.#ageLooks.get(job)
    if (looked && looked.ageMs === ageMs && now < looked.next) return isOver(query)
    const pauseMs = Math.min(Math.max(ageMs * AGE_SHARE, ROUND_PAUSE_MS), AGE_LOOK_MS_MAX)
    this.#ageLooks.set(job, { ageMs, next: now + pauseMs })
    return true
  }

  #trimGone(found: JobOfRows, needed: ReadonlySet<string>, signal: AbortSignal): Promise<boolean> {
    return this.#trimJob(this.#queryOf(found, needed), signal)
  }

  /** False when it is no longer this node's to do. */
  async #trimJob(query: DueQuery, signal: AbortSignal): Promise<boolean> {
    const { state, store } = this.#deps
    for (const due of [dueRuns, dueStretches]) {
      for await (const { asOf, part } of due(store(), query)) {
        const waiting = await withWaiting(part, lowestCursor(state()), (run) => attemptsOfRun(store(), run))
        const job = this.#sinks.withoutUnderWay(waiting)
        if (!(await this.#step({ asOf, jobs: [job] }, job.runs.length + job.stretches.length, signal))) return false
      }
    }
    return true
  }

  async #step(trim: Partial<LedgerTrim>, rows: number, signal: AbortSignal): Promise<boolean> {
    const { clock, state, propose } = this.#deps
    if (rows === 0) return this.#looked(signal, LOOK_COST)
    const delivered = this.#sinks.delivered()
    await propose({ kind: 'ledger-trim', at: clock.now(), asOf: state().index, jobs: [], ...delivered, ...trim })
    await pause(clock, STEP_PAUSE_MS, signal)
    return !signal.aborted
  }

  /** Found nothing to do; rests every so often. */
  async #looked(signal: AbortSignal, cost = 1): Promise<boolean> {
    this.#looks += cost
    if (this.#looks >= LOOKS_PER_PAUSE) {
      this.#looks = 0
      await pause(this.#deps.clock, LOOKS_PAUSE_MS, signal)
    }
    return !signal.aborted
  }

  async #removeGone(): Promise<void> {
    const { clock, logger, options, state, propose } = this.#deps
    const gone = goneExecutors(state(), clock.now() - options.goneAfterMs)
    if (gone.length === 0) return
    const executors = gone.map(({ service, id, version }) => ({ service, id, version }))
    await propose({ kind: 'executors-gone', at: clock.now(), executors })
    logger.info({ executors: gone.map(({ id }) => id) }, 'executors that were offline for long are removed')
  }

  #queryOf({ job, namespace }: JobOfRows, needed: ReadonlySet<string>): DueQuery {
    const { clock, options, state } = this.#deps
    return {
      job,
      namespace,
      rule: ruleOf(state(), { job, namespace }, options.retention),
      now: clock.now(),
      count: state().jobs.get(job)?.progress.ledger,
      isNeeded: (run) => needed.has(run),
      isAwaited: (sequence) => this.#sinks.isAwaited(sequence),
      index: () => state().index,
    }
  }
}

function* stepsOf(jobs: readonly number[]): Generator<number[]> {
  for (let at = 0; at < jobs.length; at += FORMER_JOBS_STEP) yield jobs.slice(at, at + FORMER_JOBS_STEP)
}

/** How long rows of a job are kept; of one that has gone, as its namespace says. */
export function ruleOf(state: State, { job, namespace }: JobOfRows, defaults: RetentionDefaults): Retention {
  return retentionOf([state.jobs.get(job)?.spec.retention, state.namespaces.get(namespace)?.retention], defaults)
}
