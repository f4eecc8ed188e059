import { describe, expect, test } from 'vitest'
import { change, ELECTION_TICKS, type MemberOptions, SmallCluster } from '../../../test/support/small-cluster.ts'
import type { Membership } from './types.ts'

function led(options: MemberOptions = {}, membership: Partial<Membership> = { voters: [1, 2, 3] }): SmallCluster {
  const cluster = new SmallCluster(membership, options)
  cluster.elect(1)
  cluster.sent = []
  return cluster
}

/** Who leads, and that everybody who can be reached knows. */
function leaders(cluster: SmallCluster): number[] {
  return cluster.members.map(({ raft }) => raft.state.leader)
}

describe('leadership is handed over (dissertation §3.10)', () => {
  test('to a target that has everything: told to campaign at once, elected within a round trip', () => {
    const cluster = led()
    cluster.raft(1).transferLeader(2)
    expect(cluster.raft(1).status().transferTarget).toBe(2)
    cluster.settle()
    expect(leaders(cluster)).toEqual([2, 2, 2])
    expect(cluster.raft(2).state.term).toBe(2)
    expect(cluster.raft(1).status().transferTarget).toBe(0)
  })

  test('though check-quorum lets the others ignore candidates: they have just heard of their leader', () => {
    const cluster = led({ checkQuorum: true, preVote: true })
    cluster.tick(1, 1)
    cluster.raft(1).transferLeader(2)
    cluster.settle()
    expect(leaders(cluster)).toEqual([2, 2, 2])
    expect(cluster.sentOf('pre-vote')).toEqual([])
    expect(cluster.sentOf('vote').map(({ transfer }) => transfer)).toEqual([true, true])
  })

  test('to a target that lags: it is brought up to date first', () => {
    const cluster = led()
    cluster.loses = ({ to }) => to === 3
    cluster.propose(1, 'a', 'b')
    cluster.heal()
    cluster.raft(1).transferLeader(3)
    cluster.settle()
    expect(leaders(cluster)).toEqual([3, 3, 3])
    expect(cluster.member(3).applied).toEqual(['a', 'b'])
  })

  test('to a target that needs a snapshot first', () => {
    const cluster = led()
    cluster.loses = ({ to }) => to === 3
    cluster.propose(1, 'a')
    cluster.propose(1, 'b')
    cluster.compact(1)
    cluster.heal()
    cluster.holds = ({ type, from }) => type === 'append-response' && from === 3
    cluster.raft(1).transferLeader(3)
    cluster.tick(1, 1)
    expect(cluster.leader()).toBe(1)
    cluster.release()
    cluster.tick(1, 1)
    expect(cluster.member(3).installed).toMatchObject([{ index: 3 }])
    expect(leaders(cluster)).toEqual([3, 3, 3])
  })

  test('on the word of a follower, which passes it on', () => {
    const cluster = led()
    cluster.raft(2).transferLeader(3)
    cluster.settle()
    expect(leaders(cluster)).toEqual([3, 3, 3])
  })

  test('and back', () => {
    const cluster = led()
    cluster.raft(1).transferLeader(2)
    cluster.settle()
    cluster.raft(2).transferLeader(1)
    cluster.settle()
    expect(leaders(cluster)).toEqual([1, 1, 1])
    expect(cluster.raft(1).state.term).toBe(3)
  })
})

describe('what asks for nothing changes nothing', () => {
  test.each([
    ['the leader itself', 1],
    ['somebody unknown', 9],
    ['a learner', 4],
  ])('a transfer to %s', (_who, target) => {
    const cluster = led({}, { voters: [1, 2, 3], learners: [4] })
    cluster.raft(1).transferLeader(target)
    cluster.settle()
    expect(cluster.raft(1).status()).toMatchObject({ transferTarget: 0, softState: { role: 'leader' } })
    expect(cluster.sentOf('timeout-now')).toEqual([])
    expect(cluster.propose(1, 'still taken')).toEqual({ index: 2, term: 1 })
  })

  test('a transfer where there is no leader', () => {
    const cluster = new SmallCluster({ voters: [1, 2, 3] })
    cluster.raft(2).transferLeader(3)
    cluster.settle()
    expect(cluster.sent).toEqual([])
  })
})

