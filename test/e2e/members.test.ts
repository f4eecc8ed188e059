import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cluster as View, MemberAdded } from '@cronclave/openapi'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Cluster } from '../support/cluster.ts'
import { ClusterNode } from '../support/cluster-node.ts'
import { freePorts } from '../support/ports.ts'

let folder: string
let nodes: ClusterNode[]
let clusters: Cluster[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cronclave-members-'))
  nodes = []
  clusters = []
})

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.close()))
  await Promise.all(clusters.map((cluster) => cluster.close()))
  rmSync(folder, { recursive: true, force: true })
})

async function nodeOf(name: string, flags: string[] = [], env: Record<string, string> = {}): Promise<ClusterNode> {
  const [port = 0, peer = 0] = await freePorts(2)
  const own = ['--node-name', name, '--peer-listen-port', String(peer)]
  const node = new ClusterNode({ name, folder: join(folder, name), port, flags: [...own, ...flags], env })
  nodes.push(node)
  return node
}

async function until<T>(what: string, probe: () => Promise<T | undefined>, withinMs = 30_000): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const answer = await probe().catch(() => undefined)
    if (answer !== undefined) return answer
    if (Date.now() > deadline)
      throw new Error(`not in time: ${what}\n${nodes.map((n) => `${n.name}: ${n.child.said}`).join('\n')}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function call<T>(node: ClusterNode, token: string, method: string, path: string, body?: unknown): Promise<T> {
  const reply = await node.ask<T>(method, path, { token, body, withinMs: 20_000 })
  if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`)
  return reply.body
}

/** Waits until a node takes requests. */
const serves = (node: ClusterNode) =>
  until(`${node.name} serves`, async () => ((await node.ask('GET', '/readyz')).status === 200 ? true : undefined))

const viewOf = (node: ClusterNode, token: string) => call<View>(node, token, 'GET', '/v1/cluster')
const states = ({ members }: View) => Object.fromEntries(members.map(({ name, state }) => [name, state]))
/** Of a node that serves already. */
async function tokenOf(node: ClusterNode): Promise<string> {
  await serves(node)
  return await until('an administrator', () => Promise.resolve(node.adminToken()))
}

/** Waits until a node shows its members like this. */
function shows(node: ClusterNode, token: string, wanted: Record<string, string>): Promise<View> {
  return until(`${node.name} shows ${JSON.stringify(wanted)}`, async () => {
    const view = await viewOf(node, token)
    const good = view.leader !== undefined && JSON.stringify(states(view)) === JSON.stringify(wanted)
    return good ? view : undefined
  })
}

async function join_(node: ClusterNode, asked: ClusterNode, token: string, learner = false): Promise<MemberAdded> {
  const made = await call<MemberAdded>(asked, token, 'POST', '/v1/cluster/members', { name: node.name, learner })
  node.start(['--join', made.token])
  await serves(node)
  return made
}

const putKey = (node: ClusterNode, token: string, key: string, value: string) =>
  call(node, token, 'PUT', `/v1/namespaces/default/kv/${key}`, { value })
const getKey = (node: ClusterNode, token: string, key: string) =>
  call<{ value: string }>(node, token, 'GET', `/v1/namespaces/default/kv/${key}`)

