import type { Outcome } from '../cluster/consensus.ts'
import { followsItself, upcomingFire } from '../jobs/upcoming.ts'
import type { Job } from '../jobs/job.ts'
import type { Clock, Millis } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Random } from '../runtime/random.ts'
import type { Event } from '../state/applied.ts'
import type { Command, FireDecision } from '../state/commands.ts'
import type { State } from '../state/state.ts'
import { Board } from './board.ts'
import { decideDue, type Office } from './due.ts'
import { findOverdue } from './overdue.ts'
import { Placer } from './placer.ts'
import { Timetable } from './timetable.ts'

/** Jobs whose fires one entry decides, at most. */
const DECISIONS_MAX = 256
/** Proposals of fires under way at once, at most. */
const FLIGHTS_MAX = 4
/** How often deadlines are looked at, and how soon a stall of the loop is noticed, in milliseconds. */
const BEAT_MS = 250
/** Runs or attempts that one entry ends for being overdue, at most. */
const OVERDUE_MAX = 512

export interface SchedulerOptions {
  lateAfterMs: number
  catchUpPerSecond: number
}

export interface SchedulerDeps {
  clock: Clock
  random: Random
  logger: Logger
  node: string
  options: SchedulerOptions
  state(): State
  propose(command: Command): Promise<Outcome>
}

/** The leader's loop: sleeps until the earliest fire, proposes what is due, places what waits, ends what is overdue. */
export class Scheduler {
  readonly #deps: SchedulerDeps
  readonly #timetable = new Timetable()
  readonly #board: Board
  readonly #placer: Placer
  readonly #deciding = new Map<number, Promise<void>>()
  #office: Office
  #flights = 0
  #running = false
  #cancelWake: (() => void) | undefined
  #wakeAt = Number.POSITIVE_INFINITY
  #lastBeat: Millis = 0

  constructor(deps: SchedulerDeps) {
    this.#deps = deps
    this.#board = new Board(deps.state())
    this.#office = { since: 0, lateAfterMs: deps.options.lateAfterMs }
    this.#placer = new Placer({ ...deps, board: this.#board, wake: () => this.#wake(0) })
  }

  /** Takes office: reads from the state what is due, what waits and what is queued, and begins. */
  start(): void {
    const { clock, state } = this.#deps
    this.#running = true
    this.#office = { ...this.#office, since: clock.now() }
    this.#timetable.clear()
    for (const job of state().jobs.values()) this.#schedule(job)
    this.#placer.rebuild()
    this.#lastBeat = clock.monotonic()
    this.#wake(0)
  }

  /** Leaves office: proposes nothing more. */
  stop(): void {
    this.#running = false
    this.#cancelWake?.()
    this.#timetable.clear()
    this.#placer.clear()
  }

