import { type MemberId, type Membership, NONE, type RaftStatus, type Role } from '../raft/types.ts'
import type { ConsensusStatus, MembersView } from './consensus.ts'
import type { MemberNames } from './member-names.ts'

/** Whether a leader with a majority behind it was heard of: for the leader itself, whether it hears a majority. */
export function hasTouch(
  { role, leader }: { role: Role; leader: MemberId },
  { voters, votersOutgoing }: Membership,
  heard: (id: MemberId) => boolean,
): boolean {
  if (role !== 'leader') return leader !== NONE && heard(leader)
  return hearsMajority(voters, heard) && (votersOutgoing.length === 0 || hearsMajority(votersOutgoing, heard))
}

function hearsMajority(half: readonly MemberId[], heard: (id: MemberId) => boolean): boolean {
  let count = 0
  for (const id of half) if (heard(id)) count += 1
  return half.length === 0 || count > half.length >> 1
}

export function membersView(membership: Membership, names: MemberNames): MembersView {
  const { voters, learners, learnersNext, votersOutgoing } = membership
  const ids = (members: readonly MemberId[]) => members.map((id) => names.of(id))
  return { voters: ids(voters), learners: ids([...learners, ...learnersNext]), outgoing: ids(votersOutgoing) }
}

export function statusView(
  { id: self, hardState, softState, peers, lastIndex }: RaftStatus,
  { learners }: Membership,
  names: MemberNames,
  silence: (id: MemberId) => number | undefined,
): Pick<ConsensusStatus, 'role' | 'term' | 'leader' | 'commit' | 'lastIndex' | 'peers'> {
  const role = softState.role === 'pre-candidate' ? 'candidate' : softState.role
  return {
    role: role === 'follower' && learners.includes(self) ? 'learner' : role,
    term: hardState.term,
    leader: softState.leader === NONE ? undefined : names.of(softState.leader),
    commit: hardState.commit,
    lastIndex,
    peers: peers
      .filter(({ id }) => id !== self)
      .map(({ id, state, match, learner }) => {
        const silentMs = silence(id)
        return { member: names.of(id), state, match, learner, ...(silentMs === undefined ? {} : { silentMs }) }
      }),
  }
}

/** The voter that has most of the log, besides this one. */
export function furthestVoter({ id: self, peers }: RaftStatus, { voters }: Membership): MemberId | undefined {
  let best: { id: MemberId; match: number } | undefined
  for (const peer of peers) {
    if (peer.id === self || !voters.includes(peer.id) || !peer.recentlyActive) continue
    if (!best || peer.match > best.match) best = peer
  }
  return best?.id
}
