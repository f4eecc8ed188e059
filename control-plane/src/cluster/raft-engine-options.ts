import type { RaftState } from '../raft/raft-state.ts'
import type { Membership, MessageOf, RaftOptions, Snapshot } from '../raft/types.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import type { Applied } from '../state/applied.ts'
import type { Command } from '../state/commands.ts'
import type { HardState as StoredHardState, Wal } from '../wal/wal.ts'
import { raftId } from './member-id.ts'
import type { Network } from './network.ts'
import type { RaftLog } from './raft-log.ts'
import type { Timing } from './ticker.ts'

export interface RaftEngineOptions {
  /** Id of this member. */
  node: string
  wal: Wal
  log: RaftLog
  clock: Clock
  random: Random
  /** Absent members are those who never talk: a cluster of one needs no network. */
  network: Pick<Network, 'send' | 'silence'>
  timing: Timing
  /** Last index that memory has. */
  applied: number
  /** Ids of all members that are known, to tell them by their numbers. */
  members(): Iterable<string>
  /** Applies a committed entry to memory; synchronous and total. Without a command only the position moves on. */
  apply(index: number, term: number, command: Command | undefined): Applied | undefined
  /** In force from the entry on that is applied next. */
  onMembership(membership: Membership): void
  /** Awaited before a group is applied: back-pressure of a store that lags behind. */
  room(): Promise<void>
  /** Makes a received state this node's own; nothing is applied meanwhile. */
  install(snapshot: Snapshot, hardState: StoredHardState): Promise<void>
  /** Sends a state to a member that is too far behind for the log, then the message; tells the engine when it failed. */
  sendSnapshot(message: MessageOf<'snapshot'>): void
  /** Called before every tick of the core. @default nothing */
  beforeTick?(state: RaftState): void
  /** Called once, when the log can take nothing more; the process should end with exit code 74. */
  onFatal(error: Error): void
  /** Bytes of commands that one entry of the pipeline gathers. @default 1_048_576 */
  batchBytesMax?: number
  /** @default 65_536 */
  proposalsMax?: number
  /** @default 67_108_864 */
  proposalBytesMax?: number
}

export function withDefaults(options: RaftEngineOptions): Required<RaftEngineOptions> {
  return {
    batchBytesMax: 1024 * 1024,
    proposalsMax: 65_536,
    proposalBytesMax: 64 * 1024 * 1024,
    beforeTick: () => undefined,
    ...options,
  }
}

/** Bytes of entries in one append to a follower, and of appends under way to it. */
const APPEND_BYTES_MAX = 1024 * 1024
const INFLIGHT_BYTES_MAX = 16 * 1024 * 1024
const INFLIGHT_MAX = 512
/** Bytes of entries that are proposed and not committed. */
const UNCOMMITTED_BYTES_MAX = 256 * 1024 * 1024
/** Bytes of committed entries handed over and not applied. */
const COMMITTED_BYTES_MAX = 16 * 1024 * 1024

/** With what the consensus core is made: writes to the log are asynchronous, so that appends leave before the own sync ends. */
export function coreOptions({ node, log, random, timing, applied }: RaftEngineOptions): RaftOptions {
  return {
    id: raftId(node),
    storage: log,
    applied,
    electionTicks: timing.electionTicks,
    heartbeatTicks: timing.heartbeatTicks,
    random: (below) => Math.floor(random.next() * below),
    asyncStorageWrites: true,
    appendBytesMax: APPEND_BYTES_MAX,
    committedBytesMax: COMMITTED_BYTES_MAX,
    uncommittedBytesMax: UNCOMMITTED_BYTES_MAX,
    inflightMax: INFLIGHT_MAX,
    inflightBytesMax: INFLIGHT_BYTES_MAX,
    stepDownOnRemoval: true,
    // Whoever does not lead says so; the shell forwards commands, and knows what became of them.
    proposalForwardingOff: true,
  }
}
