import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { committedIndex, voteResult } from './quorum.ts'

const members = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 9 })
const known = fc.array(fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }), { minLength: 10, maxLength: 10 })
const said = fc.array(fc.option(fc.boolean(), { nil: undefined }), { minLength: 10, maxLength: 10 })

describe('the committed index', () => {
  test('is the highest that every half of the quorum holds, tried one by one', () => {
    fc.assert(
      fc.property(members, members, known, (voters, outgoing, match) => {
        const found = committedIndex(voters, outgoing, (id) => match[id])
        const holds = (half: number[], index: number) =>
          half.length === 0 || half.filter((id) => (match[id] ?? 0) >= index).length * 2 > half.length
        const agreed = [...Array(14).keys()].filter((index) => holds(voters, index) && holds(outgoing, index))
        expect(Math.min(found, 13)).toBe(Math.max(...agreed))
      }),
    )
  })

  test('of nobody is everything, so that an empty half of a joint quorum takes nothing away', () => {
    expect(committedIndex([], [], () => 5)).toBe(Number.POSITIVE_INFINITY)
    expect(committedIndex([1], [], () => 5)).toBe(5)
    expect(committedIndex([], [1], () => 5)).toBe(5)
  })
})

describe('a vote', () => {
  test('is decided exactly when no vote that is missing could turn it', () => {
    fc.assert(
      fc.property(members, members, said, (voters, outgoing, votes) => {
        const result = voteResult(voters, outgoing, (id) => votes[id])
        const outcome = (missing: boolean) =>
          [voters, outgoing].every(
            (half) => half.length === 0 || half.filter((id) => votes[id] ?? missing).length * 2 > half.length,
          )
        expect(result).toBe(outcome(false) ? 'won' : outcome(true) ? 'pending' : 'lost')
      }),
    )
  })
})
