import type { Job } from '../jobs/job.ts'
import { countFires, latestFireAtOrBefore, nextFire, type NextFire } from '../jobs/schedule.ts'
import { originOf } from '../jobs/upcoming.ts'
import { scheduledRunId } from '../runs/ids.ts'
import type { Millis } from '../runtime/clock.ts'
import type { FireDecision, FireStart } from '../state/commands.ts'

/** Missed fires that one decision covers at most; what is beyond follows in the next. */
export const MISSED_FIRES_MAX = 200_000

/**
 * The verdict on the fires of one job that nobody was there to decide, given once, against the moment `since` at which
 * the scheduler began or came back. `until` is the last nominal instant that counts as missed.
 */
export function decideMissed(job: Job, since: Millis, until: Millis): FireDecision {
  const { misfire } = job.spec
  const decided = job.progress.decidedUpTo
  const oldest = misfire.policy === 'skip' ? until + 1 : Math.max(since - misfire.thresholdMs, decided + 1)
  const tooOld = skipTo(job, decided, Math.min(oldest - 1, until))
  if (tooOld?.capped)
    return { ...head(job), skipped: [tooOld.segment], fires: [], ...nextAfter(job, tooOld.segment.to) }
  const fires = oldest > until ? [] : toRun(job, oldest - 1, until)
  const skipped = tooOld ? [tooOld.segment] : []
  const [first] = fires
  const last = fires.at(-1)?.fireTime ?? until
  if (!first) return { ...head(job), skipped, fires, ...nextAfter(job, last) }
  const coalesced = countFires(job.schedules, originOf(job, oldest - 1, false), first.fireTime - 1, MISSED_FIRES_MAX)
  if (coalesced.count > 0 && coalesced.first !== undefined && coalesced.last !== undefined) {
    skipped.push({
      reason: 'coalesced',
      from: coalesced.first,
      to: coalesced.last,
      count: coalesced.count,
      into: first.run,
    })
  }
  return { ...head(job), skipped, fires, ...nextAfter(job, last) }
}

function head(job: Job) {
  return { job: job.uid, version: job.version }
}

type Segment = NonNullable<FireDecision['skipped']>[number]

function skipTo(job: Job, after: Millis, to: Millis): { segment: Segment; capped: boolean } | undefined {
  if (to <= after) return undefined
  const { count, first, last } = countFires(job.schedules, originOf(job, after, false), to, MISSED_FIRES_MAX)
  if (count === 0 || first === undefined || last === undefined) return undefined
  return { segment: { reason: 'misfire-threshold', from: first, to: last, count }, capped: count >= MISSED_FIRES_MAX }
}

/** The missed fires that run: the latest one, or under `run-all` the latest `max`, oldest first. */
function toRun(job: Job, after: Millis, until: Millis): FireStart[] {
  const { policy, max } = job.spec.misfire
  const wanted = policy === 'run-all' ? max : 1
  const fires: FireStart[] = []
  let bound = until
  while (fires.length < wanted) {
    const fire = latestFireAtOrBefore(job.schedules, originOf(job, after, false), bound)
    if (!fire || fire.fireTime <= after) break
    fires.push(startOf(job, fire, 'misfire'))
    bound = fire.fireTime - 1
  }
  return fires.reverse()
}

export function startOf(job: Job, fire: NextFire, cause: FireStart['cause']): FireStart {
  return {
    run: scheduledRunId(job.uid, fire.fireTime),
    fireTime: fire.fireTime,
    dueTime: fire.dueTime,
    schedules: fire.schedules,
    cause,
    ...(fire.skip === undefined ? {} : { skip: fire.skip }),
  }
}

/** What follows a fire: the next one, or that the job has ended. */
export function nextAfter(job: Job, after: Millis, fires = 0): { next?: NextFire; ended?: boolean } {
  const origin = originOf(job, after, false)
  const next = nextFire(job.schedules, { ...origin, fireCount: origin.fireCount + fires })
  if (next) return { next }
  const mayFollow = job.schedules.some(
    (schedule) => schedule.kind === 'after' && (schedule.endAt === undefined || schedule.endAt > after),
  )
  return mayFollow ? {} : { ended: true }
}
