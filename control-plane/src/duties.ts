import type { Network } from './cluster/network.ts'
import { NodeWatch } from './cluster/node-watch.ts'
import { ExecutorWatch, type ExecutorWatchDeps } from './dispatch/executor-watch.ts'
import { LedgerKeeper, type LedgerKeeperDeps } from './scheduler/ledger-keeper.ts'

export interface DutiesDeps extends ExecutorWatchDeps, Omit<LedgerKeeperDeps, keyof ExecutorWatchDeps> {
  node: string
  network: Pick<Network, 'silence'>
  nodeTtlMs: number
}

/** What a leader looks after besides its schedule: nodes that fall silent, executors, and rows whose time is over. */
export class Duties {
  readonly #nodes: NodeWatch
  readonly #executors: ExecutorWatch
  readonly #ledger: LedgerKeeper

  constructor(deps: DutiesDeps) {
    this.#nodes = new NodeWatch(deps)
    this.#executors = new ExecutorWatch(deps)
    this.#ledger = new LedgerKeeper(deps)
  }

  start(): void {
    this.#nodes.start()
    this.#executors.start()
    this.#ledger.start()
  }

  stop(): void {
    this.#nodes.stop()
    this.#executors.stop()
    this.#ledger.stop()
  }

  /** Lets go of what they hold as well. */
  async close(): Promise<void> {
    this.stop()
    await this.#executors.close()
  }
}
