import { describe, expect, test } from 'vitest'
import { change, ELECTION_TICKS, memberWith, ofType, SmallCluster } from '../../../test/support/small-cluster.ts'
import type { Message, Term } from './types.ts'

const BOTH = { preVote: true, checkQuorum: true }

function led(options = {}): SmallCluster {
  const cluster = new SmallCluster({ voters: [1, 2, 3] }, options)
  cluster.elect(1)
  cluster.sent = []
  return cluster
}

function terms(cluster: SmallCluster): Term[] {
  return cluster.members.map(({ raft }) => raft.state.term)
}

describe('a pre-vote (dissertation §9.6)', () => {
  test('raises no term: a member that was cut off comes back without disturbing anybody', () => {
    const cluster = led(BOTH)
    cluster.isolate(3)
    cluster.tick(5 * ELECTION_TICKS)
    expect(cluster.raft(3).state).toMatchObject({ role: 'pre-candidate', term: 1 })
    cluster.heal()
    cluster.tick(2 * ELECTION_TICKS)
    expect(cluster.leader()).toBe(1)
    expect(terms(cluster)).toEqual([1, 1, 1])
  })

  test('without it, the same member deposes the leader', () => {
    const cluster = led({ preVote: false, checkQuorum: false })
    cluster.isolate(3)
    cluster.tick(ELECTION_TICKS, 3)
    cluster.heal()
    cluster.tick(ELECTION_TICKS)
    expect(cluster.raft(1).state.term).toBeGreaterThan(1)
  })

  test('binds nobody: the same member may say yes to two, and still votes for either', () => {
    const member = memberWith({ id: 1, options: BOTH })
    const ask = (type: 'pre-vote' | 'vote', from: number): Message => ({
      type,
      from,
      to: 1,
      term: 1,
      index: 0,
      logTerm: 0,
      transfer: false,
    })
    const answers = member.hear(ask('pre-vote', 2), ask('pre-vote', 3), ask('vote', 3))
    expect(answers).toMatchObject([
      { type: 'pre-vote-response', to: 2, term: 1, rejected: false },
      { type: 'pre-vote-response', to: 3, term: 1, rejected: false },
      { type: 'vote-response', to: 3, term: 1, rejected: false },
    ])
  })

  test('is refused to one whose log is behind, which stays in its term and keeps nobody from being elected', () => {
    const cluster = led(BOTH)
    cluster.isolate(3)
    cluster.propose(1, 'a')
    cluster.isolate(1)
    for (const { raft } of cluster.members) raft.forgetLeader()
    cluster.raft(3).campaign()
    cluster.settle()
    expect(cluster.raft(3).state).toMatchObject({ role: 'pre-candidate', term: 1 })
    cluster.elect(2)
    expect(cluster.raft(2).state.term).toBe(2)
  })

  test('a candidate whose term ran ahead, in a cluster that has just begun to ask first, is not stuck', () => {
    // 3 campaigned alone under the old rule and has the higher term but the shorter log: it must not be elected,
    // and its refusals must bring the others up to its term, or nobody ever could be.
    const cluster = new SmallCluster({ voters: [1, 2, 3] }, BOTH)
    cluster.elect(1)
    cluster.isolate(3)
    cluster.propose(1, 'a')
    const { storage } = cluster.member(3)
    storage.hardState = { ...storage.hardState, term: 9, vote: 3 }
    cluster.member(3).restart()
    cluster.isolate(1)
    for (const { raft } of cluster.members) raft.forgetLeader()
    cluster.raft(2).campaign()
    cluster.settle()
    cluster.tick(2 * ELECTION_TICKS, 2, 3)
    expect(cluster.leader()).toBe(2)
    expect(cluster.raft(2).state.term).toBeGreaterThan(9)
    expect(cluster.member(3).applied).toEqual(['a'])
  })
})

