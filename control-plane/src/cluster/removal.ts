import type { MemberId } from '../raft/types.ts'
import type { State } from '../state/state.ts'
import { raftId } from './member-id.ts'

/**
 * Whether somebody who says that he is a member is let in. Who is not known is told so; a leader, which has applied
 * every change of the membership before its own term, can say that he was removed. Until the first
 * entries have said who the members are, those with whom the cluster begins are.
 */
export function judgeMember(
  { members, cluster }: Pick<State, 'members' | 'cluster'>,
  first: readonly { id: string }[],
  leads: boolean,
  member: MemberId,
): 'welcome' | 'unknown-member' | 'removed' {
  const known = cluster === '' ? first.map(({ id }) => id) : [...members.keys()]
  if (known.length === 0 || known.some((id) => raftId(id) === member)) return 'welcome'
  return leads && cluster !== '' ? 'removed' : 'unknown-member'
}
