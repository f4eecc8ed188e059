import { bucketQuantile } from './quantile.ts'
import { type Counted, countedIn, durationMsIn, latenessIn, runsIn, startedIn, type Sum } from './sum.ts'

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
  const found: { weight: number; runs: number; candidate: Candidate<Job> }[] = []
  for (const candidate of candidates) {
    const runs = judgedIn(candidate.sum)
    const weight = runs < Math.max(1, minRuns) ? undefined : weightOf(candidate, by, minRuns)
    if (weight !== undefined) found.push({ weight, runs, candidate })
  }
  found.sort((a, b) => b.weight - a.weight || b.runs - a.runs || (a.candidate.name < b.candidate.name ? -1 : 1))
  return found.slice(0, limit).map(({ candidate }) => figuresOf(candidate, minRuns))
}

/** What a job is compared by; undefined when it is no part of it. Read off the numbers: there are many jobs. */
function weightOf({ sum, before }: Candidate<unknown>, by: RankedBy, minRuns: number): number | undefined {
  if (by === 'failure-rate') return failedIn(sum) === 0 ? undefined : failedIn(sum) / judgedIn(sum)
  if (by === 'lateness') return bucketQuantile(latenessIn(sum), 0.95)
  const [mean, meanBefore] = [meanOf(sum, minRuns), before && meanOf(before, minRuns)]
  const trend = mean !== undefined && meanBefore ? mean / meanBefore : 0
  return trend > 1 ? trend : undefined
}

function figuresOf<Job>({ job, sum, before }: Candidate<Job>, minRuns: number): Ranked<Job> {
  const counted = countedIn(sum)
  const [failed, judged] = [failedIn(sum), judgedIn(sum)]
  const ranked: Ranked<Job> = { job, counted, judged, failed, failureRate: failed / judged }
  const latenessP95Ms = bucketQuantile(counted.lateness, 0.95)
  const durationP95Ms = bucketQuantile(counted.duration, 0.95)
  if (latenessP95Ms !== undefined) ranked.latenessP95Ms = latenessP95Ms
  if (durationP95Ms !== undefined) ranked.durationP95Ms = durationP95Ms
  const [mean, meanBefore] = [meanOf(sum, 1), before && meanOf(before, minRuns)]
  if (mean !== undefined) ranked.durationMeanMs = mean
  if (meanBefore !== undefined) ranked.durationMeanBeforeMs = meanBefore
  if (mean !== undefined && meanBefore) ranked.durationTrend = mean / meanBefore
  return ranked
}

function failedIn(sum: Sum): number {
  return runsIn(sum, 'failed') + runsIn(sum, 'timed-out') + runsIn(sum, 'lost')
}

function judgedIn(sum: Sum): number {
  return runsIn(sum, 'succeeded') + failedIn(sum)
}

function meanOf(sum: Sum, minRuns: number): number | undefined {
  const started = startedIn(sum)
  return started < Math.max(1, minRuns) ? undefined : Math.round(durationMsIn(sum) / started)
}
