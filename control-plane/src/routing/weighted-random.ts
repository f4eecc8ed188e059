import type { Roster } from './roster.ts'

/** Any of them, each as likely as its weight says. `chance` is in [0, 1). */
export function weightedRandom({ weights }: Roster, chance: number): number | undefined {
  return weights.at(chance)
}
