import { nextCron } from '../cron/cron.ts'
import { HORIZON_END } from '../cron/zone.ts'
import type { Millis } from '../runtime/clock.ts'
import type { CompiledSchedule, FireOrigin } from './schedule.ts'

/** The first occasion of one schedule strictly after `after`, within its window and its number of fires; -1 for none. */
export function nextOccasion(schedule: CompiledSchedule, after: Millis, from: FireOrigin): Millis {
  if (schedule.maxFires !== undefined && from.fireCount >= schedule.maxFires) return -1
  const { startAt, endAt } = schedule
  const earliest = startAt !== undefined && startAt > after ? startAt - 1 : after
  if (endAt !== undefined && earliest >= endAt) return -1
  const occasion = firstAfter(schedule, earliest, from)
  return (endAt !== undefined && occasion > endAt) || occasion >= HORIZON_END ? -1 : occasion
}

function firstAfter(schedule: CompiledSchedule, after: Millis, from: FireOrigin): Millis {
  switch (schedule.kind) {
    case 'cron':
      return nextCron(schedule, after)
    case 'every':
      return nextMultiple(schedule.startAt ?? from.createdAt, schedule.everyMs, after)
    case 'after':
      if (from.busy) return -1
      return nextMultiple(delayBase(schedule, from), schedule.afterMs, after)
    case 'at':
      return schedule.at > after ? schedule.at : -1
    case 'manual':
      return -1
  }
}

/**
 * From the end of the last fire one delay, and so on from there: an occasion that has passed undecided, because the
 * job was paused or edited, counts as skipped at its own instant.
 */
function delayBase(schedule: CompiledSchedule & { kind: 'after' }, from: FireOrigin): Millis {
  if (from.lastEnd !== undefined) return from.lastEnd + schedule.afterMs
  return schedule.startAt ?? from.createdAt + schedule.afterMs
}

/** The first of `anchor`, `anchor + stepMs`, … that is after an instant. */
function nextMultiple(anchor: Millis, stepMs: number, after: Millis): Millis {
  return after < anchor ? anchor : anchor + (Math.floor((after - anchor) / stepMs) + 1) * stepMs
}
