import type { Stats } from '@cronclave/openapi'

/** A figure over time: half of what was measured lay below `p50`, most below `p95`; nothing where nothing ran. */
export interface Trend {
  at: readonly number[]
  p50: readonly (number | null)[]
  p95: readonly (number | null)[]
}

export function trendOf(stats: Stats, of: 'lateness' | 'duration'): Trend {
  const { series } = stats
  return {
    at: series.map(({ at }) => Date.parse(at)),
    p50: series.map((point) => (of === 'lateness' ? point.latenessP50Ms : point.durationP50Ms) ?? null),
    p95: series.map((point) => (of === 'lateness' ? point.latenessP95Ms : point.durationP95Ms) ?? null),
  }
}

/** The newest value that there is. */
export function newest(values: readonly (number | null)[]): number | undefined {
  return values.findLast((value) => value !== null) ?? undefined
}

/** The zone of the browser, by whose clocks days begin on the page. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** A quantile out of buckets, estimated within its bucket as the server does; of the open last one its lower bound. */
export function quantileOf({ boundsMs, counts }: Stats['lateness'], share: number): number | undefined {
  const wanted = counts.reduce((sum, count) => sum + count, 0) * share
  if (wanted === 0) return undefined
  let before = 0
  for (const [i, count] of counts.entries()) {
    if (count > 0 && before + count >= wanted) {
      const low = boundsMs[i - 1] ?? 0
      return low + ((boundsMs[i] ?? low) - low) * ((wanted - before) / count)
    }
    before += count
  }
  return boundsMs.at(-1)
}
