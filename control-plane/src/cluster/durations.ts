import { Buckets, FAST_MS } from '../runtime/buckets.ts'

/** Durations that are kept for one look; later ones take the place of the first. */
const SAMPLES_MAX = 4096

/** Durations since somebody looked last, and all of them by size. */
export class Durations {
  /** Since the process started. */
  readonly all = new Buckets(FAST_MS)
  #samples: number[] = []
  #next = 0

  add(ms: number): void {
    this.all.add(ms)
    if (this.#samples.length < SAMPLES_MAX) this.#samples.push(ms)
    else this.#samples[this.#next++ % SAMPLES_MAX] = ms
  }

  /** How many there were, and what all but one in a hundred stayed within, in milliseconds; begins anew. */
  take(): { count: number; p99Ms: number } {
    const sorted = this.#samples.sort((a, b) => a - b)
    this.#samples = []
    this.#next = 0
    return { count: sorted.length, p99Ms: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0 }
  }
}
