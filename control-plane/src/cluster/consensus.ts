import type { Command } from '../state/commands.ts'
import type { Applied, Rejection } from '../state/applied.ts'

/** A committed command with its place in the log. */
export interface Entry {
  index: number
  term: number
  command: Command
}

/** What a proposer is told once its command has been applied on this node. */
export type Outcome =
  | { kind: 'applied'; index: number; value: Applied['value'] }
  | { kind: 'rejected'; index: number; rejection: Rejection }

export interface Leadership {
  term: number
  /** Node that leads, or undefined while there is none. */
  leader: string | undefined
  isLeader: boolean
  /** Aborted when the term ends. */
  signal: AbortSignal
}

/**
 * How nodes agree, as the rest of the product sees it. An implementation orders commands, makes them durable,
 * applies each exactly once on this node, in order, and answers the proposer after the local apply.
 */
export interface Consensus {
  /**
   * On the leader only. Rejects with a `Problem` when the command has certainly not been committed, and with
   * `NotCommitted` when it may or may not have been (stop, lost leadership, failed disk).
   */
  propose(command: Command): Promise<Outcome>
  /** The applied index that a linearizable read has to wait for. On any node, while there is a leader. */
  readIndex(): Promise<number>
  leadership(): Leadership
  /** Whether a leader with a majority behind it was heard of lately: without that, nothing new may be sent out. */
  inTouch(): boolean
  /** Resolves when this node has applied `index`; rejects with a `Problem` after `timeoutMs`. */
  waitApplied(index: number, timeoutMs: number): Promise<void>
  membership(): MembersView
  /** On the leader only: one change at a time, applied together with `command`. Rejects as `propose` does. */
  change(change: MemberStep[], command?: Command): Promise<Outcome>
  /** Hands leadership to a voter, by default to the one that is furthest. Resolves when somebody else leads. */
  transfer(to?: string): Promise<void>
  status(): ConsensusStatus
  /** Called on every change of leadership; returns how to stop listening. */
  onLeadership(listener: (leadership: Leadership) => void): () => void
  /** Refuses new proposals, finishes those under way, syncs and closes. */
  stop(): Promise<void>
}

/** One step of a change of membership; several of them are one joint change. */
export interface MemberStep {
  do: 'add-voter' | 'add-learner' | 'remove'
  member: string
}

/** Who takes part, by member id; `outgoing` is not empty while a joint change is under way. */
export interface MembersView {
  voters: string[]
  learners: string[]
  outgoing: string[]
}

/** How this node, and if it leads every member, is getting on. */
export interface ConsensusStatus {
  role: 'leader' | 'follower' | 'candidate' | 'learner'
  term: number
  leader: string | undefined
  commit: number
  applied: number
  firstIndex: number
  lastIndex: number
  /** Since the process started. */
  leaderChanges: number
  elections: number
  /** What a leader knows of the others. */
  peers: PeerProgress[]
}

export interface PeerProgress {
  member: string
  state: 'probe' | 'replicate' | 'snapshot'
  /** Last entry that it is known to have. */
  match: number
  learner: boolean
  /** Milliseconds since it was heard of; absent when never. */
  silentMs?: number
}

/** The outcome of a proposal is unknown: it may still be found committed. */
export class NotCommitted extends Error {
  override name = 'NotCommitted'
}
