import { expect, test } from 'vitest'
import { changesOf, compareZone, type Difference, EXPRESSIONS, probesOf, REASONS } from './bench/cron-compare.ts'

const SEED = 2026
const ZONES_DRAWN = 24
const CHANGES_DRAWN = 3
/** Zones whose clock changes are unlike the others': half an hour, two hours, midnight, Ramadan. */
const ODD_ZONES = ['Australia/Lord_Howe', 'Antarctica/Troll', 'America/Havana', 'Africa/Casablanca', 'America/Godthab']

test('a sample of zones and clock changes differs from croner only for the reasons that are listed', () => {
  const random = seeded(SEED)
  const all = Intl.supportedValuesOf('timeZone')
  const zones = [
    ...ODD_ZONES,
    ...Array.from({ length: ZONES_DRAWN }, () => all[Math.floor(random() * all.length)] as string),
  ]
  const unexplained: Difference[] = []
  const reasons = new Set<string>()
  let compared = 0
  for (const zone of zones) {
    const changes = changesOf(zone, Date.UTC(2022, 0, 1), Date.UTC(2029, 0, 1))
    const first = Math.floor(random() * Math.max(1, changes.length - CHANGES_DRAWN))
    const probes = [Date.UTC(2026, 10, 21, 3), ...changes.slice(first, first + CHANGES_DRAWN).flatMap(probesOf)]
    compared += compareZone(zone, EXPRESSIONS, probes, (difference) => {
      const reason = REASONS.find((rule) => rule.explains(difference, changes))
      if (reason === undefined) unexplained.push(difference)
      else reasons.add(reason.name)
    })
  }
  expect(unexplained).toEqual([])
  expect(compared).toBeGreaterThan(10_000)
  expect(reasons).toContain('stepped-minute-in-a-fixed-hour')
})

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296
  }
}
