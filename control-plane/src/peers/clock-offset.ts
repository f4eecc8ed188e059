/** Pings whose answers are compared. */
const SAMPLES_MAX = 8

/**
 * By how much another wall clock is ahead of ours, from the pings of the last seconds: the one that was answered
 * fastest says it best, because the error is at most half of its round trip.
 */
export class ClockOffset {
  #samples: { roundTripMs: number; offsetMs: number }[] = []

  /** A ping was answered: `theirs` is what the other clock showed, `now` what ours shows. */
  add(roundTripMs: number, theirs: number, now: number): void {
    this.#samples = [...this.#samples, { roundTripMs, offsetMs: theirs + roundTripMs / 2 - now }].slice(-SAMPLES_MAX)
  }

  get offsetMs(): number | undefined {
    const [first, ...others] = this.#samples
    if (first === undefined) return undefined
    return others.reduce((best, sample) => (sample.roundTripMs <= best.roundTripMs ? sample : best), first).offsetMs
  }

  get roundTripMs(): number | undefined {
    return this.#samples.at(-1)?.roundTripMs
  }
}
