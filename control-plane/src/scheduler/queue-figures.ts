import type { Millis } from '../runtime/clock.ts'

/**
 * Where an evaluation is in the leader's broker: `ready` for a worker, `out` with one, `delayed` until its next delivery,
 * `behind` another of its job, `blocked` until something frees.
 */
export type EvaluationState = 'ready' | 'out' | 'delayed' | 'behind' | 'blocked'

/** How many evaluations of one kind are in one state. */
export interface EvaluationCount {
  /** What is to be placed, e.g. `fires` or `run`. */
  kind: string
  state: EvaluationState
  count: number
  /** Since when the first of them is there. */
  oldestAt?: Millis
}

/** What the workers of one node have done since the present leader took office. */
export interface WorkerFigures {
  /** Id of the member. */
  node: string
  /** Workers that ask for evaluations. */
  workers: number
  /** Evaluations that they have now. */
  out: number
  /** Evaluations handed to them … */
  taken: number
  /** … given back undone … */
  nacked: number
  /** … or not heard of again before their deadline. */
  lapsed: number
  /** Shards of their plans that were placed, and that the newest state refused. */
  placed: number
  refused: number
}

/** What the leader has to schedule, and who works on it. */
export interface QueueFigures {
  evaluations: EvaluationCount[]
  /** Runs of missed fires that may start in a second. */
  catchUpPerSecond: number
  nodes: WorkerFigures[]
}
