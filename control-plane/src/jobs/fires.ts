import type { Millis } from '../runtime/clock.ts'
import type { CompiledSchedule, FireAt, FireCount, FireOrigin, NextFire, NoFire } from './schedule.ts'

/** The first fire strictly after `from.after` over all schedules of a job, or `undefined`: `whyNoFire` says why. */
export function nextFire(schedules: readonly CompiledSchedule[], from: FireOrigin): NextFire | undefined {
  throw new Error(`${schedules.length} ${from.after}`)
}

/** The next `count` fires, as they would be if every one of them was decided at its instant. */
export function previewFires(schedules: readonly CompiledSchedule[], from: FireOrigin, count: number): NextFire[] {
  throw new Error(`${schedules.length} ${from.after} ${count}`)
}

/** Fires after `from.after` and at or before `to`; stops at `cap`, with `last` the place from which to go on. */
export function countFires(
  schedules: readonly CompiledSchedule[],
  from: FireOrigin,
  to: Millis,
  cap: number,
): FireCount {
  throw new Error(`${schedules.length} ${from.after} ${to} ${cap}`)
}

/** The latest fire that is after `from.after` and at or before `to`. Costs the same however many lie between. */
export function latestFireAtOrBefore(
  schedules: readonly CompiledSchedule[],
  from: FireOrigin,
  to: Millis,
): NextFire | undefined {
  throw new Error(`${schedules.length} ${from.after} ${to}`)
}

/** Why `nextFire` found none. */
export function whyNoFire(schedules: readonly CompiledSchedule[], from: FireOrigin): NoFire {
  throw new Error(`${schedules.length} ${from.after}`)
}

/** Whether exactly this instant is a fire, and if not, why. `from.after` is the earliest instant of interest. */
export function fireAt(schedules: readonly CompiledSchedule[], from: FireOrigin, instant: Millis): FireAt {
  throw new Error(`${schedules.length} ${from.after} ${instant}`)
}
