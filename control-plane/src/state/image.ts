import type { Gathered, Store } from '../store/store.ts'
import type { Change } from './applied.ts'
import { emptyState, type State } from './state.ts'

/** Keeps the store behind memory: live keys as they stand when a batch is gathered, ledger rows as they come. */
export class Image {
  readonly #state: State
  readonly #store: Store

  /** To be made right after `loadState`; tells the store to gather from it. */
  constructor(state: State, store: Store) {
    this.#state = state
    this.#store = store
    store.gatherFrom(() => this.gather())
  }

  /** What one applied entry changed. Ledger rows are readable from the store when it returns. */
  note(changes: readonly Change[]): void {
    if (changes.length > 0) this.#store.requestWrite()
  }

  /** The live keys that changed since the last call, as they stand now. */
  gather(): Gathered {
    return { writes: [], applied: { index: this.#state.index, term: this.#state.term } }
  }
}

/** Memory as the last durable batch left it, derived fields and indexes included. */
export async function loadState(store: Store): Promise<State> {
  const state = emptyState()
  state.index = store.applied.index
  state.term = store.applied.term
  return state
}
