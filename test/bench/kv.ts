import { Cluster } from '../support/cluster.ts'
import { Etcd, provideEtcd } from './etcd.ts'
import { type Figure, median, progress } from './figure.ts'
import type { BenchOptions } from './options.ts'
import { PutClient, type PutRoundResult } from './put-round.ts'
import type { PutTarget } from './putters.ts'

const NODES = 3
/** What is to be reached beside etcd, by clients: at least so many times its puts, at most so many times its median. */
const GOALS = [
  { clients: 1, p50: 1.1 },
  { clients: 64, ratio: 1.4, p50: 1 },
  { clients: 256, ratio: 1.2, p50: 1 },
]

/** A system under load: where its puts go, and what its processes cost. */
interface Side {
  name: string
  client: PutClient
  /** Through the leader, or spread over all nodes. */
  target(spread: boolean): Promise<PutTarget>
  cpu(): number
  stop(): Promise<void>
}

/** A round, and the cores that the servers used meanwhile. */
interface Measured extends PutRoundResult {
  serverCpu: number
}

/**
 * Puts of 256 bytes into three nodes, beside three of etcd on the same disk: synced on a majority before they are
 * answered. The same client process for both, alternating rounds, median of five; first through the leader, then spread
 * over all nodes.
 */
export async function benchKv({ quick }: BenchOptions): Promise<Figure[]> {
  const [rounds, ms] = quick ? [1, 3000] : [5, 8000]
  const sides = [await ourSide(), ...(provideEtcd() ? [await etcdSide()] : [])]
  try {
    const figures: Figure[] = []
    for (const goal of GOALS) {
      const results = sides.map((): Measured[] => [])
      for (let round = 0; round < rounds; round++) {
        for (const [i, side] of sides.entries()) results[i]?.push(await measured(side, goal.clients, ms, false))
      }
      figures.push(...throughLeader(goal, results))
      if (goal.clients > 1) figures.push(...(await spread(sides, goal.clients, ms)))
    }
    return figures
  } finally {
    await Promise.all(sides.map((side) => side.stop()))
  }
}

async function measured(side: Side, clients: number, ms: number, isSpread: boolean): Promise<Measured> {
  const target = await side.target(isSpread)
  const [cpu, at] = [side.cpu(), performance.now()]
  const result = await side.client.round({ target, clients, warmMs: 1500, ms })
  const serverCpu = (side.cpu() - cpu) / ((performance.now() - at) / 1000)
  if (result.errors > 0) progress(`${side.name}: ${result.errors} puts failed, the last with ${result.said}`)
  progress(
    `${side.name}, ${clients} clients${isSpread ? ' over all nodes' : ''}: ${Math.round(result.perSecond)} puts/s, ` +
      `p50 ${result.p50.toFixed(2)} ms, p99 ${result.p99.toFixed(2)} ms, cores: client ${result.cpu.toFixed(2)}, servers ${serverCpu.toFixed(2)}`,
  )
  return { ...result, serverCpu }
}

function throughLeader(goal: (typeof GOALS)[number], [ours = [], etcd]: Measured[][]): Figure[] {
  const { clients, ratio, p50 } = goal
  const of = (results: readonly Measured[], key: keyof Omit<Measured, 'said'>) => median(results.map((one) => one[key]))
  const beside = (key: keyof Omit<Measured, 'said'>) =>
    etcd ? { yardstick: { name: 'etcd', value: of(etcd, key) } } : {}
  const share = (key: keyof Omit<Measured, 'said'>) => (etcd ? of(ours, key) / of(etcd, key) : Number.NaN)
  const name = (what: string) => `${what}, ${clients} client${clients > 1 ? 's' : ''}`
  return [
    { name: name('puts per second'), value: of(ours, 'perSecond'), unit: '/s', ...beside('perSecond') },
    { name: name('share of etcd'), value: share('perSecond'), unit: '', ...(ratio ? { target: ratio } : {}) },
    { name: name('p50'), value: of(ours, 'p50'), unit: 'ms', ...beside('p50') },
    { name: name('p50 as a share of etcd’s'), value: share('p50'), unit: '', target: p50, better: 'less' },
    { name: name('p99'), value: of(ours, 'p99'), unit: 'ms', ...beside('p99') },
    { name: name('cores of the client'), value: of(ours, 'cpu'), unit: '', ...beside('cpu') },
    { name: name('cores of the servers'), value: of(ours, 'serverCpu'), unit: '', ...beside('serverCpu') },
    { name: name('puts that failed'), value: sum(ours), unit: '', target: 0, better: 'less' },
  ]
}

async function spread(sides: readonly Side[], clients: number, ms: number): Promise<Figure[]> {
  const [ours, etcd] = [
    await measured(sides[0] as Side, clients, ms, true),
    sides[1] && (await measured(sides[1], clients, ms, true)),
  ]
  const beside = etcd ? { yardstick: { name: 'etcd', value: etcd.perSecond } } : {}
  return [{ name: `puts per second over all nodes, ${clients} clients`, value: ours.perSecond, unit: '/s', ...beside }]
}

async function ourSide(): Promise<Side> {
  const cluster = await Cluster.start({ nodes: NODES })
  const client = new PutClient()
  return {
    name: 'ours',
    client,
    async target(isSpread) {
      const leader = await cluster.leader()
      const nodes = isSpread ? cluster.nodes : [leader]
      return { system: 'cronclave', addresses: nodes.map(({ url }) => url), token: await cluster.token() }
    },
    cpu: () => cluster.cpu(),
    async stop() {
      await client.stop()
      await cluster.close()
    },
  }
}

async function etcdSide(): Promise<Side> {
  const etcd = await Etcd.start(NODES)
  const client = new PutClient()
  return {
    name: 'etcd',
    client,
    async target(isSpread) {
      const leader = await etcd.leader()
      const members = isSpread ? etcd.members : [leader]
      return { system: 'etcd', addresses: members.map(({ address }) => address) }
    },
    cpu: () => etcd.cpu(),
    async stop() {
      await client.stop()
      await etcd.stop()
    },
  }
}

function sum(results: readonly Measured[]): number {
  return results.reduce((total, { errors }) => total + errors, 0)
}
