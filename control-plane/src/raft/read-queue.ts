import type { Index, MemberId } from './types.ts'

/** Reads that may wait at a leader; beyond it they get no answer, as if they had been lost on the way. */
export const READS_MAX = 65_536

/** A read at a leader: who asked, and the commit index when it did, known in the round that begins after it. */
export interface WaitingRead {
  from: MemberId
  context: string
  index: Index
  round: number
}

/**
 * Reads that wait for a quorum to say that this leader still leads. They are answered by rounds of heartbeats,
 * numbered within the term: a read waits for the acknowledgement of a round that began after the read came, so a
 * late acknowledgement of an earlier heartbeat, or of the same request before, proves nothing for it.
 */
export class ReadQueue {
  /** Asked before this leader has committed anything: its commit index may be behind what was acknowledged to clients. */
  early: Pick<WaitingRead, 'from' | 'context'>[] = []
  waiting: WaitingRead[] = []
  /** The last round that was sent. */
  sent = 0
  /** The last round that a quorum acknowledged. */
  confirmed = 0
  /** When the newest confirmed round was sent, in ticks: from then on the quorum waits a whole election timeout. */
  leaseFrom = Number.NEGATIVE_INFINITY
  /** Somebody was told to campaign at once, so no lease keeps rivals away for the rest of the term. */
  leaseBroken = false
  readonly #sentAt = new Map<number, number>()

  get full(): boolean {
    return this.early.length + this.waiting.length >= READS_MAX
  }

  get underWay(): boolean {
    return this.sent > this.confirmed
  }

  /** Begins a round, which serves all reads that wait now. */
  begin(now: number, remembered: number): number {
    this.sent++
    this.#sentAt.set(this.sent, now)
    this.#sentAt.delete(this.sent - remembered)
    return this.sent
  }

  /** Takes in that a quorum acknowledged a round; gives the reads that it serves. */
  confirm(round: number): WaitingRead[] {
    this.confirmed = round
    this.leaseFrom = Math.max(this.leaseFrom, this.#sentAt.get(round) ?? this.leaseFrom)
    let served = 0
    while (served < this.waiting.length && (this.waiting[served] as WaitingRead).round <= round) served++
    return this.waiting.splice(0, served)
  }

  /** A new term, or no leader any more: who waits asks again. */
  clear(): void {
    this.early = []
    this.waiting = []
    this.sent = 0
    this.confirmed = 0
    this.leaseFrom = Number.NEGATIVE_INFINITY
    this.leaseBroken = false
    this.#sentAt.clear()
  }
}
