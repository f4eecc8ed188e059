import type { Member, State } from '../state/state.ts'
import type { NodeAlarmCode } from './alarms.ts'
import { membersWithNewerZones } from './caretaker.ts'
import type { Consensus, ConsensusStatus, MembersView } from './consensus.ts'
import { CAUGHT_UP_ENTRIES } from './member-rules.ts'
import type { NodeReport } from './node-report.ts'
import type { Observed } from './observer.ts'

/** A member as people see it: what the log says of it, what it says itself, and what the leader knows. */
export interface MemberView {
  member: Member
  /** `joining` until its token is used. */
  state: 'voter' | 'learner' | 'joining' | 'leaving'
  role: ConsensusStatus['role'] | 'unknown'
  report?: NodeReport
  /** Why it says nothing. */
  fault?: string
  /** Entries that it lacks, as far as is known. */
  lag?: number
  /** Milliseconds since the leader heard of it; 0 for the leader itself. */
  silentMs?: number
  replication?: 'probe' | 'replicate' | 'snapshot'
}

export type AlarmCode =
  | 'no-leader'
  | 'member-unreachable'
  | 'member-lags'
  | 'quorum-at-risk'
  | 'tzdata-older'
  | 'cluster-version-held'
  | NodeAlarmCode

export interface Alarm {
  code: AlarmCode
  /** Whom it is about; absent: the cluster. */
  member?: string
  /** A sentence. */
  detail: string
}

export interface ClusterView {
  members: MemberView[]
  /** Voters that may fail before nothing can be committed any more; negative: as many are missing. */
  tolerates: number
  /** The membership is being changed at this moment. */
  changing: boolean
  alarms: Alarm[]
}

