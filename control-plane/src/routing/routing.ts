import type { Executor } from '../discovery/executor.ts'
import { pulls } from '../discovery/pull.ts'
import type { JobSpec, RoutingStrategy } from '../jobs/job.ts'
import { unreachable } from '../runtime/assert.ts'
import { consistentHash } from './consistent-hash.ts'
import { leastLoaded } from './least-loaded.ts'
import { leastRecentlyUsed } from './least-recently-used.ts'
import { random } from './random.ts'
import type { Roster } from './roster.ts'
import { roundRobin } from './round-robin.ts'
import { weightedRandom } from './weighted-random.ts'
import { weightedRoundRobin } from './weighted-round-robin.ts'

export interface RoutingMoment {
  /** hash(job uid) plus the runs of the job started so far: whose turn it is. */
  turn: number
  /** What `consistent-hash` places by. */
  key: string
  /** In [0, 1), for the random strategies. */
  chance: number
  /** Executors already tried and given up. */
  exclude?: readonly string[]
}

/**
 * The place in the roster that the strategy gives this turn to, or undefined when none has room. Deterministic: the same
 * executors, turn and chance give the same answer on every node, so that a new leader goes on where the old one stopped.
 */
export function choosePlace(strategy: RoutingStrategy, roster: Roster, moment: RoutingMoment): number | undefined {
  if (moment.exclude && moment.exclude.length > 0) {
    return roster.without(moment.exclude, () => place(strategy, roster, moment))
  }
  return place(strategy, roster, moment)
}

function place(strategy: RoutingStrategy, roster: Roster, { turn, key, chance }: RoutingMoment): number | undefined {
  if (roster.free.count === 0) return undefined
  switch (strategy) {
    // The parts of a split run have their executors from the split; what moves later goes round like any other turn.
    case 'sharded':
    case 'broadcast':
    case 'round-robin':
      return roundRobin(roster, turn)
    case 'random':
      return random(roster, chance)
    case 'weighted-round-robin':
      return weightedRoundRobin(roster, turn)
    case 'weighted-random':
      return weightedRandom(roster, chance)
    case 'least-loaded':
      return leastLoaded(roster)
    case 'consistent-hash':
      return consistentHash(roster, key)
    case 'first':
      return roster.free.first
    case 'last':
      return roster.free.last
    case 'least-recently-used':
      return leastRecentlyUsed(roster)
    default:
      return unreachable(strategy)
  }
}

/** Whether an executor may be given work that asks for these labels, and for a URL under `byUrl`, if it has room. */
export function takesCalls(executor: Executor, wanted: JobSpec['routing']['labels'], byUrl = false): boolean {
  const { status, weight, breaker, labels, health } = executor
  if (status !== 'online' || weight === 0 || breaker?.state === 'open' || health === 'unhealthy') return false
  return hasLabels(labels, wanted) && !(byUrl && pulls(executor))
}

export function hasLabels(labels: Record<string, string>, wanted: Record<string, string>): boolean {
  for (const name in wanted) {
    if (!Object.hasOwn(labels, name) || labels[name] !== wanted[name]) return false
  }
  return true
}
