import { decodeCommand, encodeCommand } from '../../control-plane/src/cluster/entry-codec.ts'
import { type Entry, NotCommitted, type Outcome } from '../../control-plane/src/cluster/consensus.ts'
import { apply } from '../../control-plane/src/state/apply.ts'
import type { Applied } from '../../control-plane/src/state/applied.ts'
import type { Command } from '../../control-plane/src/state/commands.ts'
import { Image, loadState } from '../../control-plane/src/state/image.ts'
import { emptyState, type State } from '../../control-plane/src/state/state.ts'
import { MemoryStore } from './memory-store.ts'
import type { SeededRandom } from './seeded-random.ts'
import type { VirtualClock } from './virtual-clock.ts'

interface Proposal {
  bytes: Uint8Array
  resolve: (outcome: Outcome) => void
  reject: (error: Error) => void
}

/** A bug planted to see whether the promises notice: it spoils what an entry did, or what a crash leaves. */
export interface Mutant {
  spoil?(state: State, entry: Entry, applied: Applied): void
  /** Spoils a command, or what it is applied to. */
  before?(command: Command, state: State): void
  /** Synced entries that a crash loses. */
  lost?: number
  /** Spoils what a start reads from the store. */
  loaded?(state: State): void
}

/** A log that outlives crashes: what was synced stays, what was on its way to the disk may or may not. */
export class SimulatedLog {
  readonly entries: Uint8Array[] = []
  readonly #clock: VirtualClock
  readonly #random: SeededRandom
  readonly #onApplied: (entry: Entry, applied: Applied, state: State) => void
  #gathering: Proposal[] = []
  #syncing: Proposal[] = []
  readonly #mutant: Mutant | undefined
  state: State = emptyState()
  readonly #store = new MemoryStore()
  #image = new Image(this.state, this.#store)

  constructor(
    clock: VirtualClock,
    random: SeededRandom,
    onApplied: (entry: Entry, applied: Applied, state: State) => void,
    mutant?: Mutant,
  ) {
    this.#mutant = mutant
    this.#clock = clock
    this.#random = random
    this.#onApplied = onApplied
  }

  propose(command: Command): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#gathering.push({ bytes: encodeCommand(command), resolve, reject })
      if (this.#syncing.length === 0) this.#sync()
    })
  }

  /**
   * The process dies: a random beginning of what was being written is on disk. Its memory is rebuilt as a start does
   * it: from the last batch that the store has, and the log after it.
   */
  async crash(): Promise<void> {
    const written = this.#random.integer(0, this.#syncing.length)
    for (const { bytes } of this.#syncing.slice(0, written)) this.entries.push(bytes)
    if (this.#mutant?.lost) this.entries.splice(-this.#mutant.lost)
    for (const { reject } of [...this.#syncing, ...this.#gathering]) reject(new NotCommitted())
    this.#syncing = []
    this.#gathering = []
    const state = await loadState(this.#store)
    this.#mutant?.loaded?.(state)
    const image = new Image(state, this.#store)
    for (let index = state.index + 1; index <= this.entries.length; index++) {
      const entry = { index, term: 1, command: decodeCommand(this.entries[index - 1] as Uint8Array) }
      const applied = this.#apply(state, entry)
      image.note(applied.changes)
      if (index > this.entries.length - written) this.#onApplied(entry, applied, state)
    }
    this.state = state
    this.#image = image
  }

  /** The state that the log alone gives. */
  replayed(each: (entry: Entry, applied: Applied) => void = () => undefined): State {
    const state = emptyState()
    for (const [place, bytes] of this.entries.entries()) {
      const entry = { index: place + 1, term: 1, command: decodeCommand(bytes) }
      each(entry, this.#apply(state, entry))
    }
    return state
  }

  #apply(state: State, entry: Entry): Applied {
    this.#mutant?.before?.(entry.command, state)
    const applied = apply(state, entry)
    this.#mutant?.spoil?.(state, entry, applied)
    return applied
  }

  #sync(): void {
    this.#syncing = this.#gathering
    this.#gathering = []
    if (this.#syncing.length === 0) return
    this.#clock.after(this.#random.pick([0.1, 0.3, 1, 20]), () => {
      for (const { bytes, resolve } of this.#syncing) {
        this.entries.push(bytes)
        const entry = { index: this.entries.length, term: 1, command: decodeCommand(bytes) }
        const applied = this.#apply(this.state, entry)
        this.#image.note(applied.changes)
        this.#onApplied(entry, applied, this.state)
        resolve(outcomeOf(entry.index, applied))
      }
      if (this.#random.chance(0.1)) void this.#store.flush()
      this.#syncing = []
      this.#sync()
    })
  }
}

function outcomeOf(index: number, applied: Applied): Outcome {
  return applied.rejection
    ? { kind: 'rejected', index, rejection: applied.rejection }
    : { kind: 'applied', index, value: applied.value }
}
