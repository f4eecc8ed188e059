import { assert } from '../runtime/assert.ts'
import { applyChange, restoreMembership } from './configuration.ts'
import { dispatch } from './dispatch.ts'
import { electable } from './election.ts'
import { RaftLog } from './log.ts'
import { EMPTY_MEMBERSHIP } from './membership.ts'
import { resolveOptions } from './options.ts'
import { peerOf } from './progress.ts'
import { hardStateOf, type RaftState, softStateOf } from './raft-state.ts'
import { ReadQueue } from './read-queue.ts'
import { type Handover, hasReady, startHandover, takeReady } from './ready.ts'
import { resumeAfterFetch } from './replication.ts'
import { becomeFollower, EMPTY } from './roles.ts'
import { abortTransfer } from './transfer.ts'
import {
  APPEND_THREAD,
  APPLY_THREAD,
  type Entry,
  type HardState,
  type Index,
  type MemberId,
  type Membership,
  type MembershipChange,
  type Message,
  type MessageType,
  NONE,
  type RaftOptions,
  type RaftStatus,
  type Ready,
  type Refusal,
  type Term,
} from './types.ts'

/** Where a proposal stands in the log of this leader; whether it stays there, the commit says. */
export interface Placed {
  index: Index
  term: Term
}

/** What only a member tells itself, or its storage tells it. */
const LOCAL = new Set<MessageType>([
  'hup',
  'beat',
  'check-quorum',
  'unreachable',
  'snapshot-status',
  'forget-leader',
  'storage-append',
  'storage-append-response',
  'storage-apply',
  'storage-apply-response',
])

/** What counts only from a member. */
const RESPONSES = new Set<MessageType>([
  'append-response',
  'vote-response',
  'pre-vote-response',
  'heartbeat-response',
  'read-index-response',
])

/**
 * One member's consensus as a value machine (Ongaro's dissertation; section numbers stand where a rule is kept).
 * Ticks, messages and proposals go in; what to store, send and apply comes out by `ready`. No I/O, no clock, and no
 * chance but the one function in its options.
 */
export class Raft {
  readonly state: RaftState
  readonly #told: Handover

  constructor(options: RaftOptions) {
    this.state = initialState(options)
    this.#told = startHandover(this.state)
  }

  /** Lets one tick pass: the only clock. */
  tick(): void {
    this.state.now++
    this.state.electionElapsed++
    if (this.state.role === 'leader') this.#leaderTick()
    else this.#followerTick()
  }

  /** Takes in a message of another member or of the storage. */
  step(message: Message): Refusal | undefined {
    const fromStorage = message.from === APPEND_THREAD || message.from === APPLY_THREAD
    if (LOCAL.has(message.type) && !fromStorage) return { kind: 'local-message' }
    if (RESPONSES.has(message.type) && peerOf(this.state.peers, message.from) === undefined)
      return { kind: 'peer-not-found' }
    return dispatch(this.state, message)
  }

  /** Begins an election now. */
  campaign(): void {
    this.#local('hup')
  }

  /** Proposes entries with these payloads: here as leader (then says where the first one stands), else forwarded to the leader. */
  propose(data: readonly Uint8Array[]): Refusal | Placed | undefined {
    return this.#propose(data.map((bytes): Entry => ({ index: 0, term: 0, kind: 'normal', data: bytes })))
  }

  /** Proposes a change of membership. One that may not be made now becomes an empty entry at the place that is given back. */
  proposeChange(change: MembershipChange, kind: 'change' | 'change-v1' = 'change'): Refusal | Placed | undefined {
    return this.#propose([{ index: 0, term: 0, kind, data: EMPTY, change }])
  }

  /** Brings a committed change into force; the host calls it when it applies the entry. */
  applyChange(change: MembershipChange): Membership {
    return applyChange(this.state, change)
  }

  /** Asks at which index a read is linearizable; the answer comes as a read state with this context, or not at all. */
  readIndex(context: string): void {
    dispatch(this.state, { type: 'read-index', from: NONE, to: this.state.id, term: 0, context })
  }

  transferLeader(to: MemberId): void {
    dispatch(this.state, { type: 'transfer-leader', from: to, to: this.state.id, term: 0 })
  }

  forgetLeader(): void {
    this.#local('forget-leader')
  }

  /** Says that what was sent to a member is probably lost. */
  reportUnreachable(id: MemberId): void {
    dispatch(this.state, { type: 'unreachable', from: id, to: this.state.id, term: 0 })
  }

