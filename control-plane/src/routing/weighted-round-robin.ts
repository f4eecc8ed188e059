import { evenly } from './hash.ts'
import type { Roster } from './roster.ts'

/**
 * Each in proportion to its weight, spread as evenly as nginx does it. The turns of one that has no room go to those
 * that have, by their weights.
 */
export function weightedRoundRobin(roster: Roster, turn: number): number | undefined {
  const { sequence, free } = roster
  const place = sequence[turn % sequence.length]
  return place !== undefined && free.has(place) ? place : roster.weights.at(evenly(turn))
}
