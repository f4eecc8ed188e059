import type { Core } from '../../../control-plane/src/core.ts'
import type { Job, JobSpec } from '../../../control-plane/src/jobs/job.ts'
import { nextFire } from '../../../control-plane/src/jobs/schedule.ts'
import { originOf } from '../../../control-plane/src/jobs/upcoming.ts'
import { requestedRunId } from '../../../control-plane/src/runs/ids.ts'
import type { EndedRun } from '../../../control-plane/src/runs/run.ts'
import type { Command } from '../../../control-plane/src/state/commands.ts'
import { EXECUTOR_IDS } from '../definitions.ts'
import { jobPut, pausedFires } from '../jobs.ts'
import { manifestOf } from '../manifests.ts'
import { backfillOf, pauseOf, rerunOf } from '../requests.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { Strikes } from './faults.ts'

export interface PeopleDeps {
  random: SeededRandom
  strikes: Strikes
  /** Another definition for a job. */
  definition(job: string): JobSpec
  /** Runs that have ended, the oldest first. */
  ended(): EndedRun[]
}

const by = 'test'

/** What people do to jobs and runs, through whatever node they reach; as the API would have it. */
export class People {
  readonly #deps: PeopleDeps

  constructor(deps: PeopleDeps) {
    this.#deps = deps
  }

  /** Somebody changes, pauses, resumes, triggers or cancels something. */
  async meddle(core: Core): Promise<void> {
    const { random, strikes } = this.#deps
    const { state } = core
    const jobs = [...state.jobs.values()]
    if (jobs.length === 0) return
    strikes.count('job-changed')
    const job = random.pick(jobs)
    const run = [...state.runs.keys()][0]
    switch (random.integer(0, 5)) {
      case 0: {
        const put = jobPut(job.namespace, job.name, this.#deps.definition(job.name), at(core), job.spread, job)
        const fires = job.state === 'paused' ? pausedFires(job, at(core)) : undefined
        await core.submit({ ...put, ...(fires ? { fires } : {}), ifVersion: job.version })
        return
      }
      case 1:
        await core.submit({ kind: 'job-pause', at: at(core), job: job.uid, by })
        return
      case 2: {
        const paused = jobs.find((one) => one.state === 'paused')
        if (paused) await core.submit(resumed(core, paused))
        return
      }
      case 3: {
        const id = requestedRunId(random.bytes(16))
        const chosen = random.chance(0.3) ? { executor: random.pick(EXECUTOR_IDS) } : {}
        await core.submit({ kind: 'run-request', at: at(core), job: job.uid, run: id, cause: 'manual', by, ...chosen })
        return
      }
      case 4: {
        const manifest = manifestOf(state, random, this.#deps.definition, { at: at(core) })
        if (manifest) await core.submit(manifest)
        return
      }
      default:
        if (run !== undefined) await core.submit({ kind: 'run-cancel', at: at(core), run, by })
    }
  }

  /** Somebody wants what was to be done again: a run, those of its parts that failed, or a past range. */
  async askAgain(core: Core): Promise<void> {
    const { random, strikes, ended } = this.#deps
    const { state } = core
    const jobs = [...state.jobs.values()]
    if (jobs.length === 0) return
    if (random.chance(0.3)) {
      strikes.count('backfill')
      await core.submit(backfillOf(state, random.pick(jobs), random))
      return
    }
    const rows = ended().filter(({ job, state: stands }) => state.jobs.has(job) && stands !== 'skipped')
    if (rows.length === 0) return
    strikes.count('rerun')
    await core.submit(rerunOf(state, random.pick(rows.slice(-20))))
  }

  /** Somebody stops all schedules of the namespace, or of the cluster; `paused: false` lets them go on. */
  async pauseAll(core: Core, what: 'namespace' | 'scheduler', paused: boolean): Promise<void> {
    await core.submit(pauseOf(core.state, what, paused))
  }
}

function resumed(core: Core, job: Job): Command {
  const fires = pausedFires(job, at(core))
  const origin = originOf(job, at(core), false)
  const next = nextFire(job.schedules, { ...origin, fireCount: origin.fireCount + (fires?.count ?? 0) })
  const resume = { kind: 'job-resume' as const, at: at(core), job: job.uid, by, ifVersion: job.version }
  return { ...resume, ...(fires ? { fires } : {}), ...(next ? { next } : {}) }
}

/** The instant of a command, as the API takes it. */
export function at(core: Core): Command['at'] {
  return core.state.now
}
