import type { Cluster, ClusterMember } from '@cronclave/openapi'
import { clusterView, type MemberView } from '../cluster/cluster-view.ts'
import type { Consensus } from '../cluster/consensus.ts'
import { isMemberName } from '../cluster/initial-cluster.ts'
import type { MemberAnswer, MemberRequest } from '../cluster/member-request.ts'
import { memberOf } from '../cluster/member-rules.ts'
import type { Observer } from '../cluster/observer.ts'
import { peerAddressFault } from '../cluster/peer-address.ts'
import { Problem } from '../problems.ts'
import type { Member } from '../state/state.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { timeText } from './times.ts'

/** What the API needs of the cluster that this node is in. */
export interface ClusterPort {
  /** Id of this member. */
  node: string
  consensus: Pick<Consensus, 'membership' | 'leadership' | 'status' | 'inTouch'>
  observer: Pick<Observer, 'all' | 'hashes' | 'compact'>
  /** Changes the membership, wherever the leader is. */
  change(request: MemberRequest): Promise<MemberAnswer>
}

type Operations =
  | 'getCluster'
  | 'getClusterHealth'
  | 'hashCluster'
  | 'compactCluster'
  | 'addMember'
  | 'updateMember'
  | 'removeMember'
  | 'promoteMember'
  | 'replaceMember'
  | 'transferLeadership'

/** Entries that a compaction leaves for members that lag a little. */
const COMPACT_KEEP = 10_000

export function clusterHandlers({ state, cluster, clock }: ApiContext): Pick<Handlers, Operations> {
  const { consensus, observer, node, change } = cluster
  const nameOf = (id: string | undefined) => (id === undefined ? undefined : (state().members.get(id)?.name ?? id))

  async function look() {
    const observed = await observer.all()
    return clusterView(state(), { membership: consensus.membership(), leadership: consensus.leadership() }, observed)
  }

  /** The member as it is after a change; `fallback` is what the leader said of it. */
  async function shown(id: string, fallback: Member | undefined): Promise<ClusterMember> {
    const { members } = await look()
    const view = members.find(({ member }) => member.id === id)
    if (view) return memberBody(view)
    if (!fallback) throw new Problem('member-not-found', `there is no member ${id}`)
    return memberBody({ member: fallback, state: 'joining', role: 'unknown' })
  }

  async function changed(request: MemberRequest): Promise<ClusterMember> {
    const { member } = await change(request)
    return shown(member?.id ?? node, member)
  }

  return {
    async getCluster() {
      const { members, tolerates, changing, alarms } = await look()
      const { term, commit, applied, leader } = consensus.status()
      const { cluster: id, clusterVersion } = state()
      const body: Cluster = {
        cluster: id,
        node: nameOf(node) ?? node,
        ...(leader === undefined ? {} : { leader: nameOf(leader) ?? leader }),
        term,
        index: applied,
        commit,
        clusterVersion,
        now: timeText(clock.now()),
        tolerates,
        changing,
        members: members.map(memberBody),
        alarms,
      }
      return { status: 200, body }
    },

    async getClusterHealth() {
      const { tolerates, alarms } = await look()
      const leader = nameOf(consensus.leadership().leader)
      const healthy = leader !== undefined && consensus.inTouch() && tolerates >= 0
      return { status: 200, body: { healthy, ...(leader === undefined ? {} : { leader }), tolerates, alarms } }
    },

    async hashCluster() {
      const { index, members } = await observer.hashes()
      const hashes = new Set(members.flatMap((one) => ('hash' in one ? [one.hash] : [])))
      return {
        status: 200,
        body: {
          index,
          equal: hashes.size <= 1,
          members: members.map(({ member, ...answer }) => ({ name: nameOf(member) ?? member, ...answer })),
        },
      }
    },

    async compactCluster({ body }) {
      const members = await observer.compact(body?.keep ?? COMPACT_KEEP)
      return {
        status: 200,
        body: { members: members.map(({ member, ...answer }) => ({ name: nameOf(member) ?? member, ...answer })) },
      }
    },

    async addMember({ body }) {
      checkName(body.name)
      const { member, token } = await change({ do: 'add', name: body.name, learner: body.learner ?? false })
      if (!member || token === undefined) throw new Problem('member-not-found', 'it was removed meanwhile')
      return {
        status: 201,
        body: { member: await shown(member.id, member), token, expiresAt: timeText(member.joinBy ?? 0) },
      }
    },

    async updateMember({ path, body }) {
      if (body.name === undefined && body.address === undefined)
        throw new Problem('invalid-request', undefined, [{ pointer: '', detail: 'name or address is needed' }])
      if (body.name !== undefined) checkName(body.name)
      const fault = body.address === undefined ? undefined : peerAddressFault(body.address)
      if (fault !== undefined) throw new Problem('invalid-request', undefined, [{ pointer: '/address', detail: fault }])
      return { status: 200, body: await changed({ do: 'update', member: path.member, ...body }) }
    },

    async removeMember({ path }) {
      memberOf(state(), path.member)
      await change({ do: 'remove', member: path.member })
      return { status: 204 }
    },

    async promoteMember({ path }) {
      return { status: 200, body: await changed({ do: 'promote', member: path.member }) }
    },

    async replaceMember({ path, body }) {
      return { status: 200, body: await changed({ do: 'replace', member: path.member, by: body.by }) }
    },

    async transferLeadership({ body }) {
      await change({ do: 'transfer', ...(body?.to === undefined ? {} : { to: body.to }) })
      const leader = nameOf(consensus.leadership().leader)
      return { status: 200, body: leader === undefined ? {} : { leader } }
    },
  }
}

function checkName(name: string): void {
  if (isMemberName(name)) return
  throw new Problem('invalid-request', undefined, [{ pointer: '/name', detail: 'is not a name' }])
}

function memberBody(view: MemberView): ClusterMember {
  const { member, report } = view
  const { id, name, address, apiUrl, addedAt, joinedAt, joinBy, staysLearner } = member
  return {
    id,
    name,
    address,
    state: view.state,
    role: view.role,
    addedAt: timeText(addedAt),
    ...(apiUrl === undefined ? {} : { apiUrl }),
    ...(joinedAt === undefined ? {} : { joinedAt: timeText(joinedAt) }),
    ...(joinedAt !== undefined || joinBy === undefined ? {} : { joinBy: timeText(joinBy) }),
    ...(staysLearner ? { staysLearner } : {}),
    ...(view.fault === undefined ? {} : { fault: view.fault }),
    ...(view.lag === undefined ? {} : { lag: view.lag }),
    ...(view.silentMs === undefined ? {} : { lastContactMs: Math.round(view.silentMs) }),
    ...(view.replication === undefined ? {} : { replication: view.replication }),
    ...(report ? { status: statusBody(report) } : {}),
  }
}

function statusBody(report: NonNullable<MemberView['report']>): NonNullable<ClusterMember['status']> {
  const { term, commit, applied, firstIndex, lastIndex, leaderChanges, elections, databaseBytes, logBytes } = report
  const { version, clusterVersion, tzdata, startedAt, alarmsRaised } = report
  return {
    term,
    commit,
    applied,
    firstIndex,
    lastIndex,
    leaderChanges,
    elections,
    ...(alarmsRaised ? { alarmsRaised } : {}),
    databaseBytes,
    logBytes,
    version,
    clusterVersion,
    tzdata,
    startedAt: timeText(startedAt),
  }
}
