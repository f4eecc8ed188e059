import { afterAll, beforeAll, expect, test } from 'vitest'
import { Cluster } from '../support/cluster.ts'
import type { ClusterNode } from '../support/cluster-node.ts'
import { HOME } from '../support/server.ts'
import { TextStream } from './text-stream.ts'

const WRITES = 50
const TARGET = { kind: 'http', url: 'http://127.0.0.1:9/' }

let cluster: Cluster
let token: string

beforeAll(async () => {
  cluster = await Cluster.start({ nodes: 3, links: true })
  token = await cluster.token()
}, 60_000)

afterAll(async () => cluster.close())

function setLinks(node: ClusterNode, kind: 'open' | 'break'): void {
  for (const other of cluster.nodes.filter((one) => one !== node)) {
    cluster.link(node.name, other.name).set({ kind })
    cluster.link(other.name, node.name).set({ kind })
  }
}

test('a node that is sent the whole state ends its streams: nobody who follows them misses something and does not know', async () => {
  const leader = await cluster.leader()
  const node = cluster.nodes.find((one) => one !== leader) as ClusterNode
  const events = await TextStream.open(node, '/v1/events', token)
  const watch = await TextStream.open(node, `${HOME}/kv-watch`, token)
  await leader.ask('PUT', `${HOME}/jobs/before`, { token, body: { target: TARGET } })
  await leader.ask('PUT', `${HOME}/kv/before`, { token, body: 'x' })
  await events.says(/"job":"before"/)
  await watch.says(/"key":"before"/)

  setLinks(node, 'break')
  await leader.ask('PUT', `${HOME}/jobs/missed`, { token, body: { target: TARGET } })
  let index = 0
  for (let i = 0; i < WRITES; i++) {
    const { headers } = await leader.ask('PUT', `${HOME}/kv/missed`, { token, body: `${i}` })
    index = Number(headers['x-cronclave-index'])
  }
  const stale = await node.ask('GET', `${HOME}/kv/missed`, { token })
  expect(stale.status).toBe(404)
  expect((await leader.ask('POST', '/v1/cluster/compact', { token, body: { keep: 0 } })).status).toBe(200)
  const waiting = node.ask('GET', `${HOME}/kv/missed?min-index=${index}`, { token })
  setLinks(node, 'open')

  expect(await events.ended()).toMatch(/^event: dropped$/m)
  expect(await watch.ended()).toMatch(/^event: dropped$/m)
  const read = await waiting
  expect([read.status, String(read.body)]).toEqual([200, `${WRITES - 1}`])
  const back = await fetch(`${node.url}/v1/events`, {
    headers: { authorization: `Bearer ${token}`, 'last-event-id': events.lastId },
    signal: AbortSignal.timeout(10_000),
  })
  const said = new TextDecoder().decode((await back.body?.getReader().read())?.value)
  expect(said).toMatch(/^event: reset$/m)
  const again = await node.ask('GET', `${HOME}/kv-watch`, { token, headers: { 'last-event-id': watch.lastId } })
  expect([again.status, again.body]).toMatchObject([410, { code: 'compacted' }])
  const next = await TextStream.open(node, `${HOME}/kv-watch?fromIndex=${index + 1}`, token)
  await leader.ask('PUT', `${HOME}/kv/after`, { token, body: 'x' })
  await next.says(/"key":"after"/)
  await next.close()
})
