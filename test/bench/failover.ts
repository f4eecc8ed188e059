import { randomInt } from 'node:crypto'
import { Cluster } from '../support/cluster.ts'
import type { ClusterNode } from '../support/cluster-node.ts'
import { Arrivals, createFiringJobs } from './arrivals.ts'
import { provideEtcd } from './etcd.ts'
import { etcdFailover } from './etcd-failover.ts'
import { type Figure, percentile, progress } from './figure.ts'
import { longestGap, OpenLoop } from './open-loop.ts'
import type { BenchOptions } from './options.ts'
import { type Putter, puttersFor } from './putters.ts'

const NODES = 3
/** A write, and a due fire, each so many milliseconds. */
const EVERY_MS = 10
const GRACEFUL_EVERY_MS = 2
/** What was on its way from a leader when it was killed arrives within this; a new one takes longer than this to be elected. */
const ECHO_MS = 50
const PATIENCE_MS = 30_000
const VALUE = Buffer.alloc(256, 'v')

interface Lost {
  /** From the kill to the first request of the new leader to an executor. */
  request?: number
  /** From the kill to the first acknowledgement of a write sent after it. */
  write: number
}

/**
 * `kill -9` of the leader with default settings, again and again, while survivors are written to every 10 ms and a job is
 * due as often: until the new leader's first request to an executor, and until it takes a write; etcd's beside it. Then
 * the leader is stopped gracefully, under writes every 2 ms.
 */
export async function benchFailover({ quick }: BenchOptions): Promise<Figure[]> {
  const [kills, stops] = quick ? [5, 3] : [50, 20]
  const { lost, gaps } = await ours(kills, stops)
  const etcd = provideEtcd() ? await etcdFailover(NODES, EVERY_MS, kills, []) : undefined
  const half = provideEtcd()
    ? await etcdFailover(NODES, EVERY_MS, Math.ceil(kills / 2), ['--heartbeat-interval=50', '--election-timeout=500'])
    : undefined
  const requests = lost.map(({ request = Infinity }) => request)
  const writes = lost.map(({ write }) => write)
  const beside = (p: number) => (etcd ? { yardstick: { name: 'etcd', value: percentile(etcd, p) } } : {})
  return [
    {
      name: 'kill -9: first request of the new leader, p50',
      value: percentile(requests, 0.5),
      unit: 'ms',
      target: 1000,
      better: 'less',
    },
    {
      name: 'kill -9: first request of the new leader, p99',
      value: percentile(requests, 0.99),
      unit: 'ms',
      target: 2000,
      better: 'less',
    },
    { name: 'kill -9: first write accepted, p50', value: percentile(writes, 0.5), unit: 'ms', ...beside(0.5) },
    { name: 'kill -9: first write accepted, p99', value: percentile(writes, 0.99), unit: 'ms', ...beside(0.99) },
    ...(half
      ? [{ name: 'etcd at half its default timeouts: first write, p50', value: percentile(half, 0.5), unit: 'ms' }]
      : []),
    {
      name: 'graceful stop: longest time without a write, p50',
      value: percentile(gaps, 0.5),
      unit: 'ms',
      target: 50,
      better: 'less',
    },
    { name: 'graceful stop: longest time without a write, max', value: Math.max(...gaps), unit: 'ms' },
  ]
}

async function ours(kills: number, stops: number): Promise<{ lost: Lost[]; gaps: number[] }> {
  const cluster = await Cluster.start({ nodes: NODES })
  const arrivals = await Arrivals.listen()
  try {
    const token = await cluster.token()
    await createFiringJobs(cluster, arrivals.url, EVERY_MS)
    const putters = new Map(
      cluster.nodes.map(({ name, url }) => [name, puttersFor({ system: 'cronclave', addresses: [url], token }, 32)]),
    )
    const lost: Lost[] = []
    for (let round = 0; round < kills; round++) {
      lost.push(await killOnce(cluster, putters, arrivals))
      const { request = 0, write } = lost.at(-1) as Lost
      progress(
        `kill ${round + 1}: first request after ${Math.round(request)} ms, first write after ${Math.round(write)} ms`,
      )
    }
    const gaps: number[] = []
    for (let round = 0; round < stops; round++) {
      gaps.push(await stopOnce(cluster, putters))
      progress(`graceful stop ${round + 1}: ${gaps.at(-1)?.toFixed(1)} ms without a write`)
    }
    await Promise.all([...putters.values()].flat().map((putter) => putter.close()))
    return { lost, gaps }
  } finally {
    arrivals.close()
    await cluster.close()
  }
}

type Putters = ReadonlyMap<string, Putter[]>

/** Writes to all nodes but one, in turns. */
function writes(everyMs: number, cluster: Cluster, putters: Putters, except: ClusterNode): OpenLoop {
  const survivors = cluster.nodes.filter((node) => node !== except).map(({ name }) => putters.get(name) as Putter[])
  return new OpenLoop(everyMs, async (n) => {
    const lanes = survivors[n % survivors.length] as Putter[]
    await lanes[Math.floor(n / survivors.length) % lanes.length]?.put(`failover-${n % 100}`, VALUE)
  })
}

async function killOnce(cluster: Cluster, putters: Putters, arrivals: Arrivals): Promise<Lost> {
  const leader = await settled(cluster)
  const loop = writes(EVERY_MS, cluster, putters, leader)
  loop.start()
  await pass(1000 + randomInt(300))
  arrivals.forget()
  await arrivals.firstAfter(performance.now(), PATIENCE_MS)
  const killedAt = performance.now()
  await leader.end('SIGKILL')
  const [request, write] = await Promise.all([
    arrivals.firstAfter(killedAt + ECHO_MS, PATIENCE_MS),
    loop.firstAfter(killedAt, PATIENCE_MS),
  ])
  await loop.stop()
  leader.start()
  return { request: request - killedAt, write: write.ackedAt - killedAt }
}

async function stopOnce(cluster: Cluster, putters: Putters): Promise<number> {
  const leader = await settled(cluster)
  const loop = writes(GRACEFUL_EVERY_MS, cluster, putters, leader)
  loop.start()
  await pass(1000)
  loop.take()
  await leader.end('SIGTERM')
  await pass(500)
  const gap = longestGap(loop.take())
  await loop.stop()
  leader.start()
  return gap
}

/** The leader, once every node runs, knows it and has applied what it has. */
async function settled(cluster: Cluster): Promise<ClusterNode> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const leader = await cluster.leader()
    const views = await Promise.all(cluster.nodes.map((node) => cluster.view(node)))
    const [least, most] = [Math.min, Math.max].map((of) => of(...views.map((view) => view?.index ?? 0)))
    if (views.every((view) => view?.leader === leader.name) && (most ?? 0) - (least ?? 0) < 1000) return leader
    if (Date.now() > deadline) throw new Error(`the cluster does not settle: ${JSON.stringify(views)}`)
    await pass(50)
  }
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
