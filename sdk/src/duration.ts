/** Milliseconds, or text such as `"90s"`; units ms s m h d. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of a duration. Throws a `RangeError` for a negative, infinite or misspelt one. */
export function durationMs(duration: Duration): number {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(String(duration)) ?? []
  const ms = typeof duration === 'number' ? duration : Number(count) * (UNIT_MS[unit] ?? NaN)
  if (!(ms >= 0 && ms < Infinity))
    throw new RangeError(`not a duration: ${String(duration)}; write 1500, "90s" or "10m"`)
  return ms
}
