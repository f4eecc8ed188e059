import { type Engine, startEngine } from '../../control-plane/src/cluster/engine.ts'
import type { InitialCluster } from '../../control-plane/src/cluster/initial-cluster.ts'
import { raftId } from '../../control-plane/src/cluster/member-id.ts'
import type { Network, NetworkHandlers } from '../../control-plane/src/cluster/network.ts'
import { timingOf } from '../../control-plane/src/cluster/ticker.ts'
import type { MemberId, Message } from '../../control-plane/src/raft/types.ts'
import { MemoryStates } from './memory-states.ts'
import type { MemoryStore } from './memory-store.ts'
import { SeededRandom } from './seeded-random.ts'
import { SimulatedDisk } from './simulated-file-system.ts'
import { VirtualClock } from './virtual-clock.ts'

const LATENCY_MS = 1
const FLUSH_MS = 50
const quiet = { debug() {}, info() {}, warn() {}, error() {} }

interface Node {
  id: string
  disk: SimulatedDisk
  states: MemoryStates
  begin: InitialCluster | 'join'
  engine: Engine<MemoryStore> | undefined
  handlers: NetworkHandlers | undefined
  heard: Map<MemberId, number>
}

/** Fixture: engines of several members on one virtual clock, with a network that loses nothing unless a member is cut off. */
export class Engines {
  readonly clock = new VirtualClock(0)
  readonly fatal: Error[] = []
  readonly #nodes = new Map<MemberId, Node>()
  readonly #cut = new Set<MemberId>()
  /** Called with every message before it is sent; false loses it. */
  passes: (message: Message) => boolean = () => true

  /** The id of a member by its number, from 1 to 9. */
  static id(number: number): string {
    return String(number).repeat(16)
  }

  /** Begins a cluster of so many members. */
  static async of(count: number): Promise<Engines> {
    const engines = new Engines()
    const members = Array.from({ length: count }, (_, at) => member(at + 1))
    const begin = { cluster: 'c'.repeat(16), members }
    for (let number = 1; number <= count; number++) await engines.add(number, begin)
    return engines
  }

  async add(number: number, begin: InitialCluster | 'join'): Promise<void> {
    const id = Engines.id(number)
    const disk = new SimulatedDisk({ seed: number })
    this.#nodes.set(raftId(id), {
      id,
      disk,
      states: new MemoryStates(),
      begin,
      engine: undefined,
      handlers: undefined,
      heard: new Map(),
    })
    await this.start(number)
  }

  async start(number: number): Promise<void> {
    const node = this.#node(number)
    node.heard.clear()
    node.engine = await startEngine<MemoryStore>({
      clock: this.clock,
      random: new SeededRandom(number),
      logger: quiet,
      fileSystem: node.disk.mount(),
      walFolder: 'data/wal',
      walSegmentBytes: 16_384,
      states: node.states,
      node: node.id,
      begin: node.begin,
      timing: timingOf(100, 1000),
      connect: (handlers) => this.#connect(node, handlers),
      onRequest: () => Promise.reject(new Error('nothing is asked')),
      onEvent: () => undefined,
      onReplaced: () => undefined,
      onFatal: (error) => void this.fatal.push(error),
    })
  }

  /** Stops an engine as it should be stopped. */
  async stop(number: number): Promise<void> {
    const node = this.#node(number)
    const engine = this.at(number)
    node.engine = undefined
    await this.settle(engine.stop())
    node.handlers = undefined
    node.states.crash()
  }

  at(number: number): Engine<MemoryStore> {
    const { engine } = this.#node(number)
    if (engine === undefined) throw new Error(`${number} does not run`)
    return engine
  }

  /** A member can neither send nor receive. */
  cut(...numbers: number[]): void {
    for (const number of numbers) this.#cut.add(raftId(Engines.id(number)))
  }

  mend(): void {
    this.#cut.clear()
  }

  /** Lets time pass; stores write every now and then. */
  async run(ms: number): Promise<void> {
    const until = this.clock.monotonic() + ms
    while (this.clock.monotonic() < until) {
      await this.clock.run(Math.min(until, this.clock.monotonic() + FLUSH_MS))
      for (const { engine } of this.#nodes.values()) await engine?.store.flush()
    }
  }

  /** Lets time pass until a promise is settled. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let settled = false
    const end = () => {
      settled = true
    }
    promise.then(end, end)
    for (let waited = 0; !settled && waited < 60_000; waited++) await this.run(1)
    if (!settled) throw new Error('it is not settled within a minute')
    return promise
  }

  /** Lets time pass until one of those that run, and are not cut off, leads; its number. */
  async leader(): Promise<number> {
    for (let waited = 0; waited < 30_000; waited += 10) {
      for (const [id, { engine }] of this.#nodes) {
        if (!this.#cut.has(id) && engine?.consensus.leadership().isLeader) return this.#number(id)
      }
      await this.run(10)
    }
    throw new Error('nobody leads within 30 s')
  }

  /** Proposes a change to one that leads, and waits for it. */
  propose(number: number, at: number) {
    const node = Engines.id(9)
    return this.settle(this.at(number).consensus.propose({ kind: 'node-up', at, node, incarnation: at }))
  }

  /** Has the first member, which began alone, take in another as a learner. */
  async join(number: number): Promise<void> {
    const { consensus } = this.at(1)
    const put = (number: number) => ({ kind: 'member-put' as const, at: 0, member: { ...member(number), addedAt: 0 } })
    await this.settle(consensus.propose(put(1)))
    await this.add(number, 'join')
    await this.settle(consensus.change([{ do: 'add-learner', member: Engines.id(number) }], put(number)))
  }

  #connect(from: Node, handlers: NetworkHandlers): Network {
    from.handlers = handlers
    const self = raftId(from.id)
    const deliver = (to: MemberId, task: (there: NetworkHandlers) => void, lost: () => void = () => undefined) =>
      void this.clock.after(LATENCY_MS, () => {
        const there = this.#nodes.get(to)
        if (!there?.handlers || this.#cut.has(self) || this.#cut.has(to)) return lost()
        there.heard.set(self, this.clock.monotonic())
        task(there.handlers)
      })
    return {
      setPeers: () => undefined,
      send: (message) => {
        if (!this.#nodes.has(message.to)) return false
        if (this.passes(message)) deliver(message.to, ({ onMessage }) => onMessage(structuredClone(message)))
        return true
      },
      request: () => Promise.reject(new Error('nothing is asked')),
      sendSnapshot: (to, snapshot, chunks, signal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')))
          const take = ({ onSnapshot }: NetworkHandlers) =>
            void onSnapshot(self, snapshot, chunks).then(resolve, reject)
          deliver(to, take, () => reject(new Error('lost')))
        }),
      silence: (member) => {
        const at = from.heard.get(member)
        return at === undefined ? undefined : this.clock.monotonic() - at
      },
      clockOffsets: () => new Map(),
      close: () => Promise.resolve(),
    }
  }

  #node(number: number): Node {
    const node = this.#nodes.get(raftId(Engines.id(number)))
    if (node === undefined) throw new Error(`there is no ${number}`)
    return node
  }

  #number(id: MemberId): number {
    return Number(this.#nodes.get(id)!.id[0])
  }
}

function member(number: number) {
  return { id: Engines.id(number), name: `n${number}`, address: `n${number}.test:7421` }
}