  /** Says how sending a snapshot to a member ended; without it the member is sent nothing more. */
  reportSnapshot(id: MemberId, ok: boolean): void {
    dispatch(this.state, { type: 'snapshot-status', from: id, to: this.state.id, term: 0, rejected: !ok })
  }

  /** Says that the storage now has what it was still fetching. */
  entriesFetched(): void {
    resumeAfterFetch(this.state)
  }

  hasReady(): boolean {
    return hasReady(this.state, this.#told)
  }

  ready(): Ready {
    return takeReady(this.state, this.#told)
  }

  /** Says that a Ready is worked off. Not with asynchronous storage writes, where the storage's answers say so. */
  advance(ready: Ready): void {
    assert(!this.state.settings.asyncStorageWrites, 'with asynchronous storage writes the storage answers')
    assert(
      ready.hardState === undefined || ready.hardState.commit <= this.state.log.committed,
      'the Ready is of this member',
    )
    const due = this.#told.onAdvance
    this.#told.onAdvance = []
    for (const message of due) dispatch(this.state, message)
  }

  status(): RaftStatus {
    const { state } = this
    return {
      id: state.id,
      hardState: hardStateOf(state),
      softState: softStateOf(state),
      applied: state.log.applied,
      membership: state.membership,
      peers: state.role === 'leader' ? state.peers.map((peer) => peer.status()) : [],
      transferTarget: state.transferTarget,
      lastIndex: state.log.lastIndex(),
    }
  }

  #propose(entries: Entry[]): Refusal | Placed | undefined {
    const { state } = this
    const placed = { index: state.log.lastIndex() + 1, term: state.term }
    const leads = state.role === 'leader'
    const refusal = dispatch(state, { type: 'propose', from: state.id, to: state.id, term: 0, entries })
    return refusal ?? (leads ? placed : undefined)
  }

  #followerTick(): void {
    const { state } = this
    if (state.electionElapsed < state.electionTimeoutTicks || !electable(state)) return
    state.electionElapsed = 0
    this.#local('hup')
  }

  /** Once in an election timeout the quorum is checked, and a transfer that was not done by then is given up. */
  #leaderTick(): void {
    const { state } = this
    state.heartbeatElapsed++
    if (state.electionElapsed >= state.settings.electionTicks) {
      state.electionElapsed = 0
      if (state.settings.checkQuorum) this.#local('check-quorum')
      abortTransfer(state)
    }
    if (state.role !== 'leader' || state.heartbeatElapsed < state.settings.heartbeatTicks) return
    state.heartbeatElapsed = 0
    this.#local('beat')
  }

  #local(type: 'hup' | 'beat' | 'check-quorum' | 'forget-leader'): void {
    const { id } = this.state
    dispatch(this.state, { type, from: id, to: id, term: 0 })
  }
}

function initialState(options: RaftOptions): RaftState {
  const settings = resolveOptions(options)
  const { hardState, membership } = settings.storage.initialState()
  const log = new RaftLog(settings.storage, settings.committedBytesMax)
  // What is applied was committed, also where the word of it was lost: a commit index alone is never synced.
  log.commitTo(Math.max(hardState.commit, settings.applied))
  if (settings.applied > log.applied) log.appliedTo(settings.applied, 0)
  const state: RaftState = {
    id: settings.id,
    settings,
    log,
    term: hardState.term,
    vote: hardState.vote,
    role: 'follower',
    leader: NONE,
    membership: EMPTY_MEMBERSHIP,
    peers: [],
    votes: new Map(),
    now: 0,
    electionElapsed: 0,
    heartbeatElapsed: 0,
    electionTimeoutTicks: 0,
    voteGuardUntil: guardTicks(settings.reads, hardState, settings.electionTicks),
    termStart: 0,
    pendingChange: 0,
    uncommittedBytes: 0,
    transferTarget: NONE,
    reads: new ReadQueue(),
    readStates: [],
    messages: [],
    afterAppend: [],
  }
  restoreMembership(state, membership)
  becomeFollower(state, state.term, NONE)
  return state
}

/** A member that was of a term before may have promised its leader a lease that outlives the restart. */
function guardTicks(reads: 'quorum' | 'lease', { term }: HardState, electionTicks: number): number {
  return reads === 'lease' && term > 0 ? electionTicks : 0
}
