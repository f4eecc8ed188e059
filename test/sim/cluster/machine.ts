import type { InitialCluster } from '../../../control-plane/src/cluster/initial-cluster.ts'
import { raftId } from '../../../control-plane/src/cluster/member-id.ts'
import type { NetworkHandlers } from '../../../control-plane/src/cluster/network.ts'
import type { RaftLog } from '../../../control-plane/src/cluster/raft-log.ts'
import { Core } from '../../../control-plane/src/core.ts'
import type { MemberId } from '../../../control-plane/src/raft/types.ts'
import { createEgressPolicy } from '../../../control-plane/src/dispatch/egress.ts'
import type { Clock } from '../../../control-plane/src/runtime/clock.ts'
import type { Wal } from '../../../control-plane/src/wal/wal.ts'
import { MemoryStates } from '../memory-states.ts'
import type { MemoryStore } from '../memory-store.ts'
import { SeededRandom } from '../seeded-random.ts'
import { type CrashKind, SimulatedDisk } from '../simulated-file-system.ts'
import type { Checks, Observed } from './checks.ts'
import type { Executors } from './executors.ts'
import type { Profile, Strikes } from './faults.ts'
import type { OutletSide } from './outlet-side.ts'
import type { Outlets } from './outlets.ts'
import type { SimulatedNetwork, Station } from './network.ts'
import { NodeClock, type Oscillator } from './node-clock.ts'
import type { PollPoint } from './poll-point.ts'
import type { Pollers } from './pollers.ts'
import type { World } from './world.ts'

/** Requests that a node has under way at once. */
export const CALLS_MAX = 8
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const egress = createEgressPolicy({ allowLoopback: true })
/** Nothing has to be hidden here. */
const sealer = { keyId: 'none', seal: (plain: string) => plain, open: (sealed: string) => sealed }

/** What all machines of a world share. */
export interface Surroundings {
  world: World
  random: SeededRandom
  profile: Profile
  strikes: Strikes
  network: SimulatedNetwork
  checks: Checks
  executors: Executors
  /** Absent where nothing is handed on. */
  outlets?: OutletSide | undefined
  /** Absent where nobody polls. */
  pollers?: Pollers | undefined
}

/** One start of a node, from its first step until it stops or dies. */
export class NodeProcess implements Station, Observed {
  readonly id: MemberId
  readonly name: string
  /** Id of the member. */
  readonly member: string
  readonly clock: Clock
  readonly heard = new Map<MemberId, number>()
  handlers: NetworkHandlers | undefined
  alive = true
  pausedUntil = 0
  applied = 0
  wal: Wal | undefined
  log: RaftLog | undefined
  core: Core<MemoryStore> | undefined
  stopping = false
  outlets: Outlets | undefined
  /** Where executors poll. */
  polling: PollPoint | undefined
  /** Term in which it last took office. */
  office = 0

  constructor(machine: Machine, world: World, ordinal: number) {
    this.id = machine.raft
    this.member = machine.id
    this.name = `${machine.name}.${ordinal}`
    this.clock = new NodeClock(world, this, machine.oscillator)
  }
}

/** A machine with its disk, on which processes of a member run one after the other. */
export class Machine {
  readonly id: string
  readonly name: string
  readonly raft: MemberId
  readonly disk: SimulatedDisk
  readonly states = new MemoryStates()
  readonly oscillator: Oscillator
  process: NodeProcess | undefined
  /** True time until which its disk is slow. */
  slowUntil = 0
  /** It is gone for good. */
  retired = false
  /** It has been switched on. */
  started = false
  /** The cluster has known it as a member. */
  known = false
  /** Index of the entry that took it out of the cluster. */
  removedAt: number | undefined
  readonly #around: Surroundings
  readonly #begin: InitialCluster | 'join'
  #starts = 0

