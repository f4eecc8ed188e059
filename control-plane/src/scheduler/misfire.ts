import { jitterOf } from '../jobs/jitter.ts'
import type { Job } from '../jobs/job.ts'
import {
  countFires,
  type FireOrigin,
  latestFireAtOrBefore,
  nextFire,
  type NextFire,
  whyNoFire,
} from '../jobs/schedule.ts'
import { followsItself, originOf } from '../jobs/upcoming.ts'
import { scheduledRunId } from '../runs/ids.ts'
import type { Millis } from '../runtime/clock.ts'
import type { FireDecision, FireStart } from '../state/commands.ts'

/** Missed fires that one decision covers at most; what is beyond follows in the next. */
export const MISSED_FIRES_MAX = 20_000
/** Missed fires that one decision lets run, at most; likewise. */
export const CAUGHT_UP_MAX = 1000

/**
 * The verdict on the fires of one job that nobody was there to decide, given once, against the moment `since` at which
 * the scheduler began or came back. `due` is the first of them, `until` the last nominal instant that counts as missed.
 */
export function decideMissed(job: Job, due: NextFire, since: Millis, until: Millis): FireDecision {
  if (standsAlone(job, due)) return decideOne(job, due, since)
  const { misfire } = job.spec
  const decided = job.progress.decidedUpTo
  const jitters = job.schedules.map(({ jitterMs }) => jitterOf(job.spread, jitterMs ?? 0))
  const most = Math.max(0, ...jitters)
  // Before it no fire was due in time, whatever its jitter.
  const oldest = misfire.policy === 'skip' ? until + 1 : Math.max(since - misfire.thresholdMs - most, decided + 1)
  const walk = new Walk(job)
  const tooOld = walk.count(decided, Math.min(oldest - 1, until), 'misfire-threshold')
  if (walk.capped || oldest > until) return walk.decision(tooOld?.to ?? until)
  if (jitters.some((jitter) => jitter !== most)) {
    const decision = oneByOne(job, walk, firesUpTo(job, walk.origin(oldest - 1), until), since, until)
    if (decision) return decision
  }
  const fires = toRun(job, walk.origin(oldest - 1), until)
  const [first] = fires
  if (!first) return walk.decision(until)
  const coalesced = walk.count(oldest - 1, first.fireTime - 1, 'coalesced', first.run)
  if (coalesced && walk.capped) return walk.decision(coalesced.to)
  const some = fires.slice(0, CAUGHT_UP_MAX)
  return walk.decision(some.at(-1)?.fireTime ?? until, some)
}

/** The fires up to an instant, as many as one decision covers. */
function firesUpTo(job: Job, from: FireOrigin, to: Millis): NextFire[] {
  const fires: NextFire[] = []
  while (fires.length < MISSED_FIRES_MAX) {
    const fire = nextFire(job.schedules, from)
    if (!fire || fire.fireTime > to) break
    fires.push(fire)
    from.after = fire.fireTime
    from.fireCount += 1
  }
  return fires
}

/**
 * Judges each fire by when it was due. Where the schedules of a job differ in jitter, one that is too old may come after
 * one that is not: it goes into what runs behind it, or ends the decision. Undefined for more than can be looked at.
 */
function oneByOne(job: Job, walk: Walk, fires: NextFire[], since: Millis, until: Millis): FireDecision | undefined {
  const { policy, max, thresholdMs } = job.spec.misfire
  const isInTime = ({ dueTime }: NextFire) => since - dueTime <= thresholdMs
  const eldest = fires.findIndex(isInTime)
  walk.skip(eldest < 0 ? fires : fires.slice(0, eldest), 'misfire-threshold')
  if (fires.length === MISSED_FIRES_MAX) {
    const last = fires.at(eldest < 0 ? -1 : eldest - 1)
    return eldest === 0 || !last ? undefined : walk.decision(last.fireTime)
  }
  if (eldest < 0) return walk.decision(until)
  const inTime = fires.filter(isInTime).slice(policy === 'run-all' ? -max : -1)
  const first = fires.indexOf(inTime[0] as NextFire)
  const next = fires.findIndex((fire, at) => at > first && !isInTime(fire))
  const runs = fires.slice(first, Math.min(next < 0 ? fires.length : next, first + CAUGHT_UP_MAX))
  const starts = runs.map((fire) => startOf(job, fire, 'misfire'))
  walk.skip(fires.slice(eldest, first), 'coalesced', starts[0]?.run)
  return walk.decision(runs.at(-1)?.fireTime ?? until, starts)
}

