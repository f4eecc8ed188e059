import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../test/sim/virtual-clock.ts'
import { ClockSteps } from './clock-steps.ts'

const HOUR_MS = 3_600_000

function watched() {
  const clock = new VirtualClock(1_700_000_000_000)
  return { clock, steps: new ClockSteps(clock, 60_000) }
}

describe('steps of the wall clock', () => {
  test('time that passes by both clocks is trusted, however long nobody looked', () => {
    const { clock, steps } = watched()
    clock.leap(HOUR_MS)
    expect(steps.trusted).toBe(true)
  })

  test('a step forward up to the bound is followed, and the next one counts from there', () => {
    const { clock, steps } = watched()
    clock.step(60_000)
    expect(steps.trusted).toBe(true)
    clock.step(60_000)
    expect(steps.trusted).toBe(true)
  })

  test('a step forward beyond it is not, until the clock is back within it', () => {
    const { clock, steps } = watched()
    clock.step(HOUR_MS)
    expect(steps.aheadMs).toBe(HOUR_MS)
    clock.leap(10_000)
    clock.step(-HOUR_MS + 70_000)
    expect(steps.aheadMs).toBe(70_000)
    clock.step(-70_000)
    expect(steps.trusted).toBe(true)
  })

  test('a step that is confirmed is time that passed', () => {
    const { clock, steps } = watched()
    clock.step(HOUR_MS)
    expect(steps.trusted).toBe(false)
    steps.confirm()
    expect(steps.trusted).toBe(true)
  })

  test('a machine that slept confirms it by its uptime, where the monotonic clock stood still', () => {
    const { clock } = watched()
    let slept = 0
    const steps = new ClockSteps(Object.assign(clock, { uptime: () => clock.monotonic() + slept }), 60_000)
    slept = HOUR_MS
    clock.step(HOUR_MS)
    expect(steps.trusted).toBe(true)
  })

  test('a step back is followed', () => {
    const { clock, steps } = watched()
    clock.step(-HOUR_MS)
    expect(steps.trusted).toBe(true)
    clock.step(HOUR_MS)
    expect(steps.trusted).toBe(false)
  })
})
