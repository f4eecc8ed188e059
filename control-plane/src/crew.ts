import type { Config } from './config.ts'
import { brokerLine } from './cluster/broker-line.ts'
import type { Consensus } from './cluster/consensus.ts'
import type { Network } from './cluster/network.ts'
import { Touch } from './cluster/touch.ts'
import { Dispatcher, type DispatcherDeps } from './dispatch/dispatcher.ts'
import type { Logger } from './runtime/logger.ts'
import type { BrokerPort } from './scheduler/evaluation.ts'
import { Workers } from './scheduler/workers.ts'
import type { Event } from './state/applied.ts'

/** Calls for which there is room below which workers wait a moment for more. */
const ROOM_MIN = 64

export interface CrewDeps extends Omit<DispatcherDeps, 'inTouch' | 'leads' | 'freed' | 'logger' | 'concurrencyMax'> {
  logger: Logger
  config: Pick<Config, 'dispatchConcurrencyMax' | 'nodeTtlMs' | 'scheduler'>
  consensus: Consensus
  network: Pick<Network, 'request'>
  /** Where workers get work while this node leads. */
  own: BrokerPort
  incarnation(): number
  /** Whether the wall clock differs from the leader's: deadlines, which are absolute, would be wrong here. */
  clockIsWrong(): boolean
}

/** What every node does for the work itself, whoever leads: its workers plan, and what they planned it sends. */
export class Crew {
  readonly #deps: CrewDeps
  readonly #dispatcher: Dispatcher
  readonly #touch: Touch
  readonly #workers: Workers

  constructor(deps: CrewDeps) {
    const { config, consensus } = deps
    this.#deps = deps
    const { dispatchConcurrencyMax: concurrencyMax } = config
    this.#touch = new Touch({
      ...deps,
      // Others give this node up after twice that.
      limitMs: config.nodeTtlMs / 2,
      isMember: () => deps.state().members.size === 0 || deps.state().members.has(deps.node),
      onFound: () => this.#workers.poke(),
      onLost: () => this.#dispatcher.releaseUnsent(),
    })
    this.#dispatcher = new Dispatcher({
      ...deps,
      concurrencyMax,
      inTouch: () => this.#touch.inTouch(),
      leads: () => consensus.leadership().isLeader,
      freed: () => this.#workers.poke(),
    })
    this.#workers = new Workers({
      ...deps,
      count: config.scheduler.workers,
      port: brokerLine(deps),
      inTouch: () => this.#touch.inTouch() && !deps.clockIsWrong(),
      room: () => concurrencyMax - this.#burden,
      roomMin: Math.min(ROOM_MIN, concurrencyMax >> 3),
      waitApplied: (index, timeoutMs) => consensus.waitApplied(index, timeoutMs),
    })
  }

  start(): void {
    this.#touch.start()
    this.#workers.start()
  }

  /** Somebody else leads, or this node does. */
  onLeadership(): void {
    this.#touch.ask()
    this.#workers.poke()
  }

  /** The cluster knows this process under an incarnation from now on. */
  comeUp(incarnation: number): void {
    this.#dispatcher.comeUp(incarnation)
    this.#workers.poke()
  }

  onEvent(event: Event): void {
    switch (event.type) {
      case 'attempt-started':
        if (event.attempt.node === this.#deps.node) this.#dispatcher.start(event)
        break
      case 'attempt-ended':
        if (event.attempt.node === this.#deps.node) this.#dispatcher.forget(event.attempt.id)
        break
      case 'attempt-aborted':
        this.#dispatcher.abort(event.attempt, event.why, event.accepted)
        break
      case 'node-changed':
        // What it had open is given up, and whoever waits for its calls need not wait for a new incarnation.
        if (event.node === this.#deps.node) this.#dispatcher.dropClosed()
        break
      default:
        break
    }
  }

  /** The whole state was replaced by a newer one: nobody said what happened in between. */
  onReplaced(): void {
    this.#dispatcher.dropClosed()
    this.#dispatcher.disownUnknown()
  }

  get calls(): { inFlight: number; waiting: number } {
    const { inFlight, waiting } = this.#dispatcher
    return { inFlight, waiting }
  }

  /** Calls that hold up others. An executor that polls is given its own when it comes, and until then they cost nothing. */
  get #burden(): number {
    const { inFlight, waiting, waitingForPolls } = this.#dispatcher
    return inFlight + waiting - waitingForPolls
  }

  /** Plans nothing more. */
  retire(): void {
    this.#workers.stop()
  }

  /** Lets calls under way end for a while, and reports how they ended. */
  async stop(graceMs: number): Promise<void> {
    this.#workers.stop()
    await this.#dispatcher.stop(graceMs)
    this.#touch.stop()
  }
}
