import type { Item } from './items.ts'
import { type Held, type Indexes, indexOf } from './register.ts'

/** A write without an answer that nobody saw. A `create` is a compare-and-set that expects nothing to be there. */
export interface UnseenWrite {
  kind: 'put' | 'create' | 'swap' | 'delete'
  item: Item
}

/** How many were used up of those that could happen again. Fewer leave more to come. */
export interface Used {
  puts: number
  creates: number
  deletes: number
}

/**
 * The writes without an answer that nobody saw. Puts do the same to whoever comes next, and so do deletes and creations: the
 * one called first stands for all, since each that may take effect now may do so later. A swap can happen only while its
 * index is there, which is once.
 */
export class Unseen {
  readonly used: Used = { puts: 0, creates: 0, deletes: 0 }
  readonly #puts: Item[] = []
  readonly #creates: Item[] = []
  readonly #deletes: Item[] = []
  readonly #swaps = new Map<number, Item>()
  readonly #indexes: Indexes

  /** `may` in the order of their calls. */
  constructor(may: readonly Item[], indexes: Indexes) {
    this.#indexes = indexes
    for (const item of may) {
      const { input } = item.operation
      if (input.kind === 'put') this.#puts.push(item)
      else if (input.kind === 'delete') this.#deletes.push(item)
      else if (input.kind === 'cas' && input.expect === 0) this.#creates.push(item)
      else if (input.kind === 'cas' && !this.#swaps.has(input.expect)) this.#swaps.set(input.expect, item)
    }
  }

  /** Those that may take effect now: called no later than `bound`, on a key that holds `held`. */
  next(held: Held, bound: number): UnseenWrite[] {
    const index = indexOf(held, this.#indexes)
    const offered: [UnseenWrite['kind'], Item | undefined][] = [
      ['swap', index === undefined ? undefined : this.#swaps.get(index)],
      ['create', index === 0 ? this.#creates[this.used.creates] : undefined],
      ['put', this.#puts[this.used.puts]],
      ['delete', this.#deletes[this.used.deletes]],
    ]
    return offered.flatMap(([kind, item]) => (item && item.call <= bound ? [{ kind, item }] : []))
  }

  take({ kind }: UnseenWrite, count: 1 | -1): void {
    if (kind === 'put') this.used.puts += count
    else if (kind === 'create') this.used.creates += count
    else if (kind === 'delete') this.used.deletes += count
  }
}
