import type { Job } from '../jobs/job.ts'
import { countFires, latestFireAtOrBefore } from '../jobs/schedule.ts'
import { followsItself, originOf } from '../jobs/upcoming.ts'
import type { Millis } from '../runtime/clock.ts'
import type { Command, JobPut } from '../state/commands.ts'
import type { State } from '../state/state.ts'

/** Fires that wait out their jitter and are counted when their job is edited, at most. */
const WAITING_MAX = 20_000

/**
 * A change of a job as it is proposed at `at`, once what is due of the job has been decided. Its new schedules were
 * evaluated at `command.at`, and that is from when they count: a fire between the two is found late, not lost.
 */
export function handOver(state: State, command: Command, at: Millis): Command {
  if (command.kind === 'job-resume') return { ...command, at, from: command.at }
  if (command.kind !== 'job-put') return { ...command, at }
  const uid = state.jobNames.get(`${command.namespace}/${command.name}`)
  const job = uid === undefined ? undefined : state.jobs.get(uid)
  return { ...command, at, from: command.at, ...(job ? waitingFires(job, command.at) : {}) }
}

/** Fires of the present schedules up to `from` that wait out their jitter: the last one, and those that go into it. */
function waitingFires(job: Job, from: Millis): Pick<JobPut, 'fires' | 'waiting'> {
  const { nextFire: first } = job.progress
  if (job.state !== 'active' || !first || first.fireTime > from || followsItself(job)) return {}
  const after = originOf(job, first.fireTime, false)
  const last = latestFireAtOrBefore(job.schedules, after, from)
  if (!last) return { waiting: first }
  const { count } = countFires(job.schedules, after, last.fireTime - 1, WAITING_MAX)
  const before = latestFireAtOrBefore(job.schedules, after, last.fireTime - 1) ?? first
  return { fires: { from: first.fireTime, to: before.fireTime, count: count + 1 }, waiting: last }
}
