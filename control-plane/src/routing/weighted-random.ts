import type { Executor } from '../discovery/executor.ts'

/** Any of them, each as likely as its weight says. `chance` is in [0, 1). */
export function weightedRandom(eligible: readonly Executor[], chance: number): Executor | undefined {
  let total = 0
  for (const executor of eligible) total += executor.weight
  let left = chance * total
  for (const executor of eligible) {
    left -= executor.weight
    if (left < 0) return executor
  }
  return eligible[eligible.length - 1]
}
