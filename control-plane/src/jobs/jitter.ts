/**
 * How long after its fire time a job with this seed is due: always the same for the same job, and spread evenly over 0
 * to `jitterMs` among jobs. Its bits are mixed (as MurmurHash3 ends) so that it has nothing in common with `H`.
 */
export function jitterOf(spread: number, jitterMs: number): number {
  let bits = spread | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return ((bits ^ (bits >>> 16)) >>> 0) % (jitterMs + 1)
}
