import { strict as assert } from 'node:assert'
import type { Job } from '../../control-plane/src/jobs/job.ts'
import { type CompiledSchedule, nextFire } from '../../control-plane/src/jobs/schedule.ts'
import type { EndedRun, StretchRow } from '../../control-plane/src/runs/run.ts'
import type { State } from '../../control-plane/src/state/state.ts'

/** The schedules that held up to an instant, and from the one before it. */
interface Epoch {
  schedules: readonly CompiledSchedule[]
  to: number
}

/** Which schedules each job had when, so that its fires can be derived one by one and held against their records. */
export class History {
  readonly #epochs = new Map<number, Epoch[]>()
  readonly #present = new Map<number, { schedules: readonly CompiledSchedule[]; since: number }>()

  /** To be called after every entry: notes where schedules were replaced, or went on after a pause. */
  note(job: Job): void {
    const present = this.#present.get(job.uid)
    if (present && present.schedules === job.schedules && present.since === job.since) return
    if (present) {
      const epochs = this.#epochs.get(job.uid) ?? []
      epochs.push({ schedules: present.schedules, to: Math.max(job.since, job.progress.decidedUpTo) })
      this.#epochs.set(job.uid, epochs)
    }
    this.#present.set(job.uid, { schedules: job.schedules, since: job.since })
  }

  /** The state was built anew, from the same entries. */
  reloaded(state: State): void {
    for (const job of state.jobs.values()) this.#present.set(job.uid, { schedules: job.schedules, since: job.since })
  }

  /** Every fire of a job up to `decidedUpTo` has exactly one record, and what is recorded was a fire. */
  check(job: Job, records: Records): void {
    const own = records.of(job)
    assert.equal(own.count, job.progress.fireCount, `${job.name}: as many fires were decided as are recorded`)
    const epochs = [...(this.#epochs.get(job.uid) ?? []), { schedules: job.schedules, to: job.progress.decidedUpTo }]
    let after = job.createdAt
    let fireCount = 0
    let exact = true
    for (const { schedules, to } of epochs) {
      // What a fixed delay counts from cannot be derived, and with it how many fires are left of a number.
      const follows = schedules.some(({ kind }) => kind === 'after')
      const derived = follows ? schedules.filter(({ kind, maxFires }) => kind !== 'after' && !maxFires) : schedules
      exact &&= !follows
      const counted = exact ? derived : derived.filter(({ maxFires }) => !maxFires)
      for (;;) {
        const fire = nextFire(counted, { after, spread: job.spread, createdAt: job.createdAt, fireCount })
        if (!fire || fire.fireTime > Math.min(to, job.progress.decidedUpTo)) break
        const found = own.at(fire.fireTime)
        assert.equal(found, 1, `${job.name}: ${new Date(fire.fireTime).toISOString()} has ${found} records`)
        fireCount += 1
        after = fire.fireTime
      }
      after = Math.max(after, to)
    }
    if (exact) assert.equal(own.count, fireCount, `${job.name}: nothing is recorded that was no fire`)
  }
}

/** What the ledger and the open state say about scheduled fires. */
export class Records {
  readonly #runs = new Map<number, number[]>()
  readonly #stretches = new Map<number, { from: number; to: number; count: number }[]>()

  constructor(state: State, ended: Iterable<EndedRun>, stretches: Iterable<StretchRow>) {
    for (const run of [...ended, ...state.runs.values()])
      if (run.cause === 'schedule' || run.cause === 'misfire') push(this.#runs, run.job, run.fireTime)
    for (const row of stretches) push(this.#stretches, row.job, row)
    for (const { uid, progress } of state.jobs.values())
      if (progress.stretch) push(this.#stretches, uid, progress.stretch)
  }

  of({ uid }: Job): { count: number; at(instant: number): number } {
    const runs = this.#runs.get(uid) ?? []
    const stretches = this.#stretches.get(uid) ?? []
    const times = new Map<number, number>()
    for (const time of runs) times.set(time, (times.get(time) ?? 0) + 1)
    return {
      count: stretches.reduce((sum, { count }) => sum + count, runs.length),
      at: (instant) =>
        (times.get(instant) ?? 0) + stretches.filter(({ from, to }) => from <= instant && instant <= to).length,
    }
  }
}

function push<T>(map: Map<number, T[]>, key: number, value: T): void {
  const values = map.get(key)
  if (values) values.push(value)
  else map.set(key, [value])
}
