import { describe, expect, test } from 'vitest'
import {
  checkAdd,
  checkPromote,
  checkRemove,
  checkReplace,
  type Membership,
  memberOf,
  MEMBERS_MAX,
} from './member-rules.ts'

const id = (n: number) => n.toString(16).repeat(16).slice(0, 16)

interface Told {
  voters: number[]
  learners?: number[]
  outgoing?: number[]
  /** Who is not there, and by how many entries others lag. */
  gone?: number[]
  lag?: Record<number, number>
  notJoined?: number[]
  /** Where the leader does not know yet where they stand. */
  probing?: number[]
}

/** Seen from n1, which leads. */
function cluster({
  voters,
  learners = [],
  outgoing = [],
  gone = [],
  lag = {},
  notJoined = [],
  probing = [],
}: Told): Membership {
  const all = [...new Set([...voters, ...learners, ...outgoing])]
  return {
    self: id(1),
    members: new Map(
      all.map((n) => [
        id(n),
        {
          id: id(n),
          name: `n${n}`,
          address: `h${n}:1`,
          addedAt: 0,
          ...(notJoined.includes(n) ? { joinBy: 1 } : { joinedAt: 0 }),
        },
      ]),
    ),
    view: { voters: voters.map(id), learners: learners.map(id), outgoing: outgoing.map(id) },
    status: {
      lastIndex: 10_000,
      peers: all
        .filter((n) => n !== 1)
        .map((n) => ({
          member: id(n),
          state: probing.includes(n) ? ('probe' as const) : ('replicate' as const),
          match: 10_000 - (lag[n] ?? 0),
          learner: learners.includes(n),
          ...(notJoined.includes(n) ? {} : { silentMs: gone.includes(n) ? 60_000 : 10 }),
        })),
    },
  }
}

const member = (now: Membership, n: number) => memberOf({ members: now.members as never }, `n${n}`)

describe('removing', () => {
  test.each<[string, Told, number, string | undefined]>([
    ['one of three that are there', { voters: [1, 2, 3] }, 3, undefined],
    ['the dead one of three', { voters: [1, 2, 3], gone: [3] }, 3, undefined],
    ['a healthy one of three, while another is dead', { voters: [1, 2, 3], gone: [3] }, 2, 'only 1 of the 2 members'],
    [
      'a healthy one of five, while two are dead',
      { voters: [1, 2, 3, 4, 5], gone: [4, 5] },
      3,
      'only 2 of the 4 members',
    ],
    ['a dead one of five, while two are dead', { voters: [1, 2, 3, 4, 5], gone: [4, 5] }, 4, undefined],
    ['one of two', { voters: [1, 2] }, 2, undefined],
    ['the dead one of two', { voters: [1, 2], gone: [2] }, 2, undefined],
    ['the only one', { voters: [1] }, 1, 'n1 is the only member that votes'],
    ['a learner', { voters: [1], learners: [2], gone: [2] }, 2, undefined],
    ['during another change', { voters: [1, 2], outgoing: [1, 2, 3] }, 2, 'another change'],
  ])('%s', (_, told, n, refusal) => {
    const now = cluster(told)
    const check = () => checkRemove(now, member(now, n))
    if (refusal === undefined) expect(check).not.toThrow()
    else expect(check).toThrow(refusal)
  })
})

describe('promoting', () => {
  test.each<[string, Told, string | undefined]>([
    ['a learner that has caught up', { voters: [1], learners: [2] }, undefined],
    ['a learner that lacks 1,000 entries', { voters: [1], learners: [2], lag: { 2: 1000 } }, undefined],
    ['a learner that lacks 1,001', { voters: [1], learners: [2], lag: { 2: 1001 } }, 'it lacks 1001 entries'],
    ['a learner of which it is not known', { voters: [1], learners: [2], probing: [2] }, 'has not caught up yet'],
    ['a learner that is not there', { voters: [1], learners: [2], gone: [2] }, 'n2 is not there'],
    ['one that has not joined', { voters: [1], learners: [2], notJoined: [2] }, 'n2 has not joined yet'],
    ['a voter', { voters: [1, 2] }, 'n2 votes already'],
    ['the eighth voter', { voters: [1, 3, 4, 5, 6, 7, 8], learners: [2] }, 'at most 7 members that vote'],
    ['while half are dead', { voters: [1, 3, 4], learners: [2], gone: [3, 4] }, 'only 2 of the 4 members'],
  ])('%s', (_, told, refusal) => {
    const now = cluster(told)
    const check = () => checkPromote(now, member(now, 2))
    if (refusal === undefined) expect(check).not.toThrow()
    else expect(check).toThrow(refusal)
  })
})

describe('replacing', () => {
  test.each<[string, Told, [number, number], string | undefined]>([
    ['a dead voter by a learner', { voters: [1, 2, 3], learners: [4], gone: [3] }, [3, 4], undefined],
    [
      'a voter by a learner that lags',
      { voters: [1, 2, 3], learners: [4], lag: { 4: 5000 } },
      [3, 4],
      'has not caught up',
    ],
    ['a learner', { voters: [1], learners: [2, 3] }, [2, 3], 'n2 does not vote'],
    ['a voter by a voter', { voters: [1, 2, 3] }, [2, 3], 'n3 votes already'],
    [
      'a live one by a learner, while another is dead',
      { voters: [1, 2, 3], learners: [4], gone: [3] },
      [2, 4],
      undefined,
    ],
  ])('%s', (_, told, [old, by], refusal) => {
    const now = cluster(told)
    const check = () => checkReplace(now, member(now, old), member(now, by))
    if (refusal === undefined) expect(check).not.toThrow()
    else expect(check).toThrow(refusal)
  })
})

describe('adding', () => {
  test('is refused for a name that is taken, during another change, and beyond the limit', () => {
    expect(() => checkAdd(cluster({ voters: [1, 2] }), 'n3')).not.toThrow()
    expect(() => checkAdd(cluster({ voters: [1, 2] }), 'n2')).toThrow('is called n2')
    expect(() => checkAdd(cluster({ voters: [1], outgoing: [2] }), 'n3')).toThrow('another change')
    const many = Array.from({ length: MEMBERS_MAX }, (_, at) => at + 1)
    expect(() => checkAdd(cluster({ voters: [1], learners: many }), 'x')).toThrow('at most 15 members')
  })
})

test('a member is found by name or id', () => {
  const { members } = cluster({ voters: [1, 2] })
  expect(memberOf({ members: members as never }, id(2)).name).toBe('n2')
  expect(() => memberOf({ members: members as never }, 'n9')).toThrow('there is no member n9')
})
