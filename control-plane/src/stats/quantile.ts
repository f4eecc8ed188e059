import { BUCKETS_MS } from '../state/counters.ts'

/**
 * A quantile out of the counts of the buckets, as if values lay evenly in each: exact to the width of its bucket. Of the
 * last bucket, which is open, its lower bound: at least so much. Undefined without values.
 */
export function bucketQuantile(counts: readonly number[], share: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return undefined
  const wanted = share * total
  let before = 0
  for (const [i, count] of counts.entries()) {
    if (before + count >= wanted && count > 0) {
      const low = BUCKETS_MS[i - 1] ?? 0
      const high = BUCKETS_MS[i] ?? low
      return Math.round(low + (high - low) * ((wanted - before) / count))
    }
    before += count
  }
  return BUCKETS_MS.at(-1)
}
