import type { RaftState } from '../raft/raft-state.ts'

type Waiting = Pick<RaftState, 'role' | 'electionElapsed' | 'electionTimeoutTicks'> & {
  readonly settings: Pick<RaftState['settings'], 'electionTicks'>
}

/** Election timeouts without word from a leader after which a member stands, whatever its clock says. */
const TIMEOUTS_MAX = 3

/**
 * Lets a member whose wall clock is wrong leave the first elections to others: it votes as ever, and stands only when
 * nobody has led for a while. What its election timeout was is in force again once a leader is heard of.
 */
export class Restraint {
  /** Whether it leaves the lead to others. */
  yields = false
  #drawn = 0
  #extended: number | undefined
  #elapsed = 0

  /** To be called before every tick of the core. */
  beforeTick(state: Waiting): void {
    const { role, electionElapsed, settings } = state
    const heard = electionElapsed < this.#elapsed
    this.#elapsed = electionElapsed
    if (this.#extended !== undefined && (heard || !this.yields || state.electionTimeoutTicks !== this.#extended)) {
      if (state.electionTimeoutTicks === this.#extended) state.electionTimeoutTicks = this.#drawn
      this.#extended = undefined
    }
    const wouldStand = role === 'follower' && electionElapsed + 1 >= state.electionTimeoutTicks
    if (!this.yields || !wouldStand || electionElapsed >= TIMEOUTS_MAX * settings.electionTicks) return
    if (this.#extended === undefined) this.#drawn = state.electionTimeoutTicks
    this.#extended = electionElapsed + 2
    state.electionTimeoutTicks = this.#extended
  }
}
