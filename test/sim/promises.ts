import { strict as assert } from 'node:assert'
import type { Entry } from '../../control-plane/src/cluster/consensus.ts'
import type { Job } from '../../control-plane/src/jobs/job.ts'
import { upcomingFire } from '../../control-plane/src/jobs/upcoming.ts'
import type { EndedRun, StretchRow } from '../../control-plane/src/runs/run.ts'
import type { Applied } from '../../control-plane/src/state/applied.ts'
import type { State } from '../../control-plane/src/state/state.ts'
import { Calls } from './calls.ts'
import { History, Records } from './history.ts'

/** What is promised, checked at every step of a simulation. A broken promise throws. */
export class Promises {
  readonly ended = new Map<string, EndedRun>()
  readonly #stretches: StretchRow[] = []
  readonly history = new History()
  /** Where in the log each job was defined last. */
  readonly #changed = new Map<number, number>()
  readonly #calls = new Calls()
  readonly #uncertainFinal = new Set<string>()
  readonly #openAttempts = new Set<string>()
  #token = 0
  #sequence: readonly [number, number] = [0, -1]
  attempts = 0

  checkEntry(entry: Entry, applied: Applied, state: State): void {
    this.#calls.check(applied, state)
    for (const event of applied.events) {
      const job = event.type === 'job-changed' ? state.jobs.get(event.job) : undefined
      if (!job) continue
      this.history.note(job)
      if (entry.command.kind === 'job-put') this.#changed.set(job.uid, entry.index)
    }
    for (const event of applied.events) if (event.type === 'attempt-started') this.#openAttempts.add(event.attempt.id)
    for (const change of applied.changes) {
      if (!('row' in change) || change.kind === 'definition') continue
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
        const key = `${shard.placedIn}/${shard.placedOn}`
        held.set(key, (held.get(key) ?? 0) + 1)
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
        const shards = held.get(`${executor.service}/${executor.id}`) ?? 0
        assert.equal(executor.held, shards, `the shards on ${executor.id} are counted`)
      }
    }
    for (const job of state.jobs.values()) this.#checkOverlap(state, job)
    assert.equal(this.#openAttempts.size, state.attempts.size, 'every attempt that was started is open or has its row')
  }

  /** Every fire of every job, under whatever schedules it had then, has exactly one record. */
  checkLedger(state: State): void {
    const records = new Records(state, this.ended.values(), this.#stretches)
    for (const job of state.jobs.values()) this.history.check(job, records)
  }

  /** Once faults are over, what could run has run: no attempt is open that began before `before`, every fire due by `due` is decided. */
  checkDrained(state: State, before: number, due = before + 50_000): void {
    for (const job of state.jobs.values()) {
      const busy = job.openRuns.some((id) => state.runs.get(id)?.cause !== 'manual')
      const next = upcomingFire(job, busy)
      assert(!next || next.dueTime > due, `${job.name}: its fire of ${next?.fireTime} was never decided`)
    }
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
