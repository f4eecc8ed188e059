import type { Roster } from './roster.ts'

/** The one with the most room for its weight; of equals the first by id. */
export function leastLoaded({ loads }: Roster): number {
  return loads.winner
}
