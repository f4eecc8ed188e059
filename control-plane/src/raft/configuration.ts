import { abortTransfer } from './transfer.ts'
import { changeConfiguration, type Configuration, isVoter, restoreConfiguration } from './membership.ts'
import { peerOf } from './progress.ts'
import { entranceOf, type RaftState } from './raft-state.ts'
import { confirmRounds, releaseEarlyReads } from './reads.ts'
import { advanceCommit, sendAppend, sendAppendToAll } from './replication.ts'
import { becomeFollower } from './roles.ts'
import { type Membership, type MembershipChange, NONE } from './types.ts'

/**
 * Brings a committed change into force, and gives the membership that then holds. A change that does not fit what
 * is in force changes nothing, on every member alike.
 */
export function applyChange(state: RaftState, change: MembershipChange): Membership {
  const changed = changeConfiguration(state, change, entranceOf(state))
  if (!('error' in changed)) switchConfiguration(state, changed)
  return state.membership
}

/** Takes the configuration of a snapshot, or of the storage at the start. */
export function restoreMembership(state: RaftState, membership: Membership): void {
  switchConfiguration(state, restoreConfiguration(membership, entranceOf(state)))
}

function switchConfiguration(state: RaftState, to: Configuration): void {
  state.membership = to.membership
  state.peers = to.peers
  if (state.role !== 'leader') return
  const self = peerOf(state.peers, state.id)
  if (self === undefined || self.learner) {
    if (state.settings.stepDownOnRemoval) becomeFollower(state, state.term, NONE)
    return
  }
  spread(state)
  confirmRounds(state)
  if (state.transferTarget !== NONE && !isVoter(state.membership, state.transferTarget)) abortTransfer(state)
}

/** A smaller quorum may have more committed; and who is new is not left waiting for the next heartbeat. */
function spread(state: RaftState): void {
  if (advanceCommit(state)) {
    releaseEarlyReads(state)
    sendAppendToAll(state)
    return
  }
  for (const peer of state.peers) if (peer.id !== state.id) sendAppend(state, peer, false)
}
