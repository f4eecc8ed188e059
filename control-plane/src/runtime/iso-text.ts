import type { Millis } from './clock.ts'

/** Seconds whose text is kept; a power of two. */
const KEPT = 64

const seconds = new Float64Array(KEPT).fill(Number.NaN)
const texts: string[] = Array.from({ length: KEPT }, () => '')
const ENDS = Array.from({ length: 1000 }, (_, ms) => `.${String(ms).padStart(3, '0')}Z`)

/**
 * An instant as RFC 3339 in UTC with milliseconds, as `toISOString` has it. The text of a second is kept: a call names
 * four instants, and those of the calls around it lie in the same seconds.
 */
export function isoText(at: Millis): string {
  const second = Math.floor(at / 1000)
  const place = second & (KEPT - 1)
  if (seconds[place] !== second) {
    // Throws for what is no instant, before anything is kept.
    texts[place] = new Date(second * 1000).toISOString().slice(0, -5)
    seconds[place] = second
  }
  return (texts[place] as string) + (ENDS[Math.floor(at - second * 1000)] as string)
}