/** Puts together what is known of every member, and says what is wrong. */
export function clusterView(
  state: Pick<State, 'members' | 'nodes' | 'clusterVersion'>,
  consensus: { membership: MembersView; leadership: Pick<ReturnType<Consensus['leadership']>, 'leader'> },
  observed: readonly Observed[],
): ClusterView {
  const reports = new Map(observed.flatMap((one) => ('report' in one ? [[one.member, one.report]] : [])))
  const faults = new Map(observed.flatMap((one) => ('fault' in one ? [[one.member, one.fault]] : [])))
  const { leader } = consensus.leadership
  const leads = leader === undefined ? undefined : reports.get(leader)
  const last = Math.max(0, leads?.lastIndex ?? 0, ...[...reports.values()].map(({ commit }) => commit))
  const members = [...state.members.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((member) => memberView(member, consensus.membership, { reports, faults, leads, last }))
  const view = { members, tolerates: tolerance(members), changing: consensus.membership.outgoing.length > 0 }
  return { ...view, alarms: alarmsOf(state, leader, view, reports) }
}

interface Known {
  reports: ReadonlyMap<string, NodeReport>
  faults: ReadonlyMap<string, string>
  leads: NodeReport | undefined
  last: number
}

function memberView(member: Member, membership: MembersView, { reports, faults, leads, last }: Known): MemberView {
  const { id } = member
  const report = reports.get(id)
  const fault = faults.get(id)
  const peer = leads?.peers.find((one) => one.member === id)
  const isLeader = leads?.member === id
  const lag = isLeader ? 0 : peer ? Math.max(0, last - peer.match) : report && Math.max(0, last - report.lastIndex)
  const silentMs = isLeader ? 0 : peer?.silentMs
  return {
    member,
    state: stateOf(member, membership),
    role: report?.role ?? 'unknown',
    ...(report ? { report } : {}),
    ...(fault === undefined ? {} : { fault }),
    ...(lag === undefined || member.joinedAt === undefined ? {} : { lag }),
    ...(silentMs === undefined ? {} : { silentMs }),
    ...(peer ? { replication: peer.state } : {}),
  }
}

function stateOf({ id, joinedAt }: Member, { voters, learners, outgoing }: MembersView): MemberView['state'] {
  if (voters.includes(id)) return 'voter'
  if (outgoing.includes(id)) return 'leaving'
  return joinedAt === undefined || !learners.includes(id) ? 'joining' : 'learner'
}

function tolerance(members: readonly MemberView[]): number {
  const voters = members.filter(({ state }) => state === 'voter')
  const there = voters.filter(({ report }) => report).length
  return there - (Math.floor(voters.length / 2) + 1)
}

function alarmsOf(
  state: Pick<State, 'members' | 'nodes' | 'clusterVersion'>,
  leader: string | undefined,
  { members, tolerates }: Pick<ClusterView, 'members' | 'tolerates'>,
  reports: ReadonlyMap<string, NodeReport>,
): Alarm[] {
  const alarms: Alarm[] = []
  const name = (id: string) => state.members.get(id)?.name ?? id
  if (leader === undefined) alarms.push({ code: 'no-leader', detail: noLeader(members) })
  for (const { member, fault, lag, report } of members) {
    if (fault !== undefined && member.joinedAt !== undefined)
      alarms.push({ code: 'member-unreachable', member: member.name, detail: `It does not answer: ${fault}.` })
    else if (report && lag !== undefined && lag > CAUGHT_UP_ENTRIES)
      alarms.push({ code: 'member-lags', member: member.name, detail: `It lacks ${lag} entries.` })
  }
  const voters = members.filter((one) => one.state === 'voter').length
  if (voters > 2 && tolerates <= 0) alarms.push(quorumAtRisk(tolerates))
  const leads = leader === undefined ? undefined : reports.get(leader)
  const newer = leads ? membersWithNewerZones(state, leads.tzdata) : []
  if (leads && newer.length > 0) {
    const whose = newer.map((member) => member.name).join(', ')
    const detail = `The leader computes fire times by time zone data ${leads.tzdata}, which is older than that of ${whose}.`
    alarms.push({ code: 'tzdata-older', member: name(leads.member), detail })
  }
  return [...alarms, ...heldVersions(state), ...divergence(reports, name), ...own(reports, name)]
}

/** Whoever reaches no majority cannot know whether the others have a leader. */
function noLeader(members: readonly MemberView[]): string {
  const voters = members.filter(({ state }) => state === 'voter')
  const unreached = voters.filter(({ report }) => !report).map(({ member }) => member.name)
  if (unreached.length <= voters.length / 2) return 'There is no leader: reads work, changes do not.'
  const others = unreached.join(', ')
  return `This node hears of no leader, because it does not reach ${others}: it is cut off, or they are down. Reads work here, changes do not; where those reach each other they work there.`
}

function quorumAtRisk(tolerates: number): Alarm {
  const detail =
    tolerates < 0
      ? 'Too few voters are there: nothing can be committed.'
      : 'If one more voter fails, nothing can be committed.'
  return { code: 'quorum-at-risk', detail }
}

/** Members with an older build hold back what newer ones know. */
function heldVersions({
  members,
  nodes,
  clusterVersion,
}: Pick<State, 'members' | 'nodes' | 'clusterVersion'>): Alarm[] {
  const known = [...members.values()].flatMap(({ id, name }) => {
    const version = nodes.get(id)?.about?.clusterVersion
    return version === undefined ? [] : [{ name, version }]
  })
  const highest = Math.max(clusterVersion, ...known.map(({ version }) => version))
  return known
    .filter(({ version }) => version < highest)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, version }) => ({
      code: 'cluster-version-held' as const,
      member: name,
      detail: `Its build knows cluster version ${version}, others know ${highest}: what is new in them is refused until it is replaced.`,
    }))
}

/** What members find wrong with themselves. */
function own(reports: ReadonlyMap<string, NodeReport>, name: (id: string) => string): Alarm[] {
  return [...reports.values()].flatMap(({ member, alarms = [] }) =>
    alarms.map(({ code, detail }) => ({ code, member: name(member), detail })),
  )
}

/** Two states that are not the same at the same index: one of them is wrong. */
function divergence(reports: ReadonlyMap<string, NodeReport>, name: (id: string) => string): Alarm[] {
  const first = new Map<number, { member: string; digest: number }>()
  for (const { member, digests } of reports.values()) {
    for (const { index, digest } of digests) {
      const other = first.get(index)
      if (!other) first.set(index, { member, digest })
      else if (other.digest !== digest) {
        const detail = `Its state at index ${index} is not that of ${name(other.member)}: run \`cronclave endpoint hash\`, and replace the member that differs from the others.`
        return [{ code: 'state-diverged', member: name(member), detail }]
      }
    }
  }
  return []
}
