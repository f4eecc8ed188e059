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
  /** Rejects with `NotCommitted` when the command may or may not have been committed (stop, lost leadership, failed disk). */
  propose(command: Command): Promise<Outcome>
  /** The applied index that a linearizable read has to wait for. */
  readIndex(): Promise<number>
  leadership(): Leadership
  /** Called on every change of leadership; returns how to stop listening. */
  onLeadership(listener: (leadership: Leadership) => void): () => void
  /** Refuses new proposals, finishes those under way, syncs and closes. */
  stop(): Promise<void>
}

/** The outcome of a proposal is unknown: it may still be found committed. */
export class NotCommitted extends Error {
  override name = 'NotCommitted'
}
