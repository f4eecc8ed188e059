const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A duration as definitions write it, e.g. `90s`, `10m`; units ms s m h d. */
export type Duration = string

/** Milliseconds of a duration such as `"90s"`, or `undefined` when it is not one. Compound forms like `1h30m` are accepted. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(ms|s|m|h|d))+$/.test(text)) return undefined
  let total = 0
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|s|m|h|d)/g)) {
    total += Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]
  }
  return Number.isSafeInteger(total) ? total : undefined
}

/** The shortest single-unit duration that means `ms`: 600000 is `"10m"`. */
export function formatDuration(ms: number): Duration {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (ms !== 0 && ms % UNIT_MS[unit] === 0) return `${ms / UNIT_MS[unit]}${unit}`
  }
  return `${ms}ms`
}
