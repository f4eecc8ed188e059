import type { Job } from '../jobs/job.ts'
import { countFires, latestFireAtOrBefore, nextFire } from '../jobs/schedule.ts'
import { followsItself, originOf, upcomingFire } from '../jobs/upcoming.ts'
import type { Millis } from '../runtime/clock.ts'
import type { Command, JobPut } from '../state/commands.ts'
import type { State } from '../state/state.ts'

/** Fires that wait out their jitter and are counted when their job is edited, at most. */
const WAITING_MAX = 20_000

/** Uids of the jobs that a command changes. */
export function changedJobs(state: State, command: Command): number[] {
  switch (command.kind) {
    case 'job-pause':
    case 'job-resume':
    case 'job-delete':
      return [command.job]
    case 'job-put':
      return present(state, command)
    case 'manifest-reconcile': {
      const gone = command.prune?.map(({ job }) => job) ?? []
      return [...command.jobs.flatMap((put) => present(state, put)), ...gone]
    }
    default:
      return []
  }
}

function present(state: State, { namespace, name }: JobPut): number[] {
  const uid = state.jobNames.get(`${namespace}/${name}`)
  return uid === undefined ? [] : [uid]
}

/**
 * A change of a job as it is proposed at `at`, once what is due of the job has been decided. Its new schedules were
 * evaluated at `command.at`, and that is from when they count: a fire between the two is found late, not lost.
 */
export function handOver(state: State, command: Command, at: Millis): Command {
  if (command.kind === 'job-resume') return { ...command, at, from: command.at }
  if (command.kind === 'manifest-reconcile') {
    return { ...command, at, jobs: command.jobs.map((put) => handOverPut(state, { ...put, at: command.at })) }
  }
  return command.kind === 'job-put' ? { ...handOverPut(state, command), at } : { ...command, at }
}

function handOverPut<Put extends JobPut & { at: Millis }>(state: State, put: Put): Put {
  const [uid] = present(state, put)
  const job = uid === undefined ? undefined : state.jobs.get(uid)
  return { ...put, from: put.at, ...(job ? replaced(state, job, put) : {}) }
}

/** What an edit finds: fires that still wait, and the first of the new schedules after as many as have been decided. */
function replaced(state: State, job: Job, command: JobPut & { at: Millis }): Partial<JobPut> {
  const busy = isBusy(state, job)
  const { fires = command.fires, waiting } = waitingFires(job, command.at, busy)
  const { fireCount, decidedUpTo } = job.progress
  const next = nextFire(command.schedules, {
    ...originOf(job, Math.max(command.at, decidedUpTo), busy),
    fireCount: fireCount + (fires?.count ?? 0) + (waiting ? 1 : 0),
  })
  return { next, ...(fires ? { fires } : {}), ...(waiting ? { waiting } : {}) }
}

/** Fires of the present schedules up to `from` that wait out their jitter: the last one, and those that go into it. */
function waitingFires(job: Job, from: Millis, busy: boolean): Pick<JobPut, 'fires' | 'waiting'> {
  const first = upcomingFire(job, busy)
  if (!first || first.fireTime > from) return {}
  // A fixed delay has nothing more to count from until that one has run.
  const after = { ...originOf(job, first.fireTime, followsItself(job)), fireCount: job.progress.fireCount + 1 }
  const last = latestFireAtOrBefore(job.schedules, after, from)
  if (!last) return { waiting: first }
  const { count } = countFires(job.schedules, after, last.fireTime - 1, WAITING_MAX)
  const before = latestFireAtOrBefore(job.schedules, after, last.fireTime - 1) ?? first
  return { fires: { from: first.fireTime, to: before.fireTime, count: count + 1 }, waiting: last }
}

/** Whether a run of a scheduled fire is open. */
export function isBusy({ runs }: State, job: Job): boolean {
  return job.openRuns.some((id) => {
    const cause = runs.get(id)?.cause
    return cause === 'schedule' || cause === 'misfire'
  })
}
