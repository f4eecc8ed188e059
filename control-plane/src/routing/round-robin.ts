import { evenly } from './hash.ts'
import type { Roster } from './roster.ts'

/**
 * Each in its turn, whatever the weights (a weight of 0 was left out before). The turns of one that has no room go
 * round among those that have.
 */
export function roundRobin({ size, free }: Roster, turn: number): number | undefined {
  const place = turn % size
  return free.has(place) ? place : free.nth(Math.floor(evenly(turn) * free.count))
}
