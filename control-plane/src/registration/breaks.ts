import type { Clock } from '../runtime/clock.ts'

/** How long broken connections are gathered before they are told of, in milliseconds. */
const GATHER_MS = 20
/** How long one that was told of is not told of again, in milliseconds. */
const AGAIN_MS = 1000
/** Origins that are kept in mind; beyond that some are told of more often. */
const ORIGINS_MAX = 10_000

export interface BreaksDeps {
  clock: Clock
  /** Says to the leader, wherever it is, that connections to these origins broke. */
  tell(origins: readonly string[]): void
}

/** Connections of this node that executors closed without a word, or refused: gathered, and each told of once a second. */
export class Breaks {
  readonly #deps: BreaksDeps
  readonly #gathered = new Set<string>()
  readonly #toldAt = new Map<string, number>()
  #cancel: (() => void) | undefined

  constructor(deps: BreaksDeps) {
    this.#deps = deps
  }

  note(origin: string): void {
    const { clock } = this.#deps
    const now = clock.monotonic()
    const toldAt = this.#toldAt.get(origin)
    if (toldAt !== undefined && now - toldAt < AGAIN_MS) return
    if (this.#toldAt.size >= ORIGINS_MAX) this.#toldAt.clear()
    this.#toldAt.set(origin, now)
    this.#gathered.add(origin)
    this.#cancel ??= clock.after(GATHER_MS, () => {
      this.#cancel = undefined
      const origins = [...this.#gathered]
      this.#gathered.clear()
      this.#deps.tell(origins)
    })
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#gathered.clear()
  }
}
