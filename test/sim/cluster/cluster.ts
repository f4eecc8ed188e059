import type { RunCounts } from '../promises.ts'
import { SeededRandom } from '../seeded-random.ts'
import { Chaos } from './chaos.ts'
import { Checks } from './checks.ts'
import { Clients } from './clients.ts'
import { Executors } from './executors.ts'
import { drawProfile, type FaultName, type Profile, Strikes } from './faults.ts'
import { CALLS_MAX, Machine, NodeProcess, type Surroundings } from './machine.ts'
import { drawOutlets, type OutletProfile } from './outlet-profile.ts'
import { drawPolling, Pollers } from './pollers.ts'
import { NO_OUTLETS, type OutletCounts, OutletSide } from './outlet-side.ts'
import { SimulatedNetwork } from './network.ts'
import { watch } from './watch.ts'
import { Workload } from './workload.ts'
import { World } from './world.ts'

export interface PlayOptions {
  seed: number
  /** Steps with faults. */
  steps: number
  nodes?: 1 | 3 | 5 | 'mix' | undefined
  /** Every seed has sinks and channels, or these. @default one in three */
  outlets?: boolean | OutletProfile
  /** In every seed some executors poll. @default three in ten */
  polling?: boolean
}

export interface Played {
  seed: number
  nodes: number
  steps: number
  /** Virtual time. */
  seconds: number
  entries: number
  attempts: number
  /** What came of runs that are more than one call. */
  runs: RunCounts
  writes: number
  reads: number
  /** Keys for whose history no order was found, and none ruled out, within the budget. */
  undecided: number
  trace: string
  /** What came of sinks and channels, in seeds that have any. */
  outlets: OutletCounts
  faults: Partial<Record<FaultName, number>>
}

/** Clients that write and read keys at once. */
const CLIENTS = 3
/** Within so many election timeouts after the last fault somebody leads. */
const LEADER_TIMEOUTS = 30
/** How long what is under way may take after the last fault, in milliseconds. */
const DRAIN_MS = 90_000
const LOOK_MS = 250
/** What may wait on a node at most. */
const QUEUE_MAX = 1000
const LOG_BYTES_MAX = 4 * 1024 * 1024
/** How often is looked for members that can be switched off for good, in milliseconds. */
const RETIRE_MS = 1000

/** A whole cluster with its executors, clients and disks in one process under virtual time. */
export class Cluster {
  readonly world = new World()
  readonly machines: Machine[] = []
  readonly checks: Checks
  readonly strikes: Strikes
  readonly clients: Clients
  readonly profile: Profile
  readonly #random: SeededRandom
  readonly #network: SimulatedNetwork
  readonly #workload: Workload
  readonly #around: Surroundings
  readonly outlets: OutletSide | undefined
  #spares = 0
  #undecided = 0

