import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster } from '../support/cluster.ts'
import type { ClusterNode } from '../support/cluster-node.ts'
import { HOME, type Reply } from '../support/server.ts'
import { eventually } from './harness.ts'
import { TextStream } from './text-stream.ts'

/** Rounds of write here, read there. */
const ROUNDS = 20

interface Body {
  code?: string
  modIndex?: number
  errors?: { pointer: string }[]
}

let cluster: Cluster
let token: string

beforeAll(async () => {
  cluster = await Cluster.start({ nodes: 3 })
  token = await cluster.token()
}, 60_000)

afterAll(async () => cluster.close())

function ask(node: ClusterNode, method: string, path: string, body?: unknown, withinMs = 15_000): Promise<Reply<Body>> {
  return node.ask<Body>(method, path.startsWith('/v1') ? path : HOME + path, { token, body, withinMs })
}

function indexOf({ headers }: Reply<unknown>): number {
  return Number(headers['x-cronclave-index'])
}

async function followers(): Promise<ClusterNode[]> {
  const leader = await cluster.leader()
  return cluster.nodes.filter((node) => node !== leader)
}

/** The first answer that is not 503, which always says when to come back. */
function untilServed(call: () => Promise<Reply<Body>>): Promise<Reply<Body>> {
  return eventually('it is served', async () => {
    const reply = await call()
    if (reply.status === 503) expect(reply.headers['retry-after']).toBe('1')
    return reply.status !== 503 && reply
  })
}

describe('any node', () => {
  test('S012 takes changes, and answers them once it has made them itself', async () => {
    const target = { kind: 'http', url: 'http://127.0.0.1:9/' }
    for (const node of cluster.nodes) {
      const name = `of-${node.name}`
      const put = await ask(node, 'PUT', `/jobs/${name}`, { target })
      expect([put.status, indexOf(put) > 0]).toEqual([201, true])
      const own = await ask(node, 'GET', `/jobs/${name}`)
      expect(own.status).toBe(200)
      expect(own.body).toMatchObject({ createdBy: 'token:administrator' })
    }
  })

  test('S082 says what the leader has to schedule, and shows the slots as it knows them itself', async () => {
    const leader = await cluster.leader()
    await ask(leader, 'PUT', '/services/none', {})
    const target = { kind: 'handler', service: 'none', handler: 'x' }
    await ask(leader, 'PUT', '/jobs/waits', { target, priority: 70 })
    const made = await ask(leader, 'POST', '/jobs/waits/trigger', {})
    for (const node of cluster.nodes) {
      const queues = await ask(node, 'GET', `/v1/queues?min-index=${indexOf(made)}`)
      expect(queues.status).toBe(200)
      const waiting = [{ namespace: 'default', service: 'none', priority: 70, runs: 1 }]
      expect(queues.body).toMatchObject({ leader: leader.name, waiting })
      const map = await ask(node, 'GET', `/v1/job-map?min-index=${indexOf(made)}`)
      const runs = [{ job: 'waits', state: 'waiting', priority: 70 }]
      expect(map.body).toMatchObject({ waiting: 1, namespaces: [{ services: [{ name: 'none', runs }] }] })
    }
  })

  test('reads what was written elsewhere, from the index of that reply on', async () => {
    const [one, two] = (await followers()) as [ClusterNode, ClusterNode]
    for (let i = 0; i < ROUNDS; i++) {
      const put = await ask(one, 'PUT', '/kv/mine', `value ${i}`)
      const index = indexOf(put)
      expect(index).toBeGreaterThanOrEqual(put.body.modIndex ?? Infinity)
      const get = await ask(two, 'GET', `/kv/mine?min-index=${index}`)
      expect([get.status, get.body, indexOf(get) >= index]).toEqual([200, `value ${i}`, true])
      const listed = await ask(two, 'GET', `/kv?prefix=mine&min-index=${index}`)
      expect(listed.body).toMatchObject({ items: [{ key: 'mine', modIndex: put.body.modIndex }] })
    }
  })

  test('reads linearizably what was acknowledged anywhere', async () => {
    for (let i = 0; i < ROUNDS; i++) {
      const writer = cluster.nodes[i % 3] as ClusterNode
      await ask(writer, 'PUT', '/kv/line', `value ${i}`)
      const reads = await Promise.all(
        cluster.nodes.map((node) => ask(node, 'GET', '/kv/line?consistency=linearizable')),
      )
      expect(reads.map(({ body }) => body)).toEqual(cluster.nodes.map(() => `value ${i}`))
    }
  })

  test('says what is wrong with how a read is to be served', async () => {
    for (const [query, pointer] of [
      ['min-index=-1', '?min-index'],
      ['min-index=soon', '?min-index'],
      ['consistency=strong', '?consistency'],
    ]) {
      const reply = await ask(cluster.nodes[1] as ClusterNode, 'GET', `/jobs?${query}`)
      expect([reply.status, reply.body.errors?.[0]?.pointer]).toEqual([400, pointer])
    }
  })

  test('gives up on an index that does not come', async () => {
    const reply = await ask(cluster.nodes[0] as ClusterNode, 'GET', '/jobs?min-index=9007199254740991')
    expect([reply.status, reply.body.code, reply.headers['retry-after']]).toEqual([503, 'not-caught-up', '1'])
  })

  test('keeps a session that another one opened', async () => {
    const [one, two] = (await followers()) as [ClusterNode, ClusterNode]
    const code = await one.ask<{ code: string }>('POST', '/v1/session/codes', { token })
    const opened = await one.ask('POST', '/v1/session', { body: { code: code.body.code } })
    expect(opened.status).toBe(201)
    const [cookie = ''] = [opened.headers['set-cookie']].flat()
    const own = await two.ask('GET', '/v1/session', { headers: { cookie: cookie.split(';')[0] ?? '' } })
    expect([own.status, own.body]).toMatchObject([200, { principal: 'token:administrator', by: 'session' }])
  })

  test('streams what happens, and what happens to keys', async () => {
    const [one, two] = (await followers()) as [ClusterNode, ClusterNode]
    const events = await TextStream.open(one, '/v1/events', token)
    const watch = await TextStream.open(one, `${HOME}/kv-watch?prefix=seen`, token)
    await ask(two, 'PUT', '/jobs/seen', { target: { kind: 'http', url: 'http://127.0.0.1:9/' } })
    await ask(two, 'PUT', '/kv/seen', 'here')
    await events.says(/^event: job\.changed\ndata: .*"job":"seen"/m)
    await watch.says(/^event: put\ndata: .*"key":"seen"/m)
    await Promise.all([events.close(), watch.close()])
  })
})

