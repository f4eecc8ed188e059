import { describe, expect, test } from 'vitest'
import { ELECTION_TICKS, memberWith } from '../../../test/support/small-cluster.ts'
import type { ChangeStep, Message } from './types.ts'

const none = new Uint8Array(0)

type Member = ReturnType<typeof memberWith>

/** The leader of two members, of which the other is only spoken for. */
function pair(): Member {
  const leader = memberWith({ id: 1, membership: { voters: [1, 2] } })
  leader.raft.campaign()
  leader.work()
  leader.hear({ type: 'vote-response', from: 2, to: 1, term: 1, rejected: false })
  return leader
}

function acknowledges(index: number, term = 1): Message {
  return { type: 'append-response', from: 2, to: 1, term, index, rejected: false, rejectHint: 0, logTerm: 0 }
}

describe('a restart', () => {
  test('takes what is applied for committed, also where the word of it was lost', () => {
    const { raft } = memberWith({ terms: [1, 1, 1], hardState: { commit: 1 }, options: { applied: 3 } })
    expect(raft.status()).toMatchObject({ hardState: { commit: 3 }, applied: 3 })
    expect(raft.hasReady()).toBe(false)
  })

  test('applies again what was committed and not applied', () => {
    const { raft } = memberWith({ terms: [1, 1, 1], hardState: { commit: 3 }, options: { applied: 1 } })
    expect(raft.ready().committed.map(({ index }) => index)).toEqual([2, 3])
  })

  test('is refused when the log lacks what was committed', () => {
    expect(() => memberWith({ terms: [1], hardState: { commit: 2 } })).toThrow('what is committed is in the log')
  })

  test('with lease reads, keeps a member from voting until a lease that it may have promised is over', () => {
    const options = { reads: 'lease', checkQuorum: true, random: (below: number) => below - 1 } as const
    const asks: Message = { type: 'vote', from: 2, to: 1, term: 4, index: 9, logTerm: 3, transfer: false }
    const member = memberWith({ terms: [3], options })
    expect(member.hear(asks)).toEqual([])
    for (let tick = 1; tick < ELECTION_TICKS; tick++) member.raft.tick()
    expect(member.hear(asks)).toEqual([])
    member.raft.tick()
    expect(member.hear(asks)).toMatchObject([{ type: 'vote-response', rejected: false }])
  })
})

describe('a message', () => {
  test('that only the member itself may send is refused from anybody else', () => {
    const { raft } = memberWith({})
    expect(raft.step({ type: 'hup', from: 2, to: 1, term: 0 })).toEqual({ kind: 'local-message' })
    const applied: Message = { type: 'storage-apply-response', from: 2, to: 1, term: 0, entries: [] }
    expect(raft.step(applied)).toEqual({ kind: 'local-message' })
    expect(raft.status().softState.role).toBe('follower')
  })

  test('that answers is refused from who is no member', () => {
    const { raft } = memberWith({})
    const answer: Message = { type: 'heartbeat-response', from: 9, to: 1, term: 7, context: '' }
    expect(raft.step(answer)).toEqual({ kind: 'peer-not-found' })
    expect(raft.status().hardState.term).toBe(0)
  })
})

describe('a proposal', () => {
  test('is told where it stands by the leader, is dropped where there is none, and forwarded else', () => {
    const leader = pair()
    expect(leader.raft.propose([none, none])).toEqual({ index: 2, term: 1 })
    expect(leader.raft.propose([none])).toEqual({ index: 4, term: 1 })

    const follower = memberWith({ id: 3 })
    expect(follower.raft.propose([none])).toEqual({ kind: 'proposal-dropped' })
    follower.hear({ type: 'heartbeat', from: 1, to: 3, term: 1, commit: 0, context: '' })
    expect(follower.raft.propose([none])).toBeUndefined()
    expect(follower.work()).toMatchObject([{ type: 'propose', from: 3, to: 1, term: 0, entries: [{ kind: 'normal' }] }])
  })

  test('is not changed when it is placed: a copy that was delivered twice is placed twice', () => {
    const leader = pair()
    const entries = [{ index: 0, term: 0, kind: 'normal' as const, data: none }]
    const forwarded: Message = { type: 'propose', from: 2, to: 1, term: 0, entries }
    leader.hear(forwarded, forwarded)
    expect(leader.log).toEqual(['1/1', '1/2', '1/3'])
    expect(entries).toEqual([{ index: 0, term: 0, kind: 'normal', data: none }])
  })
})

describe('a change of membership', () => {
  const removeAll: ChangeStep[] = [1, 2].map((member) => ({ do: 'remove', member }))

  test('that could not be applied becomes an empty entry', () => {
    const leader = pair()
    leader.hear(acknowledges(1))
    leader.raft.proposeChange({ transition: 'auto', steps: removeAll, context: none })
    leader.work()
    expect(leader.storage.all().at(-1)).toEqual({ index: 2, term: 1, kind: 'normal', data: none })
  })

  test('that does not fit what is in force changes nothing', () => {
    const { raft } = memberWith({ membership: { voters: [1, 2] } })
    expect(raft.applyChange({ transition: 'auto', steps: removeAll, context: none })).toMatchObject({ voters: [1, 2] })
    expect(raft.applyChange({ transition: 'auto', steps: [], context: none })).toMatchObject({ voters: [1, 2] })
  })
})

describe('entries that are still on their way from the disk', () => {
  test('are not sent now, and go out when they are there', () => {
    const leader = pair()
    const rejects: Message = { ...acknowledges(0), rejected: true } as Message
    leader.storage.slow = true
    leader.raft.reportUnreachable(2)
    expect(leader.hear({ type: 'heartbeat-response', from: 2, to: 1, term: 1, context: '' }, rejects)).toEqual([])
    leader.storage.slow = false
    leader.raft.entriesFetched()
    expect(leader.work()).toMatchObject([{ type: 'append', to: 2, entries: [{ index: 1 }] }])
  })

  test('keep a member from campaigning when a change of who may vote might be among them', () => {
    const member = memberWith({ terms: [1, 1], hardState: { commit: 2 } })
    member.storage.slow = true
    member.raft.campaign()
    expect(member.raft.status().softState.role).toBe('follower')
    member.storage.slow = false
    member.raft.campaign()
    expect(member.raft.status().softState.role).toBe('candidate')
  })
})
