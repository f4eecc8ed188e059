import { BUCKETS_MS } from '../state/counters.ts'

/**
 * A quantile out of the counts of the buckets, as if values lay evenly in each: exact to the width of its bucket. Of the
 * last bucket, which is open, its lower bound: at least so much. Undefined without values.
 */
export function bucketQuantile(counts: ArrayLike<number>, share: number): number | undefined {
  let total = 0
  for (let i = 0; i < counts.length; i++) total += counts[i] ?? 0
  if (total === 0) return undefined
  const wanted = share * total
  let before = 0
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] ?? 0
    if (before + count >= wanted && count > 0) {
      const low = BUCKETS_MS[i - 1] ?? 0
      const high = BUCKETS_MS[i] ?? low
      return Math.round(low + (high - low) * ((wanted - before) / count))
    }
    before += count
  }
  return BUCKETS_MS.at(-1)
}
