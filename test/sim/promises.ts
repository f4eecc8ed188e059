import { strict as assert } from 'node:assert'
import type { Entry } from '../../control-plane/src/cluster/consensus.ts'
import type { Job } from '../../control-plane/src/jobs/job.ts'
import { nextFire } from '../../control-plane/src/jobs/schedule.ts'
import { followsItself, originOf } from '../../control-plane/src/jobs/upcoming.ts'
import type { EndedRun, StretchRow } from '../../control-plane/src/runs/run.ts'
import type { Applied } from '../../control-plane/src/state/applied.ts'
import type { State } from '../../control-plane/src/state/state.ts'

/** What is promised, checked at every step of a simulation. A broken promise throws. */
export class Promises {
  readonly ended = new Map<string, EndedRun>()
  readonly #stretches: StretchRow[] = []
  readonly #edited = new Set<number>()
  readonly #uncertainFinal = new Set<string>()
  readonly #openAttempts = new Set<string>()
  #token = 0
  #sequence: readonly [number, number] = [0, -1]
  attempts = 0

  /** The job's definition was replaced: its earlier fires cannot be derived from the present one. */
  edited(job: number): void {
    this.#edited.add(job)
  }

  checkEntry(entry: Entry, applied: Applied, state: State): void {
    for (const event of applied.events) if (event.type === 'attempt-started') this.#openAttempts.add(event.attempt.id)
    for (const change of applied.changes) {
      if (!('row' in change)) continue
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
    const held = new Map<string, number>()
    const perNamespace = new Map<number, number>()
    const queued = new Map<number, number>()
    for (const run of state.runs.values()) {
      if (run.state === 'queued') queued.set(run.namespace, (queued.get(run.namespace) ?? 0) + 1)
      for (const shard of run.shards) {
        if (shard.placedOn === undefined) continue
        held.set(shard.placedOn, (held.get(shard.placedOn) ?? 0) + 1)
        perNamespace.set(run.namespace, (perNamespace.get(run.namespace) ?? 0) + 1)
      }
    }
    for (const namespace of state.namespaces.values()) {
      assert.equal(namespace.held, perNamespace.get(namespace.uid) ?? 0, 'the slots held are those of placed shards')
      assert(namespace.held <= namespace.slots, 'a namespace holds no more slots than it has')
      assert.equal(namespace.queued, queued.get(namespace.uid) ?? 0, 'the runs waiting are counted')
    }
    for (const executors of state.executors.values()) {
      for (const executor of executors.values()) {
        assert.equal(executor.held, held.get(executor.id) ?? 0, `the shards on ${executor.id} are counted`)
      }
    }
    for (const job of state.jobs.values()) this.#checkOverlap(state, job)
    assert.equal(this.#openAttempts.size, state.attempts.size, 'every attempt that was started is open or has its row')
  }

  /** Every fire of every job that was never edited has exactly one record, and what is recorded was a fire. */
  checkLedger(state: State): void {
    for (const job of state.jobs.values()) {
      if (this.#edited.has(job.uid) || followsItself(job)) continue
      const covered = this.#recordsOf(job, state)
      let count = 0
      let after = job.createdAt
      for (;;) {
        const fire = nextFire(job.schedules, { ...originOf(job, after, false), after, fireCount: 0 })
        if (!fire || fire.fireTime > job.progress.decidedUpTo) break
        const records = covered(fire.fireTime)
        // At a resume decidedUpTo passes fires that were counted as paused; each still has its record.
        assert.equal(
          records,
          1,
          `${job.name}: the fire at ${new Date(fire.fireTime).toISOString()} has ${records} records`,
        )
        count += 1
        after = fire.fireTime
      }
      assert.equal(this.#recordCount(job, state), count, `${job.name}: nothing is recorded that was no fire`)
    }
  }

  /** Once faults are over, what could run has run: no attempt is open that began before `before`. */
  checkDrained(state: State, before: number): void {
    for (const run of state.runs.values()) {
      for (const { attempt } of run.shards) {
        assert(
          !attempt || attempt.startedAt > before,
          `run ${run.id}: its attempt of ${attempt?.startedAt} never ended`,
        )
      }
    }
  }

  #runEnded(row: EndedRun): void {
    assert(!this.ended.has(row.id), `run ${row.id} ends once`)
    this.ended.set(row.id, row)
  }

  #checkOverlap(state: State, job: Job): void {
    if (job.spec.overlap === 'allow' || this.#edited.has(job.uid)) return
    const running = job.openRuns.filter((id) => state.runs.get(id)?.state === 'running')
    assert(running.length <= 1, `${job.name}: runs do not overlap`)
  }

  #recordsOf(job: Job, state: State): (at: number) => number {
    const times = new Map<number, number>()
    const add = (at: number) => times.set(at, (times.get(at) ?? 0) + 1)
    for (const row of this.ended.values()) if (row.job === job.uid && isScheduled(row.cause)) add(row.fireTime)
    for (const id of job.openRuns) {
      const run = state.runs.get(id)
      if (run && isScheduled(run.cause)) add(run.fireTime)
    }
    const stretches = this.#stretchesOf(job)
    return (at) => (times.get(at) ?? 0) + stretches.filter(({ from, to }) => from <= at && at <= to).length
  }

  #recordCount(job: Job, state: State): number {
    let count = 0
    for (const row of this.ended.values()) if (row.job === job.uid && isScheduled(row.cause)) count += 1
    for (const id of job.openRuns) if (isScheduled(state.runs.get(id)?.cause ?? 'manual')) count += 1
    return this.#stretchesOf(job).reduce((sum, stretch) => sum + stretch.count, count)
  }

  #stretchesOf(job: Job): { from: number; to: number; count: number }[] {
    const open = job.progress.stretch
    return [...this.#stretches.filter((row) => row.job === job.uid), ...(open ? [open] : [])]
  }
}

function isScheduled(cause: string): boolean {
  return cause === 'schedule' || cause === 'misfire'
}
