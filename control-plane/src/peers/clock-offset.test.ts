import { describe, expect, test } from 'vitest'
import { ClockOffset } from './clock-offset.ts'

/** Their wall clock is at `THEIRS` when our monotonic one is at 0. */
const THEIRS = 1_000_000

function measured(...samples: [roundTripMs: number, theirs: number, monotonic: number][]): ClockOffset {
  const offset = new ClockOffset()
  for (const sample of samples) offset.add(...sample)
  return offset
}

describe('the offset of another clock', () => {
  test('is unknown before the first ping is answered', () => {
    expect(measured().offsetMs(0, 0)).toBeUndefined()
  })

  test('is what the fastest ping says', () => {
    const offset = measured([30, THEIRS, 0], [2, THEIRS + 1000, 1001], [40, THEIRS + 2000, 2030])
    expect(offset.offsetMs(THEIRS + 3000 - 400, 3000)).toBe(400)
  })

  test('shows a step of our own clock without another ping', () => {
    const offset = measured([2, THEIRS, 1])
    expect(offset.offsetMs(THEIRS + 100, 100)).toBe(0)
    expect(offset.offsetMs(THEIRS + 100 + 3_600_000, 100)).toBe(-3_600_000)
  })

  test('shows a step of theirs with the next ping, however slowly that is answered', () => {
    const offset = measured([2, THEIRS, 1], [80, THEIRS + 1000 + 5000, 1040])
    expect(offset.offsetMs(THEIRS + 2000, 2000)).toBe(5000)
  })
})
