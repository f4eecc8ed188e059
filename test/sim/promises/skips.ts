import { strict as assert } from 'node:assert'
import type { Entry } from '../../../control-plane/src/cluster/consensus.ts'
import type { Job } from '../../../control-plane/src/jobs/job.ts'
import type { Millis } from '../../../control-plane/src/runtime/clock.ts'
import { scheduledRunId } from '../../../control-plane/src/runs/ids.ts'
import type { EndedRun, OpenRun, SkipReason } from '../../../control-plane/src/runs/run.ts'
import type { Applied } from '../../../control-plane/src/state/applied.ts'
import type { State } from '../../../control-plane/src/state/state.ts'
import { hasOwnUrl, takesWork } from './could-start.ts'
import type { MadeAndEnded } from './made.ts'
import { Stops } from './stops.ts'

/** How late a fire is, at least, of which nobody knew in time; in milliseconds. */
const LATE_AFTER_MS = 1000
/** A plan is made by what was so this long before its entry, at most, in milliseconds. */
const PLANNED_MS = 1000
/** Reasons for which a run is skipped as it is made. */
const AT_ONCE: ReadonlySet<SkipReason | undefined> = new Set([
  'overlap',
  'max-concurrent',
  'no-slot',
  'paused',
  'quarantined',
])

/** What is promised of what does not start: that the reason on record is the true one. */
export class Skips {
  readonly #stops = new Stops()
  /** Runs that were made, or would have been of fires that were skipped, and those into which others went. */
  readonly #made = new Set<string>()
  readonly #into = new Map<string, string>()
  /** When an executor was changed last. */
  #changedAt: Millis = 0

  check(entry: Entry, { changes, events }: Applied, runs: MadeAndEnded, state: State): void {
    this.#stops.note(events, state)
    if (events.some(({ type }) => type === 'definitions-changed')) this.#changedAt = state.now
    for (const { id } of runs.made) this.#made.add(id)
    for (const event of events) {
      const job = event.type === 'fires-skipped' ? state.jobs.get(event.job) : undefined
      if (!job || event.type !== 'fires-skipped') continue
      this.#isTrue(event.reason, `${event.count} fires`, job, runs, state, true)
      const isAlone = events.some((one) => one.type === 'fires-decided' && one.job === job.uid && one.due === 1)
      if (event.reason === 'paused') this.#stops.check(job, event.count, isAlone, state)
    }
    for (const event of events) {
      // What waits out its jitter while its job is edited may be skipped in the end, or go into another one itself.
      const waiting = event.type === 'job-changed' ? state.jobs.get(event.job)?.progress.nextFire : undefined
      if (event.type === 'job-changed' && waiting) this.#made.add(scheduledRunId(event.job, waiting.fireTime))
    }
    this.#stops.noteDecided(events, state)
    for (const change of changes)
      if (change.kind === 'stretch' && change.row.into !== undefined)
        this.#into.set(change.row.into, `stretch ${change.row.id}`)
    for (const row of runs.ended) this.#ended(row, entry, runs, state)
    if (entry.command.kind === 'decide-fires')
      for (const decision of entry.command.decisions) this.#missed(decision, state)
  }

