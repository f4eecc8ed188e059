/** Length of a sequence at most; heavier sets are scaled down to it, each weight staying at least 1. */
export const WEIGHT_SUM_MAX = 10_000

/** Places of one weight. They are equals, so they take the turns of their weight one after the other. */
interface Equals {
  weight: number
  places: number[]
  /** Whose turn among them is next. */
  next: number
  /** Rounds that all of them have had. */
  rounds: number
}

/**
 * One whole cycle of nginx's smooth weighted round robin: in each step every one gains its weight, the greatest is
 * taken (the first of equals) and pays the sum. Weights 5, 1, 1 give a a b a c a a. What it costs grows with the number
 * of different weights, not with that of places.
 */
export function smoothSequence(weights: readonly number[]): Uint16Array {
  const reduced = reduceWeights(weights)
  const total = reduced.reduce((sum, weight) => sum + weight, 0)
  const groups = groupsOf(reduced)
  const sequence = new Uint16Array(total)
  for (let step = 1; step <= total; step++) {
    let best: Equals | undefined
    let most = Number.NEGATIVE_INFINITY
    for (const group of groups) {
      // What the next of them has gained and not paid.
      const gained = step * group.weight - group.rounds * total
      if (gained < most || (gained === most && placeOf(group) > placeOf(best))) continue
      best = group
      most = gained
    }
    sequence[step - 1] = placeOf(best)
    if (best && ++best.next === best.places.length) {
      best.next = 0
      best.rounds += 1
    }
  }
  return sequence
}

function groupsOf(weights: readonly number[]): Equals[] {
  const groups = new Map<number, Equals>()
  weights.forEach((weight, place) => {
    const group = groups.get(weight)
    if (group) group.places.push(place)
    else groups.set(weight, { weight, places: [place], next: 0, rounds: 0 })
  })
  return [...groups.values()]
}

function placeOf(group: Equals | undefined): number {
  return group?.places[group.next] ?? 0
}

/** Weights divided by their greatest common divisor, and scaled down when their sum is still above the limit. */
export function reduceWeights(weights: readonly number[]): number[] {
  const divisor = weights.reduce(greatestCommonDivisor, 0)
  const reduced = weights.map((weight) => weight / divisor)
  const total = reduced.reduce((sum, weight) => sum + weight, 0)
  if (total <= WEIGHT_SUM_MAX) return reduced
  const room = Math.max(WEIGHT_SUM_MAX - weights.length, 0)
  return reduced.map((weight) => 1 + Math.floor((weight * room) / total))
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
