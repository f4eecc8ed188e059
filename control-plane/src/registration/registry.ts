import { Packr } from 'msgpackr'
import type { Consensus, Leadership } from '../cluster/consensus.ts'
import { raftId } from '../cluster/member-id.ts'
import type { Executor, Service } from '../discovery/executor.ts'
import type { Event } from '../state/applied.ts'
import { type Beat, type BeatAnswer, Beats, type BeatsDeps, type Heard } from './beats.ts'
import type { SaidManifest } from './ask-manifest.ts'
import { Breaks } from './breaks.ts'
import type { PollDesk } from './poll-desk.ts'
import { type PollAnswer, type PollAsked, Polls } from './polls.ts'
import { ManifestAsker } from './manifest-asker.ts'
import { ManifestWatch, type ManifestWatchDeps } from './manifest-watch.ts'
import { RegistrationWatch, type WatchDeps } from './watch.ts'

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
  /** A poll: it hangs until there are calls, or `signal` says that whoever polled has gone. A Problem when nobody leads. */
  poll(asked: PollAsked, signal: AbortSignal): Promise<PollAnswer>
  /** Ends the polls that came to this node. */
  releasePolls(): void
  /** What the leader heard of these; of none when it cannot be asked. */
  heard(executors: readonly Executor[]): Promise<ReadonlyMap<string, Heard>>
  /** There may be nobody at this origin any more: the leader asks. */
  doubt(origin: string): void
  /** What the program of a service says that it has: the one at a URL, or any that is online. Never rejects. */
  askManifest(service: Service, url?: string): Promise<SaidManifest>
}

export interface RegistryDeps
  extends Omit<BeatsDeps, 'onNews' | 'consensus'>,
    Omit<WatchDeps, 'consensus' | 'heard' | 'isPolled' | 'forget'>,
    Pick<ManifestWatchDeps, 'submit'> {
  consensus: BeatsDeps['consensus'] & WatchDeps['consensus'] & Pick<Consensus, 'onLeadership'>
  /** Where this node hands calls out while it leads. */
  pollDesk: PollDesk
}

type Question =
  | ['beat', Beat]
  | ['poll', PollAsked, ref: string]
  | ['left', ref: string]
  | ['heard', [service: number, id: string, boot: string][]]
  | ['broken', readonly string[]]

/** What a node knows of the executors that registered themselves, and does for them. */
export class Registry implements ExecutorsPort {
  readonly leaseTtlMs: number
  readonly heartbeatMs: number
  readonly #deps: RegistryDeps
  readonly #beats: Beats
  readonly #watch: RegistrationWatch
  readonly #breaks: Breaks
  readonly #polls: Polls
  readonly #asker: ManifestAsker
  readonly #manifests: ManifestWatch
  #stopped = false

