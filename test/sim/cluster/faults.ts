import type { SeededRandom } from '../seeded-random.ts'

/** What can go wrong where outcomes are handed on to. */
export const OUTLET_FAULTS = [
  'sink-error',
  'sink-lost',
  'sink-late',
  'sink-hangs',
  'sink-down',
  'sink-changed',
  'channel-error',
  'channel-lost',
  'channel-late',
  'channel-hangs',
  'channel-refuses',
  'channel-down',
  'silence',
] as const

/** What can go wrong with executors that poll. */
export const POLL_FAULTS = ['poll-breaks', 'poll-lost', 'poll-twice'] as const

/** What comes to some seeds alone, by chances of its own. */
const RARE_FAULTS = ['executor-away'] as const

const CLUSTER_FAULTS = [
  'message-dropped',
  'message-delayed',
  'message-duplicated',
  'message-reordered',
  'request-lost',
  'partition-one-way',
  'partition-two-way',
  'crash',
  'crash-in-write',
  'power-loss',
  'crash-after-vote',
  'fast-restart',
  'stop',
  'pause',
  'slow-disk',
  'disk-full',
  'disk-failing',
  'clock-skew',
  'clock-drift',
  'clock-step',
  'transfer',
  'snapshot',
  'member-added',
  'member-promoted',
  'member-removed',
  'member-replaced',
  'two-changes-at-once',
  'job-changed',
  'executor-changed',
  'rerun',
  'backfill',
  'schedules-paused',
  'connection-slow',
  'executor-error',
  'executor-refuses',
  'executor-hangs',
  'executor-late',
  'executor-crashes',
] as const

/** Everything that can go wrong, by name. */
export const FAULTS = [...CLUSTER_FAULTS, ...OUTLET_FAULTS, ...POLL_FAULTS, ...RARE_FAULTS] as const

type ClusterFault = (typeof CLUSTER_FAULTS)[number]
export type OutletFault = (typeof OUTLET_FAULTS)[number]
export type PollFault = (typeof POLL_FAULTS)[number]
export type FaultName = ClusterFault | OutletFault | PollFault | (typeof RARE_FAULTS)[number]

/** How a seed's cluster is set up, and how often each fault comes to it. */
export interface Profile {
  nodes: number
  /** Ticks of a heartbeat and an election, and what a tick is, in milliseconds. */
  tickMs: number
  electionTicks: number
  /** Shortest time that a message is under way, and how much longer it may be, in milliseconds. */
  delayMs: number
  delaySpreadMs: number
  diskMs: number
  /** Chance of each fault: per message, per call, per write or per virtual second. */
  rates: Record<FaultName, number>
  retainEntries: number
  segmentBytes: number
  /** By how much a clock may differ before its node holds back. */
  maxSkewMs: number
  /** Many jobs that are due all the time. */
  busy: boolean
  /** Shards that may be placed at once. */
  namespaceSlots: number
}

/** Greatest rate of each fault; per message, request, vote or call where something can befall one, else per virtual second. */
const MOST: Record<ClusterFault, number> = {
  'message-dropped': 0.1,
  'message-delayed': 0.05,
  'message-duplicated': 0.1,
  'message-reordered': 0.2,
  'request-lost': 0.1,
  'partition-one-way': 0.2,
  'partition-two-way': 0.2,
  crash: 0.2,
  'crash-in-write': 0.15,
  'power-loss': 0.2,
  'crash-after-vote': 0.1,
  'fast-restart': 0.5,
  stop: 0.1,
  pause: 0.2,
  'slow-disk': 0.2,
  'disk-full': 0.15,
  'disk-failing': 0.05,
  'clock-skew': 1,
  'clock-drift': 1,
  'clock-step': 0.2,
  transfer: 0.2,
  snapshot: 0.5,
  'member-added': 0.3,
  'member-promoted': 0.5,
  'member-removed': 0.2,
  'member-replaced': 0.2,
  'two-changes-at-once': 0.2,
  'job-changed': 0.5,
  'executor-changed': 0.3,
  rerun: 0.5,
  backfill: 0,
  'schedules-paused': 0.05,
  'connection-slow': 0.2,
  'executor-error': 0.4,
  'executor-refuses': 0.2,
  'executor-hangs': 0.05,
  'executor-late': 0.1,
  'executor-crashes': 0.2,
}

/** Draws what a seed plays: often a fault never comes, so that every mixture does. One in five is a storm of elections. */
export function drawProfile(random: SeededRandom, nodes: number): Profile {
  const rates = {} as Record<FaultName, number>
  for (const name of CLUSTER_FAULTS) rates[name] = MOST[name] * random.pick([0, 0.2, 1])
  for (const name of [...OUTLET_FAULTS, ...POLL_FAULTS, ...RARE_FAULTS]) rates[name] = 0
  const tickMs = random.pick([25, 50, 50])
  const usual = { nodes, tickMs, electionTicks: 10, delayMs: 1, delaySpreadMs: random.pick([2, 10, 30]), rates }
  const limits = {
    retainEntries: random.pick([5, 30, 1000]),
    segmentBytes: random.pick([8192, 32_768]),
    maxSkewMs: random.pick([500, 10_000]),
    busy: random.chance(0.3),
    namespaceSlots: random.pick([3, 20, 20]),
  }
  const profile = { ...usual, ...limits, diskMs: random.pick([0.2, 2, 10]) }
  if (!random.chance(0.2)) return profile
  // Those who stand in one term meet voters that forget: long delays, short timers, crashes right after a vote.
  rates['crash-after-vote'] = 0.5
  rates['fast-restart'] = 0.95
  rates['message-reordered'] = 0.8
  rates['message-dropped'] = Math.max(rates['message-dropped'], 0.05)
  return { ...profile, tickMs: 25, electionTicks: 4, delaySpreadMs: 150, diskMs: 0.2 }
}

/** How often each fault struck. */
export class Strikes {
  readonly counts = new Map<FaultName, number>()
  /** While false nothing strikes any more. */
  active = true
  readonly #random: SeededRandom
  readonly #rates: Record<FaultName, number>

  constructor(random: SeededRandom, rates: Record<FaultName, number>) {
    this.#random = random
    this.#rates = rates
  }

  /** Whether a fault strikes now; `times` its rate. It counts as having struck. */
  strikes(name: FaultName, times = 1): boolean {
    if (!this.draws(name, times)) return false
    this.count(name)
    return true
  }

  /** The same, for a fault that may yet find nothing to strike. */
  draws(name: FaultName, times = 1): boolean {
    const rate = this.#rates[name] * times
    return this.active && rate > 0 && this.#random.chance(rate)
  }

  count(name: FaultName): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
  }
}
