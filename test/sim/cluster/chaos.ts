import { Members } from '../../../control-plane/src/cluster/members.ts'
import type { MemberStep } from '../../../control-plane/src/cluster/consensus.ts'
import type { Command } from '../../../control-plane/src/state/commands.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { FaultName, Strikes } from './faults.ts'
import type { Machine, NodeProcess } from './machine.ts'
import type { SimulatedNetwork } from './network.ts'
import type { World } from './world.ts'

export interface ChaosDeps {
  world: World
  random: SeededRandom
  strikes: Strikes
  network: SimulatedNetwork
  /** Those that are not gone for good. */
  machines(): Machine[]
  /** A new machine, which has still to be added to the cluster. */
  spare(): Machine | undefined
}

/** How often chance is asked, in milliseconds. */
const LOOK_MS = 100
/** Members beyond which none is added. */
const MEMBERS_MAX = 7

/** Lets machines, links, disks and clocks fail, and has people change who the members are, as a seed says. */
export class Chaos {
  readonly #deps: ChaosDeps

  constructor(deps: ChaosDeps) {
    this.#deps = deps
    this.#lookLater()
  }

  #lookLater(): void {
    const { world, strikes } = this.#deps
    world.later(LOOK_MS, 'chaos', () => {
      if (!strikes.active) return
      this.#machines()
      this.#links()
      this.#members()
      this.#lookLater()
    })
  }

  #machines(): void {
    this.#befall('crash', ({ machine }) => machine.crash('process'))
    this.#befall('power-loss', ({ machine }) => machine.crash('power'))
    this.#befall('stop', ({ machine }) => machine.stop())
    const { world, random } = this.#deps
    this.#befall('pause', ({ process }) => {
      process.pausedUntil = world.now + random.pick([100, 700, 3000])
    })
    this.#befall('slow-disk', ({ machine }) => {
      machine.slowUntil = world.now + random.pick([200, 2000])
    })
    this.#befall('clock-step', ({ machine }) => {
      machine.oscillator.skewMs = random.integer(-3000, 3000)
    })
    this.#spoilDisk('crash-in-write', ({ disk }) => {
      const at = disk.operations + random.integer(1, 6)
      disk.faults = {
        crash: { at, kind: random.pick(['process', 'power']), tear: random.pick(['none', 'all', 'random']) },
      }
    })
    this.#spoilDisk('disk-failing', ({ disk }) => {
      disk.faults = { fail: { at: disk.operations + random.integer(1, 6), code: 'EIO' } }
    })
    this.#spoilDisk('disk-full', (machine) => {
      machine.disk.faults = { spaceBytes: 1 }
      world.later(random.pick([1000, 4000]), 'room', () => {
        if (machine.disk.faults.spaceBytes !== undefined) machine.disk.faults = {}
      })
    })
    this.#befall('transfer', ({ process }) => {
      if (process.core?.consensus.leadership().isLeader !== true) return false
      this.#within(process, () => process.core!.consensus.transfer())
      return true
    })
  }

  #links(): void {
    const { network, random, strikes, world } = this.#deps
    for (const name of ['partition-one-way', 'partition-two-way'] as const) {
      if (!strikes.draws(name, LOOK_MS / 1000)) continue
      const ids = this.#deps.machines().map(({ raft }) => raft)
      if (ids.length < 2) continue
      const side = new Set(ids.filter(() => random.chance(0.4)))
      if (side.size === 0) side.add(random.pick(ids))
      for (const one of side) {
        for (const other of ids) {
          if (side.has(other)) continue
          if (name === 'partition-two-way' || random.chance(0.5)) network.cut(one, other)
          if (name === 'partition-two-way') network.cut(other, one)
        }
      }
      strikes.count(name)
      world.later(random.pick([200, 1000, 4000]), 'mend', () => network.mend())
    }
  }

  /** What people ask of the leader: one change, or two at once. */
  #members(): void {
    const leader = this.#leader()
    if (leader === undefined) return
    const { voters, learners } = leader.core!.consensus.membership()
    const { random, strikes } = this.#deps
    const others = voters.filter((id) => !leader.core!.consensus.leadership().leader?.includes(id))
    const spare = () => (voters.length + learners.length < MEMBERS_MAX ? this.#deps.spare() : undefined)
    if (this.#draws('member-added')) this.#add(leader, spare())
    if (learners.length > 0 && voters.length < 5 && this.#draws('member-promoted')) {
      this.#change(leader, 'member-promoted', [{ do: 'add-voter', member: random.pick(learners) }])
    }
    if (voters.length > 2 && this.#draws('member-removed')) this.#remove(leader, 'member-removed', random.pick(others))
    if (voters.length > 1 && learners.length > 0 && this.#draws('member-replaced')) {
      this.#replace(leader, random.pick(others), random.pick(learners))
    }
    if (strikes.draws('two-changes-at-once', LOOK_MS / 1000)) {
      const one = spare()
      const two = this.#deps.spare()
      if (one === undefined || two === undefined) return
      strikes.count('two-changes-at-once')
      this.#add(leader, one)
      this.#add(leader, two)
    }
  }

  #add(leader: NodeProcess, spare: Machine | undefined): void {
    if (spare === undefined) return
    const { id, name, address } = spare
    const at = leader.core!.state.now
    const member = { id, name, address, addedAt: at, joinedAt: at }
    this.#change(leader, 'member-added', [{ do: 'add-learner', member: id }], { kind: 'member-put', at, member })
  }

  #remove(leader: NodeProcess, name: FaultName, member: string | undefined): void {
    if (member === undefined) return
    const command: Command = { kind: 'member-delete', at: leader.core!.state.now, member }
    this.#change(leader, name, [{ do: 'remove', member }], command)
  }

  /** As the production code does it: checks, a joint change, then the end of the one that goes. */
  #replace(leader: NodeProcess, member: string | undefined, by: string): void {
    const { core, clock } = leader
    if (member === undefined || core === undefined) return
    const { random, strikes } = this.#deps
    const { consensus, network } = core
    const deps = { clock, random, node: leader.member, clusterKey: Buffer.alloc(32), consensus, network }
    const members = new Members({ ...deps, state: () => core.state, removed: new Promise(() => undefined) })
    this.#within(leader, () =>
      members.handle({ do: 'replace', member, by }).then(() => strikes.count('member-replaced')),
    )
  }

  #change(leader: NodeProcess, name: FaultName, steps: MemberStep[], command?: Command): void {
    this.#within(leader, () => leader.core!.consensus.change(steps, command).then(() => this.#deps.strikes.count(name)))
  }

  #within(process: NodeProcess, task: () => Promise<unknown>): void {
    this.#deps.world.laterIn(
      () => process,
      0,
      'admin',
      () => void (process.core && task().catch(() => undefined)),
    )
  }

  #leader(): NodeProcess | undefined {
    return this.#deps.machines().find(({ core }) => core?.consensus.leadership().isLeader)?.process
  }

  #draws(name: FaultName): boolean {
    return this.#deps.strikes.draws(name, LOOK_MS / 1000)
  }

  /** Does something to one machine whose node is up; `false` says that it came to nothing. */
  #befall(name: FaultName, strike: (on: { machine: Machine; process: NodeProcess }) => unknown): void {
    if (!this.#draws(name)) return
    const up = this.#deps.machines().filter(({ process }) => process !== undefined)
    if (up.length === 0) return
    const machine = this.#deps.random.pick(up)
    if (strike({ machine, process: machine.process! }) !== false) this.#deps.strikes.count(name)
  }

  /** Counts once the node meets it. */
  #spoilDisk(name: FaultName, spoil: (machine: Machine) => void): void {
    if (!this.#draws(name)) return
    const up = this.#deps.machines().filter(({ process }) => process !== undefined)
    if (up.length > 0) spoil(this.#deps.random.pick(up))
  }
}
