import {
  EMPTY_MEMBERSHIP,
  type Changed,
  type Configuration,
  enterJoint,
  leaveJoint,
  simpleChange,
} from '../../control-plane/src/raft/membership.ts'
import { Malformed, flag, only } from './arguments.ts'
import { parseSteps } from './changes.ts'
import type { Case } from './datadriven.ts'
import { describeMembership, describeStatus } from './render.ts'

const INFLIGHT_MAX = 10

/** Answers `simple`, `enter-joint` and `leave-joint`, each on the configuration that the one before left behind. */
export function confchangeInterpreter(): (given: Case) => string {
  let configuration: Configuration = { membership: EMPTY_MEMBERSHIP, peers: [] }
  let lastIndex = 0
  return (given) => {
    const changed = change(configuration, given, lastIndex++)
    if ('error' in changed) return `${changed.error}\n`
    configuration = changed
    const status = describeStatus(changed.peers.map((peer) => peer.status()))
    return `${describeMembership(changed.membership)}\n${status}`
  }
}

function change(from: Configuration, { command, args, input }: Case, lastIndex: number): Changed {
  const steps = parseSteps(input)
  const entrance = { lastIndex, inflightMax: INFLIGHT_MAX, inflightBytesMax: Number.POSITIVE_INFINITY }
  if (command === 'simple') return simpleChange(from, steps, entrance)
  if (command === 'enter-joint') {
    const autoLeave = args.find(({ key }) => key === 'autoleave')
    return enterJoint(from, steps, autoLeave !== undefined && flag(only(autoLeave)), entrance)
  }
  if (command !== 'leave-joint') throw new Malformed('unknown command')
  return steps.length > 0 ? { error: 'this command takes no input' } : leaveJoint(from)
}
