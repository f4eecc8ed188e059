import type { Stats } from '@cronclave/openapi'
import { type Bucket, type Counts, ENDED_STATES, LIVE_SPAN_MS, LIVE_STEP_MS, noCounts } from '../live/live-runs.ts'
import { formatDuration } from '../ui/format.ts'

export type Range = 'live' | 'day' | 'week' | 'month'

export const RANGES: readonly { value: Range; label: string; words: string }[] = [
  { value: 'live', label: '10 min', words: 'the last 10 minutes, by 10 seconds' },
  { value: 'day', label: '24 h', words: 'the last 24 hours, by hour' },
  { value: 'week', label: '7 d', words: 'the last 7 days, by hour' },
  { value: 'month', label: '30 d', words: 'the last 30 days, by day' },
]

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Outcomes over time: one point for every step, also where nothing ended. */
export interface Outcomes {
  stepMs: number
  /** Points begin with UTC days; otherwise they are those of the browser's zone. */
  utc?: boolean
  points: readonly Bucket[]
}

/** Widths of points; months are as long as most are. */
const STEP_MS: Record<Stats['step'], number> = { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS }

/** The query of the statistics for a range, the same within one hour so that it can be kept. */
export function statsQuery(range: Range, now: number): { from: string; step: 'hour' | 'day' } {
  const spanMs = range === 'month' ? 30 * DAY_MS : range === 'week' ? 7 * DAY_MS : DAY_MS
  const stepMs = range === 'month' ? DAY_MS : HOUR_MS
  const from = Math.floor(now / stepMs) * stepMs - spanMs + stepMs
  return { from: new Date(from).toISOString(), step: range === 'month' ? 'day' : 'hour' }
}

/** The points of a reply. Fires that a stretch covers count as skipped. */
export function fromStats(stats: Stats): Outcomes {
  const points = stats.series.map(({ at, runs, skippedFires }) => ({
    at: Date.parse(at),
    counts: { ...runs, skipped: runs.skipped + skippedFires },
  }))
  return { stepMs: STEP_MS[stats.step], utc: stats.zone === 'UTC' && stats.step !== 'hour', points }
}

/** The points of the last minutes, from the buckets in which something ended. */
export function fromBuckets(buckets: readonly Bucket[], now: number): Outcomes {
  const known = new Map(buckets.map((bucket) => [bucket.at, bucket.counts]))
  const last = Math.floor(now / LIVE_STEP_MS) * LIVE_STEP_MS
  const points: Bucket[] = []
  for (let at = last - LIVE_SPAN_MS + LIVE_STEP_MS; at <= last; at += LIVE_STEP_MS) {
    points.push({ at, counts: known.get(at) ?? noCounts() })
  }
  return { stepMs: LIVE_STEP_MS, points }
}

/** All points together. */
export function total(points: readonly Bucket[]): Counts {
  const sum = noCounts()
  for (const { counts } of points) for (const state of ENDED_STATES) sum[state] += counts[state]
  return sum
}

/** Runs that have an outcome of their own: neither skipped nor cancelled by hand. */
export function judged(counts: Counts): number {
  return counts.succeeded + counts.failed + counts['timed-out'] + counts.lost
}

export function started(counts: Counts): number {
  return judged(counts) + counts.cancelled
}

/** The bound under which a share of what was measured lies, in words: `≤ 50 ms`, `> 1 min`. */
export function bucketQuantile({ boundsMs, counts }: Stats['lateness'], share: number): string | undefined {
  const all = counts.reduce((sum, count) => sum + count, 0)
  if (all === 0) return undefined
  let seen = 0
  for (const [index, count] of counts.entries()) {
    seen += count
    const bound = boundsMs[index]
    if (seen >= all * share && bound !== undefined) return `≤ ${formatDuration(bound)}`
  }
  return `> ${formatDuration(boundsMs.at(-1) ?? 0)}`
}

/** The value under which a share of a few measured ones lies. */
export function valueQuantile(values: readonly number[], share: number): string | undefined {
  if (values.length === 0) return undefined
  const sorted = [...values].sort((a, b) => a - b)
  return formatDuration(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0)
}

/** Heights of stacked bars: for each state, from the first drawn to the last, its counts with those before it. */
export function stack(points: readonly Bucket[]): number[][] {
  const heights = points.map(() => 0)
  return ENDED_STATES.map((state) =>
    points.map(({ counts }, index) => {
      heights[index] = (heights[index] ?? 0) + counts[state]
      return heights[index]
    }),
  )
}
