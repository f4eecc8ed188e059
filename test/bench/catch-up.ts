import { Cluster } from '../support/cluster.ts'
import { inParallel } from '../support/server.ts'
import { type Figure, median, progress } from './figure.ts'
import type { BenchOptions } from './options.ts'
import { PutClient } from './put-round.ts'
import { puttersFor } from './putters.ts'

const NODES = 3
const CLIENTS = 64
const VALUE_BYTES = 64 * 1024
/** Less than the quota of a namespace. */
const VALUES_PER_NAMESPACE = 900
const WRITERS = 16
const BASE_ROUNDS = 5
const ROUND_MS = 5000
const CAUGHT_UP_WITHIN_MS = 600_000
/** A follower that is no further behind than this follows. */
const BEHIND_MAX = 5000

/**
 * A follower that missed a gigabyte of state comes back and catches up by snapshot and log, while 64 clients put as fast
 * as they are answered: how long it takes, and how much of their throughput they keep beside what they had before.
 */
export async function benchCatchUp({ quick }: BenchOptions): Promise<Figure[]> {
  const bytes = quick ? 64 * 2 ** 20 : 2 ** 30
  const cluster = await Cluster.start({ nodes: NODES })
  const client = new PutClient()
  try {
    const leader = await cluster.leader()
    const lagging = cluster.nodes.find((node) => node !== leader) as (typeof cluster.nodes)[number]
    const token = await cluster.token()
    await lagging.end('SIGKILL')
    await fill(leader.url, token, bytes)
    const target = { system: 'cronclave' as const, addresses: [leader.url], token }
    const round = async () => (await client.round({ target, clients: CLIENTS, warmMs: 500, ms: ROUND_MS })).perSecond
    const before: number[] = []
    for (let i = 0; i < BASE_ROUNDS; i++) before.push(await round())
    progress(`${Math.round(median(before))} puts/s before; ${lagging.name} comes back`)
    lagging.start()
    const began = performance.now()
    const during: number[] = []
    let behind = Infinity
    while (behind > BEHIND_MAX && performance.now() - began < CAUGHT_UP_WITHIN_MS) {
      during.push(await round())
      const [view, ahead] = await Promise.all([cluster.view(lagging), cluster.view(leader)])
      behind = view && ahead ? ahead.index - view.index : Infinity
      progress(
        `${((performance.now() - began) / 1000).toFixed(0)} s: ${Math.round(during.at(-1) ?? 0)} puts/s, ${behind} entries behind`,
      )
    }
    const seconds = behind > BEHIND_MAX ? Infinity : (performance.now() - began) / 1000
    const name = `a follower ${Math.round(bytes / 2 ** 20)} MiB behind`
    return [
      {
        name: `${name} has caught up after`,
        value: seconds,
        unit: 's',
        target: CAUGHT_UP_WITHIN_MS / 1000,
        better: 'less',
      },
      {
        name: `puts per second meanwhile, ${CLIENTS} clients`,
        value: median(during),
        unit: '/s',
        yardstick: { name: 'before', value: median(before) },
      },
      { name: 'share of the throughput kept', value: median(during) / median(before), unit: '', target: 0.7 },
    ]
  } finally {
    await client.stop()
    await cluster.close()
  }
}

/**
 * Values that do not compress, each under a key of its own, so that the state is as large as what was written; in as many
 * namespaces as their quotas need.
 */
async function fill(url: string, token: string, bytes: number): Promise<void> {
  const count = Math.ceil(bytes / VALUE_BYTES)
  for (let done = 0; done < count; done += VALUES_PER_NAMESPACE) {
    const namespace = `fill-${done / VALUES_PER_NAMESPACE}`
    await createNamespace(url, token, namespace)
    const putters = puttersFor({ system: 'cronclave', addresses: [url], token, namespace }, WRITERS)
    const some = Math.min(VALUES_PER_NAMESPACE, count - done)
    const places = Array.from({ length: some }, (_, i) => i)
    await inParallel(places, WRITERS, async (i) => {
      await putters[i % WRITERS]?.put(`state-${i}`, crypto.getRandomValues(Buffer.alloc(VALUE_BYTES)))
    })
    await Promise.all(putters.map((putter) => putter.close()))
    progress(`${done + some} of ${count} values written`)
  }
}

async function createNamespace(url: string, token: string, name: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ name })
  const reply = await fetch(`${url}/v1/namespaces`, { method: 'POST', headers, body })
  if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`)
}
