import type { Outcome } from '../cluster/consensus.ts'

/**
 * Gathers items while a proposal is under way and proposes them together: one flight at a time, at most `max` items
 * each. An item whose proposal fails is dropped, since whoever takes over decides anew from the state.
 */
export class Batcher<T> {
  readonly #propose: (items: T[]) => Promise<Outcome>
  readonly #max: number
  readonly #failed: (error: unknown, items: T[]) => void
  #items: T[] = []
  #flying = false
  #idle: (() => void)[] = []

  constructor(max: number, propose: (items: T[]) => Promise<Outcome>, failed: (error: unknown, items: T[]) => void) {
    this.#max = max
    this.#propose = propose
    this.#failed = failed
  }

  get size(): number {
    return this.#items.length
  }

  add(item: T): void {
    this.#items.push(item)
    if (!this.#flying) {
      this.#flying = true
      // What else happens in this turn of the loop goes along.
      queueMicrotask(() => void this.#fly())
    }
  }

  /** Resolves when nothing is gathered or under way. */
  async drained(): Promise<void> {
    if (this.#flying) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  async #fly(): Promise<void> {
    while (this.#items.length > 0) {
      const items = this.#items.length <= this.#max ? this.#items : this.#items.slice(0, this.#max)
      this.#items = this.#items.length <= this.#max ? [] : this.#items.slice(this.#max)
      try {
        await this.#propose(items)
      } catch (error) {
        this.#failed(error, items)
      }
    }
    this.#flying = false
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }
}
