import { describe, expect, test } from 'vitest'
import { change, type MemberOptions, SmallCluster } from '../../../test/support/small-cluster.ts'
import type { MemberId, Membership } from './types.ts'

function led(membership: Partial<Membership>, absent: MemberId[] = [], options: MemberOptions = {}): SmallCluster {
  const cluster = new SmallCluster(membership, options, absent)
  cluster.elect(1)
  return cluster
}

function membershipOf(cluster: SmallCluster, id: MemberId): Membership {
  return cluster.raft(id).status().membership
}

const THREE = { voters: [1, 2, 3] }

describe('changes of membership (dissertation §4)', () => {
  test('are made one at a time: a second before the first is applied becomes an empty entry', () => {
    const cluster = led(THREE, [4, 5])
    cluster.holds = ({ type }) => type === 'append-response'
    cluster.change(1, change('v4'))
    expect(cluster.change(1, change('v5'))).toEqual({ index: 3, term: 1 })
    cluster.release()
    expect(membershipOf(cluster, 1).voters).toEqual([1, 2, 3, 4])
    const [, , second] = cluster.member(1).storage.all()
    expect(second).toMatchObject({ index: 3, kind: 'normal' })
    expect(second?.data).toHaveLength(0)
  })

  test('may follow one another as soon as each is applied', () => {
    const cluster = led(THREE, [4, 5])
    cluster.change(1, change('v4'))
    cluster.change(1, change('v5'))
    cluster.tick(2)
    for (const id of [1, 2, 3, 4, 5]) expect(membershipOf(cluster, id).voters).toEqual([1, 2, 3, 4, 5])
  })

  test('wait at a new leader until it has applied whatever its predecessor may have begun', () => {
    const cluster = led(THREE, [4])
    cluster.holds = ({ type }) => type === 'append-response'
    cluster.raft(1).transferLeader(2)
    cluster.settle()
    expect(cluster.leader()).toBe(2)
    cluster.raft(2).proposeChange(change('v4'))
    cluster.release()
    expect(membershipOf(cluster, 2).voters).toEqual([1, 2, 3, 4])

    const early = led(THREE, [4])
    early.holds = ({ type, to }) => type === 'append-response' && to === 1
    early.change(1, change('l4'))
    early.isolate(1)
    early.holds = ({ type }) => type === 'append-response'
    early.takeOver(2)
    early.raft(2).proposeChange(change('v4'))
    early.release()
    expect(membershipOf(early, 2)).toMatchObject({ voters: [1, 2, 3], learners: [4] })
  })

  test('that would leave nobody to vote, or change two voters at once without a joint configuration, are refused', () => {
    const cluster = led({ voters: [1] })
    cluster.change(1, change('r1'))
    expect(membershipOf(cluster, 1).voters).toEqual([1])
    expect(cluster.member(1).storage.all().at(-1)).toMatchObject({ kind: 'normal' })
  })

  test('take force when they are applied, by the new quorum from there on', () => {
    const cluster = led({ voters: [1, 2] }, [3])
    cluster.isolate(3)
    cluster.change(1, change('v3'))
    cluster.loses = ({ to }) => to !== 1
    cluster.propose(1, 'one of three is too few')
    expect(cluster.member(1).applied).toEqual([])
    cluster.isolate(2)
    cluster.tick(2)
    expect(cluster.member(3).applied).toEqual(['one of three is too few'])
  })

  test('a smaller quorum commits at once what the larger one could not', () => {
    const cluster = led(THREE)
    cluster.isolate(3)
    cluster.change(1, change('r3'))
    expect(membershipOf(cluster, 1).voters).toEqual([1, 2])
    cluster.holds = ({ from }) => from === 2
    cluster.change(1, change('r2'))
    cluster.propose(1, 'waits')
    expect(cluster.member(1).applied).toEqual([])
    cluster.release()
    expect(cluster.member(1).applied).toEqual(['waits'])
    expect(membershipOf(cluster, 1).voters).toEqual([1])
  })
})

describe('a learner', () => {
  test('is sent everything, and counts for nothing', () => {
    const cluster = led(THREE, [4])
    cluster.change(1, change('l4'))
    cluster.propose(1, 'x')
    expect(cluster.member(4).applied).toEqual(['x'])
    cluster.isolate(2, 3)
    cluster.propose(1, 'y')
    expect(cluster.member(1).applied).toEqual(['x'])
  })

  test('is promoted with what is known of its log', () => {
    const cluster = led(THREE, [4])
    cluster.change(1, change('l4'))
    cluster.propose(1, 'x')
    const before = cluster
      .raft(1)
      .status()
      .peers.find(({ id }) => id === 4)
    expect(before).toMatchObject({ learner: true, state: 'replicate' })
    cluster.change(1, change('v4'))
    const after = cluster
      .raft(1)
      .status()
      .peers.find(({ id }) => id === 4)
    expect(after).toMatchObject({ learner: false, state: 'replicate', match: 4 })
    cluster.isolate(2)
    cluster.propose(1, 'y')
    expect(cluster.member(1).applied).toEqual(['x', 'y'])
  })

  test('that was promoted and does not know it yet votes when it is asked', () => {
    const cluster = led({ voters: [1, 2], learners: [3] })
    cluster.loses = ({ to }) => to === 3
    cluster.change(1, change('v3'))
    cluster.heal()
    cluster.isolate(1)
    cluster.takeOver(2)
    expect(membershipOf(cluster, 3).voters).toEqual([1, 2, 3])
  })

  test('keeps its place when only its address is updated', () => {
    const cluster = led({ voters: [1, 2, 3], learners: [4] })
    cluster.change(1, change('u4'))
    expect(membershipOf(cluster, 1)).toMatchObject({ voters: [1, 2, 3], learners: [4] })
  })
})

