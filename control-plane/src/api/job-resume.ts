import { setImmediate as breathe } from 'node:timers/promises'
import type { Job } from '../jobs/job.ts'
import { countFires, nextFire } from '../jobs/schedule.ts'
import { originOf } from '../jobs/upcoming.ts'
import { Problem } from '../problems.ts'
import type { Millis } from '../runtime/clock.ts'
import type { FireCount } from '../state/commands.ts'
import type { ApiContext } from './context.ts'
import { isBusy } from './job-view.ts'
import { submit } from './outcome.ts'

/** Fires counted before others get a turn. */
const COUNT_STEP = 20_000

/** Lets a job fire again from now on; the fires that it was paused for are counted from its schedules and recorded. */
export async function resume(
  context: ApiContext,
  job: Job,
  by: string,
  condition: { ifVersion?: number } = {},
): Promise<void> {
  const at = Math.max(context.clock.now(), context.state().now)
  const { version } = job
  const { fires, next } = await evaluated(context, job, at)
  await submit(context, {
    kind: 'job-resume',
    at,
    job: job.uid,
    by,
    ...(fires ? { fires } : {}),
    ...(next ? { next } : {}),
    // What was counted holds for this version only.
    ifVersion: condition.ifVersion ?? version,
  })
}

/** What fell due up to an instant and what comes after it; a Problem when the schedules cannot be evaluated. */
async function evaluated(context: ApiContext, job: Job, at: Millis) {
  try {
    const fires = await pausedFires(job, at)
    const origin = originOf(job, at, isBusy(context.state(), job))
    const next = nextFire(job.schedules, { ...origin, fireCount: job.progress.fireCount + (fires?.count ?? 0) })
    return { fires, next }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Problem('invalid-schedule', `job ${job.name} cannot be evaluated: ${why}`)
  }
}

/** Fires up to `to` of a job that is out of service, as far as its schedules can be evaluated. */
export async function unservedFires(job: Job | undefined, to: Millis): Promise<FireCount | undefined> {
  if (job?.state === 'paused') return pausedFires(job, to)
  return job?.state === 'quarantined' ? pausedFires(job, to).catch(() => undefined) : undefined
}

/** Fires up to `to` of a job whose schedules are not served, as their record has them. */
async function pausedFires(job: Job, to: Millis): Promise<FireCount | undefined> {
  const origin = { ...originOf(job, job.progress.decidedUpTo, false), paused: true }
  let total: FireCount | undefined
  for (;;) {
    const { count, first, last } = countFires(job.schedules, origin, to, COUNT_STEP)
    if (first === undefined || last === undefined) return total
    total = { from: total?.from ?? first, to: last, count: (total?.count ?? 0) + count }
    if (count < COUNT_STEP) return total
    origin.after = last
    origin.lastEnd = last
    origin.fireCount += count
    await breathe()
  }
}
