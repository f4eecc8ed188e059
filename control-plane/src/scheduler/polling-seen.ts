import { pulls } from '../discovery/pull.ts'
import type { Event } from '../state/applied.ts'
import type { State } from '../state/state.ts'

/** Whether there are executors that poll. Looked for when executors changed, and not any more once one was found. */
export class PollingSeen {
  readonly #state: () => State
  #some = false
  #looked = false

  constructor(state: () => State) {
    this.#state = state
  }

  get some(): boolean {
    if (!this.#looked) this.#some = hasPolling(this.#state())
    this.#looked = true
    return this.#some
  }

  onEvent(event: Event): void {
    if (event.type === 'definitions-changed' && event.what === 'executor' && !this.#some) this.#looked = false
  }

  forget(): void {
    this.#some = false
    this.#looked = false
  }
}

function hasPolling(state: State): boolean {
  for (const executors of state.executors.values())
    for (const executor of executors.values()) if (pulls(executor)) return true
  return false
}