  constructor(id: string, name: string, begin: InitialCluster | 'join', around: Surroundings) {
    const { random, strikes } = around
    this.id = id
    this.name = name
    this.raft = raftId(id)
    this.#begin = begin
    this.#around = around
    this.oscillator = {
      skewMs: strikes.strikes('clock-skew') ? random.integer(-3000, 3000) : 0,
      rate: strikes.strikes('clock-drift') ? 1 + (random.next() - 0.5) * 0.1 : 1,
    }
    const latency = ({ kind }: { kind: string }) => (kind === 'look' ? Promise.resolve() : this.#diskTakesTime())
    this.disk = new SimulatedDisk({ seed: random.integer(1, 1e9), latency })
  }

  get address(): string {
    return `${this.name}.test:7421`
  }

  /** The node of the process that runs now, once it has come up. */
  get core(): Core<MemoryStore> | undefined {
    return this.process?.stopping ? undefined : this.process?.core
  }

  /** Its disk is as good as new, unless its node has yet to die of what the disk has done to it. */
  mendDisk(): void {
    const { faults, operations } = this.disk
    const { at = Number.POSITIVE_INFINITY } = faults.crash ?? faults.fail ?? {}
    if (at > operations) this.disk.faults = {}
  }

  start(): void {
    if (this.process !== undefined || this.retired) return
    this.started = true
    const { world } = this.#around
    this.disk.faults = {}
    const process = new NodeProcess(this, world, ++this.#starts)
    this.process = process
    world.laterIn(
      () => process,
      0,
      'start',
      () => {
        this.#launch(process).then(
          (core) => {
            if (!process.alive) return
            process.core = core
            process.outlets = this.#around.outlets?.open(process, core)
            process.polling?.follow(core)
            this.#flushLater(process)
          },
          (error: unknown) => this.#died(process, error),
        )
      },
    )
  }

  /** The process is gone, in the middle of whatever it does; it starts again a while later. */
  crash(kind: CrashKind): void {
    const { process } = this
    if (process === undefined) return
    this.#end(process, kind)
    this.#restartLater()
  }

  /** The process ends as it should. */
  stop(): void {
    const { process } = this
    const { core } = this
    if (process === undefined || core === undefined) return
    process.stopping = true
    const { world } = this.#around
    world.laterIn(
      () => process,
      0,
      'stop',
      () => {
        const gone = () => {
          if (!process.alive) return
          this.#end(process, 'process')
          this.#restartLater()
        }
        const { outlets } = process
        const left = outlets === undefined ? core.stop(100) : outlets.stop().then(() => core.stop(100))
        left.then(gone, gone)
        world.laterIn(() => process, 20_000, 'killed', gone)
      },
    )
  }

  retire(): void {
    this.retired = true
    if (this.process !== undefined) this.#end(this.process, 'process')
  }

  #launch(process: NodeProcess): Promise<Core<MemoryStore>> {
    const { random, profile, network, executors, pollers } = this.#around
    const { tickMs, electionTicks, retainEntries, segmentBytes } = profile
    const polling = pollers?.open(process)
    process.polling = polling
    const http = executors.httpOf(process, this.id)
    return Core.start<MemoryStore>({
      clock: process.clock,
      random: new SeededRandom(random.integer(1, 1e9)),
      logger: quiet,
      fileSystem: this.disk.mount(),
      walFolder: 'data/wal',
      walSegmentBytes: segmentBytes,
      states: this.states,
      node: this.id,
      begin: this.#begin,
      timing: { tickMs, heartbeatTicks: 2, electionTicks, electionMs: electionTicks * tickMs },
      retention: { entriesKeep: retainEntries, bytesKeep: segmentBytes * 4, bytesMax: segmentBytes * 64 },
      connect: (handlers) => network.connect(process, handlers),
      onRequest: (_from, kind, body) =>
        (kind === 'executors' ? polling?.answer(body) : undefined) ??
        Promise.reject(new Error('nobody answers that here')),
      onEvent: (event) => {
        process.outlets?.onEvent(event)
        polling?.onEvent(event)
      },
      onFatal: (error) => this.#died(process, error),
      config: {
        dispatchConcurrencyMax: CALLS_MAX,
        namespaceSlots: profile.namespaceSlots,
        scheduler: { lateAfterMs: 1000, catchUpPerSecond: 20, workers: 1 },
        nodeTtlMs: electionTicks * tickMs * 3,
        clocks: { maxSkewMs: profile.maxSkewMs, maxStepMs: 60_000 },
      },
      sealer,
      egress,
      about: { version: 'sim', clusterVersion: 1, tzdata: '2026a' },
      check: () => undefined,
      http: polling?.beside(http) ?? http,
    })
  }

  #died(process: NodeProcess, error: unknown): void {
    if (!process.alive) return
    const { strikes, checks } = this.#around
    const { crash, fail } = this.disk.faults
    // There may be room again by the time that its process stops over it.
    const wasFull = ((error as Error).cause as { code?: string } | undefined)?.code === 'ENOSPC'
    if (crash) strikes.count('crash-in-write')
    else if (fail) strikes.count('disk-failing')
    else if (wasFull) strikes.count('disk-full')
    else checks.fail('a node never stops by itself', `${process.name}: ${(error as Error).stack ?? String(error)}`)
    this.#end(process, 'process')
    this.#restartLater()
  }

  #end(process: NodeProcess, kind: CrashKind): void {
    process.alive = false
    this.process = undefined
    this.disk.crash(kind)
    this.states.crash()
  }

  #restartLater(): void {
    const { world, random, strikes } = this.#around
    const delay = strikes.strikes('fast-restart') ? random.integer(0, 20) : random.pick([100, 1000, 4000])
    world.later(delay, `restart ${this.name}`, () => this.start())
  }

  /** Batches of the state are written now and then; what came since is in the log alone. */
  #flushLater(process: NodeProcess): void {
    const { world, random } = this.#around
    world.laterIn(
      () => process,
      random.pick([20, 100, 500]),
      'flush',
      () => {
        void process.core?.store.flush()
        this.#flushLater(process)
      },
    )
  }

  #diskTakesTime(): Promise<void> {
    const { world, random, profile } = this.#around
    const slow = world.now < this.slowUntil ? 50 : 1
    const delay = profile.diskMs * slow * (0.5 + random.next())
    const { process } = this
    return new Promise((resolve) => void world.laterIn(() => process, delay, 'disk', resolve))
  }
}
