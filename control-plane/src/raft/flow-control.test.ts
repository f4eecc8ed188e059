import { describe, expect, test } from 'vitest'
import { type MemberOptions, memberWith, ofType, SmallCluster } from '../../../test/support/small-cluster.ts'
import type { MessageOf, PeerStatus } from './types.ts'

/** What an entry weighs besides its payload. */
const OVERHEAD = 16

/** A leader of three whose followers are up to date. */
function led(options: MemberOptions = {}): SmallCluster {
  const cluster = new SmallCluster({ voters: [1, 2, 3] }, options)
  cluster.elect(1)
  cluster.sent = []
  return cluster
}

function peer(cluster: SmallCluster, id: number): PeerStatus {
  return cluster
    .raft(1)
    .status()
    .peers.find((peer) => peer.id === id) as PeerStatus
}

function appendsTo(cluster: SmallCluster, to: number): MessageOf<'append'>[] {
  return cluster.sentOf('append').filter((append) => append.to === to && append.entries.length > 0)
}

function indexes(appends: MessageOf<'append'>[]): number[][] {
  return appends.map(({ entries }) => entries.map(({ index }) => index))
}

describe('the window of appends on their way to a follower', () => {
  test('holds so many, and no more are sent before one is acknowledged', () => {
    const cluster = led({ inflightMax: 3 })
    cluster.holds = ({ type }) => type === 'append-response'
    for (const text of ['a', 'b', 'c', 'd', 'e']) cluster.propose(1, text)
    expect(indexes(appendsTo(cluster, 2))).toEqual([[2], [3], [4]])
    expect(peer(cluster, 2)).toMatchObject({ inflight: 3, inflightFull: true, paused: true, next: 5 })
    cluster.release()
    expect(peer(cluster, 2)).toMatchObject({ inflight: 0, paused: false, match: 6 })
  })

  test('holds so many bytes; the append that reaches the limit is the last', () => {
    const cluster = led({ inflightBytesMax: 2 * (100 + OVERHEAD) + 1 })
    cluster.holds = ({ type }) => type === 'append-response'
    for (const text of ['a', 'b', 'c', 'd']) cluster.propose(1, text.repeat(100))
    expect(indexes(appendsTo(cluster, 2))).toEqual([[2], [3], [4]])
    expect(peer(cluster, 2)).toMatchObject({ inflight: 3, inflightFull: true })
    cluster.release()
    expect(peer(cluster, 2)).toMatchObject({ inflight: 0, match: 5 })
  })

  test('one acknowledgement frees everything up to its index', () => {
    const cluster = led({ inflightMax: 3 })
    cluster.holds = ({ type }) => type === 'append-response'
    for (const text of ['a', 'b', 'c', 'd']) cluster.propose(1, text)
    const last = cluster.held.findLast(({ from }) => from === 2)
    expect(last).toMatchObject({ index: 4 })
    cluster.raft(1).step(last as MessageOf<'append-response'>)
    expect(peer(cluster, 2)).toMatchObject({ match: 4, next: 6, inflight: 1 })
  })

  test('an acknowledgement of the past frees nothing', () => {
    const cluster = led({ inflightMax: 2 })
    cluster.propose(1, 'a')
    cluster.holds = ({ type }) => type === 'append-response'
    cluster.propose(1, 'b')
    cluster.propose(1, 'c')
    cluster.raft(1).step({ ...acknowledgement, index: 2 })
    expect(peer(cluster, 2)).toMatchObject({ inflight: 2, paused: true })
  })

  test('when it is full, the answer to a heartbeat lets one empty append through and not a second', () => {
    const cluster = led({ inflightMax: 1 })
    cluster.isolate(2)
    cluster.propose(1, 'a')
    cluster.propose(1, 'b')
    const answer = { type: 'heartbeat-response', from: 2, to: 1, term: 1, context: '' } as const
    const [first, ...more] = ofType(cluster.member(1).hear(answer), 'append')
    expect(more).toEqual([])
    expect(first).toMatchObject({ to: 2, entries: [] })
    cluster.raft(1).propose([new Uint8Array(1)])
    expect(ofType(cluster.member(1).work(), 'append').filter(({ to }) => to === 2)).toEqual([])
  })

  test('a probe sends one append with entries and waits', () => {
    const cluster = led()
    cluster.isolate(2)
    cluster.raft(1).reportUnreachable(2)
    for (const text of ['a', 'b', 'c']) cluster.propose(1, text)
    expect(indexes(appendsTo(cluster, 2))).toEqual([[2]])
    expect(peer(cluster, 2)).toMatchObject({ state: 'probe', paused: true, inflight: 0 })
  })
})

