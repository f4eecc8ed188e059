import { describe, expect, test } from 'vitest'
import { change, ELECTION_TICKS, SmallCluster } from '../../../test/support/small-cluster.ts'
import type { Message } from './types.ts'

const THREE = { voters: [1, 2, 3] }

function led(options = {}): SmallCluster {
  const cluster = new SmallCluster(THREE, options)
  cluster.elect(1)
  cluster.sent = []
  return cluster
}

const isHeartbeatAnswer = (message: Message) => message.type === 'heartbeat-response'

describe('a read by read index (dissertation §6.4)', () => {
  test('is answered with the commit index of when it came, after a round that a quorum acknowledged', () => {
    const cluster = led()
    cluster.propose(1, 'x')
    cluster.raft(1).readIndex('read')
    expect(cluster.member(1).reads).toEqual([])
    cluster.settle()
    expect(cluster.member(1).reads).toEqual([{ index: 2, context: 'read' }])
  })

  test('of a leader that is cut off is never answered, also not when it hears the others again', () => {
    const cluster = led()
    cluster.isolate(1)
    cluster.raft(1).readIndex('read')
    cluster.settle()
    cluster.takeOver(2)
    cluster.propose(2, 'newer')
    cluster.heal()
    cluster.tick(2)
    expect(cluster.member(1).reads).toEqual([])
    expect(cluster.raft(1).state.role).toBe('follower')
  })

  test('at a single voter is answered at once', () => {
    const cluster = new SmallCluster({ voters: [1] })
    cluster.elect(1)
    cluster.raft(1).readIndex('read')
    cluster.settle()
    expect(cluster.member(1).reads).toEqual([{ index: 1, context: 'read' }])
  })

  test('may be asked at a follower or a learner, and comes back to it', () => {
    const cluster = new SmallCluster({ voters: [1, 2, 3], learners: [4] })
    cluster.elect(1)
    cluster.raft(2).readIndex('at a follower')
    cluster.raft(4).readIndex('at a learner')
    cluster.settle()
    expect(cluster.member(2).reads).toEqual([{ index: 1, context: 'at a follower' }])
    expect(cluster.member(4).reads).toEqual([{ index: 1, context: 'at a learner' }])
    expect(cluster.member(1).reads).toEqual([])
  })

  test('is not confirmed by learners: they are no part of the quorum', () => {
    const cluster = new SmallCluster({ voters: [1, 2, 3], learners: [4, 5] })
    cluster.elect(1)
    cluster.isolate(2, 3)
    cluster.raft(1).readIndex('read')
    cluster.settle()
    expect(cluster.sentOf('heartbeat-response').map(({ from }) => from)).toEqual([4, 5])
    expect(cluster.member(1).reads).toEqual([])
  })

  test('where there is no leader gets no answer', () => {
    const cluster = new SmallCluster(THREE)
    cluster.raft(2).readIndex('read')
    cluster.settle()
    expect(cluster.sent).toEqual([])
    expect(cluster.member(2).reads).toEqual([])
  })

  test('at a new leader waits for the first entry of its term, and is answered beyond what its predecessor committed', () => {
    const cluster = led()
    cluster.holds = ({ type, to }) => type === 'append' && to === 2
    cluster.propose(1, 'committed by 1 and 3')
    expect(cluster.member(1).applied).toEqual(['committed by 1 and 3'])
    cluster.holds = () => false
    cluster.held.length = 0
    cluster.holds = ({ type }) => type === 'append-response'
    cluster.isolate(1)
    cluster.takeOver(3)
    const { termStart, log } = cluster.raft(3).state
    expect(log.committed).toBeLessThan(termStart)
    cluster.raft(3).readIndex('read')
    cluster.tick(2, 3)
    expect(cluster.member(3).reads).toEqual([])
    cluster.release()
    expect(cluster.member(3).reads).toEqual([{ index: termStart, context: 'read' }])
  })
})

