import type { Outcome } from '../cluster/consensus.ts'
import { followsItself, upcomingFire } from '../jobs/upcoming.ts'
import type { Job } from '../jobs/job.ts'
import type { NextFire } from '../jobs/schedule.ts'
import type { Clock, Millis } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Random } from '../runtime/random.ts'
import type { Event } from '../state/applied.ts'
import type { Command, FireDecision } from '../state/commands.ts'
import type { State } from '../state/state.ts'
import { Board } from './board.ts'
import { Desk } from './desk.ts'
import { decideDue, type Office } from './due.ts'
import type { BrokerPort, Evaluation } from './evaluation.ts'
import { isBusy } from './hand-over.ts'
import { type HeardAt, Rounds } from './overdue.ts'
import { wantsPlace, withPlaces } from './plan-applier.ts'
import { planAll } from './planner.ts'
import type { QueueFigures } from './queue-figures.ts'
import { Timetable } from './timetable.ts'

/** Jobs whose fires one entry decides, at most. */
const DECISIONS_MAX = 256
/** Fires that one entry starts at most: beyond it, other jobs go into the next. */
const FIRES_MAX = 4096
/** How long deciding may hold the event loop, in milliseconds. */
const SLICE_MS = 20
/** Proposals of fires that need no worker under way at once, at most. */
const FLIGHTS_MAX = 4
/** How often deadlines are looked at, and how soon a stall of the loop is noticed, in milliseconds. */
const BEAT_MS = 250
/** How often several jobs are gone through until all of them are settled, at most. */
const SETTLE_ROUNDS_MAX = 100
/** How long what could not be committed waits before it is proposed again, in milliseconds. */
const AGAIN_MS = 250

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
  /** Whether the cluster knows this process, so that it can be given calls. @default always */
  isKnown?(): boolean
  /** Whether the wall clock can be fired by; while it cannot, nothing is due. @default always */
  trusted?(): boolean
  /** When accepted attempts were last heard of. @default never */
  heardAt?: HeardAt
}

/** The leader's loop: sleeps until the earliest fire, offers what is due to the workers, ends what is overdue. */
export class Scheduler {
  readonly #deps: SchedulerDeps
  readonly #timetable = new Timetable()
  readonly #board: Board
  readonly #desk: Desk
  /** Jobs whose fires are with the workers or are being committed, and who waits for that. */
  readonly #deciding = new Map<number, (() => void)[]>()
  /** Jobs whose quarantine is being committed. */
  readonly #unfit = new Set<number>()
  #office: Office
  #flights = 0
  #running = false
  /** Raised with each start and stop: what was begun before is not gone on with. */
  #term = 0
  #cancelWake: (() => void) | undefined
  #wakeAt = Number.POSITIVE_INFINITY
  #lastBeat: Millis = 0
  /** The same moment by the wall clock. */
  #lastBeatAt: Millis = 0
  /** Ends of what was overdue that are being committed. */
  #ending = 0
  #rounds = new Rounds()

