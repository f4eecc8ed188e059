import { expect, test } from 'vitest'
import type { Membership, PeerStatus, RaftStatus } from '../raft/types.ts'
import { furthestVoter, hasTouch, membersView, statusView } from './engine-views.ts'
import { raftId } from './member-id.ts'
import { MemberNames } from './member-names.ts'

const ids = ['1', '2', '3', '4'].map((digit) => digit.repeat(16))
const [one, two, three, four] = ids.map(raftId) as [number, number, number, number]
const names = new MemberNames(() => ids)
const MEMBERSHIP: Membership = {
  voters: [one, two, three],
  learners: [four],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
}
const heard =
  (...who: number[]) =>
  (id: number) =>
    who.includes(id)

function peer(id: number, match: number, change: Partial<PeerStatus> = {}): PeerStatus {
  const flow = { next: match + 1, paused: false, pendingSnapshot: 0, inflight: 0, inflightFull: false }
  return { id, state: 'replicate', match, learner: id === four, recentlyActive: true, ...flow, ...change }
}

function status(change: Partial<RaftStatus> = {}): RaftStatus {
  return {
    id: one,
    hardState: { term: 3, vote: one, commit: 8 },
    softState: { leader: one, role: 'leader' },
    applied: 7,
    membership: MEMBERSHIP,
    peers: [peer(one, 9), peer(two, 5), peer(three, 7), peer(four, 9)],
    transferTarget: 0,
    lastIndex: 9,
    ...change,
  }
}

test('a leader is in touch while it hears a majority, itself counted; learners count for nothing', () => {
  const leader = { role: 'leader', leader: one } as const
  expect(hasTouch(leader, MEMBERSHIP, heard(one, two))).toBe(true)
  expect(hasTouch(leader, MEMBERSHIP, heard(one, four))).toBe(false)
  const joint = { ...MEMBERSHIP, voters: [one, four], votersOutgoing: [one, two, three] }
  expect(hasTouch(leader, joint, heard(one, two))).toBe(false)
  expect(hasTouch(leader, joint, heard(one, two, four))).toBe(true)
})

test('anybody else is in touch while it hears the leader that it knows', () => {
  expect(hasTouch({ role: 'follower', leader: two }, MEMBERSHIP, heard(one, two))).toBe(true)
  expect(hasTouch({ role: 'follower', leader: two }, MEMBERSHIP, heard(one, three))).toBe(false)
  expect(hasTouch({ role: 'candidate', leader: 0 }, MEMBERSHIP, heard(one, two, three))).toBe(false)
})

test('leadership goes to the voter that has most of the log and was heard of lately', () => {
  expect(furthestVoter(status(), MEMBERSHIP)).toBe(three)
  const silent = [peer(one, 9), peer(two, 5), peer(three, 7, { recentlyActive: false })]
  expect(furthestVoter(status({ peers: silent }), MEMBERSHIP)).toBe(two)
  expect(furthestVoter(status({ peers: [peer(one, 9), peer(four, 9)] }), MEMBERSHIP)).toBeUndefined()
})

test('members are shown by their ids; those who will be learners count as such', () => {
  const joint = { ...MEMBERSHIP, voters: [one], votersOutgoing: [one, two], learnersNext: [two] }
  expect(membersView(joint, names)).toEqual({
    voters: [ids[0]],
    learners: [ids[3], ids[1]],
    outgoing: [ids[0], ids[1]],
  })
})

test('a status shows the others with how long they are silent, and a learner as one', () => {
  const view = statusView(status(), MEMBERSHIP, names, (id) => (id === two ? 40 : undefined))
  expect(view).toMatchObject({ role: 'leader', term: 3, leader: ids[0], commit: 8, lastIndex: 9 })
  expect(view.peers).toHaveLength(3)
  expect(view.peers[0]).toEqual({ member: ids[1], state: 'replicate', match: 5, learner: false, silentMs: 40 })
  expect(view.peers[1]).not.toHaveProperty('silentMs')
  const learner = status({ id: four, softState: { leader: 0, role: 'follower' }, peers: [] })
  expect(statusView(learner, MEMBERSHIP, names, () => undefined)).toMatchObject({ role: 'learner', leader: undefined })
  const asks = status({ softState: { leader: 0, role: 'pre-candidate' } })
  expect(statusView(asks, MEMBERSHIP, names, () => undefined).role).toBe('candidate')
})

test('of a member nobody has told of, the number stands for the id; of nobody, nothing', () => {
  expect(names.of(raftId('9'.repeat(16)))).toBe('9'.repeat(13))
  expect(names.find(raftId('9'.repeat(16)))).toBeUndefined()
  expect(names.find(0)).toBeUndefined()
})