  constructor({ seed, nodes = 'mix', outlets: always = false, polling: polls = false }: PlayOptions) {
    const { world } = this
    const random = new SeededRandom(seed)
    this.#random = random
    this.profile = drawProfile(random, nodes === 'mix' ? random.pick([1, 3, 3, 3, 5]) : nodes)
    const outlets = drawOutlets(new SeededRandom(seed ^ 0x2c1b3c6d), this.profile, always)
    const polling = drawPolling(seed, this.profile, polls)
    const strikes = new Strikes(new SeededRandom(seed ^ 0x5bd1e995), this.profile.rates)
    this.strikes = strikes
    const { profile } = this
    this.checks = new Checks(
      (error) => {
        world.broken ??= error
      },
      ({ events }) => {
        if (events.some(({ type }) => type === 'members-changed')) this.#followMembers()
      },
    )
    const { checks } = this
    const station = (id: number) => this.machines.find(({ raft }) => raft === id)?.process
    const onSend = (from: object, message: Parameters<Checks['sent']>[1]) => {
      const process = from as NodeProcess
      checks.sent(process, message)
      if (message.type === 'vote-response' && !message.rejected && strikes.strikes('crash-after-vote')) {
        world.later(0, 'crash after a vote', () => {
          if (process.alive)
            this.machines.find((one) => one.process === process)?.crash(random.pick(['process', 'power']))
        })
      }
    }
    this.#network = new SimulatedNetwork({ world, random, profile, strikes, station, onSend })
    checks.promises.order.isOut = (run) => this.#network.handedOut.has(run)
    const anyNode = () => this.#anyNode()
    const leaders = () =>
      this.machines.flatMap(({ core, process }) => (core?.consensus.leadership().isLeader ? [process!] : []))
    const onLeave = (node: string, attempt: string) => checks.leaves(node, attempt)
    const around = { seed, world, random, strikes }
    const executors = new Executors({
      ...around,
      onLeave,
      onArrival: (node, arrival) => checks.arrived(node, arrival),
      onAnswer: (attempt, outcome) => checks.answered(attempt, outcome),
      onLate: (accepted) => this.#workload.late(accepted),
      onReport: (report) => this.#workload.report(report),
      onRestart: (service, executor) => this.#workload.registerAnew(service, executor),
    })
    this.outlets = outlets && new OutletSide({ seed, profile: outlets, world, strikes, checks, anyNode })
    checks.outlets = this.outlets
    const pollers = polling && new Pollers({ seed, ids: polling, world, strikes, executors, anyNode, onLeave })
    const [network, shared] = [this.#network, { world, random, profile, strikes, checks, executors }]
    this.#around = { ...shared, network, outlets: this.outlets, pollers }
    watch({
      opened: (log, { wal, applied }) => {
        const process = this.#running()
        if (process === undefined) return
        Object.assign(process, { log, wal, applied })
        checks.recovered(wal.hardState.commit)
      },
      durable: (entries) => {
        const process = this.#running()
        if (process !== undefined) checks.durable(process, entries)
      },
      applied: (index, digest) => {
        const process = this.#running()
        const entry = process?.log?.entries(index, index + 1, Number.POSITIVE_INFINITY)
        if (process === undefined || !Array.isArray(entry)) return
        checks.applied(process, entry[0]!, digest)
        world.note(`applied ${process.name} ${index} ${digest}`)
      },
      installed: ({ index }) => {
        const process = this.#running()
        if (process === undefined) return
        process.applied = index
        strikes.count('snapshot')
      },
    })
    world.onStep = (owner) => {
      const { core, alive } = owner as NodeProcess
      if (core === undefined || !alive) return
      const { isLeader, term } = core.consensus.leadership()
      if (!isLeader || (owner as NodeProcess).office === term) return
      checks.tookOffice(owner as NodeProcess, term, core.state)
      Object.assign(owner, { office: term })
    }
    this.#begin()
    this.clients = new Clients({ world, random: new SeededRandom(seed + 7), checks, anyNode, leaders }, CLIENTS)
    const ended = () => [...checks.promises.ended.values()]
    this.#workload = new Workload({
      world,
      random: new SeededRandom(seed + 11),
      strikes,
      profile,
      executors,
      polling,
      anyNode,
      ended,
    })
    const retire = () => {
      this.#retireRemoved()
      this.#weigh()
      world.later(RETIRE_MS, 'retire', retire)
    }
    retire()
    const present = () => this.machines.filter(({ retired }) => !retired)
    const chaos = { world, random, strikes, network: this.#network, machines: present, spare: () => this.#spare() }
    void new Chaos(chaos)
  }

  /** A while with faults, a while without, then everything that is promised about the whole. */
  async play(steps: number): Promise<void> {
    const { world } = this
    await world.run(() => this.#stepped() >= steps)
    await this.heal()
  }

  /** No fault any more: somebody leads, all work drains, and all nodes come to hold the same. */
  async heal(): Promise<void> {
    const { world, strikes, machines, clients, checks, profile } = this
    strikes.active = false
    clients.stop()
    this.#network.mend()
    for (const machine of machines) {
      machine.mendDisk()
      machine.slowUntil = 0
      machine.oscillator.skewMs = 0
      machine.oscillator.rate = 1
      if (machine.process) machine.process.pausedUntil = 0
      world.later(0, 'restart', () => machine.started && machine.start())
    }
    const leads = () => machines.some(({ core }) => core?.consensus.leadership().isLeader)
    if (!(await this.#comes(leads, 5000 + LEADER_TIMEOUTS * profile.tickMs * profile.electionTicks))) {
      checks.fail('somebody leads once faults are over', this.#described())
    }
    // Twice: what was on its way before may come after the first time.
    for (const delayMs of [0, 15_000]) world.later(delayMs, 'executors', () => this.#workload.openExecutors())
    this.outlets?.heal(checks.reference)
    await this.#drain()
    if (this.outlets?.isOneDown === true) {
      this.outlets.heal(checks.reference)
      await this.#drain()
    }
    this.#judge()
    if (world.broken !== undefined) throw world.broken
  }

  /** What was to be done when this is called comes to be done, and all nodes hold the same. */
  async #drain(): Promise<void> {
    const { checks } = this
    const { now, index } = checks.reference
    if (await this.#comes(() => this.#left(now, index) === undefined && this.#equal(), DRAIN_MS)) return
    const why = this.#left(now, index) ?? 'the nodes differ'
    checks.fail('all work drains once faults are over', `${why}: ${this.#described()}`)
  }

  /** Nothing that waits grows without a bound. */
  #weigh(): void {
    for (const { core, process, name } of this.machines) {
      if (core === undefined) continue
      const { calls, runs } = core.figures
      const bytes = process?.log?.bytes ?? 0
      if (
        calls.inFlight <= CALLS_MAX &&
        calls.waiting <= QUEUE_MAX &&
        runs.queued <= QUEUE_MAX &&
        bytes <= LOG_BYTES_MAX
      )
        continue
      this.checks.fail('memory is bounded', `${name}: ${JSON.stringify({ calls, runs, bytes })}`)
    }
  }

  #judge(): void {
    const { checks, clients } = this
    try {
      checks.promises.checkState(checks.reference)
      checks.promises.checkLedger(checks.reference)
    } catch (error) {
      checks.fail('every due fire has exactly one record', (error as Error).message)
    }
    this.outlets?.checkAll(checks.reference)
    this.#undecided = clients.check()
  }

  get played(): Omit<Played, 'seed'> {
    const { world, checks, clients, profile, strikes } = this
    return {
      nodes: profile.nodes,
      steps: world.steps,
      seconds: Math.round(world.now / 1000),
      entries: checks.reference.index,
      attempts: checks.promises.attempts,
      runs: checks.promises.counts,
      writes: clients.answered.writes,
      reads: clients.answered.reads,
      undecided: this.#undecided,
      outlets: this.outlets?.counts ?? NO_OUTLETS,
      trace: world.trace(),
      faults: Object.fromEntries(strikes.counts),
    }
  }

  #begin(): void {
    const members = Array.from({ length: this.profile.nodes }, () => this.#identity())
    const begin = {
      cluster: 'c'.repeat(16),
      members: members.map(({ id, name }) => ({ id, name, address: `${name}.test:7421` })),
    }
    for (const { id, name } of members) {
      const machine = new Machine(id, name, begin, this.#around)
      this.machines.push(machine)
      machine.start()
    }
  }

  #spare(): Machine {
    const { id, name } = this.#identity()
    const machine = new Machine(id, name, 'join', this.#around)
    this.machines.push(machine)
    return machine
  }

  #identity(): { id: string; name: string } {
    const ordinal = ++this.#spares
    return { id: ordinal.toString(16).padStart(4, '0').repeat(4), name: `n${ordinal}` }
  }

  /** Who was added is switched on. Who was removed is switched off once all others know of it, and never comes back. */
  #followMembers(): void {
    const { members, index } = this.checks.reference
    for (const machine of this.machines) {
      if (members.has(machine.id)) {
        machine.known = true
        if (!machine.started) machine.start()
      } else if (machine.known) machine.removedAt ??= index
    }
  }

  #retireRemoved(): void {
    const { members } = this.checks.reference
    for (const machine of this.machines) {
      const { removedAt } = machine
      if (machine.retired || removedAt === undefined) continue
      const know = this.machines.every(({ id, core }) => !members.has(id) || (core?.state.index ?? 0) >= removedAt)
      if (know) machine.retire()
    }
  }

