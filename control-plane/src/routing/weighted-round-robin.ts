import type { Executor } from '../discovery/executor.ts'

/** Length of a sequence at most; heavier sets are scaled down to it, each weight staying at least 1. */
export const WEIGHT_SUM_MAX = 10_000

/** Sequences kept at most. They are small where weights share a divisor, 20 KB at worst. */
const SEQUENCES_MAX = 256

/** By the list of weights: which executor has the turn does not depend on names. */
const sequences = new Map<string, Uint16Array>()

/** Each in proportion to its weight, spread as evenly as nginx does it. */
export function weightedRoundRobin(eligible: readonly Executor[], turn: number): Executor | undefined {
  if (eligible.length === 1) return eligible[0]
  const sequence = sequenceOf(eligible)
  return eligible[sequence[turn % sequence.length] ?? 0]
}

function sequenceOf(eligible: readonly Executor[]): Uint16Array {
  let key = ''
  for (const executor of eligible) key += `${executor.weight},`
  let sequence = sequences.get(key)
  if (!sequence) {
    sequence = smoothSequence(eligible.map((executor) => executor.weight))
    if (sequences.size >= SEQUENCES_MAX) sequences.delete(sequences.keys().next().value ?? '')
    sequences.set(key, sequence)
  }
  return sequence
}

/**
 * One whole cycle of nginx's smooth weighted round robin: in each step every one gains its weight, the greatest is
 * taken (the first of equals) and pays the sum. Weights 5, 1, 1 give a a b a c a a.
 */
export function smoothSequence(weights: readonly number[]): Uint16Array {
  const reduced = reduceWeights(weights)
  const total = reduced.reduce((sum, weight) => sum + weight, 0)
  const sequence = new Uint16Array(total)
  const current = new Float64Array(reduced.length)
  for (let step = 0; step < total; step++) {
    let best = 0
    for (let i = 0; i < reduced.length; i++) {
      current[i] = (current[i] ?? 0) + (reduced[i] ?? 0)
      if ((current[i] ?? 0) > (current[best] ?? 0)) best = i
    }
    current[best] = (current[best] ?? 0) - total
    sequence[step] = best
  }
  return sequence
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
