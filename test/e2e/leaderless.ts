import type { Cluster as ClusterStatus } from '@cronclave/openapi'
import { onTestFinished } from 'vitest'
import { Cluster } from '../support/cluster.ts'
import { type Heard, startHook } from './webhook.ts'

/** How long nobody leads before it is told: for as long one is heard of that is cut off. */
const FOR = '3s'

/** Three nodes and a rule on time without a leader. The one that is to be left alone is first to tell of it, and does not lead. */
export async function withoutLeaderRule(links: boolean) {
  const cluster = await Cluster.start({ nodes: 3, links })
  onTestFinished(() => cluster.close())
  const { members } = await cluster.call<ClusterStatus>('GET', '/v1/cluster')
  const [left, ...others] = members.sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ name }) => cluster.node(name))
  if (!left || !others[0]) throw new Error('there are no members')
  if ((await cluster.leader()) === left) await cluster.call('POST', '/v1/cluster/transfer', { to: others[0].name })
  const { url, heard } = await startHook()
  await cluster.call('PUT', '/v1/channels/hook', { target: { kind: 'webhook', url } })
  const condition = { kind: 'no-leader', for: FOR }
  await cluster.call('PUT', '/v1/alert-rules/leaderless', { condition, channels: ['hook'] })
  const isOver = ({ type, key }: Heard) => type === 'alert.resolved' && key === heard[0]?.key
  return { cluster, heard, left, others, isOver }
}
