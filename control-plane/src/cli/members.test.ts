import { expect, test } from 'vitest'
import { evenVoters, toleration } from './members.ts'

const voters = (count: number) => Array.from({ length: count }, () => ({ state: 'voter' as const }))

test('an even number of voters is spoken of, learners aside', () => {
  expect(evenVoters({ members: voters(4) })).toBe(
    '4 voters bear no more failures than 3 would: add one more, or remove one.',
  )
  expect(evenVoters({ members: [...voters(2), { state: 'learner' }] })).toContain('2 voters')
  for (const count of [0, 1, 3, 5]) expect(evenVoters({ members: voters(count) })).toBeUndefined()
  expect(evenVoters({ members: [...voters(3), { state: 'joining' }] })).toBeUndefined()
})

test('how many voters may fail is said in words', () => {
  expect([-1, 0, 1, 2].map(toleration)).toEqual([
    '1 too few voters are there: nothing can be committed',
    'no voter may fail',
    '1 voter may fail',
    '2 voters may fail',
  ])
})