  #running(): NodeProcess | undefined {
    const { running } = this.world
    return running instanceof NodeProcess && running.alive ? running : undefined
  }

  #anyNode(): NodeProcess | undefined {
    const up = this.machines.filter(({ core, known }) => core !== undefined && known)
    return up.length === 0 ? undefined : this.#random.pick(up).process
  }

  async #comes(isTrue: () => boolean, withinMs: number): Promise<boolean> {
    const { world } = this
    const until = world.now + withinMs
    while (world.now < until) {
      if (isTrue()) return true
      const next = world.now + LOOK_MS
      world.later(LOOK_MS, 'look', () => undefined)
      await world.run(() => world.now >= next)
    }
    return isTrue()
  }

  /** Why there is work left of what was due, begun, or written by an instant; undefined when there is none. */
  #left(by: number, index: number): string | undefined {
    const { promises, reference } = this.checks
    try {
      promises.checkDrained(reference, by, by)
      return this.outlets?.left(reference, index, by)
    } catch (error) {
      return (error as Error).message
    }
  }

  /** All who take part, as the leader sees it, hold what was committed. */
  #equal(): boolean {
    const { reference } = this.checks
    const leader = this.machines.find(({ core }) => core?.consensus.leadership().isLeader)
    if (leader?.core === undefined) return false
    const { voters, learners, outgoing } = leader.core.consensus.membership()
    const taking = new Set([...voters, ...learners, ...outgoing])
    return this.machines.every(({ id, core, retired }) => {
      if (retired || !taking.has(id)) return true
      return core?.state.index === reference.index && core.state.digest === reference.digest
    })
  }

  #stepped(): number {
    return this.world.steps
  }

  #described(): string {
    return this.machines
      .filter(({ retired, started }) => !retired && started)
      .map(({ name, core, process }) => {
        if (core === undefined) return `${name} ${process === undefined ? 'down' : 'starting'}`
        const { role, term, commit, applied, lastIndex } = core.consensus.status()
        const { voters, learners, outgoing } = core.consensus.membership()
        const parts = [voters, learners, outgoing]
          .map((ids) => ids.map((id) => Number.parseInt(id.slice(0, 4), 16)).join(' '))
          .join('/')
        return `${name} ${role} term ${term} commit ${commit} applied ${applied} last ${lastIndex} members ${parts}`
      })
      .join('; ')
  }
}

/** Plays one seed to its end. Throws what broke. */
export async function play(options: PlayOptions): Promise<Played> {
  const cluster = new Cluster(options)
  try {
    await cluster.play(options.steps)
    return { seed: options.seed, ...cluster.played }
  } finally {
    watch(undefined)
  }
}
