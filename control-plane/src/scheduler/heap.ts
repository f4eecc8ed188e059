/** A binary heap: the first by `before` comes out first; of equals any. */
export class Heap<T> {
  readonly #before: (a: T, b: T) => boolean
  readonly #noteAt: ((item: T, at: number) => void) | undefined
  #items: T[] = []

  /** `noteAt`: told where each item stands, whenever that changes; for `raise`. */
  constructor(before: (a: T, b: T) => boolean, noteAt?: (item: T, at: number) => void) {
    this.#before = before
    this.#noteAt = noteAt
  }

  get size(): number {
    return this.#items.length
  }

  get first(): T | undefined {
    return this.#items[0]
  }

  add(item: T): void {
    this.raise(item, this.#items.push(item) - 1)
  }

  /** An item, which stands there, comes out earlier than it would have. */
  raise(item: T, at: number): void {
    const items = this.#items
    let place = at
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!this.#before(item, items[parent] as T)) break
      this.#put(items[parent] as T, place)
      place = parent
    }
    this.#put(item, place)
  }

  take(): T | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (items.length > 0 && last !== undefined) this.#sink(last)
    return first
  }

  /** The first one comes out later than it would have. */
  lower(): void {
    const [first] = this.#items
    if (first !== undefined) this.#sink(first)
  }

  /** Puts an item where the first one stood, or further down. */
  #sink(item: T): void {
    const items = this.#items
    let place = 0
    for (;;) {
      let least = 2 * place + 1
      if (least >= items.length) break
      if (least + 1 < items.length && this.#before(items[least + 1] as T, items[least] as T)) least += 1
      if (!this.#before(items[least] as T, item)) break
      this.#put(items[least] as T, place)
      place = least
    }
    this.#put(item, place)
  }

  #put(item: T, place: number): void {
    this.#items[place] = item
    this.#noteAt?.(item, place)
  }

  /** All of them, in no particular order. */
  items(): readonly T[] {
    return this.#items
  }

  clear(): void {
    this.#items = []
  }
}
