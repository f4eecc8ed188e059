import type { RaftLog } from './log.ts'
import type { Configuration, Entrance } from './membership.ts'
import type { Settings } from './options.ts'
import type { ReadQueue } from './read-queue.ts'
import type { HardState, Index, MemberId, Message, ReadState, Role, SoftState, Term } from './types.ts'

/** Everything that one member's consensus knows; changed in place by the functions around it, read by the host. */
export interface RaftState extends Configuration {
  readonly id: MemberId
  readonly settings: Settings
  readonly log: RaftLog
  term: Term
  vote: MemberId
  role: Role
  leader: MemberId
  /** Who voted how in the campaign under way; asked by id, never walked. */
  readonly votes: Map<MemberId, boolean>

  /** Ticks since the start; the only clock. */
  now: number
  electionElapsed: number
  heartbeatElapsed: number
  /** How long this member waits for a leader this time: from `electionTicks` to nearly twice as long. */
  electionTimeoutTicks: number
  /** With lease reads: no vote before this tick, because a leader from before the restart may count on it. */
  voteGuardUntil: number

  /** Leader: where its first entry stands; what is committed from there on is committed by its own term. */
  termStart: Index
  /** Leader: no change of membership is proposed before this index is applied. */
  pendingChange: Index
  /** Leader: payload bytes of entries that are not known to be applied. */
  uncommittedBytes: number
  /** Leader: who is to take over, or nobody. */
  transferTarget: MemberId
  readonly reads: ReadQueue

  readStates: ReadState[]
  /** To be sent. */
  messages: Message[]
  /** To be sent once all that was put into the log, and the vote, is durable. */
  afterAppend: Message[]
}

/** Sends a message that depends on nothing that has still to become durable. */
export function send(state: RaftState, message: Message): void {
  state.messages.push(message)
}

/** Sends a message that must wait until the entries, the term and the vote before it are durable. */
export function sendAfterAppend(state: RaftState, message: Message): void {
  state.afterAppend.push(message)
}

export function hardStateOf(state: RaftState): HardState {
  return { term: state.term, vote: state.vote, commit: state.log.committed }
}

export function softStateOf(state: RaftState): SoftState {
  return { leader: state.leader, role: state.role }
}

/** What a member gets that enters the configuration now. */
export function entranceOf(state: RaftState): Entrance {
  const { inflightMax, inflightBytesMax } = state.settings
  return { lastIndex: state.log.lastIndex(), inflightMax, inflightBytesMax }
}
