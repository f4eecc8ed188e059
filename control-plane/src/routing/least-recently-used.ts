import type { Roster } from './roster.ts'

/** The one whose last attempt for a job of this strategy began longest ago; one that never had any comes first. */
export function leastRecentlyUsed({ uses }: Roster): number {
  return uses.winner
}
