import { assert } from '../runtime/assert.ts'
import { Inflights } from './inflights.ts'
import type { Index, MemberId, PeerStatus, ProgressState } from './types.ts'

/** What makes the progress of a member new to the configuration. */
export interface ProgressSeed {
  id: MemberId
  next: Index
  recentlyActive: boolean
  inflightMax: number
  inflightBytesMax: number
}

/**
 * What a leader knows of one member.
 * `probe`: one append at a time until it is known where the logs agree. `replicate`: optimistic, a window of appends.
 * `snapshot`: nothing is sent until the snapshot arrived. Throughout, `match < next`.
 */
export class Progress {
  readonly id: MemberId
  state: ProgressState = 'probe'
  match: Index = 0
  next: Index
  /** Replicated to, without a vote. */
  learner = false
  /** Heard from since the last check of the quorum. */
  recentlyActive: boolean
  /** The flow of appends waits: for an answer to the probe, or for room in the window. */
  flowPaused = false
  pendingSnapshot: Index = 0
  /** Its entries are being fetched from disk; sending goes on when they are there. */
  awaitsFetch = false
  /** The last round of reads that it acknowledged (dissertation §6.4). */
  readRound = 0
  readonly inflights: Inflights
  /** The highest commit index that was sent and that its log, as far as sent, can take. */
  #sentCommit: Index = 0

  constructor(seed: ProgressSeed) {
    this.id = seed.id
    this.next = seed.next
    this.recentlyActive = seed.recentlyActive
    this.inflights = new Inflights(seed.inflightMax, seed.inflightBytesMax)
  }

  get paused(): boolean {
    return this.state === 'snapshot' || this.flowPaused
  }

  /** As at the start of a term: nothing is known, and the guess is that the logs agree to the end. */
  restart(match: Index, next: Index): void {
    this.#enter('probe')
    this.match = match
    this.next = next
    this.#sentCommit = 0
    this.recentlyActive = false
    this.readRound = 0
  }

  /** Goes back to what is known for certain; after a snapshot that is what the snapshot brought. */
  becomeProbe(): void {
    const after = this.state === 'snapshot' ? this.pendingSnapshot : 0
    this.#enter('probe')
    this.#moveBack(Math.max(this.match, after) + 1)
  }

  becomeReplicate(): void {
    this.#enter('replicate')
    this.next = this.match + 1
  }

  becomeSnapshot(index: Index): void {
    this.#enter('snapshot')
    this.pendingSnapshot = index
    this.next = index + 1
    this.#sentCommit = index
    assert(this.match < this.next, 'a snapshot brings what the peer lacks')
  }

  /** Notes an append with so many entries. A full window, or a probe with entries, pauses the flow. */
  sentEntries(count: number, bytes: number): void {
    if (this.state === 'replicate') {
      if (count > 0) {
        this.next += count
        this.inflights.add(this.next - 1, bytes)
      }
      this.flowPaused = this.inflights.full
    } else if (count > 0) this.flowPaused = true
  }

  sentCommit(commit: Index): void {
    this.#sentCommit = commit
  }

  /** Whether telling it `commit` now may move it on: it was told less, and less than its log can take. */
  canUseCommit(commit: Index): boolean {
    return commit > this.#sentCommit && this.#sentCommit < this.next - 1
  }

  /** Takes in an acknowledgement up to `index`; false when it says nothing new. */
  acknowledged(index: Index): boolean {
    if (index <= this.match) return false
    this.match = index
    if (this.next <= index) this.next = index + 1
    this.flowPaused = false
    return true
  }

  /** Takes in that the append after `rejected` did not fit and may fit after `hint`; false when that is outdated. */
  refused(rejected: Index, hint: Index): boolean {
    if (this.state === 'replicate') {
      if (rejected <= this.match) return false
      this.#moveBack(this.match + 1)
      return true
    }
    if (this.next - 1 !== rejected) return false
    this.#moveBack(Math.max(Math.min(rejected, hint + 1), this.match + 1))
    this.flowPaused = false
    return true
  }

  status(): PeerStatus {
    return {
      id: this.id,
      state: this.state,
      match: this.match,
      next: this.next,
      learner: this.learner,
      paused: this.paused,
      pendingSnapshot: this.pendingSnapshot,
      recentlyActive: this.recentlyActive,
      inflight: this.inflights.count,
      inflightFull: this.inflights.full,
    }
  }

  #enter(state: ProgressState): void {
    this.state = state
    this.flowPaused = false
    this.pendingSnapshot = 0
    this.awaitsFetch = false
    this.inflights.clear()
  }

  #moveBack(next: Index): void {
    this.next = next
    this.#sentCommit = Math.min(this.#sentCommit, next - 1)
    assert(this.match < next, 'a peer is sent what it lacks')
  }
}

/** The members that a leader tracks, ascending by id. */
export type Peers = readonly Progress[]

/** A handful at most, so looking along the row beats a map. */
export function peerOf(peers: Peers, id: MemberId): Progress | undefined {
  for (const peer of peers) if (peer.id === id) return peer
  return undefined
}
