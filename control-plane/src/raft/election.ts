import { isVoter } from './membership.ts'
import { peerOf } from './progress.ts'
import { voteResult } from './quorum.ts'
import { type RaftState, send, sendAfterAppend } from './raft-state.ts'
import { sendAppendToAll } from './replication.ts'
import { becomeCandidate, becomeFollower, becomeLeader, becomePreCandidate } from './roles.ts'
import { type MemberId, type MessageOf, NONE, type Term } from './types.ts'

type VoteRequest = MessageOf<'vote' | 'pre-vote'>
type VoteAnswer = MessageOf<'vote-response' | 'pre-vote-response'>

/** How a campaign begins: by asking first, by asking for votes, or because the leader said so. */
export type Campaign = 'pre-vote' | 'vote' | 'transfer'

/** Campaigns, unless this member cannot be elected, or has still to apply a change of who may vote. */
export function startCampaign(state: RaftState, how: Campaign): void {
  if (state.role === 'leader' || !electable(state) || hasUnappliedChange(state)) return
  campaign(state, how)
}

export function electable(state: RaftState): boolean {
  const self = peerOf(state.peers, state.id)
  return self !== undefined && !self.learner && state.log.unstable.snapshot === undefined
}

/** Counts a vote. One that turns a pre-vote begins the election, one that turns the election begins the term. */
export function voteAnswered(state: RaftState, answer: VoteAnswer): void {
  if (!state.votes.has(answer.from)) state.votes.set(answer.from, !answer.rejected)
  const { voters, votersOutgoing } = state.membership
  const result = voteResult(voters, votersOutgoing, (id) => state.votes.get(id))
  if (result === 'lost') becomeFollower(state, state.term, NONE)
  else if (result === 'won') won(state)
}

/**
 * Votes for whoever asks first in a term and has everything that may be committed (§5.4.1 of the paper); a pre-vote
 * binds nobody. Whether this member counts itself a voter does not matter: the candidate may know a newer
 * configuration.
 */
export function answerVoteRequest(state: RaftState, request: VoteRequest): void {
  const { type, from, term, index, logTerm } = request
  const free = state.vote === NONE && state.leader === NONE
  const mayVote = state.vote === from || free || (type === 'pre-vote' && term > state.term)
  const granted = mayVote && state.log.isUpToDate(index, logTerm)
  answerVote(state, type, from, granted ? term : state.term, !granted)
  if (!granted || type === 'pre-vote') return
  state.electionElapsed = 0
  state.vote = from
}

export function rejectPreVote(state: RaftState, to: MemberId): void {
  answerVote(state, 'pre-vote', to, state.term, true)
}

/** Whether a request for votes is to be ignored: a leader was heard of within an election timeout (dissertation §4.2.3). */
export function ignoresVoteRequest(state: RaftState, request: VoteRequest): boolean {
  if (request.transfer) return false
  const { settings, leader, electionElapsed, now, voteGuardUntil } = state
  const hasLeader = settings.checkQuorum && leader !== NONE && electionElapsed < settings.electionTicks
  return hasLeader || now < voteGuardUntil
}

/** Steps down when no quorum was heard from since the last time: the others may have a new leader (dissertation §6.2). */
export function checkQuorum(state: RaftState): void {
  const { voters, votersOutgoing } = state.membership
  const active = (id: MemberId) => peerOf(state.peers, id)?.recentlyActive === true
  if (voteResult(voters, votersOutgoing, active) !== 'won') return becomeFollower(state, state.term, NONE)
  for (const peer of state.peers) if (peer.id !== state.id) peer.recentlyActive = false
}

function won(state: RaftState): void {
  if (state.role === 'pre-candidate') return campaign(state, 'vote')
  becomeLeader(state)
  sendAppendToAll(state)
}

function campaign(state: RaftState, how: Campaign): void {
  const asks = how === 'pre-vote'
  if (asks) becomePreCandidate(state)
  else becomeCandidate(state)
  const type = asks ? 'pre-vote' : 'vote'
  const term = asks ? state.term + 1 : state.term
  for (const { id } of state.peers) {
    if (!isVoter(state.membership, id)) continue
    if (id === state.id) answerVote(state, type, id, term, false)
    else requestVote(state, type, id, term, how === 'transfer')
  }
}

function requestVote(state: RaftState, type: 'vote' | 'pre-vote', to: MemberId, term: Term, transfer: boolean): void {
  const { id, log } = state
  send(state, { type, from: id, to, term, index: log.lastIndex(), logTerm: log.lastTerm(), transfer })
}

/** A vote, also one's own, is given only when it is durable. */
function answerVote(state: RaftState, type: 'vote' | 'pre-vote', to: MemberId, term: Term, rejected: boolean): void {
  const answer = type === 'vote' ? 'vote-response' : 'pre-vote-response'
  sendAfterAppend(state, { type: answer, from: state.id, to, term, rejected })
}

/** Looks page by page, and takes entries that are still on their way from the disk for a change: it tries again later. */
function hasUnappliedChange(state: RaftState): boolean {
  const { log, settings } = state
  let next = log.applied + 1
  if (log.unstable.snapshot !== undefined) next = Math.max(next, log.unstable.snapshot.index + 1)
  while (next <= log.committed) {
    const page = log.slice(next, log.committed + 1, settings.committedBytesMax)
    if (!Array.isArray(page) || page.some((entry) => entry.kind !== 'normal')) return true
    next += page.length
  }
  return false
}
