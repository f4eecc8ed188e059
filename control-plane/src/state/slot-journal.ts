import type { Executor } from '../discovery/executor.ts'
import type { State } from './state.ts'

/** Changes that are kept; whoever has read less lately reads everything anew. */
const KEPT_MAX = 8192

/** Which executor it was: what it is like now stands in the state. */
export type Noted = Pick<Executor, 'service' | 'id'>

/**
 * Which executors of a state changed, or took or freed a slot, so that those who plan over thousands of them read what
 * changed and not everything. No part of the state: it says where to look, and nothing follows from it.
 */
export class SlotJournal {
  readonly #kept: Noted[] = []
  #written = 0

  /** How many changes there have been. */
  get written(): number {
    return this.#written
  }

  note(executor: Noted): void {
    this.#kept[this.#written++ % KEPT_MAX] = executor
  }

  /** Visits the changes after the first `read`, oldest first; false when some of them are not kept any more. */
  since(read: number, visit: (executor: Noted) => void): boolean {
    if (this.#written - read > KEPT_MAX) return false
    for (let at = read; at < this.#written; at++) visit(this.#kept[at % KEPT_MAX] as Noted)
    return true
  }
}

const journals = new WeakMap<State, SlotJournal>()

/** The journal of a state, which is kept from the first time that somebody asks for it. */
export function slotJournal(state: State): SlotJournal {
  const known = journals.get(state)
  if (known) return known
  const journal = new SlotJournal()
  journals.set(state, journal)
  return journal
}

/** To be called for every change of an executor, its coming and going, and its slots. */
export function noteExecutor(state: State, executor: Noted): void {
  journals.get(state)?.note(executor)
}