describe('a single node', () => {
  test('S003 S010 grows to three without a break, hands over, shrinks back, and keeps what it knew', async () => {
    const n1 = await nodeOf('n1')
    n1.start()
    const token = await tokenOf(n1)
    await shows(n1, token, { n1: 'voter' })
    await putKey(n1, token, 'before', 'one')

    let writing = true
    let writes = 0
    const faults: string[] = []
    const writer = (async () => {
      while (writing) {
        await putKey(n1, token, 'during', String(writes++)).catch((error: unknown) => faults.push(String(error)))
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    })()

    const [n2, n3] = [await nodeOf('n2'), await nodeOf('n3')]
    const added = await join_(n2, n1, token)
    await shows(n1, token, { n1: 'voter', n2: 'voter' })
    await join_(n3, n2, token)
    const view = await shows(n3, token, { n1: 'voter', n2: 'voter', n3: 'voter' })
    expect(view.tolerates).toBe(1)
    // How fast the machine is that runs this is not the point.
    expect(view.alarms.filter(({ code }) => !code.endsWith('-slow'))).toEqual([])
    writing = false
    await writer
    expect(faults).toEqual([])
    expect(writes).toBeGreaterThan(50)
    expect(await getKey(n3, token, 'before')).toEqual({ value: 'one' })
    expect(statSync(join(n3.folder, 'cluster.key')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(n3.folder, 'cluster.key'), 'utf8')).toBe(
      readFileSync(join(n1.folder, 'cluster.key'), 'utf8'),
    )

    // The token was used: another node cannot join with it.
    const late = await nodeOf('late')
    late.start(['--join', added.token])
    const refused = await late.child.ended
    expect([refused.code, refused.said]).toEqual([78, expect.stringContaining('was used already')])
    expect(existsSync(join(late.folder, 'cluster.key'))).toBe(false)

    // Asked of the leader itself, which hands over first.
    expect((await call<{ leader: string }>(n2, token, 'POST', '/v1/cluster/transfer', { to: 'n1' })).leader).toBe('n1')
    await call(n1, token, 'DELETE', '/v1/cluster/members/n1')
    const gone = await n1.child.ended
    expect([gone.code, gone.said]).toEqual([78, expect.stringContaining('was removed from the cluster')])
    await shows(n2, token, { n2: 'voter', n3: 'voter' })
    await call(n2, token, 'DELETE', '/v1/cluster/members/n3')
    expect((await n3.child.ended).code).toBe(78)
    await shows(n2, token, { n2: 'voter' })
    await putKey(n2, token, 'after', 'two')
    expect(await getKey(n2, token, 'before')).toEqual({ value: 'one' })

    // Whoever was removed is not let in again with its old folder.
    n1.start()
    const again = await n1.child.ended
    expect([again.code, again.said]).toEqual([78, expect.stringContaining('empty the data folder')])
  })

  test('S005 takes a learner that stays one until it is promoted by hand, and takes the place of another', async () => {
    const n1 = await nodeOf('n1')
    n1.start()
    const token = await tokenOf(n1)
    const [n2, n3] = [await nodeOf('n2'), await nodeOf('n3')]
    await join_(n2, n1, token, true)
    await shows(n1, token, { n1: 'voter', n2: 'learner' })
    await until('it has caught up', async () => ((await viewOf(n1, token)).members[1]?.lag === 0 ? true : undefined))
    await new Promise((resolve) => setTimeout(resolve, 4500))
    expect(states(await viewOf(n1, token))).toEqual({ n1: 'voter', n2: 'learner' })
    await call(n2, token, 'POST', '/v1/cluster/members/n2/promote')
    await shows(n2, token, { n1: 'voter', n2: 'voter' })
    await join_(n3, n2, token, true)
    await until('n3 is a learner that answers', async () => {
      const found = (await viewOf(n1, token)).members.find(({ name }) => name === 'n3')
      return found?.state === 'learner' && found.status && found.replication === 'replicate' ? true : undefined
    })
    await call(n3, token, 'POST', '/v1/cluster/members/n2/replace', { by: 'n3' })
    expect((await n2.child.ended).code).toBe(78)
    await shows(n3, token, { n1: 'voter', n3: 'voter' })
  })
})

describe('three nodes', () => {
  async function three(): Promise<Cluster> {
    const cluster = await Cluster.start({ nodes: 3 })
    clusters.push(cluster)
    return cluster
  }

  test('S011 are one cluster after a restart of each, renamed and moved, with the data they had', async () => {
    const cluster = await three()
    const token = await cluster.token()
    const [n1, n2, n3] = cluster.nodes as [ClusterNode, ClusterNode, ClusterNode]
    await Promise.all(cluster.nodes.map(serves))
    const before = await viewOf(n1, token)
    await putKey(n2, token, 'k', 'v')
    for (const node of cluster.nodes) {
      await node.end('SIGTERM')
      node.start()
      await cluster.leader()
      await serves(node)
    }
    const after = await viewOf(n3, token)
    expect(after.cluster).toBe(before.cluster)
    expect(after.members.map(({ id }) => id)).toEqual(before.members.map(({ id }) => id))

    // It moves to another port, and is called otherwise: the same member, the same data.
    const [port = 0] = await freePorts(1)
    const address = `127.0.0.1:${port}`
    await n2.end('SIGTERM')
    await call(n1, token, 'PATCH', '/v1/cluster/members/n2', { name: 'paris', address })
    n2.start([
      '--peer-listen-port',
      String(port),
      '--peer-address',
      address,
      '--node-name',
      'paris',
      '--initial-cluster',
      '',
    ])
    const moved = await until('paris follows', async () => {
      const view = await viewOf(n1, token)
      return view.members.find(({ name, status }) => name === 'paris' && status !== undefined)
    })
    expect(moved).toMatchObject({ id: before.members[1]?.id, address, state: 'voter' })
    await serves(n2)
    expect(await getKey(n2, token, 'k')).toEqual({ value: 'v' })
  })

  test('S004 let go of a dead member, but not of one without which they would stop', async () => {
    const cluster = await three()
    const token = await cluster.token()
    const leader = await cluster.leader()
    const [dead, alive] = cluster.nodes.filter((node) => node !== leader) as [ClusterNode, ClusterNode]
    await dead.end('SIGKILL')
    await until('the leader misses it', async () => {
      const { members } = await viewOf(leader, token)
      return (members.find(({ name }) => name === dead.name)?.lastContactMs ?? 0) > 5000 ? true : undefined
    })
    const path = `/v1/cluster/members/${alive.name}`
    const refused = await leader.ask<{ code: string }>('DELETE', path, { token })
    expect([refused.status, refused.body.code]).toEqual([409, 'member-change-refused'])
    await call(alive, token, 'DELETE', `/v1/cluster/members/${dead.name}`)
    await shows(alive, token, Object.fromEntries([leader.name, alive.name].sort().map((name) => [name, 'voter'])))
  })

  test('one that slept while others came, led and went hears of it from those that it has never heard of', async () => {
    const cluster = await three()
    const token = await cluster.token()
    const [n1, n2, n3] = cluster.nodes as [ClusterNode, ClusterNode, ClusterNode]
    await Promise.all(cluster.nodes.map(serves))
    await n3.end('SIGKILL')
    await cluster.leader()
    const n4 = await nodeOf('n4')
    await join_(n4, n1, token)
    await shows(n2, token, { n1: 'voter', n2: 'voter', n3: 'voter', n4: 'voter' })
    await call(n2, token, 'POST', '/v1/cluster/transfer', { to: 'n4' })
    await call(n4, token, 'DELETE', '/v1/cluster/members/n1')
    await putKey(n2, token, 'k', 'v')
    n3.start()
    const view = await shows(n3, token, { n2: 'voter', n3: 'voter', n4: 'voter' })
    expect(view.leader).toBe('n4')
    expect(await getKey(n3, token, 'k')).toEqual({ value: 'v' })
  })

  test('do not begin anew when one of them was wiped: it is told to join', async () => {
    const cluster = await three()
    const [n1] = cluster.nodes as [ClusterNode]
    await n1.end('SIGKILL')
    rmSync(n1.folder, { recursive: true })
    n1.start()
    const { code, said } = await n1.child.ended
    expect([code, said]).toEqual([78, expect.stringContaining('belongs to the cluster')])
    expect(said).toContain('cronclave member add')
  })
})

test('nodes that were told of others never begin alone, and say for whom they wait', async () => {
  const [port = 0] = await freePorts(1)
  const key = { CRONCLAVE_CLUSTER_KEY: randomBytes(32).toString('base64') }
  const n1 = await nodeOf('n1', ['--log-level', 'info'], key)
  const peer = n1.url
  expect(peer).toContain('127.0.0.1')
  const discovery = `127.0.0.1:${port}`
  n1.start(['--bootstrap-expect', '2', '--discovery', discovery])
  await n1.child.says(/1 of 2 nodes are missing/)
  const ready = await n1.ask<{ reason: string }>('GET', '/readyz')
  expect(ready.status).toBe(503)
  expect((await n1.end('SIGTERM')).code).toBe(130)
  expect(existsSync(join(n1.folder, 'admin.token'))).toBe(false)
})

test('a node that is to begin with others needs their cluster key, and says how to make one', async () => {
  const n1 = await nodeOf('n1')
  n1.start(['--initial-cluster', 'n1=127.0.0.1:17001,n2=127.0.0.1:17002'])
  const { code, said } = await n1.child.ended
  expect(code).toBe(74)
  expect(said).toContain('cronclave key create')
})