  /** Once all is over: what fires were said to have gone into is a run. */
  checkAll(state: State): void {
    for (const { name, progress } of state.jobs.values())
      if (progress.stretch?.into !== undefined) this.#into.set(progress.stretch.into, `the stretch of ${name}`)
    for (const [into, what] of this.#into)
      assert(this.#made.has(into), `${what} went into run ${into}, which never was`)
  }

  #missed(decision: Extract<Entry['command'], { kind: 'decide-fires' }>['decisions'][number], state: State): void {
    const job = state.jobs.get(decision.job)
    if (!job || job.version !== decision.version) return
    const { policy, thresholdMs } = job.spec.misfire
    for (const { reason, to, count } of decision.skipped ?? []) {
      const what = `${count} fires of ${job.name} up to ${to}`
      assert(to + LATE_AFTER_MS <= state.now, `${what}: they are skipped as ${reason}, and were not missed`)
      if (reason === 'misfire-threshold' && policy !== 'skip')
        assert(to + thresholdMs <= state.now, `${what}: they are within misfire.threshold, ${thresholdMs} ms`)
    }
    for (const { run, cause, dueTime, fireTime } of decision.fires) {
      this.#made.add(run)
      if (cause === 'misfire')
        assert(dueTime + LATE_AFTER_MS <= state.now, `the fire of ${job.name} at ${fireTime} was not missed`)
    }
  }

  #ended(row: EndedRun, { command }: Entry, runs: MadeAndEnded, state: State): void {
    const job = state.jobs.get(row.job)
    if (!job) return
    const what = `run ${row.id}`
    if (row.state === 'skipped') {
      assert.equal(row.startedAt, undefined, `${what}: what has begun is not skipped`)
      if (row.reason === 'coalesced') {
        const into = runs.made.find(({ id }) => id === row.into)
        assert(into !== undefined, `${what}: what it went into is made by the same entry`)
        assert.equal(row.cause, 'misfire', `${what}: only what was missed goes into a later run`)
      } else if (row.reason === 'expired') {
        this.#expired(row, job)
      } else if (row.reason === 'paused') {
        assert.equal(row.cause, 'child', `${what}: only what starts by itself is kept from it by a pause`)
        assert(this.#stops.isNow(job), `${what} of ${job.name} was skipped for a pause, and nothing is paused`)
      } else if (row.reason !== undefined) this.#isTrue(row.reason, what, job, runs, state, false)
      return
    }
    if (row.state !== 'failed' || row.startedAt !== undefined || command.kind === 'runs-expired') return
    if (state.now - this.#changedAt < PLANNED_MS) return
    const isThere = hasOwnUrl(job) || takersOf(state, job)
    const code = row.error?.code
    if (code === 'no-executor')
      assert(!isThere, `${what} of ${job.name} failed for want of an executor, and one is there`)
    if (code === 'no-slot')
      assert(isThere, `${what} of ${job.name} failed for want of a slot, and no executor is there`)
  }

  #expired(row: EndedRun, job: Job): void {
    const waited = row.endedAt - row.createdAt
    const ttlMs = this.#stops.leastTtl(job, row.endedAt)
    assert(waited >= ttlMs, `run ${row.id} of ${job.name} expired after ${waited} ms, and may wait for ${ttlMs} ms`)
  }

  #isTrue(reason: SkipReason, what: string, job: Job, runs: MadeAndEnded, state: State, isFire: boolean): void {
    const { overlap, queueMax, maxConcurrentRuns } = job.spec
    const open = [...openOf(job, state), ...runs.ended.filter((row) => row.job === job.uid && wasOpen(row))]
    // Those would have gone into the next fire.
    const goes = isFire && job.spec.misfire.policy === 'run-once'
    const others = goes ? open.filter((run) => !isCatchUp(run)) : open
    const why = `${what} of ${job.name}, skipped for ${reason}`
    switch (reason) {
      case 'overlap': {
        assert(others.length > 0, `${why}: no run of it was open`)
        assert(overlap === 'skip' || overlap === 'queue', `${why}: its overlap is ${overlap}`)
        const queued = others.filter(({ startedAt }) => startedAt === undefined).length
        assert(overlap === 'skip' || queued >= queueMax, `${why}: ${queued} wait, and queueMax is ${queueMax}`)
        return
      }
      case 'max-concurrent':
        assert.equal(overlap, 'allow', `${why}: what may not overlap is skipped for that`)
        assert(maxConcurrentRuns > 0 && open.length >= maxConcurrentRuns, `${why}: ${open.length} were open`)
        return
      case 'no-slot': {
        const namespace = state.namespaces.get(job.namespace)
        const left = runs.ended.filter((row) => row.namespace === job.namespace && row.startedAt === undefined).length
        const queued = (namespace?.queued ?? 0) + left
        assert(queued >= (namespace?.queuedRunsMax ?? 0), `${why}: ${queued} wait, and queuedRunsMax are more`)
        return
      }
      case 'dst-gap':
        assert(
          job.spec.schedules.some(({ gap }) => gap === 'skip'),
          `${why}: none of its schedules skips a gap`,
        )
        return
      case 'quarantined':
        assert.equal(job.state, 'quarantined', `${why}: it is not`)
        return
      case 'outside-window':
      case 'no-executor':
      case 'expired':
        assert.fail(`${why}: that is no reason for what has no run`)
    }
  }
}

function openOf(job: Job, state: State): OpenRun[] {
  return job.openRuns.flatMap((id) => state.runs.get(id) ?? [])
}

/** Whether a run that an entry ended was open before, or was begun by it. */
function wasOpen({ state, reason, startedAt, error }: EndedRun): boolean {
  if (startedAt !== undefined) return true
  return state === 'skipped' ? !AT_ONCE.has(reason) : error?.code !== 'no-slot' && error?.code !== 'no-executor'
}

function isCatchUp({ cause, startedAt }: OpenRun | EndedRun): boolean {
  return cause === 'misfire' && startedAt === undefined
}

/** Whether an executor is there that takes work of a job, whether or not it has room or can be reached now. */
function takersOf(state: State, job: Job): boolean {
  const service = state.serviceNames.get(`${job.namespace}/${job.spec.target.service}`) ?? -1
  return [...(state.executors.get(service)?.values() ?? [])].some((one) => takesWork(one, job))
}
