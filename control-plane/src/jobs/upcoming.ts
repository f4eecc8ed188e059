import type { Millis } from '../runtime/clock.ts'
import type { Job } from './job.ts'
import { type FireOrigin, type NextFire, nextFire } from './schedule.ts'

/** Where a job's schedules stand. `busy`: a scheduled run of it is open. */
export function originOf(job: Job, after: Millis, busy: boolean): FireOrigin {
  const { progress } = job
  const origin: FireOrigin = {
    after: Math.max(after, job.since),
    spread: job.spread,
    fireCount: progress.fireCount,
    createdAt: job.createdAt,
  }
  if (progress.lastEnd !== undefined) origin.lastEnd = progress.lastEnd
  if (busy) origin.busy = busy
  return origin
}

/** Whether the next fire depends on when the last run ended. */
export function followsItself(job: Job): boolean {
  return job.schedules.some((schedule) => schedule.kind === 'after')
}

/**
 * The next fire of a job, or undefined. The one stored beside the job is used as it is; a fixed delay counts from the
 * end of the last run, so it is worked out anew.
 */
export function upcomingFire(job: Job, busy: boolean): NextFire | undefined {
  if (job.state !== 'active') return undefined
  const { nextFire: stored, decidedUpTo } = job.progress
  if (!followsItself(job)) return stored
  // It waits out the jitter of schedules that have been replaced.
  if (stored && stored.fireTime <= job.since && stored.fireTime > decidedUpTo) return stored
  return nextFire(job.schedules, originOf(job, decidedUpTo, busy))
}
