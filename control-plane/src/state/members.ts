import type { CommandOf } from './commands.ts'
import type { Member, State } from './state.ts'
import { type Answer, refuse, type Turn } from './turn.ts'

/** A member is known from the entry on that adds it to the consensus; it rides in the change of membership itself. */
export function putMember(turn: Turn, { member }: CommandOf<'member-put'>): Answer {
  turn.state.members.set(member.id, member)
  return changed(turn, member.id)
}

/** A member leaves: what it had open as a node is given up by the `node-down` that the leader adds. */
export function deleteMember(turn: Turn, { member }: CommandOf<'member-delete'>): Answer {
  turn.state.members.delete(member)
  return changed(turn, member)
}

/** Name and addresses of a member may change; its id and its data stay. */
export function updateMember(turn: Turn, { member: id, change }: CommandOf<'member-update'>): Answer {
  const { state } = turn
  const member = state.members.get(id)
  if (!member) return refuse('member-not-found', `there is no member ${id}`)
  const taken = change.name === undefined ? undefined : memberNamed(state, change.name)
  if (taken && taken.id !== id) return refuse('already-exists', `member ${taken.id} is called ${change.name}`)
  state.members.set(id, { ...member, ...change })
  return changed(turn, id)
}

/** A new node shows its join token: good once, until it expires. Whoever did not hear the answer may ask again. */
export function joinMember(turn: Turn, { member: id, change, from }: CommandOf<'member-join'>): Answer {
  const { state, at } = turn
  const member = state.members.get(id)
  if (!member) return refuse('join-refused', `member ${id} has been removed, or was never added`)
  if (member.joinedAt !== undefined && !joinsAgain(state, member, from))
    return refuse('join-refused', `the join token of member ${member.name} was used already`)
  if (member.joinBy !== undefined && at > member.joinBy) {
    return refuse('join-refused', `the join token of member ${member.name} has expired; add the member again`)
  }
  // Until when its token would have been good stays known, so that whoever shows it again can be told that it was used.
  const joined = { joinedAt: member.joinedAt ?? at, ...(from === undefined ? {} : { joinedFrom: from }) }
  state.members.set(id, { ...member, ...change, ...joined })
  return changed(turn, id)
}

/**
 * Whether a token that was used is shown again by the same data folder, whose node has never come up: the answer was
 * lost. Two nodes can never become the same member by this.
 */
export function joinsAgain(
  { nodes }: Pick<State, 'nodes'>,
  { id, joinedFrom }: Pick<Member, 'id' | 'joinedFrom'>,
  from: string | undefined,
): boolean {
  return joinedFrom !== undefined && joinedFrom === from && !nodes.has(id)
}

/** From now on every member is asked for nothing that this version does not know; it never falls. */
export function raiseClusterVersion(turn: Turn, { version }: CommandOf<'cluster-version'>): Answer {
  const { state } = turn
  if (version <= state.clusterVersion)
    return refuse('already-exists', `the cluster is at version ${state.clusterVersion}`)
  state.clusterVersion = version
  turn.changes.push({ kind: 'meta', id: 'cluster-version' })
  return { version }
}

export function memberNamed(state: State, name: string): Member | undefined {
  for (const member of state.members.values()) if (member.name === name) return member
  return undefined
}

function changed(turn: Turn, id: string): Answer {
  turn.changes.push({ kind: 'member', id })
  turn.events.push({ type: 'members-changed' })
  return {}
}
