import type { Leadership, Outcome } from '../cluster/consensus.ts'
import type { EndedRun } from '../runs/run.ts'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import { AlertWorld } from '../state/alert-world.test-helper.ts'
import type { Command } from '../state/commands.ts'
import type { AlertCondition } from './rule.ts'
import type { NodeVitals } from './vitals.ts'
import { AlertWatch } from './watch.ts'

export const GRACE_MS = 3000

/** A leader's watch over a world, whose time is that of the clock. */
export class WatchBench {
  readonly clock = new StillClock()
  readonly world = new AlertWorld(this.clock.now())
  readonly proposed: Command[] = []
  nodes: NodeVitals[] = []
  /** Times that nodes were asked how they are. */
  asked = 0
  rows: Partial<EndedRun>[] = []
  refuses = false
  /** What is proposed is applied, and the answer lost. */
  loses = false
  #leadership: Leadership = { term: 1, leader: 'n1', isLeader: true, signal: new AbortController().signal }
  #listener: (leadership: Leadership) => void = () => undefined
  watch: AlertWatch

  constructor() {
    this.#sync()
    this.watch = this.#start()
  }

  /** A new leader takes over, that remembers nothing. */
  change(): void {
    this.watch.stop()
    this.watch = this.#start()
  }

  async lead(leader: string | undefined, isLeader = leader === 'n1'): Promise<void> {
    this.#leadership = { ...this.#leadership, leader, isLeader }
    this.#listener(this.#leadership)
    await this.pass(0)
  }

  /** Lets time pass, a second at a time. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) {
      await this.clock.pass(Math.min(1000, left))
      this.#sync()
    }
    await this.clock.pass(0)
  }

  #sync(): void {
    this.world.now = this.clock.now()
  }

  #start(): AlertWatch {
    const watch = new AlertWatch({
      clock: this.clock,
      logger: { warn: () => undefined },
      state: () => this.world.state,
      propose: async (command): Promise<Outcome> => {
        await Promise.resolve()
        if (this.refuses) throw new Error('no leader')
        this.proposed.push(command)
        this.world.run({ ...command })
        if (this.loses) throw new Error('no answer')
        return { kind: 'applied', index: this.world.state.index, value: {} }
      },
      askNodes: () => {
        this.asked += 1
        return Promise.resolve(this.nodes)
      },
      ended: { runs: () => Promise.resolve({ rows: this.rows as EndedRun[] }) },
      graceMs: GRACE_MS,
    })
    watch.follow({
      leadership: () => this.#leadership,
      onLeadership: (listener) => {
        this.#listener = listener
        return () => undefined
      },
    })
    return watch
  }

  /** A rule of the cluster with a channel. */
  rule(condition: AlertCondition): number {
    return this.world.rule(condition, { namespace: 0, channels: [this.world.channel('ops', 10, 0)] })
  }

  /** Node `n2` is a member, and gone or back. */
  loseNode(down = true): void {
    const { world } = this
    const member = { id: 'n2', name: 'two', address: 'a:1', addedAt: 1, joinedAt: 1 }
    const incarnation = (world.state.nodes.get('n2')?.incarnation ?? 0) + 1
    if (!world.state.members.has('n2')) world.run({ kind: 'member-put', member })
    world.run({ kind: 'node-up', node: 'n2', incarnation })
    if (down) world.run({ kind: 'node-down', node: 'n2', incarnation })
  }
}
