import { Sender } from '../../../control-plane/src/alerts/sender.ts'
import { AlertWatch } from '../../../control-plane/src/alerts/watch.ts'
import type { Core } from '../../../control-plane/src/core.ts'
import { Deliverer } from '../../../control-plane/src/logs/deliverer.ts'
import type { Clock } from '../../../control-plane/src/runtime/clock.ts'
import { LEDGER_OPTIONS, LedgerKeeper } from '../../../control-plane/src/scheduler/ledger-keeper.ts'
import type { Event } from '../../../control-plane/src/state/applied.ts'
import type { Command } from '../../../control-plane/src/state/commands.ts'
import { Ledger } from '../../../control-plane/src/store/ledger.ts'
import { SeededRandom } from '../seeded-random.ts'
import type { Databases } from './databases.ts'
import type { OutletProfile } from './outlet-profile.ts'
import type { Receivers } from './receivers.ts'
import type { Owner } from './world.ts'

/** What the outlets of all nodes of a world share. */
export interface OutletWorld {
  random: SeededRandom
  profile: OutletProfile
  databases: Databases
  receivers: Receivers
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
/** How much more often the ledger is gone over than it usually is: a world lasts seconds. */
const HASTE = 20
/** How long a new leader looks on before it says what is wrong, in milliseconds. */
const GRACE_MS = 1500

/** What one process of a node hands on while it leads, as `outlets.ts` joins it: rows, alerts; and what it trims. */
export class Outlets {
  readonly #deliverer: Deliverer
  readonly #sender: Sender
  readonly #watch: AlertWatch
  readonly #keeper: LedgerKeeper

  constructor(process: Owner & { clock: Clock }, core: Core, world: OutletWorld) {
    const { random, profile, databases, receivers } = world
    const { clock } = process
    const state = () => core.state
    const propose = (command: Command) => core.consensus.propose(command)
    const deps = { clock, random: new SeededRandom(random.integer(1, 1e9)), logger: quiet, state, propose }
    this.#deliverer = new Deliverer({ ...deps, store: core.store, connect: (sink) => databases.connect(process, sink) })
    this.#sender = new Sender({
      ...deps,
      openSecret: (sealed) => sealed,
      channels: receivers.senderOf(process),
      ended: new Ledger(core.store),
      baseUrl: 'http://sim.test',
    })
    this.#watch = new AlertWatch({
      ...deps,
      askNodes: () => Promise.resolve([]),
      ended: { runs: (query) => new Ledger(core.store).runs(query) },
      graceMs: GRACE_MS,
    })
    const space = { ledgerBytes: profile.diskIsFull ? 100 : 0, diskBytes: 100 }
    const disk = { space: () => Promise.resolve(space) }
    const options = { ...LEDGER_OPTIONS, retention: profile.retention }
    const standings = () => this.#deliverer.standings()
    const keeping = { clock: hastened(clock), options, disk, standings, store: () => core.store }
    this.#keeper = new LedgerKeeper({ ...deps, ...keeping })
  }

  follow({ consensus }: Core): void {
    this.#sender.follow(consensus)
    this.#deliverer.follow(consensus)
    this.#watch.follow(consensus)
    const trims = ({ isLeader }: { isLeader: boolean }) => (isLeader ? this.#keeper.start() : this.#keeper.stop())
    consensus.onLeadership(trims)
    trims(consensus.leadership())
  }

  onEvent(event: Event): void {
    this.#sender.onEvent(event)
    this.#deliverer.onEvent(event)
  }

  async stop(): Promise<void> {
    this.#watch.stop()
    this.#keeper.stop()
    await this.#sender.stop()
    await this.#deliverer.stop()
  }
}

function hastened(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic() * HASTE,
    after: (delayMs, task) => clock.after(delayMs / HASTE, task),
  }
}
