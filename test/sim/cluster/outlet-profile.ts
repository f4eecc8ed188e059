import type { RetentionDefaults } from '../../../control-plane/src/jobs/retention.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { OUTLET_FAULTS, type OutletFault, type Profile } from './faults.ts'

/** What a seed plays besides the cluster itself: where outcomes are handed on to. */
export interface OutletProfile {
  sinks: number
  channels: number
  /** How long rows stay; short, so that they leave while sinks are down. */
  retention: RetentionDefaults
  /** There is no room to wait for sinks. */
  diskIsFull: boolean
  /** Messages of a channel within a window. */
  messagesMax: number
  windowMs: number
  /** One sink and one channel stay as they are once faults are over: nothing else may wait for them. */
  oneStaysDown: boolean
}

/** Greatest rate of each fault; per call where one can befall it, else per virtual second. */
const MOST: Record<OutletFault, number> = {
  'sink-error': 0.3,
  'sink-lost': 0.6,
  'sink-late': 0.2,
  'sink-hangs': 0.1,
  'sink-down': 0.3,
  'sink-changed': 0.3,
  'channel-error': 0.4,
  'channel-lost': 0.3,
  'channel-late': 0.3,
  'channel-hangs': 0.2,
  'channel-refuses': 0.05,
  'channel-down': 0.3,
  silence: 0.4,
}

/** Draws it, and the rates of its faults; two seeds in three have none of it, unless `always`, or what is given. There is more to hand on where much is due. */
export function drawOutlets(
  random: SeededRandom,
  cluster: Pick<Profile, 'rates' | 'busy'>,
  always: boolean | OutletProfile,
): OutletProfile | undefined {
  if (typeof always === 'object') return always
  if (!random.chance(0.33) && !always) return undefined
  const { rates } = cluster
  cluster.busy ||= random.chance(0.5)
  for (const name of OUTLET_FAULTS) rates[name] = MOST[name] * random.pick([0, 0.5, 1])
  // Alerts are about what fails.
  if (random.chance(0.7)) rates['executor-error'] = Math.max(rates['executor-error'], random.pick([0.1, 0.4]))
  return {
    sinks: random.integer(0, 3),
    channels: random.integer(0, 3),
    retention: { maxAgeMs: random.pick([2000, 5000, 86_400_000]), maxRuns: random.pick([1, 3, 10_000]) },
    diskIsFull: random.chance(0.3),
    messagesMax: random.pick([1, 2, 5]),
    windowMs: random.pick([1000, 4000]),
    oneStaysDown: random.chance(0.3),
  }
}