describe('a joint configuration (dissertation §4.3)', () => {
  test('replaces a member in one change, and is left by itself', () => {
    const cluster = led(THREE, [4])
    cluster.change(1, change('v4 r3'))
    cluster.tick(1)
    for (const id of [1, 2, 4])
      expect(membershipOf(cluster, id)).toMatchObject({ voters: [1, 2, 4], votersOutgoing: [], autoLeave: false })
  })

  test.each([
    { half: 'old', cut: [2, 3] },
    { half: 'new', cut: [4, 5] },
  ])('commits nothing without a majority of its $half half', ({ cut }) => {
    const cluster = led(THREE, [4, 5])
    cluster.change(1, change('r2 r3 v4 v5', 'explicit'))
    expect(membershipOf(cluster, 1)).toMatchObject({ voters: [1, 4, 5], votersOutgoing: [1, 2, 3] })
    cluster.isolate(...cut)
    cluster.propose(1, 'x')
    cluster.tick(2, 1)
    expect(cluster.member(1).applied).toEqual([])
    cluster.isolate(3, 5)
    cluster.tick(2, 1)
    expect(cluster.member(1).applied).toEqual(['x'])
  })

  test('is left by an empty change, and no other change is made before', () => {
    const cluster = led(THREE, [4])
    cluster.change(1, change('v4 r3', 'explicit'))
    cluster.change(1, change('l5'))
    expect(membershipOf(cluster, 1).learners).toEqual([])
    cluster.change(1, change(''))
    expect(membershipOf(cluster, 1)).toMatchObject({ voters: [1, 2, 4], votersOutgoing: [] })
    cluster.change(1, change('l5'))
    expect(membershipOf(cluster, 1).learners).toEqual([5])
  })

  test('is not entered by an empty change', () => {
    const cluster = led(THREE)
    cluster.change(1, change('', 'explicit'))
    expect(membershipOf(cluster, 1)).toMatchObject({ voters: [1, 2, 3], votersOutgoing: [] })
    expect(cluster.member(1).storage.all().at(-1)).toMatchObject({ index: 2, kind: 'normal' })
  })

  test('makes a voter a learner only when it is left: until then its vote counts in the old half', () => {
    const cluster = led(THREE)
    cluster.change(1, change('l2 l3', 'explicit'))
    expect(membershipOf(cluster, 1)).toMatchObject({ voters: [1], votersOutgoing: [1, 2, 3], learnersNext: [2, 3] })
    expect(
      cluster
        .raft(1)
        .status()
        .peers.map(({ learner }) => learner),
    ).toEqual([false, false, false])
    cluster.change(1, change(''))
    expect(membershipOf(cluster, 1)).toMatchObject({ voters: [1], learners: [2, 3], learnersNext: [] })
    expect(
      cluster
        .raft(1)
        .status()
        .peers.map(({ learner }) => learner),
    ).toEqual([false, true, true])
  })

  test('that leaves by itself is left by the next leader, when the first is gone', () => {
    const cluster = led(THREE, [4])
    cluster.holds = ({ type, to }) => type === 'append-response' && to === 1
    cluster.change(1, change('v4 r3', 'implicit'))
    cluster.isolate(1)
    cluster.takeOver(2)
    cluster.settle()
    expect(membershipOf(cluster, 2)).toMatchObject({ voters: [1, 2, 4], votersOutgoing: [] })
  })
})

describe('a leader that removes itself', () => {
  test('leads until the change is committed by the others, without counting itself, then steps down', () => {
    const cluster = led(THREE, [], { stepDownOnRemoval: true })
    cluster.holds = ({ from }) => from === 3
    cluster.change(1, change('r1'))
    expect(membershipOf(cluster, 1).voters).toEqual([2, 3])
    expect(cluster.raft(1).status().softState).toEqual({ role: 'follower', leader: 0 })
    expect(cluster.propose(1, 'x')).toEqual({ kind: 'proposal-dropped' })
    cluster.release()
    cluster.takeOver(2)
    expect(membershipOf(cluster, 3).voters).toEqual([2, 3])
    cluster.raft(1).campaign()
    cluster.settle()
    expect(cluster.raft(1).state.role).toBe('follower')
  })

  test('or makes itself a learner steps down too, and is sent what follows', () => {
    const cluster = led(THREE, [], { stepDownOnRemoval: true })
    cluster.change(1, change('l1'))
    cluster.settle()
    expect(cluster.raft(1).state.role).toBe('follower')
    cluster.takeOver(2)
    cluster.propose(2, 'x')
    expect(cluster.member(1).applied).toEqual(['x'])
    expect(membershipOf(cluster, 2)).toMatchObject({ voters: [2, 3], learners: [1] })
  })
})
