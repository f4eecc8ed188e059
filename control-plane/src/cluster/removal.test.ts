import { expect, test } from 'vitest'
import type { Member } from '../state/state.ts'
import { raftId } from './member-id.ts'
import { judgeMember } from './removal.ts'

const [A, B, D] = ['a'.repeat(16), 'b'.repeat(16), 'd'.repeat(16)]
const known = (...ids: string[]) => ({
  cluster: 'c'.repeat(16),
  members: new Map(ids.map((id): [string, Member] => [id, { id, name: id, address: '', addedAt: 0 }])),
})
const leads = { isLeader: true, leader: A }
const follows = { isLeader: false, leader: B }
const alone = { isLeader: false, leader: undefined }

test('a member is welcome, whoever leads', () => {
  for (const office of [leads, follows, alone]) expect(judgeMember(known(A, B), [], office, raftId(B))).toBe('welcome')
})

test('only a leader says of somebody that he was removed', () => {
  expect(judgeMember(known(A, B), [], leads, raftId(D))).toBe('removed')
  expect(judgeMember(known(A, B), [], follows, raftId(D))).toBe('unknown-member')
})

test('without a leader somebody unknown may be the one that leads by now', () => {
  expect(judgeMember(known(A, B), [], alone, raftId(D))).toBe('guest')
})

test('until the log says who the members are, those with whom the cluster begins are, or anybody', () => {
  const nothing = { cluster: '', members: new Map<string, Member>() }
  expect(judgeMember(nothing, [{ id: A }, { id: B }], leads, raftId(B))).toBe('welcome')
  expect(judgeMember(nothing, [{ id: A }, { id: B }], leads, raftId(D))).toBe('unknown-member')
  expect(judgeMember(nothing, [], alone, raftId(D))).toBe('welcome')
})
