import { assert } from '../runtime/assert.ts'
import type { RaftState } from './raft-state.ts'
import { appendOwn, selfProgress } from './replication.ts'
import { abortTransfer } from './transfer.ts'
import { type MemberId, NONE, type Term } from './types.ts'

export const EMPTY = new Uint8Array(0)

export function becomeFollower(state: RaftState, term: Term, leader: MemberId): void {
  startOver(state, term)
  state.role = 'follower'
  state.leader = leader
}

/** Asks whether it would be elected; its term and its vote stay as they are (dissertation §9.6). */
export function becomePreCandidate(state: RaftState): void {
  assert(state.role !== 'leader', 'a leader does not campaign')
  state.votes.clear()
  state.leader = NONE
  state.role = 'pre-candidate'
}

export function becomeCandidate(state: RaftState): void {
  assert(state.role !== 'leader', 'a leader does not campaign')
  startOver(state, state.term + 1)
  state.vote = state.id
  state.role = 'candidate'
}

/** Begins its term with an empty entry, because only entries of its own term tell it what is committed (§5.4.2, §8 of the paper). */
export function becomeLeader(state: RaftState): void {
  assert(state.role === 'candidate', 'only a candidate is elected')
  startOver(state, state.term)
  state.role = 'leader'
  state.leader = state.id
  const self = selfProgress(state)
  self.becomeReplicate()
  self.recentlyActive = true
  // A change of membership may stand anywhere in what it took over.
  state.pendingChange = state.log.lastIndex()
  state.termStart = state.log.lastIndex() + 1
  assert(appendOwn(state, [{ kind: 'normal', data: EMPTY }]), 'an empty entry is always taken')
}

/** Draws how long to wait for a leader: chance keeps two members from campaigning at once for ever (§5.2). */
function drawElectionTimeout(state: RaftState): void {
  const { electionTicks, random } = state.settings
  state.electionTimeoutTicks = electionTicks + random(electionTicks)
}

function startOver(state: RaftState, term: Term): void {
  if (state.term !== term) {
    assert(term > state.term, 'terms only go up')
    state.term = term
    state.vote = NONE
  }
  state.leader = NONE
  state.electionElapsed = 0
  state.heartbeatElapsed = 0
  drawElectionTimeout(state)
  abortTransfer(state)
  state.votes.clear()
  state.pendingChange = 0
  state.uncommittedBytes = 0
  state.reads.clear()
  const last = state.log.lastIndex()
  for (const peer of state.peers) peer.restart(peer.id === state.id ? last : 0, last + 1)
}
