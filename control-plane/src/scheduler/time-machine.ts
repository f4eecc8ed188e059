import { resolveJob } from '../jobs/definition.ts'
import type { Job } from '../jobs/job.ts'
import { compileSchedule, nextFire, type NextFire } from '../jobs/schedule.ts'
import { originOf, upcomingFire } from '../jobs/upcoming.ts'
import type { Fault } from '../problems.ts'
import type { Millis } from '../runtime/clock.ts'
import type { FireDecision } from '../state/commands.ts'
import { decideDue, type Office } from './due.ts'

export { assignParts } from '../sharding/assign.ts'

/** How late a fire may be without being missed, as the configuration has it by default. */
const LATE_AFTER_MS = 1000
/** Decisions of one play: a job that is due each second has so many in eleven days. */
const DECISIONS_MAX = 1_000_000

/** A stretch of time, its end excluded. */
interface Stretch {
  from: Millis
  to: Millis
}

/** What a definition is played with. */
export interface Play extends Stretch {
  /** When no scheduler was there, in ascending order. */
  outages: readonly Stretch[]
  /** How long each run takes; what `after` counts from. */
  takesMs: number
  /** What `H` fields and jitter are drawn from. */
  seed: number
}

/** A run that would have been made. */
export interface PlayedFire {
  fireTime: Millis
  dueTime: Millis
  /** When it was decided. */
  at: Millis
  cause: 'schedule' | 'misfire'
  schedules: string[]
  moved?: NextFire['moved']
}

/** Fires that would have been recorded as skipped. */
export interface PlayedSkip extends Stretch {
  reason: string
  count: number
}

/** What a play came to, or what is wrong with the definition. */
export type Played =
  | { ok: true; fires: PlayedFire[]; skipped: PlayedSkip[]; next?: Millis; ended: boolean }
  | { ok: false; faults: Fault[] }

/**
 * Every decision that the scheduler would take about a job between two instants, its own code in virtual time: cron,
 * DST, jitter, windows, `maxFires`, misfire policies. What depends on other runs (overlap, queues, slots) is left out.
 */
export function playTimetable(definition: object, play: Play): Played {
  const target = { kind: 'handler', service: 'service', handler: 'handler' }
  const resolved = resolveJob({ target, ...definition })
  if (!resolved.ok) return resolved
  const job = jobAt(resolved.spec, play)
  const played = { fires: [] as PlayedFire[], skipped: [] as PlayedSkip[] }
  let office: Office = { since: play.from, lateAfterMs: LATE_AFTER_MS }
  let now = play.from
  for (let decisions = 0; ; decisions++) {
    if (decisions > DECISIONS_MAX) throw new RangeError(`more than ${DECISIONS_MAX} fires: play a shorter time`)
    const due = job.state === 'active' ? upcomingFire(job, false) : undefined
    if (!due || Math.max(now, due.dueTime) >= play.to) break
    now = Math.max(now, due.dueTime)
    const outage = play.outages.find(({ from, to }) => from <= now && now < to)
    if (outage) {
      now = outage.to
      office = { ...office, since: now }
      if (now >= play.to) break
    }
    const decision = decideDue(job, due, now, office)
    if (!decision) break
    record(job, due, decision, now, play, played)
  }
  const next = job.state === 'active' ? upcomingFire(job, false)?.fireTime : undefined
  return { ok: true, ...played, ended: job.state === 'ended', ...(next === undefined ? {} : { next }) }
}

function jobAt(spec: Job['spec'], { from, seed }: Play): Job {
  const job: Job = {
    uid: 1,
    namespace: 1,
    name: 'job',
    version: 1,
    definitions: 1,
    state: 'active',
    stateEntry: 1,
    spec,
    schedules: spec.schedules.map((schedule) => compileSchedule(schedule, seed)),
    spread: seed,
    since: from - 1,
    sinceEntry: 1,
    createdBy: '',
    updatedBy: '',
    createdAt: from,
    updatedAt: from,
    progress: { decidedUpTo: from - 1, fireCount: 0, startedRuns: 0, failuresInARow: 0 },
    openRuns: [],
  }
  const next = nextFire(job.schedules, originOf(job, from - 1, false))
  if (next) job.progress.nextFire = next
  return job
}

/** What applying a decision changes in a job, as far as its schedules look at it. */
function record(
  job: Job,
  due: NextFire,
  { skipped = [], fires, next, ended }: FireDecision,
  at: Millis,
  { takesMs }: Play,
  played: { fires: PlayedFire[]; skipped: PlayedSkip[] },
): void {
  const { progress } = job
  const decide = (upTo: Millis, count: number, end: Millis) => {
    progress.decidedUpTo = upTo
    progress.fireCount += count
    progress.lastEnd = end
  }
  for (const { reason, from, to, count } of skipped) {
    played.skipped.push({ reason, from, to, count })
    decide(to, count, at)
  }
  for (const { fireTime, dueTime, cause, schedules, skip } of fires) {
    decide(fireTime, 1, skip === undefined ? at + takesMs : at)
    const origin = { ...originOf(job, fireTime - 1, false), fireCount: 0 }
    const { moved } = (due.fireTime === fireTime ? due : nextFire(job.schedules, origin)) ?? {}
    if (skip !== undefined) played.skipped.push({ reason: skip, from: fireTime, to: fireTime, count: 1 })
    else
      played.fires.push({
        fireTime,
        dueTime,
        at,
        cause: cause === 'misfire' ? 'misfire' : 'schedule',
        schedules,
        ...(moved === undefined ? {} : { moved }),
      })
  }
  if (next) progress.nextFire = next
  else delete progress.nextFire
  if (ended) job.state = 'ended'
}
