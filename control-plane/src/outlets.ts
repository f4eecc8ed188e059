import { Notifier, type NotifierDeps } from './dispatch/notifier.ts'
import type { Consensus } from './cluster/consensus.ts'
import type { Event } from './state/applied.ts'

export type OutletsDeps = NotifierDeps

/** Where outcomes go besides the ledger: what the leader tells others about, and hands on. None of it holds up a job. */
export class Outlets {
  readonly #notifier: Notifier

  constructor(deps: OutletsDeps) {
    this.#notifier = new Notifier(deps)
  }

  /** Works whenever this node leads. */
  follow(consensus: Pick<Consensus, 'leadership' | 'onLeadership'>): void {
    this.#notifier.follow(consensus)
  }

  onEvent(event: Event): void {
    this.#notifier.onEvent(event)
  }

  async stop(): Promise<void> {
    await this.#notifier.stop()
  }
}