describe('rounds of reads', () => {
  test('one round serves every read that came before it began', () => {
    const cluster = led()
    for (let i = 0; i < 100; i++) cluster.raft(1).readIndex(`read ${i}`)
    cluster.settle()
    expect(cluster.member(1).reads).toHaveLength(100)
    expect(cluster.sentOf('heartbeat').filter(({ to }) => to === 2)).toHaveLength(2)
  })

  test('a late acknowledgement of an earlier round proves nothing for a later read', () => {
    const cluster = led()
    cluster.holds = isHeartbeatAnswer
    cluster.raft(1).readIndex('first')
    cluster.settle()
    cluster.isolate(1)
    cluster.takeOver(2)
    cluster.propose(2, 'newer')
    cluster.raft(1).readIndex('second')
    cluster.settle()
    cluster.release()
    // The first read began before the newer entry was committed, so the older index is right for it.
    expect(cluster.member(1).reads).toEqual([{ index: 1, context: 'first' }])
  })

  test('the same context asked again is a read of its own: delayed acknowledgements of the first do not answer it', () => {
    // etcd issue 20418: the acknowledgement was counted for the newest request of that context, which read stale.
    const cluster = led()
    cluster.holds = isHeartbeatAnswer
    cluster.raft(1).readIndex('same')
    cluster.settle()
    const delayed = [...cluster.held]
    expect(delayed.map(({ from }) => from)).toEqual([2, 3])
    cluster.isolate(1)
    cluster.takeOver(2)
    cluster.propose(2, 'newer')
    cluster.raft(1).readIndex('same')
    cluster.settle()
    cluster.release()
    for (const message of delayed) cluster.raft(1).step(message)
    cluster.settle()
    expect(cluster.member(1).reads).toEqual([{ index: 1, context: 'same' }])
  })

  test('a round that is lost is repeated by the next heartbeat', () => {
    const cluster = led()
    cluster.isolate(1)
    cluster.raft(1).readIndex('read')
    cluster.settle()
    cluster.heal()
    cluster.tick(1, 1)
    expect(cluster.member(1).reads).toEqual([{ index: 1, context: 'read' }])
  })

  test('a quorum that became smaller answers what the larger one had not confirmed', () => {
    const cluster = led()
    cluster.loses = isHeartbeatAnswer
    cluster.raft(1).readIndex('read')
    cluster.change(1, change('r3'))
    expect(cluster.member(1).reads).toEqual([])
    cluster.change(1, change('r2'))
    expect(cluster.member(1).reads).toEqual([{ index: 1, context: 'read' }])
  })

  test('in a joint configuration both halves must acknowledge', () => {
    const cluster = new SmallCluster(THREE, {}, [4, 5])
    cluster.elect(1)
    cluster.change(1, change('v4 v5 r2 r3', 'explicit'))
    cluster.tick(2)
    cluster.isolate(2, 3)
    cluster.raft(1).readIndex('read')
    cluster.settle()
    expect(cluster.member(1).reads).toEqual([])
    cluster.heal()
    cluster.tick(1)
    expect(cluster.member(1).reads).toMatchObject([{ context: 'read' }])
  })
})

describe('a read by lease', () => {
  const LEASE = { reads: 'lease' } as const

  test('is answered without a message once a heartbeat was acknowledged by a quorum', () => {
    const cluster = led(LEASE)
    cluster.tick(1, 1)
    cluster.sent = []
    cluster.raft(1).readIndex('read')
    cluster.settle()
    expect(cluster.member(1).reads).toEqual([{ index: 1, context: 'read' }])
    expect(cluster.sent).toEqual([])
  })

  test('runs out before anybody else can be elected, counted from when the heartbeat was sent', () => {
    const cluster = led(LEASE)
    cluster.tick(1, 1)
    cluster.isolate(1)
    const answered: boolean[] = []
    for (let tick = 0; tick < ELECTION_TICKS; tick++) {
      cluster.raft(1).readIndex(`read ${tick}`)
      cluster.settle()
      answered.push(cluster.member(1).reads.some(({ context }) => context === `read ${tick}`))
      cluster.tick(1, 1)
    }
    expect(answered[0]).toBe(true)
    expect(answered.lastIndexOf(true)).toBeLessThan(ELECTION_TICKS - 1)
    expect(answered.at(-1)).toBe(false)
  })

  test('an acknowledgement that comes late does not prolong it', () => {
    const cluster = led(LEASE)
    cluster.holds = isHeartbeatAnswer
    cluster.tick(1, 1)
    cluster.tick(ELECTION_TICKS - 2, 1)
    const first = cluster.held.filter((message) => message.type === 'heartbeat-response').slice(0, 2)
    cluster.isolate(1)
    for (const message of first) cluster.raft(1).step(message)
    cluster.raft(1).readIndex('read')
    cluster.settle()
    expect(cluster.member(1).reads).toEqual([])
  })

  test('waits for a round while leadership is handed over, because the target may be elected at once', () => {
    const cluster = led(LEASE)
    cluster.tick(1, 1)
    cluster.loses = ({ type }) => type === 'timeout-now'
    cluster.raft(1).transferLeader(2)
    cluster.sent = []
    cluster.raft(1).readIndex('read')
    cluster.send(cluster.member(1).work())
    expect(cluster.member(1).reads).toEqual([])
    cluster.settle()
    expect(cluster.sentOf('heartbeat').map(({ to }) => to)).toEqual([2, 3])
    expect(cluster.member(1).reads).toEqual([{ index: 1, context: 'read' }])
  })
})
