import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Executor, TokenCreated } from '@cronclave/openapi'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Cluster } from '../support/cluster.ts'
import { HOME } from '../support/server.ts'
import { eventually } from './harness.ts'

const SERVICE = 'elastic'
const EXECUTORS = `${HOME}/services/${SERVICE}/executors`
const SECRET = Buffer.alloc(32, 5)
const TTL_MS = 6000
const IDS = ['a', 'b', 'c', 'd', 'e']

let cluster: Cluster
let pongs: HttpServer
let token: string
let url: string

beforeAll(async () => {
  pongs = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: { challenge: string } }
      const body = JSON.stringify({ type: 'pong', data: { challenge: data.challenge } })
      const id = `re_${String(incoming.headers['webhook-id'])}`
      const seconds = String(Math.floor(Date.now() / 1000))
      const signature = createHmac('sha256', SECRET).update(`${id}.${seconds}.${body}`).digest('base64')
      const headers = { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` }
      response.writeHead(200, headers).end(body)
    })
  }).listen(0, '127.0.0.1')
  await once(pongs, 'listening')
  url = `http://127.0.0.1:${(pongs.address() as AddressInfo).port}`
  cluster = await Cluster.start({ nodes: 3, flags: ['--executor-ttl', `${TTL_MS}ms`] })
  await cluster.call('POST', `${HOME}/services`, { name: SERVICE, secret: `whsec_${SECRET.toString('base64')}` })
  const key = { name: 'registration', scope: `service:default/${SERVICE}` }
  token = (await cluster.call<TokenCreated>('POST', '/v1/tokens', key)).secret
}, 60_000)

afterAll(async () => {
  await cluster?.close()
  pongs?.close()
})

/** By any node, turn and turn about, as an executor without an SDK. */
async function say(method: 'PUT' | 'POST', path: string, body: object, at: number) {
  const up = cluster.nodes.filter((node) => node.isUp)
  const reply = await fetch(`${up[at % up.length]?.url}${EXECUTORS}/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (await reply.json()) as Record<string, unknown>
}

const statuses = async () => {
  const { items } = await cluster.call<{ items: Executor[] }>('GET', EXECUTORS)
  return items.map(({ status }) => status)
}

const all = (status: Executor['status']) => IDS.map(() => status)

test('S086 the leader is killed: nobody is offline before a full time to live has passed under the next one', {
  timeout: 90_000,
}, async () => {
  for (const [at, id] of IDS.entries()) {
    const made = await say('PUT', id, { bootId: 'b1', url: `${url}/${id}` }, at)
    expect(made).toMatchObject({ kind: 'registered', leaseTtlMs: TTL_MS, heartbeatMs: TTL_MS / 3 })
  }
  await eventually('they are online', async () => (await statuses()).every((status) => status === 'online'))
  for (const [at, id] of IDS.entries()) {
    const answer = await say('POST', `${id}/heartbeat`, { bootId: 'b1', state: 'online', inFlight: at }, at)
    expect(answer['answer']).toBe('ok')
  }
  const leader = await cluster.leader()
  const killed = Date.now()
  await leader.end('SIGKILL')
  await cluster.leader()
  const followed = Date.now()
  let lastOnline = followed
  await eventually(
    'nothing is heard of them',
    async () => {
      const asked = Date.now()
      const now = await statuses()
      if (now.every((status) => status === 'online')) lastOnline = asked
      return now.every((status) => status === 'offline')
    },
    30_000,
  )
  expect(lastOnline - killed).toBeGreaterThan(TTL_MS - 500)
  expect(Date.now() - followed).toBeLessThan(TTL_MS + 3000)
  expect(await statuses()).toEqual(all('offline'))
})
