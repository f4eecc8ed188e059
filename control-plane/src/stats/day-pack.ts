import { emptySum, FIELDS, type Sum } from './sum.ts'

/** Owners of counters in one row of a day. */
export const PACK_OWNERS = 64

/**
 * Sums of some owners in a row, lowest first: for each the difference to the owner before, which fields are not zero as
 * two masks of 16, and those fields, all as varints. Most sums have ten fields or fewer.
 */
export function packDay(sums: readonly (readonly [owner: number, sum: Sum])[]): Uint8Array {
  const bytes: number[] = []
  let before = 0
  for (const [owner, sum] of sums) {
    varint(bytes, owner - before)
    before = owner
    for (let from = 0; from < FIELDS; from += MASK_BITS) varint(bytes, maskOf(sum, from))
    for (const value of sum) if (value !== 0) varint(bytes, value)
  }
  return Uint8Array.from(bytes)
}

/** What was packed. */
export function* daySums(pack: Uint8Array): Generator<[owner: number, sum: Sum]> {
  const place = { at: 0 }
  let owner = 0
  while (place.at < pack.length) {
    owner += read(pack, place)
    const masks: number[] = []
    for (let from = 0; from < FIELDS; from += MASK_BITS) masks.push(read(pack, place))
    const sum = emptySum()
    for (let i = 0; i < FIELDS; i++) {
      const mask = masks[Math.floor(i / MASK_BITS)] ?? 0
      if ((mask >>> (i % MASK_BITS)) & 1) sum[i] = read(pack, place)
    }
    yield [owner, sum]
  }
}

const MASK_BITS = 16

function maskOf(sum: Sum, from: number): number {
  let mask = 0
  for (let i = 0; i < MASK_BITS && from + i < FIELDS; i++) if (sum[from + i] !== 0) mask |= 1 << i
  return mask
}

/** Of up to 53 bits, seven in a byte, the lowest first. */
function varint(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}

function read(bytes: Uint8Array, place: { at: number }): number {
  let value = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[place.at++] ?? 0
    value += (byte & 127) * scale
    if (byte < 128) return value
  }
}
