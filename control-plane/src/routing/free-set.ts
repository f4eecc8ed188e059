const WORD = 32

/** Which of n places are free: one bit each, so that the next free one is found 32 places at a step. */
export class FreeSet {
  readonly #size: number
  readonly #words: Uint32Array
  #count = 0

  constructor(size: number) {
    this.#size = size
    this.#words = new Uint32Array(Math.ceil(size / WORD))
  }

  /** How many are free. */
  get count(): number {
    return this.#count
  }

  has(place: number): boolean {
    return ((this.#words[place >>> 5] ?? 0) & (1 << (place & 31))) !== 0
  }

  set(place: number, free: boolean): void {
    if (this.has(place) === free) return
    this.#words[place >>> 5] = (this.#words[place >>> 5] ?? 0) ^ (1 << (place & 31))
    this.#count += free ? 1 : -1
  }

  get first(): number | undefined {
    return this.#count === 0 ? undefined : this.nth(0)
  }

  get last(): number | undefined {
    for (let at = this.#words.length - 1; at >= 0; at--) {
      const word = this.#words[at] ?? 0
      if (word !== 0) return at * WORD + 31 - Math.clz32(word)
    }
    return undefined
  }

  /** The free place that has `rank` free ones before it. */
  nth(rank: number): number | undefined {
    let left = rank
    // While everything is free, places are ranks.
    if (this.#count === this.#size) return rank < this.#size ? rank : undefined
    for (let at = 0; at < this.#words.length; at++) {
      const word = this.#words[at] ?? 0
      const here = bitsIn(word)
      if (left < here) return at * WORD + nthBit(word, left)
      left -= here
    }
    return undefined
  }
}

function bitsIn(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555)
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333)
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}

function nthBit(word: number, rank: number): number {
  let rest = word
  for (let left = rank; left > 0; left--) rest &= rest - 1
  return 31 - Math.clz32(rest & -rest)
}
