/**
 * What is done about items whose proposal was refused: dropped, since whoever takes over decides anew from the state;
 * or, when it is certain that they were not committed, proposed again, in smaller entries or after a pause.
 */
export type Refusal = { next: 'drop' } | { next: 'smaller' } | { next: 'later'; pause: Promise<void> }

/** Gathers items while a proposal is under way and proposes them together: one flight at a time, at most `max` items each. */
export class Batcher<T> {
  readonly #propose: (items: T[]) => Promise<unknown>
  readonly #max: number
  readonly #refused: (error: unknown, items: T[]) => Refusal
  #items: T[] = []
  #flying = false
  #idle: (() => void)[] = []

  constructor(
    max: number,
    propose: (items: T[]) => Promise<unknown>,
    refused: (error: unknown, items: T[]) => Refusal,
  ) {
    this.#propose = propose
    this.#max = max
    this.#refused = refused
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
    let limit = this.#max
    while (this.#items.length > 0) {
      const items = this.#items.length <= limit ? this.#items : this.#items.slice(0, limit)
      this.#items = this.#items.length <= limit ? [] : this.#items.slice(limit)
      limit = this.#max
      try {
        await this.#propose(items)
      } catch (error) {
        const refusal = this.#refused(error, items)
        if (refusal.next === 'later') await refusal.pause
        if (refusal.next === 'drop' || (refusal.next === 'smaller' && items.length === 1)) continue
        this.#items = [...items, ...this.#items]
        if (refusal.next === 'smaller') limit = items.length >> 1
      }
    }
    this.#flying = false
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }
}
