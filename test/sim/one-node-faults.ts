import type { SeededRandom } from './seeded-random.ts'

/** How likely things go wrong, drawn per seed so that every mixture comes up. */
export interface Faults {
  crash: number
  pause: number
  edit: number
  failed: number
  uncertain: number
  refused: number
  hang: number
  accepted: number
  /** Executors that cannot be reached for a while. */
  gone: number
}

export function drawFaults(random: SeededRandom): Faults {
  const rate = (most: number) => random.pick([0, most / 10, most])
  return {
    crash: rate(0.05),
    pause: rate(0.05),
    edit: rate(0.2),
    failed: rate(0.3),
    uncertain: rate(0.2),
    refused: rate(0.2),
    hang: rate(0.05),
    accepted: rate(0.2),
    gone: rate(0.02),
  }
}

export const NO_FAULTS: Faults = {
  crash: 0,
  pause: 0,
  edit: 0,
  failed: 0,
  uncertain: 0,
  refused: 0,
  hang: 0,
  accepted: 0,
  gone: 0,
}
