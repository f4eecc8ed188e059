import { describe, expect, test } from 'vitest'
import { type ClockVerdict, judgeClock } from './clock-skew.ts'

const MAX_MS = 500

const cases: [what: string, voters: number[], offsets: [number, number][], verdict: ClockVerdict][] = [
  ['a node alone has nobody to ask', [1], [], { kind: 'unknown' }],
  ['of three, one that can be asked is a majority', [1, 2, 3], [[2, 40]], { kind: 'agrees' }],
  ['of five, one that can be asked is none', [1, 2, 3, 4, 5], [[2, 40]], { kind: 'unknown' }],
  ['of two, neither is called wrong', [1, 2], [[2, 2000]], { kind: 'undecided', spreadMs: 2000 }],
  [
    'two others who agree outweigh this one',
    [1, 2, 3],
    [
      [2, -1990],
      [3, -2000],
    ],
    { kind: 'skewed', aheadMs: 1990, nearest: 2 },
  ],
  [
    'one other that is wrong says nothing about this one',
    [1, 2, 3],
    [
      [2, 9000],
      [3, 10],
    ],
    { kind: 'agrees' },
  ],
  [
    'up to the bound is well',
    [1, 2, 3],
    [
      [2, 500],
      [3, 510],
    ],
    { kind: 'agrees' },
  ],
  [
    'of three that all differ, the middle one is nearest',
    [1, 2, 3],
    [
      [2, 3000],
      [3, 9000],
    ],
    { kind: 'skewed', aheadMs: -3000, nearest: 2 },
  ],
  [
    'two against two is undecided',
    [1, 2, 3, 4],
    [
      [2, 3],
      [3, 5000],
      [4, 5001],
    ],
    { kind: 'undecided', spreadMs: 4997 },
  ],
  [
    'learners are not asked',
    [1, 2, 3],
    [
      [2, 10],
      [3, 20],
      [8, 9000],
      [9, 9000],
    ],
    { kind: 'agrees' },
  ],
  [
    'a learner is judged by the voters',
    [2, 3],
    [
      [2, 2000],
      [3, 2100],
    ],
    { kind: 'skewed', aheadMs: -2000, nearest: 2 },
  ],
]

describe('whether a clock is to be believed', () => {
  test.each(cases)('%s', (_what, voters, offsets, verdict) => {
    expect(judgeClock(1, voters, new Map(offsets), MAX_MS)).toEqual(verdict)
  })
})
