/** Places of deleted entries that are given up only when they outnumber the entries. */
const GAPS_MIN = 1024

interface Entry<Value> {
  key: string
  value: Value
  until: number
}

/**
 * A map whose entries leave in the order in which they came: by age, or to make room. All entries live equally long.
 * The order stands in an array of its own, because finding the first key of a `Map` costs what was deleted before it.
 */
export class ExpiringMap<Value> {
  readonly #ttlMs: number
  readonly #dropped: (value: Value) => void
  readonly #entries = new Map<string, Entry<Value>>()
  #order: Entry<Value>[] = []
  #head = 0

  /** `dropped` is told of every value that leaves. */
  constructor(ttlMs: number, dropped: (value: Value) => void = () => {}) {
    this.#ttlMs = ttlMs
    this.#dropped = dropped
  }

  /** Entries and the places of deleted ones: what it takes in memory. */
  get places(): number {
    return this.#order.length
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key)?.value
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  set(key: string, value: Value, now: number): void {
    this.delete(key)
    const entry = { key, value, until: now + this.#ttlMs }
    this.#entries.set(key, entry)
    this.#order.push(entry)
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#entries.delete(key)
    this.#dropped(entry.value)
    if (this.#order.length > 2 * this.#entries.size + GAPS_MIN) {
      this.#order = this.#order.filter((each) => this.#entries.get(each.key) === each)
      this.#head = 0
    }
  }

  /** Removes what is too old. */
  expire(now: number): void {
    for (let first = this.#first(); first && first.until <= now; first = this.#first()) this.delete(first.key)
  }

  /** Removes the oldest entry. */
  dropOldest(): void {
    const first = this.#first()
    if (first) this.delete(first.key)
  }

  /** The oldest entry that is still in the map. */
  #first(): Entry<Value> | undefined {
    for (; this.#head < this.#order.length; this.#head++) {
      const entry = this.#order[this.#head]
      if (entry && this.#entries.get(entry.key) === entry) return entry
    }
    this.#order = []
    this.#head = 0
    return undefined
  }
}
