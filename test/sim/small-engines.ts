import { expect } from 'vitest'
import { Alarms } from '../../control-plane/src/cluster/alarms.ts'
import { ClockSteps } from '../../control-plane/src/cluster/clock-steps.ts'
import { ClockWatch } from '../../control-plane/src/cluster/clock-watch.ts'
import { DigestWatch } from '../../control-plane/src/cluster/digest-watch.ts'
import { type Engine, startEngine } from '../../control-plane/src/cluster/engine.ts'
import { raftId } from '../../control-plane/src/cluster/member-id.ts'
import { type Network, type NetworkHandlers, PeerUnreachable } from '../../control-plane/src/cluster/network.ts'
import { timingOf } from '../../control-plane/src/cluster/ticker.ts'
import type { MemberId } from '../../control-plane/src/raft/types.ts'
import type { Clock } from '../../control-plane/src/runtime/clock.ts'
import { DIGEST_EVERY } from '../../control-plane/src/state/digest-ring.ts'
import { MemoryStates } from './memory-states.ts'
import { SeededRandom } from './seeded-random.ts'
import { SimulatedDisk } from './simulated-file-system.ts'
import { VirtualClock } from './virtual-clock.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

export interface Member {
  id: string
  /** By how much its wall clock is ahead. */
  aheadMs: number
  engine: Engine
  alarms: Alarms
  watches: { stop(): void }[]
  fatal: Error[]
}

/** Members in one process, whose messages arrive at once and whose wall clocks the test sets. */
export class SmallCluster {
  readonly clock = new VirtualClock(1_700_000_000_000)
  readonly members: Member[] = []
  readonly #handlers = new Map<MemberId, NetworkHandlers>()
  /** Nothing reaches it, and nothing that it sends arrives. */
  cutOff: Member | undefined

  static async start(count: number): Promise<SmallCluster> {
    const cluster = new SmallCluster()
    const ids = Array.from({ length: count }, (_, at) => String(at + 1).repeat(16))
    for (const id of ids) await cluster.#add(id, ids)
    await cluster.pass(5000)
    const at = cluster.clock.now()
    for (const id of ids) {
      const member = { id, name: `n${id[0]}`, address: `n${id[0]}:7421`, addedAt: at, joinedAt: at }
      await cluster.settled(cluster.leader.engine.consensus.propose({ kind: 'member-put', at, member }))
    }
    return cluster
  }

  get leader(): Member {
    const found = this.members.find(({ engine }) => engine.consensus.leadership().isLeader)
    if (!found) throw new Error('nobody leads')
    return found
  }

  get follower(): Member {
    return this.members.find((member) => member !== this.leader)!
  }

  /** So many entries that every member has noted another digest. */
  async grow(): Promise<void> {
    const { consensus } = this.leader.engine
    const at = this.clock.now()
    const more = Array.from({ length: DIGEST_EVERY }, () => consensus.propose({ kind: 'hash-mark', at }))
    await this.settled(Promise.all(more))
    await this.pass(1000)
  }

  pass(ms: number): Promise<void> {
    return this.clock.run(this.clock.monotonic() + ms)
  }

  /** Lets time pass until something is done. */
  async settled<T>(work: Promise<T>): Promise<T> {
    let done = false
    const end = work.finally(() => {
      done = true
    })
    end.catch(() => undefined)
    for (let rounds = 0; !done && rounds < 500; rounds++) await this.pass(25)
    expect(done).toBe(true)
    return end
  }

  async stop(): Promise<void> {
    for (const { watches } of this.members) for (const watch of watches) watch.stop()
    await this.settled(Promise.all(this.members.map(({ engine }) => engine.stop())))
  }

  async #add(id: string, ids: string[]): Promise<void> {
    const fatal: Error[] = []
    const aheadMs = () => this.#aheadMs(raftId(id))
    const clock: Clock = {
      now: () => this.clock.now() + aheadMs(),
      monotonic: () => this.clock.monotonic(),
      after: (delayMs, task) => this.clock.after(delayMs, task),
    }
    const watches: DigestWatch[] = []
    const engine = await startEngine({
      clock,
      random: new SeededRandom(Number(id[0])),
      logger: quiet,
      fileSystem: new SimulatedDisk({ seed: Number(id[0]) }).mount(),
      walFolder: 'data/wal',
      walSegmentBytes: 1024 * 1024,
      states: new MemoryStates(),
      node: id,
      begin: { cluster: 'c'.repeat(16), members: ids.map((one) => ({ id: one, name: one, address: `${one}:1` })) },
      timing: timingOf(50, 500),
      connect: (handlers) => this.#connect(raftId(id), handlers),
      onRequest: async (_from, _kind, body) => watches[0]?.answer(body) ?? new Uint8Array(0),
      onEvent: () => undefined,
      onReplaced: () => undefined,
      onFatal: (error) => fatal.push(error),
    })
    const alarms = new Alarms(quiet)
    const { consensus, network, digests, restraint } = engine
    const watch = new DigestWatch({
      clock,
      logger: quiet,
      alarms,
      node: id,
      folder: 'data',
      state: () => engine.state,
      digests,
      network,
      consensus,
      onDiverged: (error) => fatal.push(error),
    })
    watch.start()
    watches.push(watch)
    const steps = new ClockSteps(clock, 60_000)
    const shared = { clock, logger: quiet, alarms, node: id, network, consensus }
    const clocks = new ClockWatch({ ...shared, steps, restraint, maxSkewMs: 500 })
    clocks.start()
    this.members.push({ id, aheadMs: 0, engine, alarms, watches: [watch, clocks], fatal })
  }

  #isCut(member: MemberId): boolean {
    return this.cutOff !== undefined && raftId(this.cutOff.id) === member
  }

  #aheadMs(member: MemberId): number {
    return this.members.find(({ id }) => raftId(id) === member)?.aheadMs ?? 0
  }

  #connect(from: MemberId, handlers: NetworkHandlers): Network {
    this.#handlers.set(from, handlers)
    return {
      setPeers: () => undefined,
      send: (message) => {
        if (this.#isCut(from) || this.#isCut(message.to)) return false
        void Promise.resolve().then(() => this.#handlers.get(message.to)?.onMessage(message))
        return true
      },
      request: async (to, kind, body) => {
        const handler = this.#handlers.get(to)
        if (!handler || this.#isCut(from) || this.#isCut(to)) throw new PeerUnreachable('it is not there')
        return handler.onRequest(from, kind, body)
      },
      sendSnapshot: () => Promise.reject(new Error('nobody needs a state')),
      silence: () => 0,
      clockOffsets: () =>
        new Map(
          [...this.#handlers.keys()]
            .filter((id) => !this.#isCut(id) && !this.#isCut(from))
            .map((id) => [id, this.#aheadMs(id) - this.#aheadMs(from)]),
        ),
      close: () => Promise.resolve(),
    }
  }
}
