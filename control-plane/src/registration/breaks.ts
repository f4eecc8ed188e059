import type { Clock } from '../runtime/clock.ts'

/** How long broken connections are gathered before they are told of, and how far apart that is at least, in milliseconds. */
const GATHER_MS = 20
const APART_MS = 250
/** Origins gathered at most: what is beyond is found out by heartbeats. */
const ORIGINS_MAX = 10_000

export interface BreaksDeps {
  clock: Clock
  /** Says to the leader, wherever it is, that connections to these origins broke. */
  tell(origins: readonly string[]): void
}

/** Connections of this node that executors closed without a word, or refused: gathered, and told of a few times a second. */
export class Breaks {
  readonly #deps: BreaksDeps
  readonly #gathered = new Set<string>()
  #toldAt = Number.NEGATIVE_INFINITY
  #cancel: (() => void) | undefined

  constructor(deps: BreaksDeps) {
    this.#deps = deps
  }

  note(origin: string): void {
    const { clock } = this.#deps
    if (this.#gathered.size >= ORIGINS_MAX) return
    this.#gathered.add(origin)
    const waitMs = Math.max(GATHER_MS, this.#toldAt + APART_MS - clock.monotonic())
    this.#cancel ??= clock.after(waitMs, () => this.#tell())
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#gathered.clear()
  }

  #tell(): void {
    this.#cancel = undefined
    this.#toldAt = this.#deps.clock.monotonic()
    const origins = [...this.#gathered]
    this.#gathered.clear()
    this.#deps.tell(origins)
  }
}
