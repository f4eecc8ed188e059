import { afterAll, beforeAll, expect, test } from 'vitest'
import { Cluster } from '../support/cluster.ts'
import type { ClusterNode } from '../support/cluster-node.ts'
import { type TestExecutor, startExecutor } from '../support/executor.ts'
import { HOME } from '../support/server.ts'

const KEPT = 20
const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const PATIENCE_MS = 60_000
/** How often a list is looked at again, in milliseconds. */
const LOOK_MS = 100

let cluster: Cluster
let executor: TestExecutor
let token: string

beforeAll(async () => {
  executor = await startExecutor({ secret: SECRET })
  cluster = await Cluster.start({ nodes: 3, flags: ['--ledger-max-runs', String(KEPT)] })
  token = await cluster.token()
}, 60_000)

afterAll(async () => {
  await cluster.close()
  await executor.close()
})

async function ask<T>(node: ClusterNode, method: string, path: string, body?: unknown): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  let reply = await node.ask<T>(method, path.startsWith('/v1') ? path : HOME + path, { token, body })
  // A leader may be deposed on a busy machine.
  while (reply.status === 503 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    reply = await node.ask<T>(method, path.startsWith('/v1') ? path : HOME + path, { token, body })
  }
  if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`)
  return reply.body
}

async function trigger(job: string, count: number): Promise<void> {
  const nodes = cluster.nodes.filter((node) => node.isUp)
  for (let run = 0; run < count; run++) {
    await ask(nodes[run % nodes.length] as ClusterNode, 'POST', `/jobs/${job}/trigger`, {})
  }
}

async function runsOf(node: ClusterNode, job: string): Promise<{ id: string; state: string }[]> {
  return (await ask<{ items: { id: string; state: string }[] }>(node, 'GET', `/runs?job=${job}&limit=500`)).items
}

async function until<T extends object>(what: string, look: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    // A node that has just been started refuses connections.
    const value = await look().catch((error: unknown) => String(error))
    if (typeof value !== 'string' && holds(value)) return value
    if (Date.now() > deadline) throw new Error(`${what}: not within ${PATIENCE_MS} ms: ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

async function statesAreEqual(): Promise<void> {
  const { equal, members } = await ask<{ equal: boolean; members: object[] }>(
    cluster.nodes[0] as ClusterNode,
    'POST',
    '/v1/cluster/hash',
  )
  expect({ equal, members }).toMatchObject({ equal: true })
  expect(members).toHaveLength(3)
}

test('S097 the leader trims the ledger while it grows, a node that was killed meanwhile has the same in the end', async () => {
  const [first, second, third] = cluster.nodes as [ClusterNode, ClusterNode, ClusterNode]
  const target = { kind: 'http', url: executor.httpUrl }
  await ask(first, 'PUT', '/jobs/busy', { target, overlap: 'allow' })
  await trigger('busy', 150)
  const leader = await cluster.leader()
  const victim = leader === third ? second : third
  await victim.end()
  await trigger('busy', 150)
  await until(
    'the ledger is trimmed',
    () => runsOf(first === victim ? second : first, 'busy'),
    (runs) => runs.length === KEPT,
  )
  victim.start()
  const kept = await until(
    'the node that was killed has caught up',
    () => runsOf(victim, 'busy'),
    (runs) => runs.length === KEPT,
  )
  expect(new Set(kept.map(({ state }) => state))).toEqual(new Set(['succeeded']))
  for (const node of cluster.nodes) expect(await runsOf(node, 'busy')).toEqual(kept)
  await statesAreEqual()
}, 150_000)

test('S096 runs that are deleted by hand are gone on every node', async () => {
  const [first, , third] = cluster.nodes as [ClusterNode, ClusterNode, ClusterNode]
  await ask(first, 'PUT', '/jobs/kept', { target: { kind: 'http', url: executor.httpUrl } })
  await trigger('kept', 1)
  const [run] = await until(
    'it has run',
    () => runsOf(first, 'kept'),
    (runs) => runs[0]?.state === 'succeeded',
  )
  const preview = await ask<{ runs: number }>(third, 'DELETE', '/runs?state=succeeded&job=busy&preview=true')
  expect(preview.runs).toBe(KEPT)
  const { runs, done } = await ask<{ runs: number; done: boolean }>(third, 'DELETE', '/runs?state=succeeded&job=busy')
  expect([runs, done]).toEqual([KEPT, true])
  for (const node of cluster.nodes) {
    await until(
      'they are gone',
      () => runsOf(node, 'busy'),
      (left) => left.length === 0,
    )
    expect((await runsOf(node, 'kept')).map(({ id }) => id)).toEqual([run?.id])
  }
  await statesAreEqual()
}, 90_000)

test('what handlers log is read from any node, and outlives the node that received it', async () => {
  const [first, second, third] = cluster.nodes as [ClusterNode, ClusterNode, ClusterNode]
  await ask(first, 'PUT', '/services/chat', { secret: SECRET })
  const worker = await startExecutor({ secret: SECRET, service: 'chat', id: 'w1' })
  try {
    await ask(first, 'PUT', '/services/chat/executors/w1', { url: worker.url })
    await ask(first, 'PUT', '/jobs/chatty', { target: { kind: 'handler', service: 'chat', handler: 'work' } })
    await trigger('chatty', 1)
    const [run] = await until(
      'it has run',
      () => runsOf(first, 'chatty'),
      (runs) => runs[0]?.state === 'succeeded',
    )
    const lines = (node: ClusterNode) => ask<{ items: object[]; lost?: number }>(node, 'GET', `/runs/${run?.id}/logs`)
    const { items, lost } = await lines(first)
    expect([items.length > 0, lost]).toEqual([true, undefined])
    expect(await lines(second)).toEqual({ items })
    expect(await lines(third)).toEqual({ items })
    const { items: attempts } = await ask<{ items: { output?: object }[] }>(first, 'GET', `/runs/${run?.id}/attempts`)
    expect(attempts).toMatchObject([{ output: { lines: items.length, nodes: [expect.anything(), expect.anything()] } }])
    await statesAreEqual()
    for (const victim of cluster.nodes) {
      await victim.end()
      const other = victim === first ? second : first
      expect(await lines(other)).toEqual({ items })
      victim.start()
      await until(
        'it is back',
        () => lines(victim),
        (found) => found.items.length === items.length,
      )
    }
  } finally {
    await worker.close()
  }
}, 150_000)
