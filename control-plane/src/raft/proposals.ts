import { changeConfiguration, isJoint } from './membership.ts'
import { peerOf } from './progress.ts'
import { entranceOf, type RaftState } from './raft-state.ts'
import { appendOwn, type Draft, sendAppendToAll } from './replication.ts'
import { EMPTY } from './roles.ts'
import { type MembershipChange, NONE, type Refusal } from './types.ts'

export const DROPPED: Refusal = { kind: 'proposal-dropped' }

/** Without steps it leaves a joint configuration. */
const LEAVE_JOINT: MembershipChange = { transition: 'auto', steps: [], context: EMPTY }

/**
 * Places proposals in the leader's log and sends them. Refused while leadership is being handed over, when this
 * leader is no member any more, and when too much waits already.
 */
export function leaderProposes(state: RaftState, drafts: readonly Draft[]): Refusal | undefined {
  if (drafts.length === 0 || state.transferTarget !== NONE) return DROPPED
  if (peerOf(state.peers, state.id) === undefined) return DROPPED
  const pendingBefore = state.pendingChange
  const judged = drafts.some((draft) => draft.change !== undefined) ? judgeChanges(state, drafts) : drafts
  if (!appendOwn(state, judged)) {
    state.pendingChange = pendingBefore
    return DROPPED
  }
  sendAppendToAll(state)
  return undefined
}

/** Leaves a joint configuration that says so of itself, as soon as it and all before it is applied. */
export function leaveJointWhenDue(state: RaftState): void {
  if (!state.membership.autoLeave || state.role !== 'leader' || state.log.applied < state.pendingChange) return
  leaderProposes(state, [{ kind: 'change', data: EMPTY, change: LEAVE_JOINT }])
}

/** Puts an empty entry in place of a change that may not be made now. One change at a time is under way. */
function judgeChanges(state: RaftState, drafts: readonly Draft[]): Draft[] {
  const first = state.log.lastIndex() + 1
  return drafts.map((draft, i) => {
    if (draft.change === undefined) return draft
    if (!state.settings.changeValidationOff && !mayChange(state, draft.change)) return { kind: 'normal', data: EMPTY }
    state.pendingChange = first + i
    return draft
  })
}

function mayChange(state: RaftState, change: MembershipChange): boolean {
  if (state.pendingChange > state.log.applied) return false
  if (isJoint(state.membership) !== (change.steps.length === 0)) return false
  return !('error' in changeConfiguration(state, change, entranceOf(state)))
}
