import { bucketQuantile } from './quantile.ts'
import { type Counted, countedIn, type Sum } from './sum.ts'

export type RankedBy = 'failure-rate' | 'lateness' | 'duration-trend'

/** A job as it is compared: what it counted in the window, and in the one before. */
export interface Candidate<Job> {
  job: Job
  /** Decides between equals, lowest first. */
  name: string
  sum: Sum
  before?: Sum | undefined
}

export interface Ranked<Job> {
  job: Job
  counted: Counted
  /** Runs that succeeded, failed, timed out or were lost. */
  judged: number
  /** Runs that failed, timed out or were lost. */
  failed: number
  failureRate: number
  latenessP95Ms?: number
  durationP95Ms?: number
  durationMeanMs?: number
  durationMeanBeforeMs?: number
  /** Mean duration in the window, divided by that before it. */
  durationTrend?: number
}

/**
 * The worst, worst first: by share of failures, those without any left out; by the 95th percentile of lateness; by how
 * much longer runs take than before, those that take no longer left out. Whoever has fewer runs than `minRuns` is no
 * part of it, in either window. Equals stand by their runs, most first, then by their names.
 */
export function ranking<Job>(
  candidates: Iterable<Candidate<Job>>,
  { by, minRuns, limit }: { by: RankedBy; minRuns: number; limit: number },
): Ranked<Job>[] {
  const found: { weight: number; name: string; ranked: Ranked<Job> }[] = []
  for (const candidate of candidates) {
    const ranked = figuresOf(candidate, minRuns)
    const weight = ranked && weightOf(ranked, by)
    if (ranked && weight !== undefined) found.push({ weight, name: candidate.name, ranked })
  }
  found.sort(
    (a, b) =>
      b.weight - a.weight || b.ranked.judged - a.ranked.judged || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  )
  return found.slice(0, limit).map(({ ranked }) => ranked)
}

function figuresOf<Job>({ job, sum, before }: Candidate<Job>, minRuns: number): Ranked<Job> | undefined {
  const counted = countedIn(sum)
  const { succeeded, failed: ended, 'timed-out': timedOut, lost } = counted.runs
  const failed = ended + timedOut + lost
  const judged = succeeded + failed
  if (judged < Math.max(1, minRuns)) return undefined
  const ranked: Ranked<Job> = { job, counted, judged, failed, failureRate: failed / judged }
  const latenessP95Ms = bucketQuantile(counted.lateness, 0.95)
  const durationP95Ms = bucketQuantile(counted.duration, 0.95)
  if (latenessP95Ms !== undefined) ranked.latenessP95Ms = latenessP95Ms
  if (durationP95Ms !== undefined) ranked.durationP95Ms = durationP95Ms
  const mean = meanOf(counted, 1)
  const meanBefore = before && meanOf(countedIn(before), minRuns)
  if (mean !== undefined) ranked.durationMeanMs = mean
  if (meanBefore !== undefined) ranked.durationMeanBeforeMs = meanBefore
  if (mean !== undefined && meanBefore !== undefined && meanBefore > 0) ranked.durationTrend = mean / meanBefore
  return ranked
}

function weightOf(ranked: Ranked<unknown>, by: RankedBy): number | undefined {
  if (by === 'failure-rate') return ranked.failed > 0 ? ranked.failureRate : undefined
  if (by === 'lateness') return ranked.latenessP95Ms
  return ranked.durationTrend !== undefined && ranked.durationTrend > 1 ? ranked.durationTrend : undefined
}

function meanOf({ durationMs, duration }: Counted, minRuns: number): number | undefined {
  const started = duration.reduce((sum, count) => sum + count, 0)
  return started < Math.max(1, minRuns) ? undefined : Math.round(durationMs / started)
}
