import type { Job } from '../jobs/job.ts'
import { jitterOf } from '../jobs/jitter.ts'
import { type CompiledSchedule, nextFire, type NextFire } from '../jobs/schedule.ts'
import { followsItself, originOf } from '../jobs/upcoming.ts'
import type { Millis } from '../runtime/clock.ts'
import type { FireDecision } from '../state/commands.ts'
import { decideMissed, nextAfter, startOf } from './misfire.ts'

/** Fires of one job that one decision starts at most, when the scheduler is behind. */
const FIRES_MAX = 64
/** Fires that a schedule shares with others, which are due earlier, that are passed over in search of one that is not. */
const SHARED_MAX = 1000

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
  if (due.dueTime < missedBefore) return decideMissed(job, due, office.since, lastMissed(job, due, missedBefore))
  const fires = [startOf(job, due, 'schedule')]
  const decision: FireDecision = { job: job.uid, version: job.version, fires }
  if (followsItself(job)) return Object.assign(decision, nextAfter(job, due.fireTime, fires.length))
  let next = nextBehind(job, due, fires.length)
  // One that had to wait for this one was missed all the same, if it was due before.
  while (next && next.dueTime <= now && next.dueTime >= missedBefore && fires.length < FIRES_MAX) {
    fires.push(startOf(job, next, 'schedule'))
    next = nextBehind(job, next, fires.length)
  }
  if (next) decision.next = next
  else decision.ended = true
  return decision
}

/**
 * Up to which nominal instant all fires were due before another: each schedule has a jitter of its own, and fires are
 * decided in the order of their nominal instants.
 */
function lastMissed(job: Job, due: NextFire, before: Millis): Millis {
  let until = before - 1
  for (const schedule of job.schedules) {
    const jitter = jitterOf(job.spread, schedule.jitterMs ?? 0)
    if (jitter === 0) continue
    const inTime = firstInTime(job, schedule, Math.max(due.fireTime, before - jitter - 1), before)
    if (inTime) until = Math.min(until, inTime.fireTime - 1)
  }
  return Math.max(until, due.fireTime)
}

/** The first fire of a schedule after an instant at which the fire of its job was not due `before`. */
function firstInTime(job: Job, schedule: CompiledSchedule, after: Millis, before: Millis): NextFire | undefined {
  // One that ends after a number of fires, or counts from the end of a run, may have none there any more.
  const sharing = job.schedules.filter((one) => one === schedule || (one.kind !== 'after' && !one.maxFires))
  let own = nextFire([schedule], originOf(job, after, false))
  for (let shared = 0; own && own.fireTime < before && shared < SHARED_MAX; shared++) {
    // Others that are due at this instant may have been so before it.
    const fire = nextFire(sharing, originOf(job, own.fireTime - 1, false))
    if (!fire || fire.dueTime >= before) break
    own = nextFire([schedule], originOf(job, own.fireTime, false))
  }
  return own
}

/** The fire behind one, with so many decided by then. */
function nextBehind(job: Job, { fireTime }: NextFire, decided: number): NextFire | undefined {
  const origin = originOf(job, fireTime, false)
  origin.fireCount += decided
  return nextFire(job.schedules, origin)
}
