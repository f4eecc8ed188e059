import { strict as assert } from 'node:assert'
import type { Entry } from '../../control-plane/src/cluster/consensus.ts'
import type { Job } from '../../control-plane/src/jobs/job.ts'
import { isBusy } from '../../control-plane/src/scheduler/hand-over.ts'
import { upcomingFire } from '../../control-plane/src/jobs/upcoming.ts'
import type { EndedRun, StretchRow } from '../../control-plane/src/runs/run.ts'
import type { Applied } from '../../control-plane/src/state/applied.ts'
import type { State } from '../../control-plane/src/state/state.ts'
import { History, Records } from './history.ts'
import { Calls } from './promises/calls.ts'
import { isUnserved } from './promises/could-start.ts'
import { Lineage } from './promises/lineage.ts'
import { Made } from './promises/made.ts'
import { Order } from './promises/order.ts'
import { Parts } from './promises/parts.ts'
import { Pauses } from './promises/pauses.ts'
import { checkQueuesDrained, Queues } from './promises/queues.ts'
import { Refusals } from './promises/refusals.ts'
import { Replacements } from './promises/replacements.ts'
import { Placements } from './promises/placements.ts'
import { Skips } from './promises/skips.ts'
import { Slots } from './promises/slots.ts'
import { Timings } from './promises/timings.ts'
import { Takeovers } from './promises/takeovers.ts'
import { Turns } from './promises/turns.ts'

/** How often things happened that only a few runs meet. */
export interface RunCounts {
  split: number
  /** Shards given up only after several executors had been asked. */
  takenOver: number
  children: number
  reruns: number
  backfilled: number
  /** Jobs paused because they failed. */
  failing: number
  /** Circuit breakers that opened, and trials that failed. */
  shut: number
  shutAgain: number
  /** Runs whose executor was foretold by the turns before; and of these the first ones of a leader, or after a start. */
  foretold: number
  turnsKept: number
}

/** Commands that change definitions. */
const EDITS: ReadonlySet<string> = new Set(['job-put', 'manifest-reconcile'])

/** What is promised, checked at every step of a simulation. A broken promise throws. */
export class Promises {
  readonly ended = new Map<string, EndedRun>()
  readonly #stretches: StretchRow[] = []
  readonly history = new History()
  /** Where in the log each job was defined last. */
  readonly #changed = new Map<number, number>()
  readonly #calls = new Calls()
  readonly #made = new Made()
  readonly #slots = new Slots()
  readonly #parts = new Parts()
  readonly #takeovers = new Takeovers()
  readonly #lineage = new Lineage()
  readonly #pauses = new Pauses()
  readonly queues = new Queues()
  readonly #refusals = new Refusals()
  readonly #replacements = new Replacements()
  readonly #skips = new Skips()
  readonly #timings = new Timings()
  readonly order = new Order()
  readonly #placements = new Placements()
  readonly #turns = new Turns()
  readonly #uncertainFinal = new Set<string>()
  readonly #openAttempts = new Set<string>()
  #token = 0
  #sequence: readonly [number, number] = [0, -1]
  attempts = 0

