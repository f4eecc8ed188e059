import { describe, expect, test } from 'vitest'
import {
  ELECTION_TICKS,
  entry,
  type Member,
  memberWith,
  ofType,
  SmallCluster,
} from '../../../test/support/small-cluster.ts'
import type { Message, MessageOf, Role, Term } from './types.ts'

// Ongaro and Ousterhout, In Search of an Understandable Consensus Algorithm: the rules of its sections, one by one.

const OFF = { preVote: false, checkQuorum: false }

function append(fields: Partial<MessageOf<'append'>> = {}): Message {
  return { type: 'append', from: 2, to: 1, term: 1, index: 0, logTerm: 0, entries: [], commit: 0, ...fields }
}

function heartbeat(term: Term, from = 2): Message {
  return { type: 'heartbeat', from, to: 1, term, commit: 0, context: '' }
}

function vote(from: number, term: Term, index = 0, logTerm = 0): Message {
  return { type: 'vote', from, to: 1, term, index, logTerm, transfer: false }
}

function voted(from: number, term: Term, rejected = false): Message {
  return { type: 'vote-response', from, to: 1, term, rejected }
}

function acknowledged(from: number, term: Term, index: number): Message {
  return { type: 'append-response', from, to: 1, term, index, rejected: false, rejectHint: 0, logTerm: 0 }
}

function inRole(role: Role, terms: Term[] = [], voters = [1, 2, 3]): Member {
  const member = memberWith({ membership: { voters }, terms })
  if (role !== 'follower') member.raft.campaign()
  member.work()
  if (role === 'leader') for (const id of voters.slice(1)) member.hear(voted(id, member.raft.state.term))
  expect(member.raft.state.role).toBe(role)
  return member
}

describe('§5.1 roles and terms', () => {
  test('a member starts as a follower', () => {
    expect(memberWith({}).raft.status()).toMatchObject({ softState: { role: 'follower', leader: 0 } })
  })

  test.each([
    'follower',
    'candidate',
    'leader',
  ] as const)('a %s that sees a higher term takes it and follows', (role) => {
    const member = inRole(role)
    member.hear(append({ term: 7 }))
    expect(member.raft.status()).toMatchObject({
      hardState: { term: 7, vote: 0 },
      softState: { role: 'follower', leader: 2 },
    })
    expect(member.storage.hardState.term).toBe(7)
  })

  test.each(['follower', 'candidate', 'leader'] as const)('a %s ignores what is of an older term', (role) => {
    const member = inRole(role, [3])
    const before = member.raft.status()
    const sent = member.hear(
      append({ term: 2, entries: [entry(2, 2)] }),
      heartbeat(2),
      voted(2, 2),
      voted(3, 2),
      acknowledged(2, 2, 2),
    )
    expect(sent).toEqual([])
    expect(member.raft.status()).toEqual(before)
  })
})

