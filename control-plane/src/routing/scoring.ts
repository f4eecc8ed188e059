import type { Executor } from '../discovery/executor.ts'
import { hashText } from './hash.ts'

/** What rendezvous hashing computes once per set of executors. */
export interface Scoring {
  /** 64 bits of each id. */
  first: Uint32Array
  second: Uint32Array
  /** The different weights, and which of them each executor has. */
  weights: number[]
  classes: Uint16Array
}

export function scoringOf(members: readonly Executor[]): Scoring {
  const weights = [...new Set(members.map(({ weight }) => weight))]
  const classes = new Map(weights.map((weight, at) => [weight, at]))
  return {
    first: Uint32Array.from(members, ({ id }) => hashText(id, 1)),
    second: Uint32Array.from(members, ({ id }) => hashText(id, 2)),
    weights,
    classes: Uint16Array.from(members, ({ weight }) => classes.get(weight) ?? 0),
  }
}