describe('check-quorum (dissertation §6.2)', () => {
  test('a leader that hears no majority for an election timeout steps down, and serves no stale state', () => {
    const cluster = led(BOTH)
    cluster.isolate(1)
    cluster.tick(ELECTION_TICKS, 1)
    expect(cluster.raft(1).state.role).toBe('leader')
    cluster.tick(ELECTION_TICKS, 1)
    expect(cluster.raft(1).status().softState).toEqual({ role: 'follower', leader: 0 })
    expect(cluster.propose(1, 'x')).toEqual({ kind: 'proposal-dropped' })
  })

  test('one follower of two is enough to stay', () => {
    const cluster = led(BOTH)
    cluster.isolate(3)
    cluster.tick(5 * ELECTION_TICKS, 1, 2)
    expect(cluster.leader()).toBe(1)
    expect(
      cluster
        .raft(1)
        .status()
        .peers.map(({ recentlyActive }) => recentlyActive),
    ).toEqual([true, true, false])
  })

  test('learners do not keep a leader in office', () => {
    const cluster = new SmallCluster({ voters: [1, 2, 3], learners: [4] }, BOTH)
    cluster.elect(1)
    cluster.isolate(2, 3)
    cluster.tick(2 * ELECTION_TICKS, 1, 4)
    expect(cluster.raft(1).state.role).toBe('follower')
  })

  test('who has just heard of a leader ignores candidates of any term', () => {
    const cluster = led({ preVote: false, checkQuorum: true })
    cluster.tick(1)
    cluster.raft(3).campaign()
    cluster.settle()
    expect(cluster.sentOf('vote-response')).toEqual([])
    expect(cluster.raft(2).state).toMatchObject({ term: 1, leader: 1 })
  })

  test('and votes again once it has not, for an election timeout', () => {
    const cluster = led({ preVote: false, checkQuorum: true })
    cluster.isolate(1)
    cluster.tick(ELECTION_TICKS - 1, 2)
    cluster.raft(3).campaign()
    cluster.settle()
    expect(cluster.raft(3).state.role).toBe('candidate')
    cluster.tick(1, 2)
    cluster.tick(ELECTION_TICKS, 3)
    expect([2, 3]).toContain(cluster.leader())
  })

  test('a candidate stuck in a higher term is told so much by its answer that the leader moves to that term', () => {
    const cluster = led({ preVote: false, checkQuorum: true })
    cluster.isolate(3)
    cluster.tick(3 * ELECTION_TICKS, 3)
    const stuck = cluster.raft(3).state.term
    expect(stuck).toBeGreaterThan(2)
    cluster.heal()
    cluster.tick(1, 1)
    expect(cluster.raft(1).state).toMatchObject({ role: 'follower', term: stuck })
    cluster.tick(4 * ELECTION_TICKS)
    expect(cluster.raft(3).state.leader).toBe(cluster.leader())
    expect(new Set(terms(cluster)).size).toBe(1)
  })

  test('a leader of the past gives up when it meets the new one, and its entries are replaced', () => {
    const cluster = led(BOTH)
    cluster.isolate(1)
    cluster.propose(1, 'lost')
    cluster.takeOver(2)
    cluster.propose(2, 'kept')
    cluster.heal()
    cluster.tick(2)
    expect(cluster.members.map(({ applied }) => applied)).toEqual([['kept'], ['kept'], ['kept']])
    expect(cluster.raft(1).status().softState).toEqual({ role: 'follower', leader: 2 })
  })

  test('a member that was removed and does not know it cannot depose the leader', () => {
    const cluster = led(BOTH)
    cluster.isolate(3)
    cluster.change(1, change('r3'))
    cluster.heal()
    cluster.sent = []
    cluster.tick(4 * ELECTION_TICKS)
    expect(ofType(cluster.sent, 'pre-vote').length).toBeGreaterThan(0)
    expect(cluster.leader()).toBe(1)
    expect(terms(cluster)).toEqual([1, 1, 1])
  })
})

describe('who may campaign', () => {
  test('a learner never does, also not after any time', () => {
    const cluster = new SmallCluster({ voters: [1, 2], learners: [3] }, BOTH)
    cluster.tick(5 * ELECTION_TICKS, 3)
    cluster.raft(3).campaign()
    cluster.settle()
    expect(cluster.sent).toEqual([])
  })

  test('nobody does with a change of membership that is committed and not applied', () => {
    const member = memberWith({ terms: [1, 1], options: BOTH })
    const unapplied = { index: 3, term: 1, kind: 'change', data: new Uint8Array(), change: change('v4') } as const
    member.raft.step({ type: 'append', from: 2, to: 1, term: 1, index: 2, logTerm: 1, entries: [unapplied], commit: 3 })
    member.raft.campaign()
    expect(member.raft.state.role).toBe('follower')
    member.work()
    member.raft.campaign()
    expect(member.raft.state.role).toBe('pre-candidate')
  })
})
