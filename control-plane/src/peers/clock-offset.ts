/** Pings whose answers are compared. */
const SAMPLES_MAX = 8
/** What two pings may say apart beyond their round trips before one of the clocks must have been set, in milliseconds. */
const TOLERANCE_MS = 20

interface Sample {
  roundTripMs: number
  /** The other wall clock, less our monotonic one. */
  aheadMs: number
}

/**
 * By how much another wall clock is ahead of ours, from the pings of the last seconds: the one that was answered
 * fastest says it best, because the error is at most half of its round trip. Kept against the monotonic clock, so that
 * a step of our wall clock shows at once; a step of theirs shows with the next ping, which outdates those before it.
 */
export class ClockOffset {
  #samples: Sample[] = []

  /** A ping was answered: `theirs` is what the other wall clock showed, `monotonic` what our monotonic one shows. */
  add(roundTripMs: number, theirs: number, monotonic: number): void {
    const sample = { roundTripMs, aheadMs: theirs + roundTripMs / 2 - monotonic }
    const agreeing = this.#samples.filter((older) => agree(older, sample))
    this.#samples = [...agreeing, sample].slice(-SAMPLES_MAX)
  }

  /** At the moment that our clocks show. */
  offsetMs(now: number, monotonic: number): number | undefined {
    const [first, ...others] = this.#samples
    if (first === undefined) return undefined
    const best = others.reduce((found, sample) => (sample.roundTripMs <= found.roundTripMs ? sample : found), first)
    return best.aheadMs + monotonic - now
  }

  get roundTripMs(): number | undefined {
    return this.#samples.at(-1)?.roundTripMs
  }
}

function agree(a: Sample, b: Sample): boolean {
  return Math.abs(a.aheadMs - b.aheadMs) <= (a.roundTripMs + b.roundTripMs) / 2 + TOLERANCE_MS
}
