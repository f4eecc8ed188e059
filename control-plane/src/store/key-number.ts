import { assert } from '../runtime/assert.ts'

/** Numbers below this fit the ten digits of `wide`: log indexes, uids, and milliseconds until the year 117000. */
export const WIDE_MAX = 36 ** 10 - 1

/** Numbers below this fit the four digits of `narrow`: ordinals, shards, and hours until the year 2161. */
export const NARROW_MAX = 36 ** 4 - 1

export const WIDE_DIGITS = 10
export const NARROW_DIGITS = 4

const FOUR_DIGITS = 36 ** 4
const PAIRS = Array.from({ length: 36 * 36 }, (_, value) => value.toString(36).padStart(2, '0'))

/** Ten base-36 digits that sort as the number does. What lies outside is moved to the nearest bound. */
export function wide(value: number): string {
  const bounded = value < 0 ? 0 : value > WIDE_MAX ? WIDE_MAX : value
  const high = Math.floor(bounded / FOUR_DIGITS)
  const top = Math.floor(high / FOUR_DIGITS)
  return `${PAIRS[top]}${fourDigits(high - top * FOUR_DIGITS)}${fourDigits(bounded - high * FOUR_DIGITS)}`
}

/** Four base-36 digits that sort as the number does. */
export function narrow(value: number): string {
  assert(value >= 0 && value <= NARROW_MAX, 'an ordinal fits its four digits')
  return fourDigits(value)
}

function fourDigits(value: number): string {
  return `${PAIRS[Math.floor(value / 1296)]}${PAIRS[value % 1296]}`
}
