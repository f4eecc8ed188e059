import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Changed,
  type Configuration,
  EMPTY_MEMBERSHIP,
  changeConfiguration,
  restoreConfiguration,
} from './membership.ts'
import { voteResult } from './quorum.ts'
import type { ChangeStep, Membership, MembershipChange } from './types.ts'

const entrance = { lastIndex: 7, inflightMax: 4, inflightBytesMax: 1000 }
const none = new Uint8Array(0)

function membership(change: Partial<Membership>): Membership {
  return { ...EMPTY_MEMBERSHIP, ...change }
}

function change(transition: MembershipChange['transition'], ...steps: ChangeStep[]): MembershipChange {
  return { transition, steps, context: none }
}

function changed(result: Changed): Configuration {
  if ('error' in result) throw new Error(result.error)
  return result
}

const three = restoreConfiguration(membership({ voters: [1, 2, 3] }), entrance)

test('one voter more or less is a simple change, two take a joint configuration that leaves itself', () => {
  const one = changed(changeConfiguration(three, change('auto', { do: 'add-voter', member: 4 }), entrance))
  expect(one.membership).toEqual(membership({ voters: [1, 2, 3, 4] }))
  const steps: ChangeStep[] = [
    { do: 'add-voter', member: 4 },
    { do: 'remove', member: 1 },
  ]
  const two = changed(changeConfiguration(three, change('auto', ...steps), entrance))
  expect(two.membership).toEqual(membership({ voters: [2, 3, 4], votersOutgoing: [1, 2, 3], autoLeave: true }))
  expect(changed(changeConfiguration(two, change('auto'), entrance)).membership).toEqual(
    membership({ voters: [2, 3, 4] }),
  )
})

test('who stays keeps its progress, and who enters is probed from the end of the log', () => {
  const [one] = three.peers
  const { peers } = changed(changeConfiguration(three, change('auto', { do: 'add-learner', member: 9 }), entrance))
  expect(peers[0]).toBe(one)
  expect(peers[3]).toMatchObject({ id: 9, learner: true, match: 0, next: 7, recentlyActive: true })
})

test('a refused change leaves everything as it was', () => {
  const steps: ChangeStep[] = [1, 2, 3].map((member) => ({ do: 'remove', member }))
  expect(changeConfiguration(three, change('explicit', ...steps), entrance)).toEqual({ error: 'removed all voters' })
  expect(three.membership).toEqual(membership({ voters: [1, 2, 3] }))
  expect(three.peers.map((peer) => peer.id)).toEqual([1, 2, 3])
})

test('a configuration is restored as it was named, and its learners are known as such', () => {
  const named = membership({
    voters: [3, 1],
    learners: [5],
    votersOutgoing: [2, 3],
    learnersNext: [2],
    autoLeave: true,
  })
  const restored = restoreConfiguration(named, entrance)
  expect(restored.membership).toEqual({ ...named, voters: [1, 3] })
  expect(restored.peers.map((peer) => [peer.id, peer.learner])).toEqual([
    [1, false],
    [2, false],
    [3, false],
    [5, true],
  ])
})

describe('whatever is changed', () => {
  const step = fc.record({
    do: fc.constantFrom('add-voter' as const, 'add-learner' as const, 'remove' as const, 'update' as const),
    member: fc.integer({ min: 0, max: 6 }),
  })
  const transition = fc.constantFrom('auto' as const, 'implicit' as const, 'explicit' as const)

  test('two majorities, one before and one after, always share a member', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ transition, steps: fc.array(step, { maxLength: 3 }) }), { maxLength: 8 }),
        (all) => {
          let now = three
          for (const each of all) {
            const next = changeConfiguration(now, { ...each, context: none }, entrance)
            if ('error' in next) continue
            for (let ballot = 0; ballot < 128; ballot++) {
              const yes = (id: number) => (ballot & (1 << id)) !== 0
              const before = voteResult(now.membership.voters, now.membership.votersOutgoing, yes)
              const after = voteResult(next.membership.voters, next.membership.votersOutgoing, (id) => !yes(id))
              expect([before, after]).not.toEqual(['won', 'won'])
            }
            now = next
          }
        },
      ),
    )
  })
})
