const UNITS: readonly [ms: number, name: string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
]

/** How long something took, for people: `3 d 4 h`, `12 min 5 s`, `1.2 s`. */
export function lasted(ms: number): string {
  if (ms < 10_000) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s`
  const at = UNITS.findIndex(([unit]) => ms >= unit)
  const [big, bigName] = UNITS[at] ?? [1000, 's']
  const [small, smallName] = UNITS[at + 1] ?? [1000, 's']
  const rest = Math.floor((ms % big) / small)
  return `${Math.floor(ms / big)} ${bigName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`
}
