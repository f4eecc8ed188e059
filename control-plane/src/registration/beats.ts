import { Packr } from 'msgpackr'
import type { Consensus } from '../cluster/consensus.ts'
import { raftId } from '../cluster/member-id.ts'
import type { Network } from '../cluster/network.ts'
import { Problem } from '../problems.ts'
import type { Clock, Millis } from '../runtime/clock.ts'
import { findExecutor } from '../state/executors.ts'
import type { State } from '../state/state.ts'
import type { Executor } from '../discovery/executor.ts'
import { pulls } from '../discovery/pull.ts'

/** How long a heartbeat that was handed to the leader waits for its answer, in milliseconds. */
const FORWARD_TIMEOUT_MS = 5000

const packr = new Packr({ useRecords: false })

/** What a registered executor says of itself now and then. */
export interface Beat {
  service: number
  id: string
  boot: string
  state: 'online' | 'draining'
  inFlight: number
  /** What its clock says. */
  clock?: Millis
  manifestHash?: string
}

export type BeatAnswer = 'ok' | 'needManifest' | 'register'

/** What the leader last heard of one. */
export interface Heard {
  boot: string
  at: Millis
  /** The same by the monotonic clock. */
  tick: number
  inFlight: number
  /** How far its clock is ahead. */
  skewMs?: number
}

export interface BeatsDeps {
  clock: Clock
  /** Id of this member. */
  node: string
  state(): State
  consensus: Pick<Consensus, 'leadership' | 'inTouch'>
  network: Pick<Network, 'request'>
  /** Called for one that says of itself something else than the state. */
  onNews(executor: Executor, state: Beat['state']): void
}

/**
 * When registered executors were last heard of, in the memory of the leader alone. Nothing of it is replicated: a new
 * leader counts every one as heard of when it takes office.
 */
export class Beats {
  readonly #deps: BeatsDeps
  readonly #heard = new Map<string, Heard>()
  #count = 0

  constructor(deps: BeatsDeps) {
    this.#deps = deps
  }

  /** Forgets what an earlier term heard. */
  clear(): void {
    this.#heard.clear()
  }

  /** Heartbeats that came to this node since the process started. */
  get count(): number {
    return this.#count
  }

  heard({ service, id, bootId }: Pick<Executor, 'service' | 'id' | 'bootId'>): Heard | undefined {
    const heard = this.#heard.get(keyOf(service, id))
    return heard && heard.boot === bootId ? heard : undefined
  }

  forget(service: number, id: string): void {
    this.#heard.delete(keyOf(service, id))
  }

  /** A heartbeat, on whichever node: what the leader says to it. A Problem when nobody leads. */
  async beat(beat: Beat): Promise<BeatAnswer> {
    const { consensus, network, node } = this.#deps
    const { isLeader, leader } = consensus.leadership()
    this.#count += 1
    if (isLeader) return this.hear(beat)
    if (leader === undefined || leader === node) throw nobody()
    try {
      const reply = await network.request(raftId(leader), 'executors', packr.pack(['beat', beat]), FORWARD_TIMEOUT_MS)
      return packr.unpack(reply) as BeatAnswer
    } catch {
      throw nobody()
    }
  }

  /** The leader's answer to another member; throws when this one does not lead. */
  answer(beat: Beat): Uint8Array {
    if (!this.#deps.consensus.leadership().isLeader) throw new Error('this member does not lead')
    return packr.pack(this.hear(beat))
  }

  /** The leader hears of one, whichever way; a Problem when it may not lead any more. */
  hear(beat: Beat): BeatAnswer {
    const { clock, consensus, state, onNews } = this.#deps
    // One that was deposed and has not heard of it would keep nobody online.
    if (!consensus.inTouch()) throw nobody()
    const executor = findExecutor(state(), beat)
    if (executor?.kind !== 'registered' || executor.bootId !== beat.boot || executor.expired) return 'register'
    const at = clock.now()
    this.#heard.set(keyOf(beat.service, beat.id), {
      boot: beat.boot,
      at,
      tick: clock.monotonic(),
      inFlight: beat.inFlight,
      ...(beat.clock === undefined ? {} : { skewMs: beat.clock - at }),
    })
    if (executor.status === 'suspect' || (beat.state === 'draining' && executor.status === 'online'))
      onNews(executor, beat.state)
    const { manifestHash: hash } = beat
    const isKnown = hash === undefined || (hash === executor.manifest?.hash && !this.#isLost(executor, hash))
    return isKnown ? 'ok' : 'needManifest'
  }

  /** Whether the manifest of one that nobody can ask for it never came, as when its leader went in the middle. */
  #isLost(executor: Executor, hash: string): boolean {
    if (!pulls(executor)) return false
    return (
      this.#deps
        .state()
        .manifests.get(executor.service)
        ?.seen.every((one) => one.hash !== hash) ?? true
    )
  }
}

function keyOf(service: number, id: string): string {
  return `${service}/${id}`
}

function nobody(): Problem {
  return new Problem('not-leader', 'There is no leader to hear it at the moment; try again shortly')
}
