/** Upper bounds for what takes microseconds to seconds, such as a write to a disk, in milliseconds. */
export const FAST_MS = [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 5000] as const
/** Upper bounds for what takes milliseconds to hours, such as a run, in milliseconds. */
export const SLOW_MS = [10, 50, 100, 500, 1000, 5000, 30_000, 60_000, 300_000, 1_800_000, 7_200_000] as const

/** How long something took, counted by size: plain numbers, so that adding costs next to nothing. */
export class Buckets {
  /** Ascending, in milliseconds. */
  readonly bounds: readonly number[]
  /** One more than there are bounds: the last is open. */
  readonly counts: number[]
  sumMs = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = bounds.map(() => 0).concat(0)
  }

  add(ms: number): void {
    const { bounds, counts } = this
    let at = 0
    while (at < bounds.length && ms > (bounds[at] as number)) at += 1
    counts[at] = (counts[at] as number) + 1
    this.sumMs += ms
  }

  get count(): number {
    let sum = 0
    for (const count of this.counts) sum += count
    return sum
  }
}