  constructor(deps: SchedulerDeps) {
    this.#deps = deps
    this.#board = new Board(deps.state())
    this.#office = { since: 0, lateAfterMs: deps.options.lateAfterMs }
    this.#desk = new Desk({
      ...deps,
      onDecided: (jobs) => this.#onDecided(jobs),
      wake: (delayMs) => this.#wake(delayMs),
    })
  }

  /** Where workers get what is to be planned. */
  get port(): BrokerPort {
    return this.#desk
  }

  /** What there is to schedule, and who works on it; undefined unless this node leads. */
  get figures(): QueueFigures | undefined {
    return this.#running ? this.#desk.figures() : undefined
  }

  /** Takes office: reads from the state what is due, what waits and what is queued, and begins. */
  start(): void {
    const { clock, state } = this.#deps
    this.#running = true
    this.#term += 1
    this.#office = { ...this.#office, since: clock.now() }
    this.#timetable.clear()
    this.#unfit.clear()
    for (const job of state().jobs.values()) this.#schedule(job)
    this.#desk.open()
    this.#lastBeat = clock.monotonic()
    this.#lastBeatAt = clock.now()
    this.#wake(0)
  }

  /** Leaves office: proposes nothing more. */
  stop(): void {
    this.#running = false
    this.#cancelWake?.()
    this.#cancelWake = undefined
    this.#wakeAt = Number.POSITIVE_INFINITY
    this.#term += 1
    this.#timetable.clear()
    this.#desk.close()
    const waiting = [...this.#deciding.values()].flat()
    this.#deciding.clear()
    for (const resolve of waiting) resolve()
  }

  /** Jobs that are due at some time, and runs that wait. */
  get counts(): { scheduled: number; waiting: number; nextDue: Millis | undefined } {
    return { scheduled: this.#timetable.size, waiting: this.#desk.waiting, nextDue: this.#timetable.earliest }
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
      default:
        break
    }
    this.#desk.onEvent(event)
  }

  /** Decides what is due of one job and waits for it, so that a change of the job applies to what comes after. */
  async settle(uid: number): Promise<void> {
    const now = this.#deps.clock.now()
    for (;;) {
      while (this.#deciding.has(uid)) {
        // A worker may take its time, and there may be none with room.
        const decision = this.#desk.withdraw(uid)
        if (decision) void this.#decide([this.#placed(decision)])
        await new Promise<void>((resolve) => this.#deciding.get(uid)?.push(resolve))
      }
      const job = this.#deps.state().jobs.get(uid)
      if (!job || !this.#running || !this.#isTrusted()) return
      this.#noticeStall(now)
      const due = this.#dueOf(job, now)
      if (!due) return
      this.#timetable.remove(uid)
      if (!(await this.#decide([this.#placed(due)]))) return
    }
  }

  /** The same of several jobs that are changed at once: none of them has anything under way in the end. */
  async settleAll(uids: readonly number[]): Promise<void> {
    for (let round = 0; round < SETTLE_ROUNDS_MAX; round++) {
      for (const uid of uids) await this.settle(uid)
      // While one is settled another falls due.
      if (!uids.some((uid) => this.#deciding.has(uid))) return
    }
  }

  #rescheduled(uid: number): void {
    const job = this.#deps.state().jobs.get(uid)
    if (job && !this.#deciding.has(uid)) this.#schedule(job)
  }

  #schedule(job: Job): void {
    const next = this.#upcoming(job)
    if (!next) {
      this.#timetable.remove(job.uid)
      return
    }
    this.#timetable.set(job.uid, next.dueTime)
    this.#wakeBy(next.dueTime)
  }

  /** The next fire of a job, or undefined: a fixed delay has nothing to count from while a scheduled run is open. A job that cannot be evaluated is taken out of service. */
  #upcoming(job: Job): NextFire | undefined {
    if (this.#unfit.has(job.uid)) return undefined
    try {
      return upcomingFire(job, followsItself(job) && isBusy(this.#deps.state(), job))
    } catch (error) {
      this.#quarantine(job, error)
      return undefined
    }
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
    const trusted = this.#isTrusted()
    if (trusted) {
      this.#beat(now)
      this.#decideDue(now)
    }
    const idleMs = this.#desk.advance()
    const exhausted = this.#desk.takeExhausted()
    if (exhausted.length > 0) void this.#decide(exhausted)
    const mayDecide = trusted && this.#flights < FLIGHTS_MAX && this.#desk.hasRoom
    const next = mayDecide ? (this.#timetable.earliest ?? Number.POSITIVE_INFINITY) : now + BEAT_MS
    this.#wake(Math.max(0, Math.min(next - now, idleMs, BEAT_MS)))
  }

  /** What happens while the clock is not trusted counts as a stall, which is noticed once it is again. */
  #isTrusted(): boolean {
    return this.#deps.trusted?.() ?? true
  }

  /**
   * Notices that nobody was scheduling for a while: the loop stood still, or the wall clock went forward faster than
   * time, as it does when a machine wakes up.
   */
  #noticeStall(now: Millis): void {
    const gap = Math.max(this.#deps.clock.monotonic() - this.#lastBeat, now - this.#lastBeatAt)
    if (gap <= BEAT_MS + this.#office.lateAfterMs) return
    this.#lastBeat = this.#deps.clock.monotonic()
    this.#lastBeatAt = now
    this.#office = { ...this.#office, since: now }
    this.#deps.logger.warn(
      { gapMs: Math.round(gap) },
      'the scheduler stood still: fires missed meanwhile follow the misfire policy',
    )
  }

  /** Once a beat: notices a stall, and ends what is overdue. */
  #beat(now: Millis): void {
    const beat = this.#deps.clock.monotonic()
    const due = beat - this.#lastBeat >= BEAT_MS / 2
    this.#noticeStall(now)
    if (!due) return
    this.#lastBeat = beat
    this.#lastBeatAt = now
    const { state, random } = this.#deps
    if (state().runs.size === 0) return
    this.#desk.retryBlocked()
    if (this.#ending > 0) return
    const overdue = this.#rounds.next(state(), now, this.#office.since, () => random.next(), this.#deps.heardAt)
    if (overdue.runs.length > 0) this.#end({ kind: 'runs-expired', at: now, runs: overdue.runs })
    if (overdue.finishes.length > 0) this.#end({ kind: 'attempts-finished', at: now, finishes: overdue.finishes })
  }

  /** Offers what is due to the workers; what starts nothing is proposed at once. */
  #decideDue(now: Millis): void {
    const { clock, state } = this.#deps
    const began = clock.monotonic()
    const goesOn = () => this.#desk.hasRoom && clock.monotonic() - began < SLICE_MS
    while (this.#flights < FLIGHTS_MAX && goesOn()) {
      const decisions: FireDecision[] = []
      let taken = 0
      let fires = 0
      while (decisions.length < DECISIONS_MAX && fires < FIRES_MAX && goesOn()) {
        const uid = this.#timetable.takeDue(now)
        if (uid === undefined) break
        const job = state().jobs.get(uid)
        if (!job || this.#deciding.has(uid)) continue
        const decision = this.#dueOf(job, now)
        taken += 1
        if (!decision) this.#schedule(job)
        else if (decision.fires.some(wantsPlace) && !this.#desk.comesLater(job)) {
          this.#deciding.set(uid, [])
          this.#desk.offer(job, decision)
        } else {
          decisions.push(decision)
          fires += decision.fires.length
        }
      }
      if (decisions.length > 0) void this.#decide(decisions)
      if (taken === 0) return
    }
  }

  #dueOf(job: Job, now: Millis): FireDecision | undefined {
    const next = this.#upcoming(job)
    if (!next) return undefined
    try {
      return decideDue(job, next, now, this.#office)
    } catch (error) {
      this.#quarantine(job, error)
      return undefined
    }
  }

  /** One definition that cannot be evaluated must not stop the others: it is not looked at again until that is committed. */
  #quarantine(job: Job, error: unknown): void {
    const fault = error instanceof Error ? error.message : String(error)
    this.#deps.logger.error({ job: job.name, fault }, 'a job was quarantined: its schedule cannot be evaluated')
    this.#unfit.add(job.uid)
    this.#timetable.remove(job.uid)
    const looked = () => {
      this.#unfit.delete(job.uid)
      if (this.#running) this.#rescheduled(job.uid)
    }
    this.#deps
      .propose({ kind: 'job-quarantine', at: this.#deps.clock.now(), job: job.uid, version: job.version, fault })
      .then(looked, (cause: unknown) => {
        if (this.#running) this.#deps.logger.warn({ error: String(cause) }, 'a quarantine could not be committed')
        this.#deps.clock.after(AGAIN_MS, looked)
      })
  }

  /** Chooses executors for fires here: somebody waits for them to be decided. */
  #placed(decision: FireDecision): FireDecision {
    const { clock, random, state } = this.#deps
    const fires = decision.fires.filter(wantsPlace).length
    const wanted = { kind: 'fires', version: decision.version, fires } as const
    const evaluation: Evaluation = { job: decision.job, wanted }
    const moment = { now: clock.now(), chance: () => random.next() }
    const [planned = { moot: true }] = planAll(this.#board, state(), [evaluation], moment)
    return withPlaces(decision, planned)
  }

  /** Proposes decisions and waits for them; false when they could not be committed. */
  async #decide(decisions: FireDecision[]): Promise<boolean> {
    const { clock, node, logger } = this.#deps
    const term = this.#term
    this.#flights += 1
    for (const { job } of decisions) if (!this.#deciding.has(job)) this.#deciding.set(job, [])
    let committed = true
    try {
      await this.#deps.propose({ kind: 'decide-fires', at: clock.now(), node, decisions })
    } catch (error) {
      committed = false
      if (this.#running) {
        logger.warn({ error: String(error) }, 'fires could not be committed')
        await new Promise<void>((resolve) => void clock.after(AGAIN_MS, resolve))
      }
    }
    this.#flights -= 1
    if (term === this.#term) this.#onDecided(decisions.map(({ job }) => job))
    return committed
  }

  /** Fires of these jobs are decided, or are to be found anew. */
  #onDecided(jobs: readonly number[]): void {
    if (!this.#running) return
    for (const uid of jobs) {
      const waiting = this.#deciding.get(uid)
      this.#deciding.delete(uid)
      const job = this.#deps.state().jobs.get(uid)
      if (job) this.#schedule(job)
      if (waiting) for (const resolve of waiting) resolve()
    }
    this.#wake(0)
  }

  #end(command: Command): void {
    this.#ending += 1
    this.#deps
      .propose(command)
      .catch((error: unknown) => {
        if (this.#running)
          this.#deps.logger.warn({ kind: command.kind, error: String(error) }, 'a command could not be committed')
      })
      .finally(() => {
        this.#ending -= 1
      })
  }
}
