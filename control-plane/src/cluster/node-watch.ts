import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Command } from '../state/commands.ts'
import type { State } from '../state/state.ts'
import type { Outcome } from './consensus.ts'
import { raftId } from './member-id.ts'
import type { Network } from './network.ts'

export interface NodeWatchDeps {
  clock: Clock
  logger: Logger
  node: string
  network: Pick<Network, 'silence'>
  /** How long a node may be silent before it is given up, in milliseconds. */
  nodeTtlMs: number
  state(): State
  propose(command: Command): Promise<Outcome>
}

/** How often the leader looks, in milliseconds. */
const LOOK_MS = 250

/** The leader's watch over the other nodes: those that are silent for too long, or are members no more, are given up. */
export class NodeWatch {
  readonly #deps: NodeWatchDeps
  #cancel: (() => void) | undefined
  #since = 0
  #proposing = false
  /** Those that are members no more, by when that was seen, by the monotonic clock. */
  readonly #strangers = new Map<string, number>()

  constructor(deps: NodeWatchDeps) {
    this.#deps = deps
  }

  /** A new leader has heard of nobody yet: silence counts from here. */
  start(): void {
    this.#since = this.#deps.clock.monotonic()
    this.#strangers.clear()
    this.#cancel ??= this.#deps.clock.after(LOOK_MS, this.#look)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  readonly #look = (): void => {
    this.#cancel = this.#deps.clock.after(LOOK_MS, this.#look)
    if (!this.#proposing) void this.#giveUpSilent()
  }

  async #giveUpSilent(): Promise<void> {
    const { clock, logger, state, propose } = this.#deps
    this.#proposing = true
    try {
      for (const [node, { incarnation }] of this.#silent()) {
        // Others take a while to be given up: this one may have been heard of meanwhile.
        if (this.#cancel === undefined || !this.#silent().some(([still]) => still === node)) continue
        const name = state().members.get(node)?.name ?? node
        logger.warn({ node: name }, 'a node is silent: what it had under way is uncertain from now on')
        await propose({ kind: 'node-down', at: clock.now(), node, incarnation })
      }
    } catch (error) {
      logger.warn({ error: String(error) }, 'that a node is gone could not be committed')
    } finally {
      this.#proposing = false
    }
  }

  #silent() {
    const { clock, node: self, network, nodeTtlMs, state } = this.#deps
    const { nodes, members } = state()
    const now = clock.monotonic()
    const inOfficeMs = now - this.#since
    for (const node of this.#strangers.keys()) if (!nodes.has(node) || members.has(node)) this.#strangers.delete(node)
    return [...nodes].filter(([node, { down }]) => {
      if (node === self || down) return false
      if (!members.has(node)) {
        // Until it knows, or has not heard of a leader for long enough, it may be sending.
        const since = this.#strangers.get(node) ?? now
        this.#strangers.set(node, since)
        return members.size > 0 && now - since > nodeTtlMs
      }
      return Math.min(network.silence(raftId(node)) ?? Number.POSITIVE_INFINITY, inOfficeMs) > nodeTtlMs
    })
  }
}
