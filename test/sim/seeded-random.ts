import type { Random } from '../../control-plane/src/runtime/random.ts'

/** Chance from a seed: the same seed gives the same sequence (mulberry32). */
export function seededRandom(seed: number): Random & { below(limit: number): number; chance(share: number): boolean } {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
  return {
    next,
    bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(next() * 256)),
    below: (limit) => Math.floor(next() * limit),
    chance: (share) => next() < share,
  }
}
