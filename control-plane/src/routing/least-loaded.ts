import type { Executor } from '../discovery/executor.ts'

/**
 * The one with the greatest weight × free ÷ slots; without a slot limit, weight ÷ (held + 1), which is jobpool's
 * weighted average. Equal ones: the first by id.
 */
export function leastLoaded(eligible: readonly Executor[]): Executor | undefined {
  let best: Executor | undefined
  let bestScore = -1
  for (const executor of eligible) {
    const score = roomOf(executor)
    if (score > bestScore) {
      best = executor
      bestScore = score
    }
  }
  return best
}

function roomOf({ weight, slots, held }: Executor): number {
  return slots === 0 ? weight / (held + 1) : (weight * (slots - held)) / slots
}
