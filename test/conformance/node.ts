import { EMPTY_MEMBERSHIP } from '../../control-plane/src/raft/membership.ts'
import { Raft } from '../../control-plane/src/raft/raft.ts'
import type {
  Entry,
  HardState,
  MemberId,
  MessageOf,
  RaftOptions,
  Snapshot,
} from '../../control-plane/src/raft/types.ts'
import { MemoryStorage } from '../support/memory-storage.ts'

/** What `add-nodes` may ask for besides what every node is given. */
export type NodeOptions = Omit<RaftOptions, 'id' | 'storage' | 'electionTicks' | 'heartbeatTicks' | 'random'>

export const ELECTION_TICKS = 3
export const HEARTBEAT_TICKS = 1

/** One member with its log, its applied states and the work that its storage has not done yet. */
export interface Node {
  readonly id: MemberId
  readonly raft: Raft
  readonly storage: MemoryStorage
  readonly asyncStorageWrites: boolean
  /** Every state that was ever applied; the last is what a follower is sent. */
  readonly history: Snapshot[]
  readonly appendWork: MessageOf<'storage-append'>[]
  readonly applyWork: MessageOf<'storage-apply'>[]
}

export const EMPTY_SNAPSHOT: Snapshot = { index: 0, term: 0, membership: EMPTY_MEMBERSHIP, data: new Uint8Array() }

/** A node that starts from a state, or from nothing when its index is 0. */
export function startNode(id: MemberId, start: Snapshot, options: NodeOptions): Node {
  const history = [start]
  const storage = new MemoryStorage(() => history.at(-1) as Snapshot)
  if (start.index > 0) storage.install(start)
  const raft = new Raft({
    preVote: false,
    checkQuorum: false,
    inflightMax: Number.MAX_SAFE_INTEGER,
    ...options,
    id,
    storage,
    electionTicks: ELECTION_TICKS,
    heartbeatTicks: HEARTBEAT_TICKS,
    random: (below) => below - 1,
  })
  const asyncStorageWrites = options.asyncStorageWrites ?? false
  return { id, raft, storage, asyncStorageWrites, history, appendWork: [], applyWork: [] }
}

/** Makes durable what a Ready asks for. */
export function append(node: Node, work: { hardState?: HardState; snapshot?: Snapshot; entries: Entry[] }): void {
  const { hardState, snapshot, entries } = work
  if (hardState !== undefined) node.storage.hardState = hardState
  if (snapshot === undefined) node.storage.append(entries)
  else if (entries.length > 0) throw new Error("can't apply snapshot and entries at the same time")
  else node.storage.install(snapshot)
}

/** Applies entries to a state that is nothing but all payloads in a row. */
export function apply(node: Node, entries: readonly Entry[]): void {
  for (const { index, term, change, data } of entries) {
    const last = node.history.at(-1) as Snapshot
    const membership = change === undefined ? last.membership : node.raft.applyChange(change)
    const update = change === undefined ? data : change.context
    node.history.push({ index, term, membership, data: Buffer.concat([last.data ?? new Uint8Array(), update]) })
  }
}
