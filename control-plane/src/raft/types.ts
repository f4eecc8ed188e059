/** Identifies a member in the consensus core: a whole number from 1 to 2^53−1, drawn once and never used again. */
export type MemberId = number
export type Term = number
export type Index = number

/** Nobody: no leader, no vote, no target. */
export const NONE: MemberId = 0
/** Local destinations of storage messages, outside the range of members. */
export const APPEND_THREAD: MemberId = -1
export const APPLY_THREAD: MemberId = -2
/** Terms and indexes stay exact up to here. */
export const NUMBER_MAX = Number.MAX_SAFE_INTEGER

export type EntryKind = 'normal' | 'change' | 'change-v1'

/** A place in the log. A `change` carries what it changes of the membership; everything else is opaque bytes. */
export interface Entry {
  index: Index
  term: Term
  kind: EntryKind
  /** Opaque to the core; its length is what counts against limits. Empty in the entry with which a leader begins. */
  data: Uint8Array
  /** Present when `kind` is not `normal`. */
  change?: MembershipChange
}

/** What is in force, each list ascending. `votersOutgoing` is not empty while a joint configuration holds. */
export interface Membership {
  voters: MemberId[]
  learners: MemberId[]
  votersOutgoing: MemberId[]
  /** Voters of the outgoing half that become learners when the joint configuration is left. */
  learnersNext: MemberId[]
  /** The leader leaves the joint configuration by itself. */
  autoLeave: boolean
}

export type ChangeStep = { do: 'add-voter' | 'add-learner' | 'remove' | 'update'; member: MemberId }

/** One change of membership (dissertation §4). Without steps it leaves a joint configuration. */
export interface MembershipChange {
  /** `auto`: simple where one voter changes, else joint and left by itself; `implicit`, `explicit`: joint in any case. */
  transition: 'auto' | 'implicit' | 'explicit'
  steps: ChangeStep[]
  /** Opaque; what the host wants to apply together with the change. */
  context: Uint8Array
}

/** Durable before anything that depends on it is sent. */
export interface HardState {
  term: Term
  vote: MemberId
  commit: Index
}

export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader'

/** What a host may show, not durable. */
export interface SoftState {
  leader: MemberId
  role: Role
}

/** Names a state of the host's at an index; the state itself travels outside the core. */
export interface Snapshot {
  index: Index
  term: Term
  membership: Membership
  /** Opaque. */
  data?: Uint8Array
}

interface Envelope {
  from: MemberId
  to: MemberId
  /** 0 in local messages and in those that a term does not rule. */
  term: Term
}

/** Everything that moves between members, and between the core and its storage. */
export type Message = Envelope &
  (
    | { type: 'hup' }
    | { type: 'beat' }
    | { type: 'check-quorum' }
    | { type: 'unreachable' }
    | { type: 'snapshot-status'; rejected: boolean }
    | { type: 'propose'; entries: Entry[] }
    | { type: 'append'; index: Index; logTerm: Term; entries: Entry[]; commit: Index }
    | {
        type: 'append-response'
        index: Index
        rejected: boolean
        /** Where to probe next when rejected (conflict by term): index `rejectHint`, which is of `logTerm` there. */
        rejectHint: Index
        logTerm: Term
        commit?: Index
      }
    | {
        type: 'vote' | 'pre-vote'
        index: Index
        logTerm: Term /** A campaign by leadership transfer. */
        transfer: boolean
      }
    | { type: 'vote-response' | 'pre-vote-response'; rejected: boolean }
    | { type: 'snapshot'; snapshot: Snapshot }
    | { type: 'heartbeat'; commit: Index; context: string }
    | { type: 'heartbeat-response'; context: string }
    | { type: 'transfer-leader' }
    | { type: 'timeout-now' }
    | { type: 'forget-leader' }
    | { type: 'read-index'; context: string }
    | { type: 'read-index-response'; index: Index; context: string }
    | {
        type: 'storage-append'
        entries: Entry[]
        /** Absent when it did not change. */
        hardState?: HardState
        snapshot?: Snapshot
        /** To be delivered, to members or to the core itself, once everything in here is durable. */
        responses: Message[]
      }
    | { type: 'storage-append-response'; index: Index; logTerm: Term; snapshot?: Snapshot }
    | {
        type: 'storage-apply'
        entries: Entry[] /** To be delivered once the entries are applied. */
        responses: Message[]
      }
    | { type: 'storage-apply-response'; entries: Entry[] }
  )

