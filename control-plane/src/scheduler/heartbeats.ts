import { raftId } from '../cluster/member-id.ts'
import type { Consensus } from '../cluster/consensus.ts'
import type { Network } from '../cluster/network.ts'
import { Problem } from '../problems.ts'
import type { Clock, Millis } from '../runtime/clock.ts'
import type { Event } from '../state/applied.ts'
import type { State } from '../state/state.ts'

/** How long a heartbeat that was handed to the leader waits for its answer, in milliseconds. */
const FORWARD_TIMEOUT_MS = 5000
const OPEN = Uint8Array.of(1)
const ENDED = Uint8Array.of(0)

export interface HeartbeatsDeps {
  clock: Clock
  /** Id of this member. */
  node: string
  state(): State
  consensus: Pick<Consensus, 'leadership' | 'inTouch'>
  network: Pick<Network, 'request'>
}

/**
 * When the executors of accepted attempts were last heard of, in the memory of the leader alone. Nothing of it is
 * replicated: a new leader counts every accepted attempt as heard of when it takes office, so no lease ends early.
 */
export class Heartbeats {
  readonly #deps: HeartbeatsDeps
  /** Of open attempts only. */
  readonly #heard = new Map<string, Millis>()
  #beats = 0

  constructor(deps: HeartbeatsDeps) {
    this.#deps = deps
  }

  /** Takes office: what an earlier term heard counts no more. */
  lead(): void {
    this.#heard.clear()
  }

  /** Signs of life that came to this node, from executors, since the process started. */
  get beats(): number {
    return this.#beats
  }

  heardAt(attempt: string): Millis | undefined {
    return this.#heard.get(attempt)
  }

  onEvent(event: Event): void {
    if (event.type === 'attempt-ended') this.#heard.delete(event.attempt.id)
  }

  /** A sign of life of an attempt, on whichever node: whether the leader knows it as open. A Problem when nobody leads. */
  async beat(attempt: string): Promise<boolean> {
    const { consensus, network, node } = this.#deps
    const { isLeader, leader } = consensus.leadership()
    this.#beats += 1
    if (isLeader) return this.#hear(attempt)
    if (leader === undefined || leader === node) throw nobody()
    const body = Buffer.from(attempt)
    try {
      const reply = await network.request(raftId(leader), 'heartbeat', body, FORWARD_TIMEOUT_MS)
      return reply[0] === OPEN[0]
    } catch {
      throw nobody()
    }
  }

  /** The leader's answer to another member; throws when this one does not lead. */
  answer(body: Uint8Array): Uint8Array {
    if (!this.#deps.consensus.leadership().isLeader) throw new Error('this member does not lead')
    return this.#hear(Buffer.from(body).toString()) ? OPEN : ENDED
  }

  #hear(attempt: string): boolean {
    const { clock, consensus, state } = this.#deps
    // One that was deposed and has not heard of it would renew nothing.
    if (!consensus.inTouch()) throw nobody()
    if (!state().attempts.has(attempt)) return false
    this.#heard.set(attempt, clock.now())
    return true
  }
}

function nobody(): Problem {
  return new Problem('not-leader', 'There is no leader to hear it at the moment; try again shortly')
}
