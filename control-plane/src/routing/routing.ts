import type { Executor } from '../discovery/executor.ts'
import type { RoutingStrategy } from '../jobs/job.ts'
import { unreachable } from '../runtime/assert.ts'
import type { Millis } from '../runtime/clock.ts'
import { consistentHash } from './consistent-hash.ts'
import { leastLoaded } from './least-loaded.ts'
import { leastRecentlyUsed } from './least-recently-used.ts'
import { random } from './random.ts'
import { roundRobin } from './round-robin.ts'
import { weightedRandom } from './weighted-random.ts'
import { weightedRoundRobin } from './weighted-round-robin.ts'

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
  /** What `consistent-hash` places by; absent is the job. */
  key?: string
  /** In [0, 1), for the random strategies. */
  chance: number
  now: Millis
  /** Executors already tried and given up. */
  exclude?: ReadonlySet<string>
  /** Taken when it is eligible, whatever the strategy: a retry stays where it was. */
  prefer?: string
}

/**
 * The executor that the strategy gives this turn to, or undefined when none can take it. Deterministic: the same
 * executors, turn and chance give the same answer on every node, so that a new leader goes on where the old one stopped.
 */
export function chooseExecutor(
  routing: Routing,
  executors: readonly Executor[],
  moment: RoutingMoment,
): Executor | undefined {
  const eligible = eligibleExecutors(routing.labels, executors, moment)
  if (eligible.length === 0) return undefined
  if (moment.prefer !== undefined) {
    const preferred = eligible.find((executor) => executor.id === moment.prefer)
    if (preferred) return preferred
  }
  const turn = moment.spread + moment.turn
  switch (routing.strategy) {
    case 'round-robin':
      return roundRobin(eligible, turn)
    case 'random':
      return random(eligible, moment.chance)
    case 'weighted-round-robin':
      return weightedRoundRobin(eligible, turn)
    case 'weighted-random':
      return weightedRandom(eligible, moment.chance)
    case 'least-loaded':
      return leastLoaded(eligible)
    case 'consistent-hash':
      return consistentHash(eligible, moment.key ?? String(moment.spread))
    case 'first':
    case 'sharded':
    case 'broadcast':
      // The parts of a split run have their executors from the split; what moves later goes to the first one left.
      return eligible[0]
    case 'last':
      return eligible.at(-1)
    case 'least-recently-used':
      return leastRecentlyUsed(eligible)
    default:
      return unreachable(routing.strategy)
  }
}

/** Whether this executor may be given one more shard. */
export function isEligible(labels: Record<string, string>, executor: Executor, moment: RoutingMoment): boolean {
  return (
    executor.status === 'online' &&
    executor.weight > 0 &&
    (executor.slots === 0 || executor.held < executor.slots) &&
    (executor.openUntil === undefined || executor.openUntil <= moment.now) &&
    moment.exclude?.has(executor.id) !== true &&
    hasLabels(executor, labels)
  )
}

/** The eligible ones sorted by id. The given array itself when all are eligible and in order, so that caches keyed by it hold. */
function eligibleExecutors(
  labels: Record<string, string>,
  executors: readonly Executor[],
  moment: RoutingMoment,
): readonly Executor[] {
  let whole = true
  let last = ''
  for (const executor of executors) {
    if (!isEligible(labels, executor, moment) || executor.id < last) {
      whole = false
      break
    }
    last = executor.id
  }
  if (whole) return executors
  return executors.filter((executor) => isEligible(labels, executor, moment)).sort(byId)
}

function byId(a: Executor, b: Executor): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

function hasLabels(executor: Executor, labels: Record<string, string>): boolean {
  for (const name in labels) {
    if (!Object.hasOwn(executor.labels, name) || executor.labels[name] !== labels[name]) return false
  }
  return true
}