describe('while a transfer lasts', () => {
  test('proposals are refused, and those placed before it are kept', () => {
    const cluster = led()
    cluster.holds = ({ type }) => type === 'append-response'
    cluster.propose(1, 'before')
    cluster.raft(1).transferLeader(2)
    expect(cluster.propose(1, 'meanwhile')).toEqual({ kind: 'proposal-dropped' })
    expect(cluster.change(1, change('l4'))).toEqual({ kind: 'proposal-dropped' })
    cluster.release()
    expect(leaders(cluster)).toEqual([2, 2, 2])
    expect(cluster.members.map(({ applied }) => applied)).toEqual([['before'], ['before'], ['before']])
  })

  test('asking for the same target again neither sends again nor gives it more time', () => {
    const cluster = led()
    cluster.isolate(2)
    cluster.raft(1).transferLeader(2)
    cluster.tick(ELECTION_TICKS - 1, 1)
    cluster.raft(1).transferLeader(2)
    cluster.settle()
    expect(cluster.sentOf('timeout-now')).toHaveLength(1)
    cluster.tick(1, 1)
    expect(cluster.raft(1).status().transferTarget).toBe(0)
  })

  test('another target takes the place of the first', () => {
    const cluster = led()
    cluster.isolate(2)
    cluster.raft(1).transferLeader(2)
    cluster.settle()
    cluster.raft(1).transferLeader(3)
    cluster.settle()
    cluster.heal()
    cluster.tick(1)
    expect(leaders(cluster)).toEqual([3, 3, 3])
  })

  test('naming the leader itself gives it up', () => {
    const cluster = led()
    cluster.isolate(2)
    cluster.raft(1).transferLeader(2)
    cluster.raft(1).transferLeader(1)
    expect(cluster.raft(1).status().transferTarget).toBe(0)
  })

  test('a target that does not take over within an election timeout is given up, and proposals are taken again', () => {
    const cluster = led()
    cluster.isolate(2)
    cluster.raft(1).transferLeader(2)
    cluster.tick(ELECTION_TICKS - 1, 1)
    expect(cluster.raft(1).status()).toMatchObject({ transferTarget: 2, softState: { role: 'leader' } })
    cluster.tick(1, 1)
    expect(cluster.raft(1).status()).toMatchObject({ transferTarget: 0, softState: { role: 'leader' } })
    expect(cluster.propose(1, 'again')).toMatchObject({ term: 1 })
  })

  test('heartbeats go on', () => {
    const cluster = led()
    cluster.isolate(2)
    cluster.raft(1).transferLeader(2)
    cluster.tick(3, 1)
    expect(cluster.sentOf('heartbeat').filter(({ to }) => to === 3)).toHaveLength(3)
  })

  test('a target that is removed is given up', () => {
    const cluster = led()
    cluster.isolate(3)
    cluster.change(1, change('r3'))
    cluster.raft(1).transferLeader(3)
    cluster.settle()
    expect(cluster.raft(1).status().transferTarget).toBe(0)

    const late = led()
    late.isolate(3)
    late.holds = ({ type }) => type === 'append-response'
    late.change(1, change('r3'))
    late.raft(1).transferLeader(3)
    late.settle()
    expect(late.raft(1).status().transferTarget).toBe(3)
    late.release()
    expect(late.raft(1).status().transferTarget).toBe(0)
  })

  test('a target that is demoted to a learner is given up', () => {
    const cluster = led()
    cluster.isolate(3)
    cluster.holds = ({ type }) => type === 'append-response'
    cluster.change(1, change('l3'))
    cluster.raft(1).transferLeader(3)
    cluster.release()
    expect(cluster.raft(1).status()).toMatchObject({ transferTarget: 0, membership: { learners: [3] } })
  })

  test('a leader that meets a higher term gives leadership and transfer up', () => {
    const cluster = led()
    cluster.isolate(1)
    cluster.raft(1).transferLeader(2)
    cluster.takeOver(3)
    cluster.heal()
    cluster.tick(1)
    expect(cluster.raft(1).status()).toMatchObject({ transferTarget: 0, softState: { role: 'follower', leader: 3 } })
  })
})

describe('told to campaign', () => {
  test('a member that was removed, or never knew of the cluster, stays quiet', () => {
    const stranger = new SmallCluster({ voters: [1, 2] }, {}, [3]).member(3)
    expect(stranger.hear({ type: 'timeout-now', from: 1, to: 3, term: 0 })).toEqual([])
    expect(stranger.raft.state.role).toBe('follower')
  })

  test('a learner stays quiet', () => {
    const cluster = led({}, { voters: [1, 2], learners: [4] })
    cluster.raft(4).step({ type: 'timeout-now', from: 1, to: 4, term: 1 })
    cluster.settle()
    expect(leaders(cluster)).toEqual([1, 1, 1])
  })

  test('a target that lacks what a majority has is not elected', () => {
    const cluster = led()
    cluster.isolate(3)
    cluster.propose(1, 'committed')
    cluster.heal()
    cluster.raft(3).step({ type: 'timeout-now', from: 1, to: 3, term: 1 })
    cluster.settle()
    expect(cluster.raft(3).state.role).not.toBe('leader')
    cluster.takeOver(2)
    cluster.tick(1)
    expect(cluster.member(3).applied).toEqual(['committed'])
  })

  test('by a message of an older term, a member does nothing', () => {
    const cluster = led()
    cluster.raft(1).transferLeader(2)
    cluster.settle()
    cluster.raft(3).step({ type: 'timeout-now', from: 1, to: 3, term: 1 })
    cluster.settle()
    expect(leaders(cluster)).toEqual([2, 2, 2])
    expect(cluster.raft(2).state.term).toBe(2)
  })
})
