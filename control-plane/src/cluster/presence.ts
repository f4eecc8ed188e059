import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Command } from '../state/commands.ts'
import type { NodeAbout, State } from '../state/state.ts'
import type { Outcome } from './consensus.ts'

/** How long a node waits before it introduces itself again when it could not, in milliseconds. */
const AGAIN_MS = 200

export interface PresenceDeps {
  clock: Clock
  logger: Logger
  node: string
  about: NodeAbout
  /** Where others, and users, reach this node; told to the others when they know it otherwise. */
  address: string | undefined
  apiUrl: string | undefined
  state(): State
  submit(command: Command): Promise<Outcome>
  /** This process is known under an incarnation from now on; what an earlier one had open is given up. */
  onUp(incarnation: number): void
}

/** Sees to it that the cluster knows this process: under an incarnation of its own, and a new one once it was given up. */
export class Presence {
  readonly #deps: PresenceDeps
  #incarnation = 0
  #tried = 0
  #running: Promise<void> | undefined
  #stopped = false

  constructor(deps: PresenceDeps) {
    this.#deps = deps
  }

  get incarnation(): number {
    return this.#incarnation
  }

  /** Resolves once this process is known; asks as long as it takes. */
  introduce(): Promise<void> {
    if (this.isKnown() || this.#stopped) return Promise.resolve()
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Something was said of a node; when it is this one, and that it is gone, it comes up anew. */
  onNodeChanged(node: string): void {
    if (node !== this.#deps.node || this.#incarnation === 0) return
    if (!this.isKnown()) void this.introduce()
  }

  stop(): void {
    this.#stopped = true
  }

  /** Whether the cluster knows this process, and has not given it up. */
  isKnown(): boolean {
    const known = this.#deps.state().nodes.get(this.#deps.node)
    return this.#incarnation > 0 && known?.incarnation === this.#incarnation && known.down !== true
  }

  async #work(): Promise<void> {
    const { clock, logger } = this.#deps
    // While it tells its address it may be given up again.
    while (!this.#stopped && !this.isKnown()) {
      try {
        await this.#comeUp()
      } catch (error) {
        logger.debug?.({ error: String(error) }, 'the node could not introduce itself yet')
      }
      if (this.isKnown()) await this.#tellAddress().catch(() => undefined)
      else if (!this.#stopped) await new Promise<void>((resolve) => void clock.after(AGAIN_MS, resolve))
    }
  }

  async #comeUp(): Promise<void> {
    const { clock, node, about, state, submit } = this.#deps
    // A cluster has its id before it has anything else.
    if (state().cluster === '') return
    const known = state().nodes.get(node)
    // A member has one process at a time, so an incarnation that was tried here and is known is this one's.
    if (known === undefined || known.incarnation !== this.#tried || known.down) {
      this.#tried = Math.max(known?.incarnation ?? 0, this.#tried) + 1
      await submit({ kind: 'node-up', at: clock.now(), node, incarnation: this.#tried, about })
    }
    const now = state().nodes.get(node)
    if (now?.incarnation !== this.#tried || now.down) return
    this.#incarnation = this.#tried
    this.#deps.onUp(this.#tried)
  }

  async #tellAddress(): Promise<void> {
    const { clock, node, address, apiUrl, state, submit } = this.#deps
    const member = state().members.get(node)
    if (!member) return
    const change = {
      ...(address === undefined || address === member.address ? {} : { address }),
      ...(apiUrl === undefined || apiUrl === member.apiUrl ? {} : { apiUrl }),
    }
    if (Object.keys(change).length > 0) await submit({ kind: 'member-update', at: clock.now(), member: node, change })
  }
}
