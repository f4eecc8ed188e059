import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Cluster } from '../support/cluster.ts'
import { sleepUntil } from '../support/server.ts'
import { Arrivals, createFiringJobs } from './arrivals.ts'
import { type Area, costsOf, type CpuProfile } from './cost-profile.ts'
import { type Figure, progress } from './figure.ts'
import type { BenchOptions } from './options.ts'
import { type Costs, keepsUp } from './scale-model.ts'

const NODES = 3
const JOBS = 2000
const WARM_MS = 6000
const WINDOW_MS = 15_000
const WRITTEN_WITHIN_MS = 20_000
const SIZES = [1, 2, 3, 5, 7]

/**
 * Throughput of one to seven nodes on machines of their own, from a model: what a run costs the threads of a leader and
 * of a follower is measured by their profiles in a cluster of three under a steady load, and the model plays it.
 */
export async function benchScaleOut({ quick }: BenchOptions): Promise<Figure[]> {
  const costs = await measure(quick ? 4000 : WINDOW_MS)
  const micros = Object.entries(costs).map(
    ([name, value]): Figure => ({ name: `cost of a run: ${name}`, value, unit: 'µs' }),
  )
  const sizes = SIZES.map((nodes): Figure => {
    const { perSecond, bottleneck, leaderBusy, followerBusy } = keepsUp(costs, nodes)
    const busy = `leader ${Math.round(leaderBusy * 100)} %, follower ${Math.round(followerBusy * 100)} % busy`
    progress(`${nodes} nodes: ${Math.round(perSecond)} runs/s; ${busy}; ${bottleneck}`)
    return {
      name: `modelled, ${nodes} ${nodes === 1 ? 'node' : 'nodes'}: ${bottleneck}`,
      value: perSecond,
      unit: 'runs/s',
    }
  })
  return [...micros, ...sizes]
}

async function measure(windowMs: number): Promise<Costs> {
  const folder = await mkdtemp(join(tmpdir(), 'cronclave-profiles-'))
  const hook = `--import ${resolve('test/bench/profile-hook.mjs')}`
  const cluster = await Cluster.start({ nodes: NODES, env: { NODE_OPTIONS: hook, PROFILE_FOLDER: folder } })
  const arrivals = await Arrivals.listen()
  try {
    await createFiringJobs(cluster, arrivals.url, 1000 / JOBS)
    await sleepUntil(Date.now() + WARM_MS)
    const leader = await cluster.leader()
    const before = await runsEnded(cluster)
    for (const node of cluster.nodes) node.child.signal('SIGUSR2')
    await sleepUntil(Date.now() + windowMs)
    for (const node of cluster.nodes) node.child.signal('SIGUSR2')
    const runs = (await runsEnded(cluster)) - before
    const profiles = await profilesIn(folder)
    const own = profiles.get(leader.child.process.pid ?? 0)
    const followers = [...profiles.values()].filter((costs) => costs !== own)
    if (own === undefined) throw new Error('the profile of the leader is missing')
    progress(`${runs} runs in ${windowMs / 1000} s, profiled`)
    return costsPerRun(own, followers, runs)
  } finally {
    arrivals.close()
    await cluster.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** What only the leader does is what its profile has beyond a follower's. */
function costsPerRun(leader: Record<Area, number>, followers: Record<Area, number>[], runs: number): Costs {
  const mean = (area: Area) => followers.reduce((sum, costs) => sum + costs[area], 0) / followers.length
  const beyond = (area: Area) => Math.max(0, leader[area] - mean(area))
  const everyNode = mean('replicating') + mean('applying') + mean('scheduling')
  return {
    calling: (leader.calling + followers.reduce((sum, { calling }) => sum + calling, 0)) / runs,
    everyNode: everyNode / runs,
    leader: (beyond('scheduling') + beyond('applying')) / runs,
    perFollower: beyond('replicating') / followers.length / runs,
  }
}

async function runsEnded(cluster: Cluster): Promise<number> {
  const { log } = await cluster.call<{ log: { runsEnded: number } }>('GET', '/v1/status')
  return log.runsEnded
}

/** By process, once all are written. */
async function profilesIn(folder: string): Promise<Map<number, Record<Area, number>>> {
  const deadline = Date.now() + WRITTEN_WITHIN_MS
  while ((await finished(folder)).length < NODES) {
    if (Date.now() > deadline) throw new Error('not every node wrote its profile')
    await sleepUntil(Date.now() + 100)
  }
  const found = new Map<number, Record<Area, number>>()
  for (const name of await finished(folder)) {
    const text = await readFile(join(folder, name), 'utf8')
    const { profile, cpuMs } = JSON.parse(text) as { profile: CpuProfile; cpuMs: number }
    found.set(Number.parseInt(name, 10), scaled(costsOf(profile), cpuMs * 1000))
  }
  return found
}

/** Costs that add up to what the thread really computed. */
function scaled(costs: Record<Area, number>, micros: number): Record<Area, number> {
  const total = Object.values(costs).reduce((sum, cost) => sum + cost, 0)
  const entries = Object.entries(costs).map(([area, cost]) => [area, (cost * micros) / total])
  return Object.fromEntries(entries) as Record<Area, number>
}

async function finished(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.json'))
}
