import { describe, expect, test } from 'vitest'
import { EMPTY_MEMBERSHIP } from './membership.ts'
import { entry, Member, memberWith, SmallCluster } from '../../../test/support/small-cluster.ts'
import { MemoryStorage } from '../../../test/support/memory-storage.ts'
import type { Index, Message, Snapshot, Term } from './types.ts'

const OFF = { preVote: false, checkQuorum: false }

function append(index: Index, logTerm: Term, entries: ReturnType<typeof entry>[], commit: Index, term = 2): Message {
  return { type: 'append', from: 2, to: 1, term, index, logTerm, entries, commit }
}

function snapshotAt(index: Index, term: Term, voters = [1, 2, 3]): Snapshot {
  return { index, term, membership: { ...EMPTY_MEMBERSHIP, voters } }
}

function received(snapshot: Snapshot, term = 2): Message {
  return { type: 'snapshot', from: 2, to: 1, term, snapshot }
}

/** Stored: a state at index 10 of term 1, and entries 11 and 12 after it. */
function afterSnapshot(applied: Index): Member {
  const storage = new MemoryStorage()
  storage.install(snapshotAt(10, 1))
  storage.append([entry(1, 11), entry(1, 12)])
  storage.hardState = { term: 1, vote: 0, commit: 12 }
  return new Member(1, storage, { ...OFF, applied })
}

describe('a member that starts again', () => {
  test('goes on in its term, with its log, and applies again what is committed', () => {
    const member = memberWith({ terms: [1, 1, 2], hardState: { term: 2, vote: 3, commit: 2 } })
    expect(member.raft.status()).toMatchObject({ hardState: { term: 2, vote: 3, commit: 2 }, lastIndex: 3 })
    expect(member.work()).toEqual([])
    expect(member.applied).toEqual(['1/1', '1/2'])
  })

  test('applies nothing again that its host has applied already', () => {
    const member = memberWith({ terms: [1, 1, 1], hardState: { commit: 3 }, options: { applied: 2 } })
    member.work()
    expect(member.applied).toEqual(['1/3'])
  })

  test('tells its host nothing that is stored already', () => {
    const member = memberWith({ terms: [1, 1], hardState: { commit: 0 } })
    expect(member.raft.hasReady()).toBe(false)
    member.raft.step({ type: 'heartbeat', from: 2, to: 1, term: 1, commit: 0, context: '' })
    expect(member.raft.ready()).toMatchObject({ entries: [], mustSync: false, softState: { leader: 2 } })
  })

  test('votes once in a term, also across the restart', () => {
    const member = memberWith({ options: OFF })
    const ask = (from: number): Message => ({
      type: 'vote',
      from,
      to: 1,
      term: 1,
      index: 0,
      logTerm: 0,
      transfer: false,
    })
    expect(member.hear(ask(2))).toMatchObject([{ rejected: false }])
    member.restart()
    expect(member.hear(ask(3))).toMatchObject([{ to: 3, rejected: true }])
    expect(member.hear(ask(2))).toMatchObject([{ to: 2, rejected: false }])
  })

  test('was a leader and is a follower: it leads again only after an election', () => {
    const cluster = new SmallCluster({ voters: [1, 2, 3] })
    cluster.elect(1)
    cluster.propose(1, 'x')
    cluster.member(1).restart()
    expect(cluster.raft(1).status()).toMatchObject({
      hardState: { term: 1 },
      softState: { role: 'follower', leader: 0 },
    })
    cluster.takeOver(1)
    expect(cluster.raft(1).state.term).toBe(2)
    expect(cluster.member(1).applied).toEqual(['x'])
  })

  test('loses what it had not stored, and is sent it again', () => {
    const cluster = new SmallCluster({ voters: [1, 2, 3] })
    cluster.elect(1)
    cluster.holds = ({ to }) => to === 3
    cluster.propose(1, 'x')
    for (const message of cluster.held.splice(0)) cluster.raft(3).step(message)
    cluster.member(3).restart()
    expect(cluster.member(3).log).toEqual(['1/1'])
    cluster.holds = () => false
    cluster.tick(1)
    expect(cluster.member(3).log).toEqual(['1/1', '1/2'])
  })

  test('starts from a snapshot: the log goes on after it, and the membership is that of the snapshot', () => {
    const member = afterSnapshot(10)
    member.work()
    expect(member.applied).toEqual(['1/11', '1/12'])
    expect(member.raft.status().membership.voters).toEqual([1, 2, 3])
    expect(member.hear(append(12, 1, [entry(2, 13)], 13))).toMatchObject([
      { type: 'append-response', rejected: false, index: 13 },
    ])
    expect(member.applied).toEqual(['1/11', '1/12', '2/13'])
  })

  test('with more applied than the log was told to be committed, it holds for committed what is applied', () => {
    const member = memberWith({ terms: [1, 1, 1], hardState: { commit: 1 }, options: { applied: 3 } })
    member.work()
    expect(member.raft.status()).toMatchObject({ applied: 3, hardState: { commit: 3 } })
    expect(member.applied).toEqual([])
  })

  test('refuses to start where more is said to be committed than the log holds', () => {
    expect(() => memberWith({ terms: [1, 1], hardState: { commit: 3 } })).toThrow('committed')
  })
})

