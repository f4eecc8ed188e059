import { describe, expect, test } from 'vitest'
import type { Leadership } from '../cluster/consensus.ts'
import { raftId } from '../cluster/member-id.ts'
import { PeerLost } from '../cluster/network.ts'
import type { EndedAttempt } from '../runs/run.ts'
import { emptyState } from '../state/state.ts'
import { Heartbeats } from './heartbeats.ts'

const ONE = 'a100000000000000'
const TWO = 'a200000000000000'

/** Two members, of which the first leads if any, and a wall clock that stands at 1000. */
function members({ inTouch = true, isLed = true } = {}) {
  const leader = isLed ? ONE : undefined
  const state = emptyState()
  state.attempts.set('a', 'run')
  const clock = { now: () => 1000, monotonic: () => 0, after: () => () => undefined }
  const asked: string[] = []
  const of = (node: string): Heartbeats =>
    new Heartbeats({
      clock,
      node,
      state: () => state,
      consensus: {
        leadership: () => ({ leader, isLeader: node === leader }) as Leadership,
        inTouch: () => inTouch,
      },
      network: {
        request: (to, kind, body) => {
          asked.push(`${kind} to ${to === raftId(ONE) ? 'the first' : to}`)
          return Promise.resolve().then(() => first.answer(body))
        },
      },
    })
  const first = of(ONE)
  return { state, first, second: of(TWO), asked }
}

describe('a heartbeat', () => {
  test('is heard by the leader, whichever node it came to', async () => {
    const { first, second, asked } = members()
    expect(await second.beat('a')).toBe(true)
    expect(asked).toEqual(['heartbeat to the first'])
    expect(first.heardAt('a')).toBe(1000)
    expect(second.heardAt('a')).toBeUndefined()
    expect(await first.beat('a')).toBe(true)
    expect(asked).toHaveLength(1)
  })

  test('of an attempt that has ended is answered so, and remembered nowhere', async () => {
    const { first, second } = members()
    expect(await second.beat('b')).toBe(false)
    expect(first.heardAt('b')).toBeUndefined()
  })

  test('is refused where nobody could hear it: without a leader, or by one that has lost its majority', async () => {
    for (const world of [members({ isLed: false }), members({ inTouch: false })]) {
      await expect(world.second.beat('a')).rejects.toMatchObject({ code: 'not-leader' })
      await expect(world.first.beat('a')).rejects.toMatchObject({ code: 'not-leader' })
      expect(world.first.heardAt('a')).toBeUndefined()
    }
  })

  test('whose answer is lost is reported as not heard', async () => {
    const { state } = members()
    const lost = new Heartbeats({
      clock: { now: () => 0, monotonic: () => 0, after: () => () => undefined },
      node: TWO,
      state: () => state,
      consensus: { leadership: () => ({ leader: ONE, isLeader: false }) as Leadership, inTouch: () => true },
      network: { request: () => Promise.reject(new PeerLost('gone')) },
    })
    await expect(lost.beat('a')).rejects.toMatchObject({ code: 'not-leader' })
  })

  test('counts no more once the attempt has ended, or another term has begun', async () => {
    const { first } = members()
    await first.beat('a')
    first.lead()
    expect(first.heardAt('a')).toBeUndefined()
    await first.beat('a')
    first.onEvent({ type: 'attempt-ended', run: 'run', job: 1, attempt: { id: 'a' } as EndedAttempt })
    expect(first.heardAt('a')).toBeUndefined()
  })
})