describe('while the leader', () => {
  test('is paused, and when it wakes up, no linearizable read is stale', { timeout: 40_000 }, async () => {
    const old = await cluster.leader()
    const others = cluster.nodes.filter((node) => node !== old)
    await ask(old, 'PUT', '/kv/pause', 'before')
    old.pause()
    const waiting = ask(old, 'GET', '/kv/pause?consistency=linearizable')
    for (const [i, node] of others.entries()) {
      const put = await untilServed(() => ask(node, 'PUT', '/kv/pause', `during ${i}`))
      expect(put.status).toBe(200)
      const read = await untilServed(() => ask(node, 'GET', '/kv/pause?consistency=linearizable'))
      expect(read.body).toBe(`during ${i}`)
    }
    const asleep = ask(old, 'GET', '/kv/pause?consistency=linearizable')
    old.resume()
    for (const reply of await Promise.all([waiting, asleep])) {
      expect([reply.status, reply.status === 503 ? 'during 1' : reply.body]).toEqual([reply.status, 'during 1'])
      expect([200, 503]).toContain(reply.status)
    }
    const again = await untilServed(() => ask(old, 'GET', '/kv/pause?consistency=linearizable'))
    expect(again.body).toBe('during 1')
  })

  test('is dead, the others go on; without a majority they are read, and refuse to be changed', {
    timeout: 40_000,
  }, async () => {
    const old = await cluster.leader()
    const [one, two] = cluster.nodes.filter((node) => node !== old) as [ClusterNode, ClusterNode]
    await old.end('SIGKILL')
    const put = await untilServed(() => ask(one, 'PUT', '/kv/dead', 'first'))
    expect(put.status).toBe(201)
    const read = await untilServed(() => ask(two, 'GET', '/kv/dead?consistency=linearizable'))
    expect(read.body).toBe('first')

    await one.end('SIGKILL')
    await leaderless(two)
    const local = await ask(two, 'GET', '/kv/dead')
    expect([local.status, local.body]).toEqual([200, 'first'])
    expect((await ask(two, 'GET', `/jobs?min-index=${indexOf(put)}`)).status).toBe(200)
    expect((await ask(two, 'GET', '/runs')).status).toBe(200)
    const refused = await ask(two, 'PUT', '/kv/dead', 'second')
    expect([refused.status, refused.body.code, refused.headers['retry-after']]).toEqual([503, 'not-leader', '1'])
    expect(indexOf(refused)).toBeGreaterThan(0)
    const unsure = await ask(two, 'GET', '/kv/dead?consistency=linearizable')
    expect([unsure.status, unsure.body.code, unsure.headers['retry-after']]).toEqual([503, 'not-leader', '1'])

    // The same holds for one that starts while nobody leads.
    await two.end('SIGKILL')
    two.start()
    expect((await untilUp(() => ask(two, 'GET', '/kv/dead'))).body).toBe('first')
    expect((await ask(two, 'PUT', '/kv/dead', 'second')).body.code).toBe('not-leader')

    one.start()
    old.start()
    const back = await untilServed(() => ask(two, 'PUT', '/kv/dead', 'second'))
    expect(back.status).toBe(200)
  })
})

/** The first answer of a node that starts. */
function untilUp(call: () => Promise<Reply<Body>>): Promise<Reply<Body>> {
  return eventually('it is up', async () => {
    const reply = await call().catch(() => undefined)
    return reply?.status !== 503 && reply
  })
}

async function leaderless(node: ClusterNode): Promise<void> {
  await eventually(`${node.name} knows no leader`, async () => (await node.ask('GET', '/readyz')).status === 503)
}
