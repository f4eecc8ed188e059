import { createChannels } from './alerts/channels/channels.ts'
import { LeaderlessWatch } from './alerts/leaderless-watch.ts'
import type { SaidAlone } from './alerts/said.ts'
import { Sender } from './alerts/sender.ts'
import type { Consensus, Outcome } from './cluster/consensus.ts'
import type { Network } from './cluster/network.ts'
import { guardedDial } from './dispatch/connector.ts'
import { createHttp, type Http } from './dispatch/http.ts'
import { Notifier, type NotifierDeps } from './dispatch/notifier.ts'
import type { PollDesk } from './registration/poll-desk.ts'
import { Registry } from './registration/registry.ts'
import { ConfiguredSinks } from './logs/configured-sinks.ts'
import { Deliverer } from './logs/deliverer.ts'
import { planResend } from './logs/resend.ts'
import { guardedDriver } from './logs/guarded-driver.ts'
import type { ConfiguredSink } from './logs/sink-definition.ts'
import type { Sink } from './logs/sink.ts'
import { SinkDesk } from './logs/sink-desk.ts'
import type { LaneStanding } from './logs/sinks-port.ts'
import { verifySink } from './logs/verify.ts'
import type { Logger } from './runtime/logger.ts'
import type { Random } from './runtime/random.ts'
import type { Sealer } from './signing/seal.ts'
import type { Event } from './state/applied.ts'
import type { Command } from './state/commands.ts'
import { Ledger } from './store/ledger.ts'
import type { Store } from './store/store.ts'
import { tracedChannels, tracedNotices, tracedTarget } from './tracing/delivery-spans.ts'
import type { Tracing } from './tracing/tracing.ts'

export interface OutletsDeps extends Omit<NotifierDeps, 'http' | 'logger'> {
  logger: Pick<Logger, 'info' | 'warn'>
  random: Random
  /** Id of this member. */
  node: string
  consensus: Pick<Consensus, 'leadership' | 'onLeadership' | 'membership' | 'inTouch'>
  /** Orders a command as the API does. */
  submit(command: Command): Promise<Outcome>
  executorTtlMs: number
  /** Where calls of executors that poll are handed out. */
  pollDesk: PollDesk
  network: Pick<Network, 'request' | 'silence'>
  /** What this node says when there is no leader. */
  said: SaidAlone
  /** Of the configuration. */
  configured: readonly ConfiguredSink[]
  sealer: Pick<Sealer, 'seal' | 'open'>
  store: Store
  /** Absent: nobody traces. */
  tracing?: Tracing | undefined
  /** Where people reach the dashboard. */
  baseUrl: string
}

/** Until a connection to a mail server stands, in milliseconds. */
const DIAL_TIMEOUT_MS = 5000

/** Where outcomes go besides the ledger: what the leader tells others about, and hands on. None of it holds up a job. */
export class Outlets {
  readonly #http: Http
  readonly #notifier: Notifier
  readonly #sender: Sender
  readonly #leaderless: LeaderlessWatch
  /** What can be asked about sinks. */
  readonly sinks: SinkDesk
  /** Those that announce themselves. */
  readonly executors: Registry
  readonly #configured: ConfiguredSinks
  readonly #deliverer: Deliverer

  constructor(deps: OutletsDeps) {
    const { clock, egress, store, state, tracing } = deps
    this.#http = deps.pollDesk.beside(createHttp({ egress }))
    this.#notifier = new Notifier({ ...deps, http: tracing ? tracedNotices(tracing, this.#http) : this.#http })
    const dial = guardedDial({ egress, timeoutMs: DIAL_TIMEOUT_MS })
    const channels = createChannels({ clock, http: this.#http, dial })
    const told = tracing ? tracedChannels(tracing, channels) : channels
    this.#sender = new Sender({ ...deps, channels: told, ended: new Ledger(store) })
    this.#leaderless = new LeaderlessWatch({ ...deps, channels: told })
    const driver = guardedDriver({ clock, egress, cluster: () => state().cluster })
    this.#configured = new ConfiguredSinks({ ...deps, sinks: deps.configured })
    const connect = ({ name, connection, password }: Sink) => {
      const target = driver.target(connection, password === undefined ? undefined : deps.openSecret(password))
      return tracing ? tracedTarget(tracing, name, target) : target
    }
    this.#deliverer = new Deliverer({ ...deps, connect })
    this.executors = new Registry({ ...deps, http: this.#http })
    const figures = () => this.#deliverer.figures()
    this.sinks = new SinkDesk({
      ...deps,
      driver,
      sinks: () => state().sinks,
      figures,
      verify: (sink, target, signal) => verifySink(deps, sink, target, signal),
      planResend: (sink, range) => planResend(deps, sink, range),
    })
  }

  /** How far delivery to sinks is. */
  standings(): LaneStanding[] {
    return this.#deliverer.standings()
  }

  /** Works whenever this node leads. */
  follow(consensus: Pick<Consensus, 'leadership' | 'onLeadership'>): void {
    this.#notifier.follow(consensus)
    this.#sender.follow(consensus)
    this.#leaderless.follow(consensus)
    this.#configured.follow(consensus)
    this.#deliverer.follow(consensus)
    this.executors.follow(consensus)
  }

  onEvent(event: Event): void {
    this.#notifier.onEvent(event)
    this.#sender.onEvent(event)
    this.#deliverer.onEvent(event)
    this.executors.onEvent(event)
  }

  async stop(): Promise<void> {
    this.executors.stop()
    this.#leaderless.stop()
    await this.#notifier.stop()
    await this.#sender.stop()
    await this.#configured.stop()
    await this.#deliverer.stop()
    await this.sinks.stop()
    await this.#http.close()
  }
}