  /** Jobs that are due at some time, and runs that wait. */
  get counts(): { scheduled: number; waiting: number; nextDue: Millis | undefined } {
    return { scheduled: this.#timetable.size, waiting: this.#placer.size, nextDue: this.#timetable.earliest }
  }

  onEvent(event: Event): void {
    if (!this.#running) return
    switch (event.type) {
      case 'job-changed':
        this.#rescheduled(event.job)
        break
      case 'job-deleted':
        this.#timetable.remove(event.job)
        break
      case 'run-ended': {
        const job = this.#deps.state().jobs.get(event.run.job)
        if (job && followsItself(job)) this.#rescheduled(job.uid)
        break
      }
      case 'definitions-changed':
        if (event.what === 'executor' || event.what === 'service') this.#board.forgetExecutors()
        break
      default:
        break
    }
    this.#placer.onEvent(event)
  }

  /** Decides what is due of one job and waits for it, so that a change of the job applies to what comes after. */
  async settle(uid: number): Promise<void> {
    await this.#deciding.get(uid)
    const job = this.#deps.state().jobs.get(uid)
    if (!job || !this.#running || this.#deciding.has(uid)) return
    const due = this.#dueOf(job, this.#deps.clock.now())
    if (!due) return
    this.#timetable.remove(uid)
    await this.#decide([due])
  }

  #rescheduled(uid: number): void {
    const job = this.#deps.state().jobs.get(uid)
    if (job && !this.#deciding.has(uid)) this.#schedule(job)
  }

  #schedule(job: Job): void {
    const next = upcomingFire(job, this.#busy(job))
    if (!next) {
      this.#timetable.remove(job.uid)
      return
    }
    this.#timetable.set(job.uid, next.dueTime)
    this.#wakeBy(next.dueTime)
  }

  /** A fixed delay has nothing to count from while a scheduled run is open. */
  #busy(job: Job): boolean {
    const { runs } = this.#deps.state()
    return job.openRuns.some((id) => {
      const cause = runs.get(id)?.cause
      return cause === 'schedule' || cause === 'misfire'
    })
  }

  #wakeBy(at: Millis): void {
    if (at < this.#wakeAt) this.#wake(Math.max(0, at - this.#deps.clock.now()))
  }

  #wake(delayMs: number): void {
    if (!this.#running) return
    const { clock } = this.#deps
    const delay = Math.min(delayMs, BEAT_MS)
    const at = clock.now() + delay
    if (this.#cancelWake && this.#wakeAt <= at) return
    this.#cancelWake?.()
    this.#wakeAt = at
    this.#cancelWake = clock.after(delay, () => this.#tick())
  }

  #tick(): void {
    this.#cancelWake = undefined
    this.#wakeAt = Number.POSITIVE_INFINITY
    if (!this.#running) return
    const now = this.#deps.clock.now()
    this.#beat(now)
    this.#decideDue(now)
    this.#placer.place(now)
    const next = Math.min(
      this.#flights < FLIGHTS_MAX ? (this.#timetable.earliest ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY,
      this.#placer.earliest ?? Number.POSITIVE_INFINITY,
    )
    this.#wake(Math.max(0, Math.min(next - now, BEAT_MS)))
  }

  /** Notices that the loop stood still, and ends what is overdue. */
  #beat(now: Millis): void {
    const beat = this.#deps.clock.monotonic()
    const gap = beat - this.#lastBeat
    if (gap > BEAT_MS + this.#office.lateAfterMs) {
      this.#office = { ...this.#office, since: now }
      this.#deps.logger.warn(
        { gapMs: Math.round(gap) },
        'the scheduler stood still: fires missed meanwhile follow the misfire policy',
      )
    }
    if (gap < BEAT_MS / 2) return
    this.#lastBeat = beat
    const { state, random } = this.#deps
    if (state().runs.size === 0) return
    const overdue = findOverdue(state(), now, OVERDUE_MAX, () => random.next())
    if (overdue.runs.length > 0) this.#propose({ kind: 'runs-expired', at: now, runs: overdue.runs })
    if (overdue.finishes.length > 0) this.#propose({ kind: 'attempts-finished', at: now, finishes: overdue.finishes })
    this.#placer.retryBlocked()
  }

  #decideDue(now: Millis): void {
    while (this.#flights < FLIGHTS_MAX) {
      const due = this.#timetable.takeDue(now, DECISIONS_MAX)
      if (due.length === 0) return
      const decisions: FireDecision[] = []
      for (const uid of due) {
        const job = this.#deps.state().jobs.get(uid)
        const decision = job && !this.#deciding.has(uid) ? this.#dueOf(job, now) : undefined
        if (decision) decisions.push(decision)
        else if (job && !this.#deciding.has(uid)) this.#schedule(job)
      }
      if (decisions.length > 0) void this.#decide(decisions)
    }
  }

  #dueOf(job: Job, now: Millis): FireDecision | undefined {
    const next = upcomingFire(job, this.#busy(job))
    if (!next) return undefined
    try {
      return decideDue(job, next, now, this.#office)
    } catch (error) {
      this.#quarantine(job, error)
      return undefined
    }
  }

  /** One definition that cannot be evaluated must not stop the others. */
  #quarantine(job: Job, error: unknown): void {
    const fault = error instanceof Error ? error.message : String(error)
    this.#deps.logger.error({ job: job.name, fault }, 'a job was quarantined: its schedule cannot be evaluated')
    this.#propose({ kind: 'job-quarantine', at: this.#deps.clock.now(), job: job.uid, version: job.version, fault })
  }

  async #decide(decisions: FireDecision[]): Promise<void> {
    const { clock, state, node, logger } = this.#deps
    this.#flights += 1
    this.#placer.planFires(decisions, clock.now())
    let done: () => void = () => undefined
    const decided = new Promise<void>((resolve) => {
      done = resolve
    })
    for (const { job } of decisions) this.#deciding.set(job, decided)
    try {
      await this.#deps.propose({ kind: 'decide-fires', at: clock.now(), node, decisions })
    } catch (error) {
      if (this.#running) logger.warn({ error: String(error) }, 'fires could not be committed')
    }
    this.#flights -= 1
    for (const { job: uid } of decisions) {
      this.#deciding.delete(uid)
      const job = state().jobs.get(uid)
      if (job && this.#running) this.#schedule(job)
    }
    done()
    this.#wake(0)
  }

  #propose(command: Command): void {
    this.#deps.propose(command).catch((error: unknown) => {
      if (this.#running)
        this.#deps.logger.warn({ kind: command.kind, error: String(error) }, 'a command could not be committed')
    })
  }
}
