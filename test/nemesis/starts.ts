import type { SeededRandom } from '../sim/seeded-random.ts'
import { Cluster } from '../support/cluster.ts'
import { HOME } from '../support/server.ts'
import { pass } from './strike.ts'

export interface Start {
  nodes: number
  /** From the first process to a leader that a majority knows. */
  leaderMs: number
  faults: string[]
}

/** Fresh nodes started at once, each a little later by chance, must become one cluster: one id everywhere, one leader, and writes that all have. */
export async function startTogether(nodes: number, random: SeededRandom, offsetMsMax: number): Promise<Start> {
  const cluster = await Cluster.prepare({ nodes })
  try {
    const begin = Date.now()
    await Promise.all(
      cluster.nodes.map(async (node) => {
        await pass(random.integer(0, offsetMsMax))
        node.start()
      }),
    )
    await cluster.leader()
    const leaderMs = Date.now() - begin
    return { nodes, leaderMs, faults: await faultsOf(cluster) }
  } finally {
    await cluster.close()
  }
}

async function faultsOf(cluster: Cluster): Promise<string[]> {
  const token = await cluster.token()
  const target = { kind: 'http', url: 'http://127.0.0.1:9/' }
  const faults: string[] = []
  for (const node of cluster.nodes) {
    const reply = await until(
      () => node.ask('PUT', `${HOME}/jobs/from-${node.name}`, { token, body: { target } }),
      (one) => one.status < 500,
    )
    if (reply.status >= 300)
      faults.push(`${node.name} did not take a write: ${reply.status} ${JSON.stringify(reply.body)}`)
  }
  const views = await until(
    () => Promise.all(cluster.nodes.map((node) => cluster.view(node))),
    (all) => all.every((view) => view?.leader !== undefined),
  )
  const ids = new Set(views.map((view) => view?.cluster))
  const leaders = new Set(views.map((view) => `${view?.leader} in term ${view?.term}`))
  if (ids.size !== 1) faults.push(`${ids.size} clusters: ${[...ids].join()}`)
  if (leaders.size !== 1) faults.push(`more than one leader: ${[...leaders].join()}`)
  for (const node of cluster.nodes) {
    const wanted = cluster.nodes.length
    const all = await until(
      () => node.ask<{ items?: unknown[] }>('GET', `${HOME}/jobs?limit=10`, { token }),
      ({ body }) => body.items?.length === wanted,
    )
    if (all.body.items?.length !== wanted) faults.push(`${node.name} has ${all.body.items?.length} of ${wanted} jobs`)
  }
  return faults
}

const PATIENCE_MS = 20_000

/** What was asked for, as soon as it is right, or as it was at the end. */
async function until<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const answer = await ask()
    if (isRight(answer) || Date.now() > deadline) return answer
    await pass(50)
  }
}
