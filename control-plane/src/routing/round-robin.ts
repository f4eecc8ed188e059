import type { Executor } from '../discovery/executor.ts'

/** Each in its turn, whatever the weights (a weight of 0 was left out before). */
export function roundRobin(eligible: readonly Executor[], turn: number): Executor | undefined {
  return eligible[turn % eligible.length]
}
