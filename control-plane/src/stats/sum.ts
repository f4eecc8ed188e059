import { ENDED_STATES, type EndedRunState } from '../runs/run.ts'
import { BUCKETS_MS, type HourCounters } from '../state/counters.ts'

/** Buckets of lateness, and of duration. */
export const BUCKETS = BUCKETS_MS.length + 1

const SKIPPED_FIRES = ENDED_STATES.length
const ATTEMPTS = SKIPPED_FIRES + 1
const DURATION_MS = ATTEMPTS + 1
const LATENESS = DURATION_MS + 1
const DURATION = LATENESS + BUCKETS

/** Numbers of a sum. */
export const FIELDS = DURATION + BUCKETS

/** Counters of any stretch of time, as numbers in a row: what is added up by the hundred thousand. */
export type Sum = Float64Array

export function emptySum(): Sum {
  return new Float64Array(FIELDS)
}

export function addHour(sum: Sum, hour: HourCounters): Sum {
  for (let i = 0; i < ENDED_STATES.length; i++) raise(sum, i, hour.runs[ENDED_STATES[i] as keyof HourCounters['runs']])
  raise(sum, SKIPPED_FIRES, hour.skippedFires)
  raise(sum, ATTEMPTS, hour.attempts)
  raise(sum, DURATION_MS, hour.durationMs)
  for (let i = 0; i < BUCKETS; i++) {
    raise(sum, LATENESS + i, hour.lateness[i] ?? 0)
    raise(sum, DURATION + i, hour.duration[i] ?? 0)
  }
  return sum
}

export function addSum(sum: Sum, other: Sum): Sum {
  for (let i = 0; i < FIELDS; i++) raise(sum, i, other[i] ?? 0)
  return sum
}

/** Counters under their names. */
export type Counted = Pick<HourCounters, 'runs' | 'skippedFires' | 'attempts' | 'durationMs' | 'lateness' | 'duration'>

export function countedIn(sum: Sum): Counted {
  const runs = Object.fromEntries(ENDED_STATES.map((state, i) => [state, sum[i] ?? 0])) as HourCounters['runs']
  return {
    runs,
    skippedFires: sum[SKIPPED_FIRES] ?? 0,
    attempts: sum[ATTEMPTS] ?? 0,
    durationMs: sum[DURATION_MS] ?? 0,
    lateness: [...sum.subarray(LATENESS, LATENESS + BUCKETS)],
    duration: [...sum.subarray(DURATION, DURATION + BUCKETS)],
  }
}

export function runsIn(sum: Sum, state: EndedRunState): number {
  return sum[PLACES[state]] as number
}

export function durationMsIn(sum: Sum): number {
  return sum[DURATION_MS] as number
}

/** By bucket. */
export function latenessIn(sum: Sum): ArrayLike<number> {
  return sum.subarray(LATENESS, LATENESS + BUCKETS)
}

/** Runs that started. */
export function startedIn(sum: Sum): number {
  let started = 0
  for (let i = 0; i < BUCKETS; i++) started += sum[DURATION + i] as number
  return started
}

const PLACES = Object.fromEntries(ENDED_STATES.map((state, i) => [state, i])) as Record<EndedRunState, number>

function raise(sum: Sum, at: number, by: number): void {
  sum[at] = (sum[at] as number) + by
}
