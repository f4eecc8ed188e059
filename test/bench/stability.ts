import { Cluster } from '../support/cluster.ts'
import { Arrivals, createFiringJobs } from './arrivals.ts'
import { type Figure, progress } from './figure.ts'
import type { BenchOptions } from './options.ts'
import { PutClient } from './put-round.ts'

const NODES = 3
const CLIENTS = 256
const ROUND_MS = 30_000

/** Ten minutes at full load, 256 clients that put as fast as they are answered and a hundred jobs a second, and how often a leader was elected without a fault. */
export async function benchStability({ quick }: BenchOptions): Promise<Figure[]> {
  const rounds = quick ? 1 : 20
  const cluster = await Cluster.start({ nodes: NODES })
  const arrivals = await Arrivals.listen()
  const client = new PutClient()
  try {
    await createFiringJobs(cluster, arrivals.url, 10)
    const leader = await cluster.leader()
    const term = await termOf(cluster)
    const rates: number[] = []
    for (let round = 0; round < rounds; round++) {
      const target = { system: 'cronclave' as const, addresses: [leader.url], token: await cluster.token() }
      const { perSecond, p99, errors } = await client.round({ target, clients: CLIENTS, warmMs: 0, ms: ROUND_MS })
      rates.push(perSecond)
      const now = await termOf(cluster)
      progress(
        `${(((round + 1) * ROUND_MS) / 60_000).toFixed(1)} min: ${Math.round(perSecond)} puts/s, p99 ${p99.toFixed(1)} ms, ${errors} errors, term ${now}`,
      )
    }
    const elections = (await termOf(cluster)) - term
    return [
      {
        name: 'elections without a fault at full load',
        value: elections,
        unit: `in ${(rounds * ROUND_MS) / 60_000} min`,
        target: 0,
        better: 'less',
      },
      {
        name: 'puts per second meanwhile',
        value: rates.reduce((sum, rate) => sum + rate, 0) / rates.length,
        unit: '/s',
      },
    ]
  } finally {
    await client.stop()
    arrivals.close()
    await cluster.close()
  }
}

async function termOf(cluster: Cluster): Promise<number> {
  const views = await Promise.all(cluster.nodes.map((node) => cluster.view(node)))
  return Math.max(...views.map((view) => view?.term ?? 0))
}
