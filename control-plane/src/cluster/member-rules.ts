import { Problem } from '../problems.ts'
import type { Member, State } from '../state/state.ts'
import { memberNamed } from '../state/members.ts'
import type { ConsensusStatus, MembersView } from './consensus.ts'
import { VOTERS_MAX } from './initial-cluster.ts'

/** Members of a cluster, those that do not vote included. */
export const MEMBERS_MAX = 15
/** Entries by which a member may lag behind and count as caught up. */
export const CAUGHT_UP_ENTRIES = 1000
/** A member that was silent for longer counts as gone, in milliseconds. */
export const ALIVE_MS = 5000

/** What the leader knows when a change of membership is asked of it. */
export interface Membership {
  /** Id of the leader itself. */
  self: string
  members: ReadonlyMap<string, Member>
  view: MembersView
  status: Pick<ConsensusStatus, 'lastIndex' | 'peers'>
}

/** The member that a name or an id stands for. Throws `member-not-found`. */
export function memberOf(state: Pick<State, 'members'>, nameOrId: string): Member {
  const member = state.members.get(nameOrId) ?? memberNamed(state as State, nameOrId)
  if (member) return member
  throw new Problem('member-not-found', `there is no member ${nameOrId}`)
}

/** Throws when a member of this name cannot be added now. */
export function checkAdd(now: Membership, name: string): void {
  refuseWhileChanging(now)
  for (const member of now.members.values())
    if (member.name === name) throw new Problem('already-exists', `member ${member.id} is called ${name}`)
  if (now.members.size >= MEMBERS_MAX)
    throw new Problem('member-change-refused', `a cluster has at most ${MEMBERS_MAX} members`)
}

/** Throws when a learner cannot become a voter now. */
export function checkPromote(now: Membership, member: Member): void {
  refuseWhileChanging(now)
  if (now.view.voters.includes(member.id)) throw refused(`${member.name} votes already`)
  if (now.view.voters.length >= VOTERS_MAX) throw refused(`a cluster has at most ${VOTERS_MAX} members that vote`)
  refuseBehind(now, member)
  refuseWithoutQuorum(now, [...now.view.voters, member.id])
}

/** Throws when a member cannot be taken out now. */
export function checkRemove(now: Membership, member: Member): void {
  refuseWhileChanging(now)
  const rest = now.view.voters.filter((id) => id !== member.id)
  if (rest.length === 0) throw refused(`${member.name} is the only member that votes`)
  if (rest.length < now.view.voters.length) refuseWithoutQuorum(now, rest)
}

/** Throws when one member cannot take the place of another now. */
export function checkReplace(now: Membership, old: Member, by: Member): void {
  refuseWhileChanging(now)
  if (!now.view.voters.includes(old.id)) throw refused(`${old.name} does not vote; remove it instead`)
  if (now.view.voters.includes(by.id)) throw refused(`${by.name} votes already`)
  refuseBehind(now, by)
  refuseWithoutQuorum(now, [...now.view.voters.filter((id) => id !== old.id), by.id])
}

/** Whether the leader has heard of a member lately. */
export function isAlive({ self, status }: Membership, member: string): boolean {
  if (member === self) return true
  const peer = status.peers.find((one) => one.member === member)
  return peer?.silentMs !== undefined && peer.silentMs <= ALIVE_MS
}

/** Entries that a member does not have yet; undefined when the leader does not know, or is still looking where it stands. */
export function lagOf({ self, status }: Membership, member: string): number | undefined {
  if (member === self) return 0
  const peer = status.peers.find((one) => one.member === member)
  return peer?.state === 'replicate' ? Math.max(0, status.lastIndex - peer.match) : undefined
}

function refuseWhileChanging({ view }: Membership): void {
  if (view.outgoing.length > 0) throw refused('another change of the membership is under way')
}

function refuseBehind(now: Membership, member: Member): void {
  if (member.joinedAt === undefined) throw refused(`${member.name} has not joined yet`)
  const lag = lagOf(now, member.id)
  if (!isAlive(now, member.id)) throw refused(`${member.name} is not there`)
  if (lag === undefined) throw refused(`${member.name} has not caught up yet`)
  if (lag > CAUGHT_UP_ENTRIES) throw refused(`${member.name} has not caught up yet: it lacks ${lag} entries`)
}

/** After the change more than half of those who vote must be there, or nothing could be committed any more. */
function refuseWithoutQuorum(now: Membership, voters: readonly string[]): void {
  const there = voters.filter((id) => isAlive(now, id)).length
  if (there > voters.length / 2) return
  throw refused(`only ${there} of the ${voters.length} members that would vote are there, so the cluster would stop`)
}

function refused(detail: string): Problem {
  return new Problem('member-change-refused', detail)
}