describe('§5.2 leader election', () => {
  test('a leader sends heartbeats at every interval, to everybody else', () => {
    const leader = inRole('leader')
    expect(
      leader
        .tick(2)
        .filter(({ type }) => type === 'heartbeat')
        .map(({ to }) => to),
    ).toEqual([2, 3, 2, 3])
  })

  test('a follower that hears of no leader for the election timeout begins an election, and votes for itself', () => {
    const member = memberWith({})
    expect(member.tick(ELECTION_TICKS - 1)).toEqual([])
    const sent = member.tick(1)
    expect(sent).toMatchObject([
      { type: 'vote', to: 2, term: 1 },
      { type: 'vote', to: 3, term: 1 },
    ])
    expect(member.raft.status()).toMatchObject({ hardState: { term: 1, vote: 1 }, softState: { role: 'candidate' } })
    expect(member.storage.hardState).toMatchObject({ term: 1, vote: 1 })
  })

  test('a candidate without a result begins another election in a new term', () => {
    const member = inRole('candidate')
    expect(member.tick(ELECTION_TICKS)).toMatchObject([
      { type: 'vote', term: 2 },
      { type: 'vote', term: 2 },
    ])
  })

  test('a heartbeat of the leader puts the election off', () => {
    const member = memberWith({ terms: [1] })
    member.tick(ELECTION_TICKS - 1)
    member.hear(heartbeat(1))
    expect(member.tick(ELECTION_TICKS - 1)).toEqual([])
    expect(member.tick(1)).toMatchObject([{ type: 'vote' }, { type: 'vote' }])
  })

  test.each([
    [1, [], 'leader'],
    [3, [], 'candidate'],
    [3, [2], 'leader'],
    [5, [2], 'candidate'],
    [5, [2, 3], 'leader'],
  ] as const)('of %i voters, with votes of its own and of %j it is %s', (size, votes, role) => {
    const voters = Array.from({ length: size }, (_, at) => at + 1)
    const member = memberWith({ membership: { voters } })
    member.raft.campaign()
    member.work()
    for (const id of votes) member.hear(voted(id, 1))
    expect(member.raft.state.role).toBe(role)
  })

  test('the same vote twice counts once, and a first answer stands', () => {
    const member = memberWith({ membership: { voters: [1, 2, 3, 4, 5] } })
    member.raft.campaign()
    member.work()
    member.hear(voted(2, 1), voted(2, 1), voted(3, 1, true), voted(3, 1))
    expect(member.raft.state.role).toBe('candidate')
  })

  test('a majority against it makes it a follower again, in the same term', () => {
    const member = inRole('candidate')
    member.hear(voted(2, 1, true), voted(3, 1, true))
    expect(member.raft.status()).toMatchObject({ hardState: { term: 1, vote: 1 }, softState: { role: 'follower' } })
  })

  test('a vote is for whoever asks first in a term; the same one may ask again', () => {
    const member = memberWith({})
    const answers = [vote(2, 1), vote(3, 1), vote(2, 1), vote(3, 2)].flatMap((request) => member.hear(request))
    expect(answers).toMatchObject([
      { to: 2, term: 1, rejected: false },
      { to: 3, term: 1, rejected: true },
      { to: 2, term: 1, rejected: false },
      { to: 3, term: 2, rejected: false },
    ])
  })

  test('a vote is durable before it leaves', () => {
    const member = memberWith({})
    member.raft.step(vote(2, 1))
    const ready = member.raft.ready()
    expect(ready).toMatchObject({
      hardState: { term: 1, vote: 2 },
      mustSync: true,
      messages: [{ type: 'vote-response' }],
    })
  })

  test('a candidate that hears of a leader of its term follows it', () => {
    const member = inRole('candidate')
    member.hear(heartbeat(1))
    expect(member.raft.status().softState).toEqual({ role: 'follower', leader: 2 })
  })

  test('election timeouts are drawn anew between one and two timeouts, so that votes are rarely split for long', () => {
    const drawn = new Set<number>()
    for (let chance = 0; chance < ELECTION_TICKS; chance++) {
      const member = memberWith({ options: { random: (below) => chance % below } })
      let ticks = 0
      while (member.raft.state.role === 'follower') {
        member.tick(1)
        ticks++
      }
      drawn.add(ticks)
    }
    expect([...drawn]).toEqual(Array.from({ length: ELECTION_TICKS }, (_, at) => ELECTION_TICKS + at))
  })
})

describe('§5.3 log replication', () => {
  test('a leader appends what is proposed and sends it to everybody', () => {
    const leader = inRole('leader')
    leader.hear(acknowledged(2, 1, 1), acknowledged(3, 1, 1))
    leader.raft.propose([new Uint8Array(3)])
    expect(ofType(leader.work(), 'append')).toMatchObject([
      { to: 2, index: 1, logTerm: 1, commit: 1, entries: [{ index: 2, term: 1 }] },
      { to: 3, index: 1, logTerm: 1, commit: 1, entries: [{ index: 2, term: 1 }] },
    ])
  })

  test('an entry on a majority is committed, with all before it, whoever made them', () => {
    const leader = inRole('leader', [1, 2])
    leader.raft.propose([new TextEncoder().encode('x')])
    leader.work()
    leader.hear(acknowledged(2, 3, 3))
    expect(leader.applied).toEqual(['1/1', '2/2'])
    leader.hear(acknowledged(2, 3, 4))
    expect(leader.applied).toEqual(['1/1', '2/2', 'x'])
  })

  test('followers learn of it with the next message, and apply in order', () => {
    const member = memberWith({})
    member.hear(append({ entries: [entry(1, 1), entry(1, 2)] }))
    expect(member.applied).toEqual([])
    member.hear(append({ index: 2, logTerm: 1, commit: 2 }))
    expect(member.applied).toEqual(['1/1', '1/2'])
  })

  test('a follower commits no further than what it knows to agree', () => {
    const member = memberWith({ terms: [1, 1, 1] })
    member.hear(append({ index: 1, logTerm: 1, entries: [entry(1, 2)], commit: 3, term: 2 }))
    expect(member.raft.state.log.committed).toBe(2)
  })

  test.each([
    { terms: [1, 2], index: 0, logTerm: 0, answer: { rejected: false, index: 0 } },
    { terms: [1, 2], index: 1, logTerm: 1, answer: { rejected: false, index: 1 } },
    { terms: [1, 2], index: 2, logTerm: 2, answer: { rejected: false, index: 2 } },
    { terms: [1, 2], index: 1, logTerm: 2, answer: { rejected: true, index: 1, rejectHint: 1, logTerm: 1 } },
    { terms: [1, 2], index: 3, logTerm: 3, answer: { rejected: true, index: 3, rejectHint: 2, logTerm: 2 } },
    { terms: [1, 2, 2, 2], index: 4, logTerm: 1, answer: { rejected: true, index: 4, rejectHint: 1, logTerm: 1 } },
  ])('a follower with terms $terms asked to append after $index of term $logTerm answers $answer', (given) => {
    const member = memberWith({ terms: given.terms })
    const sent = member.hear(append({ term: 3, index: given.index, logTerm: given.logTerm }))
    expect(sent).toMatchObject([{ type: 'append-response', ...given.answer }])
  })

  test.each([
    { entries: [entry(3, 3)], after: { index: 2, logTerm: 2 }, log: ['1/1', '2/2', '3/3'] },
    { entries: [entry(3, 2), entry(4, 3)], after: { index: 1, logTerm: 1 }, log: ['1/1', '3/2', '4/3'] },
    { entries: [entry(1, 1)], after: { index: 0, logTerm: 0 }, log: ['1/1', '2/2'] },
    { entries: [entry(3, 1)], after: { index: 0, logTerm: 0 }, log: ['3/1'] },
  ])('entries that conflict replace all that follows, and those that agree leave the rest alone: $log', (given) => {
    const member = memberWith({ terms: [1, 2] })
    member.hear(append({ term: 4, ...given.after, entries: given.entries }))
    expect(member.log).toEqual(given.log)
  })

  // Figure 7: what a follower may look like when the leader of term 8 comes to power.
  test.each([
    ['a', [1, 1, 1, 4, 4, 5, 5, 6, 6]],
    ['b', [1, 1, 1, 4]],
    ['c', [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6]],
    ['d', [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7]],
    ['e', [1, 1, 1, 4, 4, 4, 4]],
    ['f', [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3]],
    ['a new one', []],
  ])('follower %s of figure 7 ends with the log of the leader', (_name, terms) => {
    const cluster = new SmallCluster({ voters: [1, 2, 3] }, OFF)
    const leader = memberWith({ id: 1, terms: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6], hardState: { term: 7 } })
    const follower = memberWith({ id: 2, terms, hardState: { term: 7 } })
    const quiet = memberWith({ id: 3, hardState: { term: 7 } })
    cluster.members.splice(0, 3, leader, follower, quiet)
    cluster.elect(1)
    cluster.propose(1, 'x')
    expect(follower.log).toEqual(leader.log)
    expect(leader.log).toHaveLength(12)
    expect(follower.applied.at(-1)).toBe('x')
  })
})

