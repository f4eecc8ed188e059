import type { Progress } from './progress.ts'
import { type RaftState, send } from './raft-state.ts'
import { sendAppend } from './replication.ts'
import { type MemberId, NONE } from './types.ts'

/**
 * Begins to hand leadership over (dissertation §3.10): the target is brought up to date while proposals are
 * refused, then told to campaign at once. Given up after an election timeout, or for another target.
 */
export function startTransfer(state: RaftState, target: Progress): void {
  if (target.learner || target.id === state.transferTarget) return
  abortTransfer(state)
  if (target.id === state.id) return
  state.electionElapsed = 0
  state.transferTarget = target.id
  if (target.match === state.log.lastIndex()) sendTimeoutNow(state, target.id)
  else sendAppend(state, target)
}

export function abortTransfer(state: RaftState): void {
  state.transferTarget = NONE
}

/** Goes on with the transfer when its target has everything. */
export function continueTransfer(state: RaftState, peer: Progress): void {
  if (peer.id === state.transferTarget && peer.match === state.log.lastIndex()) sendTimeoutNow(state, peer.id)
}

function sendTimeoutNow(state: RaftState, to: MemberId): void {
  state.reads.leaseBroken = true
  send(state, { type: 'timeout-now', from: state.id, to, term: state.term })
}
