import { type DiscoverySource, parseDiscovery } from '../cluster/discovery-source.ts'
import { initialClusterFault, type NamedAddress, parseNamedAddress } from '../cluster/initial-cluster.ts'
import type { SettingKey } from './settings.ts'
import type { ConfigFault, ReadSettings, Sources } from './sources.ts'

/** How a node without data begins: alone when nothing is given here. */
export interface ClusterConfig {
  /** Empty when not given; this node among them, by `nodeName`. */
  initial: NamedAddress[]
  expect?: number
  discovery: DiscoverySource[]
  joinToken?: string
  /** Absolute path. */
  joinFile?: string
}

export interface PeerConfig {
  listen: { host: string; port: number }
  /** Where others reach this node, `host:port`; absent: what it listens on. */
  address?: string
}

const PORT_MAX = 65_535

/** What the settings say of the cluster and of the port for other members, and what of it does not go together. */
export function clusterConfig(
  read: ReadSettings,
  sources: Sources,
): {
  peer: PeerConfig
  cluster: ClusterConfig
  faults: ConfigFault[]
} {
  const cluster = startOf(read, sources)
  return { cluster, peer: peerConfig(read, cluster, sources), faults: clusterFaults(cluster, read, sources) }
}

function startOf({ get }: ReadSettings, { absolute }: Sources): ClusterConfig {
  const [expect, joinToken, joinFile] = [get('bootstrapExpect'), get('join')?.trim(), get('joinFile')]
  return {
    initial: get('initialCluster').map(parseNamedAddress),
    ...(expect === undefined ? {} : { expect }),
    discovery: get('discovery').flatMap((text) => parseDiscovery(text) ?? []),
    ...(joinToken === undefined ? {} : { joinToken }),
    ...(joinFile === undefined ? {} : { joinFile: absolute(joinFile) }),
  }
}

/** What does not go together, each fault where the setting was given. */
function clusterFaults(cluster: ClusterConfig, read: ReadSettings, sources: Sources): ConfigFault[] {
  const faults: ConfigFault[] = []
  const fault = (key: SettingKey, detail: string) =>
    faults.push({ where: read.settings.find((setting) => setting.key === key)?.from ?? key, key, detail })
  const { initial, expect, discovery, joinToken, joinFile } = cluster
  const wrong = initial.length === 0 ? undefined : initialClusterFault(initial, nodeNameOf(read, sources))
  if (wrong !== undefined) fault('initialCluster', wrong)
  const own = ownInitialAddress(cluster, nodeNameOf(read, sources))
  const address = read.get('peer.address')
  if (own !== undefined && address !== undefined && own !== address)
    fault('peer.address', `"${address}" is not "${own}", which initialCluster says of this node`)
  if (expect !== undefined && initial.length > 0) fault('bootstrapExpect', 'initialCluster says already how many')
  if (expect !== undefined && expect > 1 && discovery.length === 0)
    fault('bootstrapExpect', 'needs discovery, by which the nodes find each other')
  if (joinToken !== undefined && joinFile !== undefined) fault('joinFile', 'join is given already')
  const joins = joinToken !== undefined || joinFile !== undefined
  if (joins && (initial.length > 0 || expect !== undefined))
    fault(joinToken === undefined ? 'joinFile' : 'join', 'a node either begins a cluster or joins one, not both')
  return faults
}

function peerConfig(read: ReadSettings, cluster: ClusterConfig, sources: Sources): PeerConfig {
  const { get } = read
  const after = get('listen.port') === 0 || get('listen.port') === PORT_MAX ? 0 : get('listen.port') + 1
  const address = get('peer.address') ?? ownInitialAddress(cluster, nodeNameOf(read, sources))
  return {
    listen: { host: get('peer.listen.host') ?? get('listen.host'), port: get('peer.listen.port') ?? after },
    ...(address === undefined ? {} : { address }),
  }
}

export function nodeNameOf({ get }: ReadSettings, { hostname }: Sources): string {
  return get('nodeName') ?? hostname
}

function ownInitialAddress({ initial }: ClusterConfig, name: string): string | undefined {
  return initial.find((member) => member.name === name)?.address
}