/**
 * A fixed delay has one fire at most that can have been missed: the next one counts from when this one is decided. And
 * a fire that waited out its jitter while the schedules were changed cannot be derived from the present ones.
 */
function standsAlone(job: Job, due: NextFire): boolean {
  return due.fireTime <= job.since || due.schedules.some((id) => delays(job).has(id))
}

function delays(job: Job): Set<string> {
  return new Set(job.schedules.flatMap(({ kind, id }) => (kind === 'after' ? [id] : [])))
}

function decideOne(job: Job, due: NextFire, since: Millis): FireDecision {
  const { policy, thresholdMs } = job.spec.misfire
  const common = { job: job.uid, version: job.version, ...nextAfter(job, due.fireTime, 1) }
  if (policy !== 'skip' && since - due.dueTime <= thresholdMs)
    return { ...common, fires: [startOf(job, due, 'misfire')] }
  const skipped = { reason: 'misfire-threshold' as const, from: due.fireTime, to: due.fireTime, count: 1 }
  return { ...common, skipped: [skipped], fires: [] }
}

type Segment = NonNullable<FireDecision['skipped']>[number]

/** Counts through the missed fires of one job, in order, so that `maxFires` holds for what follows. */
class Walk {
  readonly #job: Job
  readonly #skipped: Segment[] = []
  #fires = 0
  capped = false

  constructor(job: Job) {
    this.#job = job
  }

  origin(after: Millis): FireOrigin {
    const origin = originOf(this.#job, after, followsItself(this.#job))
    return { ...origin, fireCount: origin.fireCount + this.#fires }
  }

  count(after: Millis, to: Millis, reason: Segment['reason'], into?: string): Segment | undefined {
    if (to <= after) return undefined
    const { count, first, last } = countFires(this.#job.schedules, this.origin(after), to, MISSED_FIRES_MAX)
    if (count === 0 || first === undefined || last === undefined) return undefined
    this.capped = count >= MISSED_FIRES_MAX
    return this.#skip({ reason, from: first, to: last, count, ...(into === undefined ? {} : { into }) })
  }

  /** The same of fires that are known one by one. */
  skip(fires: readonly NextFire[], reason: Segment['reason'], into?: string): void {
    const [first, last] = [fires[0]?.fireTime, fires.at(-1)?.fireTime]
    if (first === undefined || last === undefined) return
    this.#skip({ reason, from: first, to: last, count: fires.length, ...(into === undefined ? {} : { into }) })
  }

  #skip(segment: Segment): Segment {
    this.#skipped.push(segment)
    this.#fires += segment.count
    return segment
  }

  decision(upTo: Millis, fires: FireStart[] = []): FireDecision {
    const { uid, version } = this.#job
    const next = nextAfter(this.#job, upTo, this.#fires + fires.length)
    return { job: uid, version, skipped: this.#skipped, fires, ...next }
  }
}

/** The missed fires that run: the latest one, or under `run-all` the latest `max`, oldest first. */
function toRun(job: Job, from: FireOrigin, until: Millis): FireStart[] {
  const { policy, max } = job.spec.misfire
  const wanted = policy === 'run-all' ? max : 1
  const fires: FireStart[] = []
  let bound = until
  while (fires.length < wanted) {
    const fire = latestFireAtOrBefore(job.schedules, from, bound)
    if (!fire || fire.fireTime <= from.after) break
    fires.push(startOf(job, fire, 'misfire'))
    bound = fire.fireTime - 1
  }
  return fires.reverse()
}

export function startOf(job: Job, fire: NextFire, cause: FireStart['cause']): FireStart {
  const start: FireStart = {
    run: scheduledRunId(job.uid, fire.fireTime),
    fireTime: fire.fireTime,
    dueTime: fire.dueTime,
    schedules: fire.schedules,
    cause,
  }
  if (fire.skip !== undefined) start.skip = fire.skip
  return start
}

/** What follows a fire, with `fires` decided by then: the next one, or that the job has ended. */
export function nextAfter(job: Job, after: Millis, fires: number): { next?: NextFire; ended?: boolean } {
  const waits = followsItself(job)
  const origin = originOf(job, after, waits)
  origin.fireCount += fires
  if (waits) origin.lastEnd = origin.after
  const next = nextFire(job.schedules, origin)
  // With a fixed delay the next fire depends on an end that is still to come: it is worked out when it is asked for.
  if (waits) return next || whyNoFire(job.schedules, origin) === 'waiting' ? {} : { ended: true }
  return next ? { next } : { ended: true }
}
