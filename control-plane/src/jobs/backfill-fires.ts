import type { Millis } from '../runtime/clock.ts'
import type { Job } from './job.ts'
import { type CompiledSchedule, type NextFire, nextFire } from './schedule.ts'

/** The fires of a job in a past range, as its schedules are now. */
export interface PastFires {
  /** Oldest first; those that a gap of daylight saving swallows have `skip`. */
  fires: NextFire[]
  /** There are more than were asked for. */
  more: boolean
}

/**
 * The times at which a job was due in [from, to), whether it was there or not: how often it may fire does not count, a
 * fixed rate is followed back beyond its beginning unless it has a `startAt`, and a fixed delay names no time in the past.
 */
export function pastFires(job: Pick<Job, 'schedules' | 'spread' | 'createdAt'>, from: Millis, to: Millis, max: number) {
  const schedules = job.schedules.flatMap((schedule) => inThePast(schedule, job.createdAt, from))
  const past: PastFires = { fires: [], more: false }
  const origin = { after: from - 1, spread: job.spread, fireCount: 0, createdAt: job.createdAt }
  for (;;) {
    const fire = nextFire(schedules, origin)
    if (!fire || fire.fireTime >= to) return past
    past.more = past.fires.length === max
    if (past.more) return past
    past.fires.push(fire)
    origin.after = fire.fireTime
  }
}

function inThePast(
  { maxFires: _, ...schedule }: CompiledSchedule,
  createdAt: Millis,
  from: Millis,
): CompiledSchedule[] {
  if (schedule.kind === 'after') return []
  if (schedule.kind !== 'every' || schedule.startAt !== undefined || from >= createdAt) return [schedule]
  const { everyMs } = schedule
  return [{ ...schedule, startAt: createdAt - Math.ceil((createdAt - from) / everyMs) * everyMs }]
}
