/** A binary heap: the first by `before` comes out first; of equals any. */
export class Heap<T> {
  readonly #before: (a: T, b: T) => boolean
  #items: T[] = []

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get size(): number {
    return this.#items.length
  }

  get first(): T | undefined {
    return this.#items[0]
  }

  add(item: T): void {
    const items = this.#items
    let place = items.push(item) - 1
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!this.#before(item, items[parent] as T)) break
      items[place] = items[parent] as T
      place = parent
    }
    items[place] = item
  }

  take(): T | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (items.length === 0 || last === undefined) return first
    let place = 0
    for (;;) {
      let least = 2 * place + 1
      if (least >= items.length) break
      if (least + 1 < items.length && this.#before(items[least + 1] as T, items[least] as T)) least += 1
      if (!this.#before(items[least] as T, last)) break
      items[place] = items[least] as T
      place = least
    }
    items[place] = last
    return first
  }

  /** All of them, in no particular order. */
  items(): readonly T[] {
    return this.#items
  }

  clear(): void {
    this.#items = []
  }
}
