import type { Roster } from './roster.ts'

/** Any of them, each as likely. `chance` is in [0, 1). */
export function random({ free }: Roster, chance: number): number | undefined {
  return free.nth(Math.floor(chance * free.count))
}
