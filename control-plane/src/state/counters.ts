import type { EndedRunState } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'

/** Upper bounds of the lateness and duration buckets, in milliseconds; the last bucket is open. */
export const BUCKETS_MS = [
  10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000,
] as const

/** What ended in one hour, for one job. Statistics read these, never rows. */
export interface HourCounters {
  /** Start of the hour, epoch milliseconds. */
  hour: Millis
  runs: Record<EndedRunState, number>
  /** Fires that a stretch covers, besides skipped runs. */
  skippedFires: number
  attempts: number
  /** From first start to end, of all runs that started. */
  durationMs: number
  /** Runs by time from due to first start, one more bucket than BUCKETS_MS. */
  lateness: number[]
  /** Runs by time from first start to end. */
  duration: number[]
}

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** Start of the hour in which an instant lies. */
export function hourOf(at: Millis): Millis {
  return at - (at % HOUR_MS)
}

export function emptyCounters(at: Millis): HourCounters {
  return {
    hour: hourOf(at),
    runs: { succeeded: 0, failed: 0, 'timed-out': 0, cancelled: 0, lost: 0, skipped: 0 },
    skippedFires: 0,
    attempts: 0,
    durationMs: 0,
    lateness: BUCKETS_MS.map(() => 0).concat(0),
    duration: BUCKETS_MS.map(() => 0).concat(0),
  }
}

/** Index of the bucket that `ms` falls into. */
export function bucketOf(ms: number): number {
  const index = BUCKETS_MS.findIndex((bound) => ms <= bound)
  return index < 0 ? BUCKETS_MS.length : index
}
