import { describe, expect, test } from 'vitest'
import { Restraint } from './restraint.ts'

const ELECTION_TICKS = 10

/** Ticks a follower until it would stand, and says after how many ticks that was. */
function follower() {
  const restraint = new Restraint()
  const state = {
    role: 'follower' as const,
    electionElapsed: 0,
    electionTimeoutTicks: 14,
    settings: { electionTicks: ELECTION_TICKS },
  }
  const tick = () => {
    restraint.beforeTick(state)
    state.electionElapsed++
    return state.electionElapsed >= state.electionTimeoutTicks
  }
  const untilItStands = () => {
    for (let ticks = 1; ticks < 100; ticks++) if (tick()) return ticks
    return undefined
  }
  return { restraint, state, tick, untilItStands }
}

describe('a member whose clock is wrong', () => {
  test('stands as others do while its clock is right', () => {
    expect(follower().untilItStands()).toBe(14)
  })

  test('leaves elections to others, for three election timeouts at most', () => {
    const { restraint, untilItStands } = follower()
    restraint.yields = true
    const ticks = untilItStands()
    expect(ticks).toBeGreaterThan(3 * ELECTION_TICKS)
    expect(ticks).toBeLessThanOrEqual(3 * ELECTION_TICKS + 2)
  })

  test('has its own timeout again once a leader is heard of', () => {
    const { restraint, state, tick, untilItStands } = follower()
    restraint.yields = true
    for (let ticks = 0; ticks < 25; ticks++) tick()
    restraint.yields = false
    state.electionElapsed = 0
    expect(untilItStands()).toBe(14)
  })

  test('stands at once when its clock is right again and nobody leads', () => {
    const { restraint, tick, untilItStands } = follower()
    restraint.yields = true
    for (let ticks = 0; ticks < 25; ticks++) tick()
    restraint.yields = false
    expect(untilItStands()).toBe(1)
  })

  test('does not go back on a timeout that was drawn anew meanwhile', () => {
    const { restraint, state, tick, untilItStands } = follower()
    restraint.yields = true
    for (let ticks = 0; ticks < 25; ticks++) tick()
    restraint.yields = false
    state.electionElapsed = 0
    state.electionTimeoutTicks = 17
    expect(untilItStands()).toBe(17)
  })
})