  constructor(deps: RegistryDeps) {
    this.#deps = deps
    this.leaseTtlMs = deps.executorTtlMs
    this.heartbeatMs = Math.floor(deps.executorTtlMs / BEATS_PER_TTL)
    this.#beats = new Beats({ ...deps, onNews: (executor, state) => this.#watch.onNews(executor, state) })
    this.#watch = new RegistrationWatch({
      ...deps,
      heard: (executor) => this.#beats.heard(executor),
      isPolled: (executor) => deps.pollDesk.isPolled(executor),
      forget: (service, id) => this.#beats.forget(service, id),
    })
    const asker = new ManifestAsker(deps)
    this.#asker = asker
    this.#manifests = new ManifestWatch({ ...deps, askOne: (service, executor) => asker.askOne(service, executor) })
    this.#breaks = new Breaks({ clock: deps.clock, tell: (origins) => this.#tell(origins) })
    this.#polls = new Polls({
      ...deps,
      holdMsMax: this.leaseTtlMs - this.heartbeatMs,
      heard: (executor) => this.#beats.heard(executor),
      hear: (beat) => this.#beats.hear(beat),
      onPolled: (executor) => this.#watch.onNews(executor, 'online'),
      onLost: (executor) => this.#watch.onLost(executor),
      ask: (leader, question, timeoutMs) =>
        deps.network.request(raftId(leader), 'executors', packr.pack(question satisfies Question), timeoutMs),
    })
  }

  /** Looks after them whenever this node leads. */
  follow(consensus: Pick<Consensus, 'leadership' | 'onLeadership'>): void {
    const changed = ({ isLeader, signal }: Leadership) => {
      this.#leave()
      this.#beats.clear()
      this.#deps.pollDesk.close()
      if (!isLeader || signal.aborted || this.#stopped) return
      this.#watch.start()
      this.#manifests.start()
      this.#deps.pollDesk.open(this.#deps.state)
      signal.addEventListener('abort', () => this.#leave(), { once: true })
    }
    consensus.onLeadership(changed)
    changed(consensus.leadership())
  }

  onEvent(event: Event): void {
    if (event.type === 'node-changed') this.#polls.lost(event.node)
    if (event.type !== 'definitions-changed' || event.what !== 'executor') return
    this.#watch.poke()
    this.#manifests.poke()
    this.#deps.pollDesk.onChange()
  }

  doubt(origin: string): void {
    this.#breaks.note(origin)
  }

  stop(): void {
    this.#stopped = true
    this.#leave()
    this.#breaks.stop()
    this.#polls.stop()
    this.#deps.pollDesk.close()
  }

  beat(beat: Beat): Promise<BeatAnswer> {
    return this.#beats.beat(beat)
  }

  askManifest(service: Service, url?: string): Promise<SaidManifest> {
    return this.#asker.ask(service, url)
  }

  poll(asked: PollAsked, signal: AbortSignal): Promise<PollAnswer> {
    return this.#polls.poll(asked, signal)
  }

  releasePolls(): void {
    this.#polls.release()
  }

  /** Heartbeats that came to this node since the process started, polls among them, and polls that hang. */
  get figures(): { heartbeats: number; polls: number } {
    return { heartbeats: this.#beats.count + this.#polls.count, polls: this.#polls.size }
  }

  async heard(executors: readonly Executor[]): Promise<ReadonlyMap<string, Heard>> {
    const asked = executors.filter(({ kind }) => kind === 'registered')
    const { isLeader, leader } = this.#deps.consensus.leadership()
    if (isLeader) return this.#own(asked)
    if (asked.length === 0 || leader === undefined) return new Map()
    const names = asked.map(({ service, id, bootId = '' }): [number, string, string] => [service, id, bootId])
    const question: Question = ['heard', names]
    try {
      const { network } = this.#deps
      const reply = await network.request(raftId(leader), 'executors', packr.pack(question), ASK_TIMEOUT_MS)
      return new Map(packr.unpack(reply) as [string, Heard][])
    } catch {
      return new Map()
    }
  }

  /** Answers what another member asks; throws when this one does not lead. */
  answer(body: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const [about, what, ref] = packr.unpack(body) as Question
    if (about === 'beat') return this.#beats.answer(what)
    if (about === 'poll') return this.#polls.answer(what, ref ?? '')
    if (about === 'left') {
      this.#polls.left(what)
      return new Uint8Array()
    }
    if (!this.#deps.consensus.leadership().isLeader) throw new Error('this member does not lead')
    if (about === 'broken') {
      for (const origin of what) this.#watch.doubt(origin)
      return new Uint8Array()
    }
    return packr.pack([...this.#own(what.map(([service, id, bootId]) => ({ service, id, bootId })))])
  }

  #leave(): void {
    this.#watch.stop()
    this.#manifests.stop()
  }

  #tell(origins: readonly string[]): void {
    const { consensus, network, node } = this.#deps
    const { isLeader, leader } = consensus.leadership()
    if (isLeader) for (const origin of origins) this.#watch.doubt(origin)
    if (isLeader || leader === undefined || leader === node) return
    const question: Question = ['broken', origins]
    // Heartbeats find out in the end what was not heard.
    network.request(raftId(leader), 'executors', packr.pack(question), ASK_TIMEOUT_MS).catch(() => undefined)
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
