import { assert } from '../runtime/assert.ts'
import { NUMBER_MAX, type RaftOptions } from './types.ts'

/** The options of the core with every field present. */
export type Settings = Required<RaftOptions>

/** Appends under way to one follower: enough for 25 ms of network at 10,000 appends a second. */
export const INFLIGHT_MAX = 256

/** Fills in the defaults and holds the bounds; a host that breaks one has a bug. */
export function resolveOptions(options: RaftOptions): Settings {
  const appendBytesMax = options.appendBytesMax ?? Number.POSITIVE_INFINITY
  const settings: Settings = {
    applied: 0,
    asyncStorageWrites: false,
    uncommittedBytesMax: Number.POSITIVE_INFINITY,
    inflightMax: INFLIGHT_MAX,
    inflightBytesMax: Number.POSITIVE_INFINITY,
    preVote: true,
    checkQuorum: true,
    reads: 'quorum',
    proposalForwardingOff: false,
    changeValidationOff: false,
    stepDownOnRemoval: false,
    ...options,
    appendBytesMax,
    committedBytesMax: Math.max(1, options.committedBytesMax ?? appendBytesMax),
  }
  check(settings)
  return settings
}

function check(settings: Settings): void {
  assert(
    Number.isInteger(settings.id) && settings.id > 0 && settings.id <= NUMBER_MAX,
    'a member id is a whole number above 0',
  )
  assert(settings.heartbeatTicks > 0, 'heartbeats come at least a tick apart')
  assert(settings.electionTicks > settings.heartbeatTicks, 'an election waits longer than a heartbeat')
  assert(
    settings.inflightMax > 0 && settings.inflightBytesMax > 0,
    'the window of a follower holds at least one append',
  )
  assert(settings.reads === 'quorum' || settings.checkQuorum, 'lease reads need check-quorum')
}
