import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster } from '../support/cluster.ts'
import type { ClusterNode } from '../support/cluster-node.ts'
import { type TestExecutor, startExecutor } from '../support/executor.ts'
import { MariaDb, mariadbPrograms } from '../support/mariadb.ts'
import { HOME } from '../support/server.ts'

/** Runs of a job that the ledger keeps, and that are made. */
const KEPT = 20
const MADE = 90
const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const PATIENCE_MS = 60_000
const LOOK_MS = 100

interface Page {
  items: { id: string; fireTime: string }[]
  source: string
  incomplete?: string
  nextCursor?: string
}

describe.skipIf(mariadbPrograms === undefined && process.env['CI'] === undefined)('with a sink', () => {
  let cluster: Cluster
  let executor: TestExecutor
  let db: MariaDb
  let token: string
  let made: string[]

  beforeAll(async () => {
    executor = await startExecutor({ secret: SECRET })
    db = await MariaDb.start()
    const flags = ['--ledger-max-runs', String(KEPT), '--egress-allow-loopback', 'true']
    cluster = await Cluster.start({ nodes: 3, flags })
    token = await cluster.token()
    const target = { kind: 'http', url: executor.httpUrl }
    await ask(cluster.nodes[0] as ClusterNode, 'PUT', '/jobs/busy', { target, overlap: 'allow' })
    await ask(cluster.nodes[0] as ClusterNode, 'PUT', '/v1/sinks/archive', {
      ...db.connection(),
      password: db.password,
    })
    made = []
    for (let run = 0; run < MADE; run++) {
      const node = cluster.nodes[run % 3] as ClusterNode
      made.unshift((await ask<{ id: string }>(node, 'POST', '/jobs/busy/trigger', {})).id)
    }
    await until(
      'all runs have ended',
      () => count(),
      (ended) => ended >= MADE,
    )
  }, 120_000)

  afterAll(async () => {
    await cluster?.close()
    await executor?.close()
    await db?.remove()
  })

  async function ask<T>(node: ClusterNode, method: string, path: string, body?: unknown): Promise<T> {
    const deadline = Date.now() + PATIENCE_MS
    const whole = path.startsWith('/v1') ? path : HOME + path
    let reply = await node.ask<T>(method, whole, { token, body })
    // A leader may be deposed on a busy machine.
    while (reply.status === 503 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      reply = await node.ask<T>(method, whole, { token, body })
    }
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`)
    return reply.body
  }

  async function until<T>(what: string, look: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const value = await look()
      if (holds(value)) return value
      if (Date.now() > deadline) throw new Error(`${what}: not within ${PATIENCE_MS} ms: ${JSON.stringify(value)}`)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }

  /** Rows of runs that are in the database. */
  async function count(): Promise<number> {
    const rows = await db.rows('SELECT COUNT(*) AS n FROM cronclave_runs').catch(() => [])
    return Number(rows[0]?.['n'] ?? 0)
  }

  async function list(
    node: ClusterNode,
    limit: number,
  ): Promise<{ ids: string[]; sources: string[]; incomplete?: string }> {
    const ids: string[] = []
    const sources: string[] = []
    let incomplete: string | undefined
    for (let cursor = ''; ; ) {
      const page = await ask<Page>(node, 'GET', `/runs?job=busy&limit=${limit}${cursor}`)
      ids.push(...page.items.map(({ id }) => id))
      sources.push(page.source)
      incomplete ??= page.incomplete
      if (page.nextCursor === undefined) return { ids, sources, ...(incomplete === undefined ? {} : { incomplete }) }
      cursor = `&cursor=${page.nextCursor}`
    }
  }

  test('S092 S099 what the ledger let go is listed by every node, in order and once, across the boundary', async () => {
    const [first] = cluster.nodes as [ClusterNode]
    const trimmed = () => ask<Page>(first, 'GET', `/runs?job=busy&limit=${KEPT + 1}`)
    await until('the ledger was trimmed', trimmed, ({ source }) => source === 'sink:archive')
    for (const node of cluster.nodes) {
      const { ids, sources, incomplete } = await list(node, 7)
      expect([ids, incomplete]).toEqual([made, undefined])
      expect([sources[0], sources.at(-1)]).toEqual(['ledger', 'sink:archive'])
    }
  }, 120_000)

  test('a run that has left is read by id, with what tells of it', async () => {
    const oldest = made.at(-1) ?? ''
    for (const node of cluster.nodes) {
      const run = await ask<Record<string, unknown>>(node, 'GET', `/runs/${oldest}`)
      expect(run).toMatchObject({ id: oldest, job: 'busy', state: 'succeeded', attempts: 1, source: 'sink:archive' })
      const tries = await ask<{ items: object[]; source: string }>(node, 'GET', `/runs/${oldest}/attempts`)
      expect(tries).toMatchObject({ source: 'sink:archive', items: [{ run: oldest, outcome: 'succeeded' }] })
    }
  }, 60_000)

  test('without the database the ledger answers in time, and says what is missing', async () => {
    const [first] = cluster.nodes as [ClusterNode]
    db.hang()
    try {
      const began = performance.now()
      const page = await ask<Page>(first, 'GET', `/runs?job=busy&limit=500`)
      expect(performance.now() - began).toBeLessThan(4000)
      expect(page).toMatchObject({ source: 'ledger', incomplete: expect.stringContaining('archive') as string })
      expect(page.items.map(({ id }) => id)).toEqual(made.slice(0, page.items.length))
      const gone = await first.ask<{ detail: string }>('GET', `${HOME}/runs/${made.at(-1)}`, { token })
      expect([gone.status, gone.body.detail]).toEqual([404, expect.stringContaining('archive')])
    } finally {
      db.goOn()
    }
    await until(
      'it is read again',
      () => list(first, 500),
      ({ ids }) => ids.length === MADE,
    )
  }, 120_000)
})
