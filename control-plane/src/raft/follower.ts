import { restoreMembership } from './configuration.ts'
import { type RaftState, send, sendAfterAppend } from './raft-state.ts'
import { acknowledgement } from './replication.ts'
import { acceptSnapshot } from './snapshot.ts'
import { type MessageOf, NONE } from './types.ts'

/** Takes in the leader's entries, or says where to try next. The answer waits until they are durable. */
export function receiveAppend(state: RaftState, append: MessageOf<'append'>): void {
  const { log } = state
  const { from, index, logTerm, entries, commit } = append
  if (index < log.committed) return sendAfterAppend(state, acknowledgement(state, from, log.committed))
  const last = log.appendAfter(index, logTerm, entries, commit)
  if (last !== undefined) return sendAfterAppend(state, acknowledgement(state, from, last))
  const hint = log.lastNotAbove(Math.min(index, log.lastIndex()), logTerm)
  sendAfterAppend(state, {
    ...acknowledgement(state, from, index),
    rejected: true,
    rejectHint: hint.index,
    logTerm: hint.term,
  })
}

export function receiveHeartbeat(state: RaftState, heartbeat: MessageOf<'heartbeat'>): void {
  const { from, commit, context } = heartbeat
  state.log.commitTo(commit)
  send(state, { type: 'heartbeat-response', from: state.id, to: from, term: state.term, context })
}

/** Replaces log and membership by a snapshot where that leads forward; either way says how far it is now. */
export function receiveSnapshot(state: RaftState, message: MessageOf<'snapshot'>): void {
  const { snapshot, from } = message
  const accepted = acceptSnapshot(state, snapshot)
  if (accepted) restoreMembership(state, snapshot.membership)
  const index = accepted ? state.log.lastIndex() : state.log.committed
  sendAfterAppend(state, acknowledgement(state, from, index))
}

/**
 * Forgets the leader without leaving the term, so that it may vote for another at once: for a host that knows
 * better than the timeout. Not with lease reads, which rely on that it does not.
 */
export function forgetLeader(state: RaftState): void {
  if (state.settings.reads === 'lease') return
  state.leader = NONE
}
