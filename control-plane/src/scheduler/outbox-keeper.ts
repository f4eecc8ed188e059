import type { Clock } from '../runtime/clock.ts'
import type { State } from '../state/state.ts'
import { goneEntries } from '../store/outbox-walk.ts'
import type { Store } from '../store/store.ts'

/** Entries that one turn looks at, at most. */
const LOOKS_PER_TURN = 10_000
/** A walk begins so long after the one before if so much of the ledger has gone since, and so long if anything has. */
const PAUSE_MS = 600_000
const GONE_SHARE = 0.1
const PAUSE_MS_MAX = 3_600_000

export interface OutboxKeeperDeps {
  clock: Clock
  state(): State
  store(): Pick<Store, 'range' | 'getMany'>
}

/** Finds entries of the outbox whose rows have gone; it walks all of it, some at a turn, once enough rows have gone. */
export class OutboxKeeper {
  readonly #deps: OutboxKeeperDeps
  /** Where the walk under way goes on. */
  #next: number | undefined
  #begunAt = Number.NEGATIVE_INFINITY
  /** Rows that had gone when the last walk began. */
  #gone = 0

  constructor(deps: OutboxKeeperDeps) {
    this.#deps = deps
  }

  /** What is to go, some at a time, and at times nothing. */
  async *turn(): AsyncGenerator<number[]> {
    const { state, store } = this.#deps
    if (this.#next === undefined && !this.#begins()) return
    let looked = 0
    while (this.#next !== undefined && looked < LOOKS_PER_TURN) {
      const step = await goneEntries(store(), this.#next, state().index)
      looked += step.looked
      this.#next = step.next
      yield step.gone
    }
  }

  #begins(): boolean {
    const { clock, state } = this.#deps
    const { ledgerRows, ledgerGone } = state()
    const elapsedMs = clock.monotonic() - this.#begunAt
    const gone = ledgerGone - this.#gone
    const enough = elapsedMs >= PAUSE_MS && gone >= (ledgerRows - ledgerGone) * GONE_SHARE
    if (gone === 0 || !(enough || elapsedMs >= PAUSE_MS_MAX)) return false
    this.#begunAt = clock.monotonic()
    this.#gone = ledgerGone
    this.#next = 0
    return true
  }
}
