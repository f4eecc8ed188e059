import type { Cluster } from '../support/cluster.ts'
import type { ClusterNode } from '../support/cluster-node.ts'
import type { LinkMode } from '../support/link.ts'
import type { Cut, Fault, Victim } from './faults.ts'

/** Makes a fault happen, waits as long as it says, and puts everything right: all nodes run, all links are open. */
export async function strike(cluster: Cluster, fault: Fault): Promise<void> {
  // During the round before a leader may have gone again: then anybody is the victim.
  const leader = await cluster.leader().catch(() => cluster.nodes[0] as ClusterNode)
  try {
    await happens(new Scene(cluster, leader), fault)
  } finally {
    await heal(cluster)
  }
}

/** Everything runs and reaches everything. */
export async function heal(cluster: Cluster): Promise<void> {
  cluster.setLinks({ kind: 'open' })
  for (const node of cluster.nodes) {
    if (node.isPaused) node.resume()
    if (!node.isUp) node.start()
  }
}

class Scene {
  readonly cluster: Cluster
  readonly leader: ClusterNode

  constructor(cluster: Cluster, leader: ClusterNode) {
    this.cluster = cluster
    this.leader = leader
  }

  victim({ role, pick }: Victim): ClusterNode {
    if (role === 'leader') return this.leader
    return at(role === 'any' ? this.cluster.nodes : this.others(this.leader), pick)
  }

  others(node: ClusterNode): ClusterNode[] {
    return this.cluster.nodes.filter((other) => other !== node)
  }

  majority(pick: number): ClusterNode[] {
    const { nodes, majority } = this.cluster
    return Array.from({ length: majority }, (_, i) => at(nodes, pick + i))
  }

  /** Both ways between the two sides. */
  cutBetween(one: readonly ClusterNode[], other: readonly ClusterNode[], cut: Cut): void {
    for (const a of one) {
      for (const b of other) {
        this.set(a, b, { kind: cut })
        this.set(b, a, { kind: cut })
      }
    }
  }

  set(from: ClusterNode, to: ClusterNode, mode: LinkMode): void {
    this.cluster.link(from.name, to.name).set(mode)
  }
}

async function happens(scene: Scene, fault: Fault): Promise<void> {
  switch (fault.kind) {
    case 'kill':
    case 'kill-twice':
    case 'kill-majority':
    case 'kill-all':
    case 'stop':
      return await processesEnd(scene, fault)
    case 'pause':
    case 'pause-majority': {
      const nodes = fault.kind === 'pause' ? [scene.victim(fault.victim)] : scene.majority(fault.pick)
      for (const node of nodes) node.pause()
      return await pass(fault.ms)
    }
    case 'flap':
      return await flap(scene, scene.victim(fault.victim), fault)
    case 'kill-behind-cut':
      scene.cutBetween([scene.leader], scene.others(scene.leader), fault.cut)
      await pass(fault.ms / 2)
      await scene.leader.end('SIGKILL')
      return await pass(fault.ms / 2)
    default:
      cutLinks(scene, fault)
      return await pass(fault.ms)
  }
}

type Ends = Extract<Fault, { kind: 'kill' | 'kill-twice' | 'kill-majority' | 'kill-all' | 'stop' }>

async function processesEnd(scene: Scene, fault: Ends): Promise<void> {
  const victims =
    fault.kind === 'kill-all'
      ? scene.cluster.nodes
      : fault.kind === 'kill-majority'
        ? scene.majority(fault.pick)
        : [scene.victim(fault.victim)]
  await Promise.all(victims.map((node) => node.end(fault.kind === 'stop' ? 'SIGTERM' : 'SIGKILL')))
  await pass(fault.ms)
  if (fault.kind !== 'kill-twice') return
  for (const node of victims) node.start()
  await pass(fault.againMs)
  await Promise.all(victims.map((node) => node.end('SIGKILL')))
}

type Cuts = Extract<Fault, { kind: 'isolate' | 'mute' | 'deafen' | 'cut-link' | 'halve' | 'ring' | 'delay' }>

function cutLinks(scene: Scene, fault: Cuts): void {
  const { nodes } = scene.cluster
  switch (fault.kind) {
    case 'isolate': {
      const victim = scene.victim(fault.victim)
      return scene.cutBetween([victim], scene.others(victim), fault.cut)
    }
    case 'mute':
    case 'deafen':
    case 'delay': {
      const victim = scene.victim(fault.victim)
      const mode: LinkMode = fault.kind === 'delay' ? { kind: 'delay', ms: fault.delayMs } : { kind: fault.cut }
      for (const other of scene.others(victim)) {
        if (fault.kind !== 'deafen') scene.set(victim, other, mode)
        if (fault.kind !== 'mute') scene.set(other, victim, mode)
      }
      return
    }
    case 'cut-link': {
      const from = scene.victim(fault.from)
      return scene.set(from, at(scene.others(from), fault.to), { kind: fault.cut })
    }
    case 'halve': {
      const rest = scene.others(scene.leader)
      const small = nodes.length - scene.cluster.majority
      const minority = fault.withLeader ? [scene.leader, ...rest.slice(0, small - 1)] : rest.slice(0, small)
      return scene.cutBetween(
        minority,
        nodes.filter((node) => !minority.includes(node)),
        fault.cut,
      )
    }
    case 'ring':
      return ring(scene, fault.cut)
  }
}

/** Each reaches only its neighbours in a ring; of three nodes, two no longer reach each other. Everybody is in a majority, and all majorities differ. */
function ring(scene: Scene, cut: Cut): void {
  const { nodes } = scene.cluster
  for (const [i, a] of nodes.entries()) {
    for (const [j, b] of nodes.entries()) {
      const apart = Math.min(Math.abs(i - j), nodes.length - Math.abs(i - j))
      if (apart > 1 || (nodes.length === 3 && i + j === 1)) scene.set(a, b, { kind: cut })
    }
  }
}

async function flap(
  scene: Scene,
  victim: ClusterNode,
  { ms, everyMs }: { ms: number; everyMs: number },
): Promise<void> {
  const end = performance.now() + ms
  for (let on = true; performance.now() < end; on = !on) {
    for (const other of scene.others(victim)) {
      scene.set(victim, other, { kind: on ? 'break' : 'open' })
      scene.set(other, victim, { kind: on ? 'hold' : 'open' })
    }
    await pass(everyMs)
  }
}

function at<T>(items: readonly T[], pick: number): T {
  return items[pick % items.length] as T
}

export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