describe('the size of an append', () => {
  test('is limited: entries that do not fit go into the next', () => {
    const cluster = led({ appendBytesMax: 2 * (10 + OVERHEAD) })
    cluster.raft(1).propose([1, 2, 3, 4, 5].map(() => new Uint8Array(10)))
    cluster.settle()
    expect(indexes(appendsTo(cluster, 2))).toEqual([[2, 3], [4, 5], [6]])
  })

  test('one entry is sent however big it is; a limit of 0 is one entry at a time', () => {
    const cluster = led({ appendBytesMax: 0, committedBytesMax: 1e9 })
    cluster.raft(1).propose([100, 200, 300].map((length) => new Uint8Array(length)))
    cluster.settle()
    expect(indexes(appendsTo(cluster, 3))).toEqual([[2], [3], [4]])
    expect(peer(cluster, 3)).toMatchObject({ match: 4 })
  })
})

describe('committed entries', () => {
  test('are handed out up to so many bytes, and more when those are applied', () => {
    const member = memberWith({ terms: [1, 1, 1, 1, 1], options: { committedBytesMax: 2 * (3 + OVERHEAD) } })
    member.raft.step({ type: 'heartbeat', from: 2, to: 1, term: 1, commit: 5, context: '' })
    const pages: number[] = []
    while (member.raft.hasReady()) {
      const ready = member.raft.ready()
      pages.push(ready.committed.length)
      member.raft.advance(ready)
    }
    expect(pages).toEqual([2, 2, 1])
  })
})

describe('what is proposed and not committed yet', () => {
  test('is limited: beyond it proposals are dropped, until something is committed', () => {
    const cluster = led({ uncommittedBytesMax: 250 })
    cluster.holds = ({ type }) => type === 'append-response'
    const hundred = 'x'.repeat(100)
    expect(cluster.propose(1, hundred)).toEqual({ index: 2, term: 1 })
    expect(cluster.propose(1, hundred)).toEqual({ index: 3, term: 1 })
    expect(cluster.propose(1, hundred)).toEqual({ kind: 'proposal-dropped' })
    expect(cluster.propose(1, 'a small one fits')).toEqual({ index: 4, term: 1 })
    cluster.release()
    expect(cluster.propose(1, hundred)).toEqual({ index: 5, term: 1 })
  })

  test('one proposal of any size is taken while nothing waits', () => {
    const cluster = led({ uncommittedBytesMax: 10 })
    expect(cluster.propose(1, 'x'.repeat(1_000))).toEqual({ index: 2, term: 1 })
    expect(cluster.member(3).applied).toHaveLength(1)
  })

  test('empty entries weigh nothing, so that a new leader can begin and a joint configuration be left', () => {
    const cluster = led({ uncommittedBytesMax: 10 })
    cluster.holds = ({ type }) => type === 'append-response'
    cluster.propose(1, 'x'.repeat(10))
    expect(cluster.propose(1, 'y')).toEqual({ kind: 'proposal-dropped' })
    expect(cluster.propose(1, '')).toEqual({ index: 3, term: 1 })
  })

  test('a new leader starts to count anew', () => {
    const cluster = led({ uncommittedBytesMax: 10 })
    cluster.isolate(1)
    cluster.propose(1, 'x'.repeat(10))
    expect(cluster.propose(1, 'y')).toEqual({ kind: 'proposal-dropped' })
    cluster.takeOver(2)
    cluster.heal()
    cluster.tick(1)
    cluster.raft(2).transferLeader(1)
    cluster.settle()
    expect(cluster.leader()).toBe(1)
    expect(cluster.propose(1, 'y')).toMatchObject({ term: 3 })
  })
})

const acknowledgement = {
  type: 'append-response',
  from: 2,
  to: 1,
  term: 1,
  index: 0,
  rejected: false,
  rejectHint: 0,
  logTerm: 0,
} as const