export type MessageType = Message['type']
export type MessageOf<T extends MessageType> = Extract<Message, { type: T }>

/** A read that may be served once the host has applied `index`. */
export interface ReadState {
  index: Index
  context: string
}

/** What the host has to do now. */
export interface Ready {
  softState?: SoftState
  hardState?: HardState
  readStates: ReadState[]
  /** To be made durable. With asynchronous storage writes the same stand in a `storage-append` message. */
  entries: Entry[]
  snapshot?: Snapshot
  /** To be applied. With asynchronous storage writes the same stand in a `storage-apply` message. */
  committed: Entry[]
  /** To be sent, after what is above is durable, unless they are storage messages that say so themselves. */
  messages: Message[]
  /** Whether `entries` and `hardState` have to be synced before going on. */
  mustSync: boolean
}

/** Why the core did not take something in. */
export type Refusal = { kind: 'proposal-dropped' } | { kind: 'peer-not-found' } | { kind: 'local-message' }

/** Entries that a storage cannot hand out: dropped already, beyond the end, or on their way from the disk. */
export type Unavailable = 'compacted' | 'beyond-end' | 'fetching'

/** The durable log as the core reads it; answers at once. */
export interface Storage {
  initialState(): { hardState: HardState; membership: Membership }
  /** Of the first entry that can be read; a snapshot stands for everything before. */
  firstIndex(): Index
  lastIndex(): Index
  /** Known for every index from `firstIndex() - 1` to `lastIndex()`. */
  term(index: Index): Term | Unavailable
  /** Entries in [from, to), at least one, as many as `bytesMax` allows. `fetching`: ask again when told that they are there. */
  entries(from: Index, to: Index, bytesMax: number): Entry[] | Unavailable
  /** The newest state that a follower could be sent; `fetching` while none can be had. */
  snapshot(): Snapshot | 'fetching'
}

export interface RaftOptions {
  id: MemberId
  storage: Storage
  /** Last index that the host has applied. @default 0 */
  applied?: Index
  /** Ticks without word from a leader before an election; randomised up to twice. */
  electionTicks: number
  heartbeatTicks: number
  /** Uniform whole number in [0, below): the only chance in the core. */
  random(below: number): number
  /** @default false */
  asyncStorageWrites?: boolean
  /** Bytes of entries in one append. @default no limit; 0 is one entry at a time */
  appendBytesMax?: number
  /** Bytes of committed entries handed out and not yet applied. @default appendBytesMax */
  committedBytesMax?: number
  /** Bytes of entries of this leader's that are not committed; beyond it proposals are dropped. @default no limit */
  uncommittedBytesMax?: number
  /** Appends under way to one follower. @default 256 */
  inflightMax?: number
  /** Bytes of appends under way to one follower. @default no limit */
  inflightBytesMax?: number
  /** @default true */
  preVote?: boolean
  /** @default true */
  checkQuorum?: boolean
  /** `lease` needs `checkQuorum`. @default 'quorum' */
  reads?: 'quorum' | 'lease'
  /** Proposals reach a follower in vain instead of being forwarded. @default false */
  proposalForwardingOff?: boolean
  /** Changes of membership are not judged when proposed. @default false */
  changeValidationOff?: boolean
  /** A leader that removed or demoted itself steps down. @default false */
  stepDownOnRemoval?: boolean
}

export type ProgressState = 'probe' | 'replicate' | 'snapshot'

/** What a leader knows of a peer. */
export interface PeerStatus {
  id: MemberId
  state: ProgressState
  match: Index
  next: Index
  learner: boolean
  paused: boolean
  pendingSnapshot: Index
  recentlyActive: boolean
  inflight: number
  inflightFull: boolean
}

export interface RaftStatus {
  id: MemberId
  hardState: HardState
  softState: SoftState
  applied: Index
  membership: Membership
  /** Leader only, by id. */
  peers: PeerStatus[]
  transferTarget: MemberId
  lastIndex: Index
}
