import { sendHeartbeats } from './heartbeat.ts'
import { type Progress, peerOf } from './progress.ts'
import { committedIndex } from './quorum.ts'
import { type RaftState, send } from './raft-state.ts'
import { type Index, type MemberId, NONE } from './types.ts'

/** Takes a read in at the leader (dissertation §6.4): answered at the commit index of now, once the leadership is sure. */
export function leaderReads(state: RaftState, from: MemberId, context: string): void {
  const { reads, log } = state
  if (reads.full) return
  if (log.committed < state.termStart) {
    reads.early.push({ from, context })
    return
  }
  if (holdsLease(state)) return answer(state, from, context, log.committed)
  reads.waiting.push({ from, context, index: log.committed, round: reads.sent + 1 })
  if (!reads.underWay) sendRound(state)
}

/** Takes up the reads that came before this leader had committed anything. */
export function releaseEarlyReads(state: RaftState): void {
  const { reads, log } = state
  if (reads.early.length === 0 || log.committed < state.termStart) return
  const early = reads.early
  reads.early = []
  for (const { from, context } of early) leaderReads(state, from, context)
}

/** The heartbeat at its time; it is a round too where reads wait, and always where it renews a lease. */
export function beat(state: RaftState): void {
  const { reads, settings } = state
  if (reads.waiting.length > 0 || settings.reads === 'lease') sendRound(state)
  else sendHeartbeats(state, '')
}

/** Takes in that a member acknowledged a heartbeat, and with it the round that it belonged to. */
export function roundAcknowledged(state: RaftState, peer: Progress, context: string): void {
  if (context === '') return
  const round = Number(context)
  if (!Number.isInteger(round) || round > state.reads.sent || round <= peer.readRound) return
  peer.readRound = round
  confirmRounds(state)
}

/** Answers what a quorum has confirmed; asked again when the quorum itself changed. */
export function confirmRounds(state: RaftState): void {
  const { reads } = state
  const round = Math.min(quorumRound(state), reads.sent)
  if (round <= reads.confirmed) return
  for (const { from, context, index } of reads.confirm(round)) answer(state, from, context, index)
  if (reads.waiting.length > 0 && !reads.underWay) sendRound(state)
}

/** The newest round that a quorum acknowledged; this leader agrees with itself. */
function quorumRound(state: RaftState): number {
  const { membership, peers, id } = state
  const acknowledged = (member: MemberId) =>
    member === id ? Number.POSITIVE_INFINITY : peerOf(peers, member)?.readRound
  return committedIndex(membership.voters, membership.votersOutgoing, acknowledged)
}

function sendRound(state: RaftState): void {
  const round = state.reads.begin(state.now, state.settings.electionTicks)
  sendHeartbeats(state, String(round))
  confirmRounds(state)
}

/**
 * Whether nobody else can lead yet: a quorum heard from this leader, and refuses votes for an election timeout.
 * Counted from when the heartbeat left, less a tick at either end for where in a tick things happened, less a
 * tenth (at least a tick) for clocks that run apart. A process that was paused does not notice: hence not the default.
 */
function holdsLease(state: RaftState): boolean {
  const { reads, settings, transferTarget, now } = state
  if (settings.reads !== 'lease' || reads.leaseBroken || transferTarget !== NONE) return false
  return now - reads.leaseFrom < leaseTicks(settings.electionTicks)
}

function leaseTicks(electionTicks: number): number {
  return electionTicks - 1 - Math.ceil(electionTicks / 10)
}

function answer(state: RaftState, from: MemberId, context: string, index: Index): void {
  if (from === NONE || from === state.id) state.readStates.push({ index, context })
  else send(state, { type: 'read-index-response', from: state.id, to: from, term: state.term, index, context })
}
