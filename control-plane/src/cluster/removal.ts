import type { MemberId } from '../raft/types.ts'
import type { State } from '../state/state.ts'
import type { Leadership } from './consensus.ts'
import { raftId } from './member-id.ts'

/**
 * Whether somebody who says that he is a member is let in. Who is not known is told so; a leader, which has applied
 * every change of the membership before its own term, can say that he was removed. A node that knows of no leader may
 * have slept while members came and went: one whom it has never heard of may be the leader, and is heard as a guest.
 * Until the first entries have said who the members are, those with whom the cluster begins are.
 */
export function judgeMember(
  { members, cluster }: Pick<State, 'members' | 'cluster'>,
  first: readonly { id: string }[],
  { isLeader, leader }: Pick<Leadership, 'isLeader' | 'leader'>,
  member: MemberId,
): 'welcome' | 'guest' | 'unknown-member' | 'removed' {
  const known = cluster === '' ? first.map(({ id }) => id) : [...members.keys()]
  if (known.length === 0 || known.some((id) => raftId(id) === member)) return 'welcome'
  if (isLeader && cluster !== '') return 'removed'
  return leader === undefined ? 'guest' : 'unknown-member'
}