  get counts(): RunCounts {
    const { child, rerun, backfill } = this.#lineage.made
    const [split, takenOver, failing] = [this.#parts.split, this.#takeovers.moved, this.#pauses.failing]
    const { opened: shut, doubled: shutAgain } = this.#placements.breakers
    const { foretold, kept: turnsKept } = this.#turns
    const runs = { split, takenOver, children: child, reruns: rerun, backfilled: backfill, failing }
    return { ...runs, shut, shutAgain, foretold, turnsKept }
  }

  checkEntry(entry: Entry, applied: Applied, state: State): void {
    this.#calls.check(applied, state)
    this.#slots.check(applied, state)
    this.#parts.check(entry, applied, state)
    this.#takeovers.check(entry, applied, state)
    const runs = this.#made.by(applied, state)
    this.#lineage.check(applied, runs, state)
    this.#pauses.check(entry, applied, runs, state)
    this.queues.check(runs, state)
    this.#refusals.check(entry, applied)
    this.#replacements.check(applied, runs, state)
    this.#skips.check(entry, applied, runs, state)
    this.#timings.check(entry, applied, state)
    this.order.check(entry, applied, state)
    this.#placements.check(entry, applied, state)
    this.#turns.check(entry, applied, state)
    for (const event of applied.events) {
      const job = event.type === 'job-changed' ? state.jobs.get(event.job) : undefined
      if (!job) continue
      this.history.note(job)
      if (EDITS.has(entry.command.kind)) this.#changed.set(job.uid, entry.index)
    }
    for (const event of applied.events) if (event.type === 'attempt-started') this.#openAttempts.add(event.attempt.id)
    for (const change of applied.changes) {
      if (!('row' in change) || change.kind === 'definition' || change.kind === 'day') continue
      const [index, ordinal] = change.row.sequence
      const [lastIndex, lastOrdinal] = this.#sequence
      assert(
        index > lastIndex || (index === lastIndex && ordinal === lastOrdinal + 1),
        'ledger rows are numbered without gaps, in order',
      )
      assert(index === entry.index, 'a row names the entry that made it')
      this.#sequence = change.row.sequence
      if (change.kind === 'ended-run') this.#runEnded(change.row)
      if (change.kind === 'stretch') this.#stretches.push(change.row)
      if (change.kind === 'ended-attempt') assert(this.#openAttempts.delete(change.row.id), 'an attempt ends once')
    }
    for (const event of applied.events) {
      if (event.type !== 'attempt-started') continue
      this.attempts += 1
      assert(event.attempt.fencingToken > this.#token, 'a fencing token only ever grows')
      this.#token = event.attempt.fencingToken
      // Two fires of one entry under cancel-running: the first starts and gives way at once.
      const endedAt = this.ended.get(event.run)?.sequence[0] ?? entry.index
      assert(endedAt >= entry.index, 'no attempt starts for a run that has ended')
      assert(
        !this.#uncertainFinal.has(event.run),
        'nothing is asked again after an uncertain outcome when onUncertain is fail',
      )
    }
    for (const event of applied.events) {
      if (event.type !== 'attempt-ended' || event.attempt.outcome !== 'uncertain') continue
      if (state.jobs.get(event.job)?.spec.onUncertain === 'fail') this.#uncertainFinal.add(event.run)
    }
  }

  checkState(state: State): void {
    this.#slots.checkState(state)
    for (const job of state.jobs.values()) this.#checkOverlap(state, job)
    assert.equal(this.#openAttempts.size, state.attempts.size, 'every attempt that was started is open or has its row')
  }

  /** Every fire of every job, under whatever schedules it had then, has exactly one record. */
  checkLedger(state: State): void {
    const records = new Records(state, this.ended.values(), this.#stretches)
    for (const job of state.jobs.values()) this.history.check(job, records)
    this.#skips.checkAll(state)
  }

  /** Once faults are over, what could run has run, and nothing waits for nothing. */
  checkDrained(state: State, before: number, due = before + 50_000): void {
    this.checkWork(state, before, due)
    checkQueuesDrained(state, before)
  }

  /** No attempt is open that began before `before`, every fire due by `due` is decided. */
  checkWork(state: State, before: number, due = before + 50_000): void {
    for (const job of state.jobs.values()) {
      const next = upcomingFire(job, isBusy(state, job))
      // Fires of a job are decided in the order of their times: one waits until an earlier one has waited out its jitter.
      const jitterMs = Math.max(0, ...job.schedules.map((schedule) => schedule.jitterMs ?? 0))
      assert(!next || next.dueTime > due - jitterMs, `${job.name}: its fire of ${next?.fireTime} was never decided`)
    }
    this.#placements.breakers.checkDrained(before)
    for (const run of state.runs.values()) {
      for (const { index, state: stands, bound, attempt, retryAt = run.startedAt } of run.shards) {
        assert(
          !attempt || attempt.startedAt > before,
          `run ${run.id}: its attempt of ${attempt?.startedAt} never ended`,
        )
        const lost = run.state === 'running' && stands === 'waiting' && (retryAt ?? 0) <= before
        // Its job may have been edited since, so that nobody suits it.
        if (lost && isUnserved(state, run, bound)) continue
        assert(!lost, `run ${run.id}: shard ${index} has waited since ${retryAt} and was never started again`)
      }
    }
  }

  #runEnded(row: EndedRun): void {
    assert(!this.ended.has(row.id), `run ${row.id} ends once`)
    this.ended.set(row.id, row)
  }

  #checkOverlap(state: State, job: Job): void {
    // What began under an earlier definition may still be open.
    const running = job.openRuns.filter((id) => {
      const run = state.runs.get(id)
      return run?.state === 'running' && run.sequence > (this.#changed.get(job.uid) ?? 0)
    })
    const { maxConcurrentRuns, overlap } = job.spec
    if (maxConcurrentRuns > 0)
      assert(running.length <= maxConcurrentRuns, `${job.name}: no more runs than maxConcurrentRuns`)
    if (overlap === 'allow') return
    assert(running.length <= 1, `${job.name}: runs do not overlap`)
  }
}
