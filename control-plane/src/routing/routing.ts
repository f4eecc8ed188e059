import type { Executor } from '../discovery/executor.ts'
import type { RoutingStrategy } from '../jobs/job.ts'
import type { Millis } from '../runtime/clock.ts'

export interface Routing {
  strategy: RoutingStrategy
  /** Labels that an executor must have; empty is any. */
  labels: Record<string, string>
}

export interface RoutingMoment {
  /** Runs of the job started so far. */
  turn: number
  /** hash(job uid): where the job's turns begin. */
  spread: number
  /** In [0, 1), for the random strategies. */
  chance: number
  now: Millis
  /** Executors already tried and given up. */
  exclude?: ReadonlySet<string>
  /** Taken when it is eligible, whatever the strategy: a retry stays where it was. */
  prefer?: string
}

/** The executor that the strategy gives this turn to, or undefined when none can take it. */
export function chooseExecutor(
  _routing: Routing,
  _executors: readonly Executor[],
  _moment: RoutingMoment,
): Executor | undefined {
  return undefined
}
