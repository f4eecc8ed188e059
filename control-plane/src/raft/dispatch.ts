import { appendAnswered, heartbeatAnswered } from './acknowledge.ts'
import { entriesApplied, snapshotStored, storageAppended } from './durable.ts'
import {
  answerVoteRequest,
  checkQuorum,
  ignoresVoteRequest,
  rejectPreVote,
  startCampaign,
  voteAnswered,
} from './election.ts'
import { forgetLeader, receiveAppend, receiveHeartbeat, receiveSnapshot } from './follower.ts'
import { type Progress, peerOf } from './progress.ts'
import { DROPPED, leaderProposes } from './proposals.ts'
import { type RaftState, send, sendAfterAppend } from './raft-state.ts'
import { beat, leaderReads } from './reads.ts'
import { acknowledgement } from './replication.ts'
import { becomeFollower } from './roles.ts'
import { snapshotReported } from './snapshot.ts'
import { startTransfer } from './transfer.ts'
import { type Message, type MessageOf, NONE, type Refusal } from './types.ts'

/** Takes one message in: first the term rule, then what every role does, then what the role does. */
export function dispatch(state: RaftState, message: Message): Refusal | undefined {
  if (message.term > state.term && message.term !== 0) {
    if (isVoteRequest(message) && ignoresVoteRequest(state, message)) return undefined
    raiseTerm(state, message)
  } else if (message.term < state.term && message.term !== 0) {
    answerOutdated(state, message)
    return undefined
  }
  switch (message.type) {
    case 'hup':
      startCampaign(state, state.settings.preVote ? 'pre-vote' : 'vote')
      return undefined
    case 'vote':
    case 'pre-vote':
      answerVoteRequest(state, message)
      return undefined
    case 'storage-append-response':
      storageAppended(state, message)
      return undefined
    case 'storage-apply-response':
      entriesApplied(state, message.entries)
      return undefined
    default:
      return dispatchByRole(state, message)
  }
}

/** A higher term makes a follower of anybody, but not by a pre-vote: asking changes nothing, and consent is for a term to come. */
function raiseTerm(state: RaftState, message: Message): void {
  if (message.type === 'pre-vote') return
  if (message.type === 'pre-vote-response' && !message.rejected) return
  becomeFollower(state, message.term, isFromLeader(message) ? message.from : NONE)
}

/**
 * A message of an older term is ignored, except: a leader of the past, or a candidate that waits in vain, is told
 * the present term, lest a member whose term ran ahead while it was cut off stays out for ever. A snapshot that is
 * stored is in force in any term.
 */
function answerOutdated(state: RaftState, message: Message): void {
  const { checkQuorum: checks, preVote } = state.settings
  if ((checks || preVote) && (message.type === 'heartbeat' || message.type === 'append')) {
    sendAfterAppend(state, acknowledgement(state, message.from, 0))
  } else if (message.type === 'pre-vote') rejectPreVote(state, message.from)
  else if (message.type === 'storage-append-response' && message.snapshot !== undefined) {
    snapshotStored(state, message.snapshot)
  }
}

function dispatchByRole(state: RaftState, message: Message): Refusal | undefined {
  if (state.role === 'leader') return leaderTakes(state, message)
  if (isFromLeader(message)) {
    heardFromLeader(state, message)
    return undefined
  }
  return state.role === 'follower' ? followerTakes(state, message) : candidateTakes(state, message)
}

function leaderTakes(state: RaftState, message: Message): Refusal | undefined {
  switch (message.type) {
    case 'propose':
      return leaderProposes(state, message.entries)
    case 'beat':
      beat(state)
      return undefined
    case 'check-quorum':
      checkQuorum(state)
      return undefined
    case 'read-index':
      leaderReads(state, message.from, message.context)
      return undefined
    default: {
      const peer = peerOf(state.peers, message.from)
      if (peer !== undefined) leaderHears(state, peer, message)
      return undefined
    }
  }
}

function leaderHears(state: RaftState, peer: Progress, message: Message): void {
  switch (message.type) {
    case 'append-response':
      return appendAnswered(state, peer, message)
    case 'heartbeat-response':
      return heartbeatAnswered(state, peer, message)
    case 'snapshot-status':
      return snapshotReported(peer, message.rejected)
    case 'unreachable':
      if (peer.state === 'replicate') peer.becomeProbe()
      return undefined
    case 'transfer-leader':
      return startTransfer(state, peer)
    default:
      return undefined
  }
}

/** A leader of this term exists: a candidate gives up, and a follower waits another election timeout. */
function heardFromLeader(state: RaftState, message: MessageOf<'append' | 'heartbeat' | 'snapshot'>): void {
  if (state.role !== 'follower') becomeFollower(state, message.term, message.from)
  state.electionElapsed = 0
  state.leader = message.from
  if (message.type === 'append') receiveAppend(state, message)
  else if (message.type === 'heartbeat') receiveHeartbeat(state, message)
  else receiveSnapshot(state, message)
}

function followerTakes(state: RaftState, message: Message): Refusal | undefined {
  switch (message.type) {
    case 'propose':
      if (state.leader === NONE || state.settings.proposalForwardingOff || message.entries.length === 0) return DROPPED
      send(state, { ...message, from: message.from === NONE ? state.id : message.from, to: state.leader })
      return undefined
    case 'transfer-leader':
      if (state.leader !== NONE) send(state, { ...message, to: state.leader, term: state.term })
      return undefined
    case 'read-index':
      if (state.leader !== NONE)
        send(state, { ...message, from: message.from === NONE ? state.id : message.from, to: state.leader })
      return undefined
    case 'read-index-response':
      state.readStates.push({ index: message.index, context: message.context })
      return undefined
    case 'timeout-now':
      startCampaign(state, 'transfer')
      return undefined
    case 'forget-leader':
      forgetLeader(state)
      return undefined
    default:
      return undefined
  }
}

function candidateTakes(state: RaftState, message: Message): Refusal | undefined {
  if (message.type === 'propose') return DROPPED
  const expected = state.role === 'pre-candidate' ? 'pre-vote-response' : 'vote-response'
  if (message.type === expected) voteAnswered(state, message)
  return undefined
}

function isVoteRequest(message: Message): message is MessageOf<'vote' | 'pre-vote'> {
  return message.type === 'vote' || message.type === 'pre-vote'
}

function isFromLeader(message: Message): message is MessageOf<'append' | 'heartbeat' | 'snapshot'> {
  return message.type === 'append' || message.type === 'heartbeat' || message.type === 'snapshot'
}
