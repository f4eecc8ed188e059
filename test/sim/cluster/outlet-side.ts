import type { Entry } from '../../../control-plane/src/cluster/consensus.ts'
import type { Core } from '../../../control-plane/src/core.ts'
import type { Applied } from '../../../control-plane/src/state/applied.ts'
import type { State } from '../../../control-plane/src/state/state.ts'
import { Alerts } from '../promises/alerts.ts'
import { Deliveries } from '../promises/deliveries.ts'
import { SeededRandom } from '../seeded-random.ts'
import type { Checks } from './checks.ts'
import { Databases } from './databases.ts'
import { Errands } from './errands.ts'
import type { Strikes } from './faults.ts'
import { Letters } from './letters.ts'
import type { NodeProcess } from './machine.ts'
import { OutletPeople } from './outlet-people.ts'
import type { OutletProfile } from './outlet-profile.ts'
import { Outlets } from './outlets.ts'
import { Receivers } from './receivers.ts'
import type { World } from './world.ts'

export interface OutletSideDeps {
  seed: number
  profile: OutletProfile
  world: World
  strikes: Strikes
  checks: Checks
  anyNode(): NodeProcess | undefined
}

/** How often things happened where outcomes are handed on to. */
export interface OutletCounts {
  /** Rows that came to sinks, those that came again, and those that were given up. */
  rows: number
  repeatedRows: number
  missedRows: number
  episodes: number
  messages: number
  summaries: number
  repeatedMessages: number
}

export const NO_OUTLETS: OutletCounts = {
  rows: 0,
  repeatedRows: 0,
  missedRows: 0,
  episodes: 0,
  messages: 0,
  summaries: 0,
  repeatedMessages: 0,
}

const SINKS = 'every row is in each sink once, or in a gap'
const TOLD = 'everybody is told of each alert once'

/** Sinks and channels of a world: what is there, who changes it, and what is promised of it. */
export class OutletSide {
  readonly #deps: OutletSideDeps
  readonly #random: SeededRandom
  readonly databases: Databases
  readonly #receivers: Receivers
  readonly #people: OutletPeople
  readonly #deliveries: Deliveries
  readonly #alerts = new Alerts()
  readonly #letters: Letters
  /** What stays down once faults are over. */
  #stuck: { host: string; channel: number | undefined } | undefined

  constructor(deps: OutletSideDeps) {
    const { seed, profile, world, strikes, checks, anyNode } = deps
    this.#deps = deps
    this.#random = new SeededRandom(seed + 13)
    const letters = new Letters((detail) => checks.fail(TOLD, detail))
    this.#letters = letters
    const random = new SeededRandom(seed + 17)
    this.databases = new Databases({
      world,
      random,
      strikes,
      onRows: (host, rows, fresh) => this.#hold(SINKS, () => this.#deliveries.arrived(host, rows, fresh)),
    })
    this.#deliveries = new Deliveries((host) => this.databases.at(host))
    this.#receivers = new Receivers({
      world,
      random,
      strikes,
      onSend: (process, channel, text) => letters.sent(process as NodeProcess, channel, text),
      onAnswer: (process, text, sent) => letters.answered(process as NodeProcess, text, sent),
      onArrival: (_channel, text) => letters.arrived(text),
    })
    this.#people = new OutletPeople({
      world,
      random: new SeededRandom(seed + 19),
      strikes,
      profile,
      errands: new Errands(world, anyNode),
      databases: this.databases,
      receivers: this.#receivers,
    })
  }

  /** What a process hands on; its node has just come up. */
  open(process: NodeProcess, core: Core): Outlets {
    const { profile } = this.#deps
    const around = { random: this.#random, profile, databases: this.databases, receivers: this.#receivers }
    const outlets = new Outlets(process, core, around)
    outlets.follow(core)
    return outlets
  }

  /** To be called with every entry that is committed. */
  check(entry: Entry, applied: Applied, state: State): void {
    this.#hold(SINKS, () => this.#deliveries.check(entry, applied, state))
    this.#hold(TOLD, () => this.#alerts.check(applied, state))
  }

  checkState(state: State): void {
    this.#hold(TOLD, () => this.#alerts.checkState(state))
  }

  /** Everything that is down comes up; at first all but one of each, where the seed says so. */
  heal(state: State): void {
    if (this.#deps.profile.oneStaysDown && this.#stuck === undefined) {
      const host = [...state.sinks.values()][0]?.connection.host ?? ''
      this.#stuck = { host, channel: [...state.channels.keys()][0] }
      this.databases.at(host).downUntil = Number.POSITIVE_INFINITY
      this.#people.heal()
    } else {
      if (this.#stuck === undefined) this.#people.heal()
      this.#stuck = undefined
    }
    this.databases.heal(this.#stuck?.host)
    this.#receivers.heal(this.#stuck?.channel)
  }

  get isOneDown(): boolean {
    return this.#stuck !== undefined
  }

  /** What was to be handed on by an index and an instant, and was not; undefined when there is nothing. */
  left(state: State, index: number, by: number): string | undefined {
    return this.#deliveries.left(state, index, this.#stuck?.host) ?? this.#alerts.left(state, by, this.#stuck?.channel)
  }

  checkAll(state: State): void {
    this.#hold(SINKS, () => this.#deliveries.checkAll(state))
    this.checkState(state)
    this.#letters.checkAll(state)
  }

  get counts(): OutletCounts {
    const { rows, repeated, missed } = this.#deliveries.counts
    return {
      rows,
      repeatedRows: repeated,
      missedRows: missed,
      ...this.#alerts.counts,
      repeatedMessages: this.#letters.repeated,
    }
  }

  #hold(promise: string, check: () => void): void {
    try {
      check()
    } catch (error) {
      this.#deps.checks.fail(promise, (error as Error).message)
    }
  }
}
