import type { Progress } from './progress.ts'
import type { RaftState } from './raft-state.ts'
import { releaseEarlyReads, roundAcknowledged } from './reads.ts'
import { advanceCommit, sendAllEntries, sendAppend, sendAppendToAll } from './replication.ts'
import { continueTransfer } from './transfer.ts'
import type { MessageOf } from './types.ts'

/** What a leader makes of the answer to an append. */
export function appendAnswered(state: RaftState, peer: Progress, answer: MessageOf<'append-response'>): void {
  peer.recentlyActive = true
  if (answer.rejected) return appendRejected(state, peer, answer)
  const news = peer.acknowledged(answer.index)
  if (!news && !(peer.state === 'probe' && peer.match === answer.index)) return
  resumeFlow(state, peer, answer.index)
  const self = peer.id === state.id
  if (advanceCommit(state)) {
    releaseEarlyReads(state)
    sendAppendToAll(state)
  } else if (!self && peer.canUseCommit(state.log.committed)) sendAppend(state, peer)
  if (!self) sendAllEntries(state, peer)
  continueTransfer(state, peer)
}

/** What a leader makes of the answer to a heartbeat: the member can be reached, so it may be sent something again. */
export function heartbeatAnswered(state: RaftState, peer: Progress, answer: MessageOf<'heartbeat-response'>): void {
  peer.recentlyActive = true
  peer.flowPaused = false
  if (peer.match < state.log.lastIndex() || peer.state === 'probe') sendAppend(state, peer)
  roundAcknowledged(state, peer, answer.context)
}

/** Skips back over everything that is sure to conflict: both sides look for the last entry that may agree, by its term. */
function appendRejected(state: RaftState, peer: Progress, answer: MessageOf<'append-response'>): void {
  const { rejectHint, logTerm, index } = answer
  const hint = logTerm > 0 ? state.log.lastNotAbove(rejectHint, logTerm).index : rejectHint
  if (!peer.refused(index, hint)) return
  if (peer.state === 'replicate') peer.becomeProbe()
  sendAppend(state, peer)
}

/** A probe that fits begins the stream; so does a snapshot when the log reaches back to it, whichever snapshot it was. */
function resumeFlow(state: RaftState, peer: Progress, index: number): void {
  if (peer.state === 'probe') peer.becomeReplicate()
  else if (peer.state === 'replicate') peer.inflights.freeUpTo(index)
  else if (peer.match + 1 >= state.log.firstIndex()) {
    peer.becomeProbe()
    peer.becomeReplicate()
  }
}
