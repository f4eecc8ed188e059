import { assert } from '../runtime/assert.ts'
import type { Index } from './types.ts'

/**
 * The window of appends on their way to one follower, limited by count and by bytes.
 * A ring that grows as it is used; the last append may take the bytes over their limit, then the window is full.
 */
export class Inflights {
  readonly #countMax: number
  readonly #bytesMax: number
  #indexes: Index[] = []
  #sizes: number[] = []
  #start = 0
  #count = 0
  #bytes = 0

  constructor(countMax: number, bytesMax: number) {
    this.#countMax = countMax
    this.#bytesMax = bytesMax
  }

  get count(): number {
    return this.#count
  }

  get full(): boolean {
    return this.#count === this.#countMax || this.#bytes >= this.#bytesMax
  }

  /** Notes an append whose last entry stands at `index`. */
  add(index: Index, bytes: number): void {
    assert(!this.full, 'nothing is sent through a full window')
    if (this.#count === this.#indexes.length) this.#grow()
    const at = (this.#start + this.#count) % this.#indexes.length
    this.#indexes[at] = index
    this.#sizes[at] = bytes
    this.#count++
    this.#bytes += bytes
  }

  /** Frees every append that ends at or before `index`. */
  freeUpTo(index: Index): void {
    while (this.#count > 0 && (this.#indexes[this.#start] as Index) <= index) {
      this.#bytes -= this.#sizes[this.#start] as number
      this.#count--
      this.#start = (this.#start + 1) % this.#indexes.length
    }
  }

  clear(): void {
    this.#start = 0
    this.#count = 0
    this.#bytes = 0
  }

  #grow(): void {
    const room = Math.min(this.#countMax, Math.max(8, this.#indexes.length * 2))
    const indexes: Index[] = []
    const sizes: number[] = []
    for (let i = 0; i < room; i++) {
      const from = (this.#start + i) % Math.max(1, this.#indexes.length)
      indexes.push(this.#indexes[from] ?? 0)
      sizes.push(this.#sizes[from] ?? 0)
    }
    this.#indexes = indexes
    this.#sizes = sizes
    this.#start = 0
  }
}
