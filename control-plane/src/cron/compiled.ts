/**
 * A cron expression as bit masks: plain data that survives JSON and msgpack, so that a start parses no expression.
 * Bit n of a mask stands for the value n; seconds and minutes are split at 30 because bit operations end at 32.
 */
export interface CompiledCron {
  /** IANA name; its table of offsets is shared by all schedules of the zone. */
  zone: string
  /** Seconds 0-29 and 30-59. */
  secondsLow: number
  secondsHigh: number
  /** Minutes 0-29 and 30-59. */
  minutesLow: number
  minutesHigh: number
  hours: number
  /** Bit n stands for day n + 1. */
  days: number
  /** Bit n stands for month n + 1. */
  months: number
  /** Bit 0 is Sunday. */
  weekdays: number
  /** The bits of `RULE`. */
  rules: number
  /** What few expressions have: `L`, `W`, `#` and years. */
  rare?: RareDays
}

/** The parts of an expression that depend on the month at hand. Absent masks are 0. */
export interface RareDays {
  /** `L-n`: bit n. */
  fromEnd?: number
  /** `15W`: bit 14, the weekday nearest to the 15th within its month. */
  nearest?: number
  /** `L-nW`: bit n; `LW` is bit 0. */
  nearestFromEnd?: number
  /** `5L`: bit 5, the last Friday. */
  lastWeekdays?: number
  /** `5#2`: 5 * 8 + 2, the second Friday. */
  nth?: number[]
  /** Years in ascending order; absent means every year. */
  years?: number[]
}

/** How the fields of an expression work together. */
export const RULE = {
  /** The hour field is `*` or a step: the expression follows elapsed time. */
  elapsed: 1,
  /** Neither day field is a star: a day that either of them names is a match. */
  eitherDay: 2,
  /** A wall time that falls in a gap is skipped, not moved. */
  gapSkip: 4,
  /** A wall time that happens twice: the second only. */
  foldLast: 8,
  /** A wall time that happens twice: both. */
  foldBoth: 16,
} as const