describe('§5.4 safety', () => {
  test.each([
    { ours: [1], index: 1, logTerm: 1, granted: true },
    { ours: [1], index: 1, logTerm: 2, granted: true },
    { ours: [1, 1], index: 1, logTerm: 1, granted: false },
    { ours: [1], index: 2, logTerm: 1, granted: true },
    { ours: [1], index: 2, logTerm: 2, granted: true },
    { ours: [1, 1], index: 1, logTerm: 2, granted: true },
    { ours: [2], index: 1, logTerm: 1, granted: false },
    { ours: [2], index: 2, logTerm: 1, granted: false },
    { ours: [1, 2], index: 9, logTerm: 1, granted: false },
    { ours: [], index: 0, logTerm: 0, granted: true },
  ])('§5.4.1 a log of terms $ours votes for one that ends at $index of term $logTerm: $granted', (given) => {
    const member = memberWith({ terms: given.ours, hardState: { term: 3 } })
    const [answer] = member.hear(vote(2, 4, given.index, given.logTerm))
    expect(answer).toMatchObject({ type: 'vote-response', rejected: !given.granted })
    expect(member.raft.state.vote).toBe(given.granted ? 2 : 0)
  })

  test('§5.4.1 a candidate says how its log ends', () => {
    const member = memberWith({ terms: [1, 2, 2] })
    expect(member.tick(ELECTION_TICKS)).toMatchObject([
      { type: 'vote', index: 3, logTerm: 2 },
      { type: 'vote', index: 3, logTerm: 2 },
    ])
  })

  test('§5.4.2 an entry of an older term is not committed by counting, only by one of the own term after it', () => {
    const leader = inRole('leader', [1, 2])
    leader.hear(acknowledged(2, 3, 2), acknowledged(3, 3, 2))
    expect(leader.raft.state.log.committed).toBe(0)
    leader.hear(acknowledged(2, 3, 3))
    expect(leader.raft.state.log.committed).toBe(3)
  })

  test('§5.4.2 figure 8: what a majority had of an older term may be replaced, what was committed may not', () => {
    const cluster = new SmallCluster({ voters: [1, 2, 3] }, OFF)
    cluster.isolate(1)
    cluster.raft(1).campaign()
    cluster.settle()
    cluster.heal()
    cluster.elect(2)
    cluster.isolate(2)
    cluster.propose(2, 'lost')
    expect(cluster.member(2).applied).toEqual([])
    cluster.elect(3)
    cluster.propose(3, 'kept')
    cluster.heal()
    cluster.tick(3)
    expect(cluster.members.map(({ applied }) => applied)).toEqual([['kept'], ['kept'], ['kept']])
  })

  test('§5.4 a leader appends at the end of its log only, and begins with an empty entry of its term', () => {
    const leader = inRole('leader', [1, 2])
    expect(leader.log).toEqual(['1/1', '2/2', '3/3'])
    expect(leader.storage.all()[2]?.data).toHaveLength(0)
  })
})
