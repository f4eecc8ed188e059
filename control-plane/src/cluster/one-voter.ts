import type { Clock } from '../runtime/clock.ts'
import type { Applied } from '../state/apply.ts'
import type { Command } from '../state/commands.ts'
import type { Wal } from '../wal/wal.ts'
import { NotCommitted, type Consensus, type Entry, type Leadership, type Outcome } from './consensus.ts'

export interface OneVoterOptions {
  wal: Wal
  /** Id of this node, which is the leader. */
  node: string
  clock: Clock
  /** Applies a committed entry to memory; synchronous and total. */
  apply(entry: Entry): Applied
  /** Index that memory has already, after `replay`. */
  applied: number
  /** Called once, when the log can take nothing more; the process should end with exit code 74. */
  onFatal(error: Error): void
  /** Bytes of commands that one append may carry. @default 1_048_576 */
  batchBytesMax?: number
  /** Proposals that may wait for their answer; beyond it `propose` rejects with `ProposalsFull`. @default 65_536 */
  proposalsMax?: number
}

export interface OneVoterCounters {
  /** Commands made durable. */
  entries: number
  /** Synced writes, those that only record the commit included. */
  appends: number
  /** Bytes of commands. */
  bytes: number
}

/** The engine of a cluster of one: what is durable here is committed. */
export class OneVoter implements Consensus {
  readonly counters: OneVoterCounters = { entries: 0, appends: 0, bytes: 0 }

  constructor(options: OneVoterOptions) {
    void options
  }
  /** Takes office: writes a new term durably. Await it before anything is proposed. */
  start(): Promise<void> {
    return Promise.resolve()
  }
  propose(_command: Command): Promise<Outcome> {
    return Promise.reject(new NotCommitted())
  }
  readIndex(): Promise<number> {
    return Promise.resolve(0)
  }
  leadership(): Leadership {
    return { term: 0, leader: undefined, isLeader: false, signal: new AbortController().signal }
  }
  onLeadership(_listener: (leadership: Leadership) => void): () => void {
    return () => undefined
  }
  stop(): Promise<void> {
    return Promise.resolve()
  }
}
