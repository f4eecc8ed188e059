import { afterEach, describe, expect, test } from 'vitest'
import { Alarms } from '../../control-plane/src/cluster/alarms.ts'
import { DigestWatch } from '../../control-plane/src/cluster/digest-watch.ts'
import { type Engine, startEngine } from '../../control-plane/src/cluster/engine.ts'
import { raftId } from '../../control-plane/src/cluster/member-id.ts'
import { type Network, type NetworkHandlers, PeerUnreachable } from '../../control-plane/src/cluster/network.ts'
import { timingOf } from '../../control-plane/src/cluster/ticker.ts'
import type { MemberId } from '../../control-plane/src/raft/types.ts'
import { StorageError } from '../../control-plane/src/runtime/storage-error.ts'
import { DIGEST_EVERY } from '../../control-plane/src/state/digest.ts'
import { MemoryStates } from './memory-states.ts'
import { SeededRandom } from './seeded-random.ts'
import { SimulatedDisk } from './simulated-file-system.ts'
import { VirtualClock } from './virtual-clock.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const LOOK_MS = 10_000

interface Member {
  id: string
  engine: Engine
  alarms: Alarms
  watch: DigestWatch
  fatal: Error[]
}

/** Members in one process, whose messages arrive at once. */
class SmallCluster {
  readonly clock = new VirtualClock(1_700_000_000_000)
  readonly members: Member[] = []
  readonly #handlers = new Map<MemberId, NetworkHandlers>()

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
    for (const { watch } of this.members) watch.stop()
    await this.settled(Promise.all(this.members.map(({ engine }) => engine.stop())))
  }

  async #add(id: string, ids: string[]): Promise<void> {
    const { clock } = this
    const fatal: Error[] = []
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
    const { consensus, network, digests } = engine
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
    this.members.push({ id, engine, alarms, watch, fatal })
  }

  #connect(from: MemberId, handlers: NetworkHandlers): Network {
    this.#handlers.set(from, handlers)
    return {
      setPeers: () => undefined,
      send: (message) => {
        void Promise.resolve().then(() => this.#handlers.get(message.to)?.onMessage(message))
        return this.#handlers.has(message.to)
      },
      request: async (to, kind, body) => {
        const handler = this.#handlers.get(to)
        if (!handler) throw new PeerUnreachable('it is not there')
        return handler.onRequest(from, kind, body)
      },
      sendSnapshot: () => Promise.reject(new Error('nobody needs a state')),
      silence: () => 0,
      clockOffsets: () => new Map(),
      close: () => Promise.resolve(),
    }
  }
}

describe('members that have applied the same entries', () => {
  let cluster: SmallCluster
  afterEach(() => cluster.stop())
  const codes = ({ alarms }: Member) => alarms.list.map(({ code }) => code)

  test('go on while their states are the same', async () => {
    cluster = await SmallCluster.start(3)
    await cluster.grow()
    await cluster.pass(2 * LOOK_MS)
    for (const { fatal } of cluster.members) expect(fatal).toEqual([])
    expect(codes(cluster.leader)).toEqual([])
    expect(cluster.leader.engine.digests.entries()).not.toEqual([])
  })

  test('lose the one whose state is not that of the others, which says what to do', async () => {
    cluster = await SmallCluster.start(3)
    const wrong = cluster.follower
    wrong.engine.state.fencingToken += 1
    await cluster.grow()
    await cluster.pass(2 * LOOK_MS)
    expect(wrong.fatal[0]).toBeInstanceOf(StorageError)
    expect((wrong.fatal[0] as StorageError).nextStep).toContain('cronclave member remove')
    expect(codes(cluster.leader)).toEqual(['state-diverged'])
    for (const member of cluster.members) if (member !== wrong) expect(member.fatal).toEqual([])
  })

  test('lose their leader, when it is the one', async () => {
    cluster = await SmallCluster.start(3)
    const wrong = cluster.leader
    wrong.engine.state.fencingToken += 1
    await cluster.grow()
    await cluster.pass(2 * LOOK_MS)
    expect(wrong.fatal[0]).toBeInstanceOf(StorageError)
    for (const member of cluster.members) if (member !== wrong) expect(member.fatal).toEqual([])
  })

  test('lose the follower when there are only two', async () => {
    cluster = await SmallCluster.start(2)
    const { leader, follower } = cluster
    leader.engine.state.fencingToken += 1
    await cluster.grow()
    await cluster.pass(2 * LOOK_MS)
    expect(leader.fatal).toEqual([])
    expect(follower.fatal[0]).toBeInstanceOf(StorageError)
  })
})
