import type { AlertCondition } from '../../../control-plane/src/alerts/rule.ts'
import type { Core } from '../../../control-plane/src/core.ts'
import type { Command } from '../../../control-plane/src/state/commands.ts'
import { findSink } from '../../../control-plane/src/state/sinks.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { Databases } from './databases.ts'
import type { Errands } from './errands.ts'
import type { Strikes } from './faults.ts'
import type { OutletProfile } from './outlet-profile.ts'
import { at } from './people.ts'
import type { Receivers } from './receivers.ts'
import type { World } from './world.ts'

export interface OutletPeopleDeps {
  world: World
  random: SeededRandom
  strikes: Strikes
  profile: OutletProfile
  errands: Errands
  databases: Databases
  receivers: Receivers
}

const by = 'test'
/** How often somebody may change something, in milliseconds. */
const LOOK_MS = 500
/** How long something is down, in milliseconds. */
const DOWN_MS = [500, 3000, 8000]

const CONDITIONS: readonly AlertCondition[] = [
  { kind: 'run-ended', states: ['failed', 'timed-out', 'lost'], count: 1, windowMs: 60_000 },
  { kind: 'run-ended', states: ['failed', 'cancelled'], count: 2, windowMs: 3000 },
  { kind: 'stopped' },
  { kind: 'slow', durationMs: 2000 },
  { kind: 'late', latenessMs: 1000 },
  { kind: 'missed', reasons: ['overlap', 'max-concurrent', 'paused'], count: 2, windowMs: 10_000 },
  { kind: 'executor-gone', forMs: 500 },
  { kind: 'service-gone', forMs: 500 },
  { kind: 'sink-gone', forMs: 1000 },
  { kind: 'sink-gap' },
  { kind: 'channel-failing', forMs: 1000 },
  { kind: 'not-finished', cron: '*/5 * * * * *', zone: 'UTC', withinMs: 4000 },
]

/** Who sets up sinks, channels and rules, and changes them; and what befalls the machines that they lead to. */
export class OutletPeople {
  readonly #deps: OutletPeopleDeps
  /** Sinks that were moved are at another database from then on. */
  #moves = 0

  constructor(deps: OutletPeopleDeps) {
    this.#deps = deps
    const { random, profile, errands } = deps
    const rules = CONDITIONS.filter(() => random.chance(0.5))
    for (let sink = 1; sink <= profile.sinks; sink++)
      void errands.untilDone((core) => this.#put(core, `s${sink}`, `db${sink}`))
    if (profile.channels > 0) void errands.untilDone((core) => this.#setUp(core, rules))
    this.#meddleLater()
  }

  /** Every sink is to have everything again, also those that somebody pauses at this moment. */
  heal(): void {
    const { world, errands } = this.#deps
    errands.once(async (core) => {
      for (const sink of core.state.sinks.values())
        if (sink.paused) await core.submit({ kind: 'sink-pause', at: at(core), sink: sink.uid, paused: false })
    })
    world.later(LOOK_MS, 'people', () => this.heal())
  }

  async #put(core: Core, name: string, host: string): Promise<void> {
    const place = { kind: 'mysql', host, port: 3306, database: 'd', tablePrefix: '', tls: 'off' } as const
    const user = `u${this.#deps.random.integer(1, 2)}`
    await core.submit({ kind: 'sink-put', at: at(core), name, change: { connection: { ...place, user } }, by })
  }

  async #setUp(core: Core, rules: readonly AlertCondition[]): Promise<void> {
    const { messagesMax, windowMs, channels } = this.#deps.profile
    if (!core.state.namespaceNames.has('default')) throw new Error('there is no namespace yet')
    for (let channel = 1; channel <= channels; channel++) {
      const target = { kind: 'webhook', origin: `http://c${channel}.test` } as const
      const change = { target, messagesMax, windowMs }
      await core.submit({ kind: 'channel-put', at: at(core), namespace: 0, name: `c${channel}`, change, by })
    }
    const uids = [...core.state.channels.keys()]
    if (uids.length < channels) throw new Error('there are no channels yet')
    for (const [place, condition] of rules.entries()) {
      const change = {
        scope: { kind: 'cluster' } as const,
        condition,
        channels: uids.slice(0, 1 + (place % channels)),
        notifyResolved: place % 4 !== 3,
        ...(place % 5 === 4 ? { repeatMs: 3000 } : {}),
        enabled: true,
      }
      await core.submit({ kind: 'alert-rule-put', at: at(core), namespace: 0, name: `r${place}`, change, by })
    }
  }

  #meddleLater(): void {
    const { world, strikes, random, databases, receivers, errands, profile } = this.#deps
    world.later(LOOK_MS, 'people', () => {
      if (!strikes.active) return
      if (profile.sinks > 0 && strikes.strikes('sink-down'))
        databases.at(`db${random.integer(1, profile.sinks)}`).downUntil = world.now + random.pick(DOWN_MS)
      if (profile.sinks > 0 && strikes.draws('sink-changed')) errands.once((core) => this.#changeSink(core))
      if (profile.channels > 0) {
        if (strikes.draws('channel-down')) this.#channelDown(receivers)
        if (strikes.draws('silence')) errands.once((core) => this.#silence(core))
      }
      this.#meddleLater()
    })
  }

  /** Somebody pauses a sink or lets it go on, changes how it is reached, moves it, or removes it for a while. */
  async #changeSink(core: Core): Promise<void> {
    const { random, strikes, world, errands, profile } = this.#deps
    const name = `s${random.integer(1, profile.sinks)}`
    const sink = findSink(core.state, name)
    if (sink === undefined) return
    strikes.count('sink-changed')
    const { host } = sink.connection
    switch (random.integer(0, 4)) {
      case 0:
        return this.#put(core, name, host)
      case 1:
        return this.#put(core, name, `db${random.integer(1, profile.sinks)}m${(this.#moves += 1)}`)
      case 2: {
        await core.submit({ kind: 'sink-delete', at: at(core), sink: sink.uid })
        world.later(random.pick([10, 2000]), 'people', () => errands.once((later) => this.#put(later, name, host)))
        return
      }
      default: {
        const command: Command = { kind: 'sink-pause', at: at(core), sink: sink.uid, paused: !sink.paused }
        await core.submit(command)
      }
    }
  }

  #channelDown(receivers: Receivers): void {
    const { random, strikes, world, errands } = this.#deps
    const downUntil = world.now + random.pick(DOWN_MS)
    errands.once((core) => {
      const channels = [...core.state.channels.keys()]
      if (channels.length > 0) {
        strikes.count('channel-down')
        receivers.goDown(random.pick(channels), downUntil)
      }
      return Promise.resolve()
    })
  }

  async #silence(core: Core): Promise<void> {
    const { random, strikes } = this.#deps
    const rules = [...core.state.alertRules.keys()]
    if (rules.length === 0) return
    strikes.count('silence')
    const from = at(core)
    const until = from + random.pick([500, 3000, 20_000])
    const match = random.chance(0.5) ? { rule: random.pick(rules) } : {}
    await core.submit({ kind: 'silence-put', at: from, namespace: 0, match, from, until, reason: 'test', by })
  }
}
