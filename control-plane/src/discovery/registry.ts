import { Packr } from 'msgpackr'
import { raftId } from '../cluster/member-id.ts'
import type { Executor } from './executor.ts'
import { type Beat, type BeatAnswer, Beats, type BeatsDeps, type Heard } from './beats.ts'

/** How long the leader may take to say what it heard, in milliseconds. */
const ASK_TIMEOUT_MS = 1500
/** Heartbeats that an executor is asked for within its time to live. */
const BEATS_PER_TTL = 3

const packr = new Packr({ useRecords: false })

/** What the API needs of registered executors. */
export interface ExecutorsPort {
  /** Silent for so long one is offline, and how often it is to send a heartbeat, in milliseconds. */
  readonly leaseTtlMs: number
  readonly heartbeatMs: number
  /** A heartbeat; a Problem when nobody leads. */
  beat(beat: Beat): Promise<BeatAnswer>
  /** What the leader heard of these; of none when it cannot be asked. */
  heard(executors: readonly Executor[]): Promise<ReadonlyMap<string, Heard>>
}

export interface RegistryDeps extends Omit<BeatsDeps, 'onNews'> {
  executorTtlMs: number
}

type Question = ['beat', Beat] | ['heard', [service: number, id: string, boot: string][]]

/** What a node knows of the executors that registered themselves, and does for them. */
export class Registry implements ExecutorsPort {
  readonly leaseTtlMs: number
  readonly heartbeatMs: number
  readonly #deps: RegistryDeps
  readonly #beats: Beats

  constructor(deps: RegistryDeps) {
    this.#deps = deps
    this.leaseTtlMs = deps.executorTtlMs
    this.heartbeatMs = Math.floor(deps.executorTtlMs / BEATS_PER_TTL)
    this.#beats = new Beats({ ...deps, onNews: () => undefined })
  }

  beat(beat: Beat): Promise<BeatAnswer> {
    return this.#beats.beat(beat)
  }

  /** Heartbeats that came to this node since the process started. */
  get count(): number {
    return this.#beats.count
  }

  async heard(executors: readonly Executor[]): Promise<ReadonlyMap<string, Heard>> {
    const asked = executors.filter(({ kind }) => kind === 'registered')
    const { isLeader, leader } = this.#deps.consensus.leadership()
    if (isLeader) return this.#own(asked)
    if (asked.length === 0 || leader === undefined) return new Map()
    const question: Question = ['heard', asked.map(({ service, id, bootId = '' }) => [service, id, bootId])]
    try {
      const { network } = this.#deps
      const reply = await network.request(raftId(leader), 'executors', packr.pack(question), ASK_TIMEOUT_MS)
      return new Map(packr.unpack(reply) as [string, Heard][])
    } catch {
      return new Map()
    }
  }

  /** Answers what another member asks; throws when this one does not lead. */
  answer(body: Uint8Array): Uint8Array {
    const [about, what] = packr.unpack(body) as Question
    if (about === 'beat') return this.#beats.answer(what)
    if (!this.#deps.consensus.leadership().isLeader) throw new Error('this member does not lead')
    return packr.pack([...this.#own(what.map(([service, id, bootId]) => ({ service, id, bootId })))])
  }

  #own(asked: readonly Pick<Executor, 'service' | 'id' | 'bootId'>[]): Map<string, Heard> {
    const heard = new Map<string, Heard>()
    for (const one of asked) {
      const found = this.#beats.heard(one)
      if (found) heard.set(one.id, found)
    }
    return heard
  }
}
