import type { Job } from '../jobs/job.ts'
import { nextFire, type NextFire } from '../jobs/schedule.ts'
import { followsItself, originOf } from '../jobs/upcoming.ts'
import type { Millis } from '../runtime/clock.ts'
import type { FireDecision } from '../state/commands.ts'
import { decideMissed, nextAfter, startOf } from './misfire.ts'

/** Fires of one job that one decision starts at most, when the scheduler is behind. */
const FIRES_MAX = 64

export interface Office {
  /** When this leader began, or its loop came back from a stall. */
  since: Millis
  /** How late a fire may be, at that moment, without being missed. */
  lateAfterMs: number
}

/**
 * What to propose for a job whose next fire is `due`: a fire found in time starts, a missed one is judged by the misfire
 * policy. Undefined when nothing is due yet.
 */
export function decideDue(job: Job, due: NextFire, now: Millis, office: Office): FireDecision | undefined {
  if (due.dueTime > now) return undefined
  const missedBefore = office.since - office.lateAfterMs
  if (due.dueTime < missedBefore) {
    const jitter = due.dueTime - due.fireTime
    return decideMissed(job, due, office.since, Math.max(missedBefore - jitter - 1, due.fireTime))
  }
  const fires = [startOf(job, due, 'schedule')]
  let last = due
  while (!followsItself(job) && fires.length < FIRES_MAX) {
    const next = nextFire(job.schedules, {
      ...originOf(job, last.fireTime, false),
      fireCount: job.progress.fireCount + fires.length,
    })
    if (!next || next.dueTime > now) break
    fires.push(startOf(job, next, 'schedule'))
    last = next
  }
  return { job: job.uid, version: job.version, fires, ...nextAfter(job, last.fireTime, fires.length) }
}