describe('a snapshot', () => {
  test('replaces a log that does not reach it, and is acknowledged only when it is installed', () => {
    const member = memberWith({ terms: [1, 1] })
    member.raft.step(received(snapshotAt(10, 2, [1, 2, 3, 4])))
    const ready = member.raft.ready()
    expect(ready).toMatchObject({ snapshot: { index: 10 }, entries: [], hardState: { term: 2, commit: 10 } })
    expect(ready.messages).toMatchObject([{ type: 'append-response', to: 2, index: 10, rejected: false }])
    member.storage.install(snapshotAt(10, 2, [1, 2, 3, 4]))
    member.raft.advance(ready)
    expect(member.raft.status()).toMatchObject({ applied: 10, membership: { voters: [1, 2, 3, 4] } })
  })

  test('that is older than what is committed changes nothing, and the answer says how far this member is', () => {
    const member = memberWith({ terms: [1, 1, 1], hardState: { commit: 3 } })
    member.work()
    expect(member.hear(received(snapshotAt(2, 1)))).toMatchObject([{ type: 'append-response', index: 3 }])
    expect(member.installed).toEqual([])
    expect(member.log).toEqual(['1/1', '1/2', '1/3'])
  })

  test('that is older than everything this member still has does not either', () => {
    const member = afterSnapshot(10)
    member.work()
    expect(member.hear(received(snapshotAt(5, 1)))).toMatchObject([{ type: 'append-response', index: 12 }])
    expect(member.raft.status()).toMatchObject({ applied: 12, lastIndex: 12 })
  })

  test('of an entry that is in the log only moves the commit index on', () => {
    const member = memberWith({ terms: [1, 1, 1] })
    expect(member.hear(received(snapshotAt(2, 1)))).toMatchObject([{ type: 'append-response', index: 2 }])
    expect(member.installed).toEqual([])
    expect(member.applied).toEqual(['1/1', '1/2'])
  })

  test('that does not know this member is refused', () => {
    const member = memberWith({ terms: [1] })
    member.hear(received(snapshotAt(10, 2, [2, 3, 4])))
    expect(member.installed).toEqual([])
    expect(member.raft.state.log.committed).toBe(0)
  })

  test('of an older term is ignored', () => {
    const member = memberWith({ terms: [3] })
    expect(member.hear(received(snapshotAt(10, 2), 2))).toEqual([])
    expect(member.installed).toEqual([])
  })

  test('catches a member up whose entries are gone, and the stream of entries follows', () => {
    const cluster = new SmallCluster({ voters: [1, 2, 3] })
    cluster.elect(1)
    cluster.isolate(3)
    for (const text of ['a', 'b', 'c']) cluster.propose(1, text)
    expect(cluster.compact(1)).toBe(4)
    cluster.heal()
    cluster.tick(1)
    cluster.propose(1, 'd')
    expect(cluster.member(3).installed).toMatchObject([{ index: 4 }])
    expect(cluster.member(3).applied).toEqual(['d'])
    cluster.member(3).restart({ applied: 4 })
    cluster.tick(1)
    expect(cluster.member(3).applied).toEqual(['d'])
  })
})

describe('what is committed', () => {
  test('is never truncated: a leader that asks for it is a bug, and stops this member', () => {
    const member = memberWith({ terms: [1, 1, 1], hardState: { commit: 2 } })
    member.work()
    expect(() => member.raft.step(append(0, 0, [entry(2, 1)], 0))).not.toThrow()
    expect(member.log).toEqual(['1/1', '1/2', '1/3'])
    expect(() => member.raft.state.log.append([entry(2, 2)])).toThrow('nothing that is committed is truncated')
    expect(() => member.raft.step({ type: 'heartbeat', from: 2, to: 1, term: 2, commit: 9, context: '' })).toThrow(
      'what is committed is in the log',
    )
  })

  test('goes up only: an older commit index changes nothing', () => {
    const member = memberWith({ terms: [1, 1, 1], hardState: { commit: 3 } })
    member.work()
    member.hear({ type: 'heartbeat', from: 2, to: 1, term: 1, commit: 1, context: '' }, append(1, 1, [], 1, 1))
    expect(member.raft.state.log.committed).toBe(3)
  })

  test('an append from before it is answered with how far this member is, and its entries are not looked at', () => {
    const member = memberWith({ terms: [1, 1, 1], hardState: { commit: 3 } })
    member.work()
    expect(member.hear(append(0, 0, [entry(1, 1)], 1))).toMatchObject([
      { type: 'append-response', rejected: false, index: 3 },
    ])
  })
})
