import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Attempt, AttemptAnswer, Notice, Run } from '@cronclave/openapi'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster } from '../support/cluster.ts'
import type { ClusterNode } from '../support/cluster-node.ts'
import { HOME } from '../support/server.ts'
import { eventually, newSecret } from './harness.ts'

/** What the lease of the handler lasts here. */
const LEASE_MS = 2000

interface Got {
  url: string
  headers: IncomingHttpHeaders
  body: string
}

/** Where the work is, and what to report of it with. */
interface Accepted {
  path: string
  token: string
}

let cluster: Cluster
let service: Server
const secret = newSecret()
const got: Got[] = []

beforeAll(async () => {
  cluster = await Cluster.start({ nodes: 3 })
  service = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      got.push({ url: request.url ?? '', headers: request.headers, body })
      const isNotice = body.includes('"run.skipped"') || body.includes('"run.cancel"')
      response.writeHead(isNotice ? 204 : 202, { 'content-type': 'application/json' })
      response.end(isNotice ? undefined : JSON.stringify({ accepted: true, leaseTtlMs: LEASE_MS }))
    })
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const { port } = service.address() as AddressInfo
  await cluster.call('POST', `${HOME}/services`, { name: 'plain', secret })
  await cluster.call('PUT', `${HOME}/services/plain/executors/e1`, { url: `http://127.0.0.1:${port}/` })
  const http = { kind: 'http', service: 'plain', method: 'POST', path: '/work', async: true }
  await cluster.call('PUT', `${HOME}/jobs/later`, { target: http, timeout: '10m' })
  const handler = { kind: 'handler', service: 'plain', handler: 'work' }
  await cluster.call('PUT', `${HOME}/jobs/leased`, { target: handler, timeout: '10m', onUncertain: 'fail' })
  await cluster.call('PUT', `${HOME}/jobs/told`, {
    target: http,
    timeout: '10m',
    schedules: [{ every: '1s' }],
    notify: ['skipped'],
    paused: true,
  })
}, 60_000)

afterAll(async () => {
  service.closeAllConnections()
  service.close()
  await cluster.close()
})

/** Starts a run and waits until the service has it. */
async function start(job: string): Promise<{ run: string; accepted: Accepted }> {
  const { id: run } = await cluster.call<Run>('POST', `${HOME}/jobs/${job}/trigger`, {})
  const call = await eventually(`${job} is called`, () => got.find(({ headers, body }) => idOf(headers, body) === run))
  return { run, accepted: callbackOf(call) }
}

function idOf(headers: IncomingHttpHeaders, body: string): unknown {
  if (headers['cronclave-run-id'] !== undefined) return headers['cronclave-run-id']
  return (JSON.parse(body) as { data: { runId?: string } }).data.runId
}

function callbackOf({ headers, body }: Got): Accepted {
  const own = headers['cronclave-callback-url'] as string | undefined
  if (own !== undefined) return { path: new URL(own).pathname, token: String(headers['cronclave-callback-token']) }
  const { callback } = (JSON.parse(body) as { data: { callback: { url: string; token: string } } }).data
  return { path: new URL(callback.url).pathname, token: callback.token }
}

async function report(node: ClusterNode, { path, token }: Accepted, verb: string, body: unknown = {}) {
  const reply = await node.ask<AttemptAnswer & { code?: string }>('POST', `${path}/${verb}`, { token, body })
  return { status: reply.status, ...reply.body }
}

const runOf = (id: string) => cluster.call<Run>('GET', `${HOME}/runs/${id}`)
const attemptsOf = async (id: string) =>
  (await cluster.call<{ items: Attempt[] }>('GET', `${HOME}/runs/${id}/attempts`)).items
const isAccepted = (run: string) =>
  eventually('the acceptance is committed', async () => (await attemptsOf(run))[0]?.state === 'accepted')

async function others(): Promise<ClusterNode[]> {
  const leader = await cluster.leader()
  return cluster.nodes.filter((node) => node !== leader)
}

describe('a plain HTTP service that accepts with 202', () => {
  test('S071 reports the outcome later, to another node, without an SDK', async () => {
    const { run, accepted } = await start('later')
    await isAccepted(run)
    const [one, two] = (await others()) as [ClusterNode, ClusterNode]
    expect(await report(one, accepted, 'progress', { done: 1, total: 2 })).toMatchObject({ answer: 'continue' })
    const lines = [{ at: new Date().toISOString(), level: 'info', message: 'half way' }]
    expect(await report(two, accepted, 'logs', { lines })).toMatchObject({ answer: 'continue' })
    const done = { outcome: 'succeeded', result: { rows: 3 } }
    expect(await report(one, accepted, 'result', done)).toMatchObject({ status: 200, answer: 'continue' })
    expect(await report(two, accepted, 'result', done)).toMatchObject({ status: 200, answer: 'continue' })
    const ended = await eventually('the run has ended', async () => {
      const now = await runOf(run)
      return now.state === 'succeeded' && now
    })
    expect(ended).toMatchObject({ result: { rows: 3 }, executor: 'e1' })
    expect(await attemptsOf(run)).toMatchObject([{ outcome: 'succeeded', progress: { done: 1, total: 2 } }])
    expect((await attemptsOf(run))[0]).not.toHaveProperty('late')
  })

  test('S074 is told to stop when its run is cancelled, and what it reports then is kept as late', async () => {
    const { run, accepted } = await start('later')
    await isAccepted(run)
    const [node] = (await others()) as [ClusterNode]
    await cluster.call('POST', `${HOME}/runs/${run}/cancel`)
    const answer = await eventually('the cancellation is known', async () => {
      const said = await report(node, accepted, 'heartbeat')
      return said.answer === 'cancel' && said
    })
    expect(answer.status).toBe(200)
    expect(await report(node, accepted, 'progress', { done: 1 })).toMatchObject({ status: 409, code: 'attempt-ended' })
    const late = { outcome: 'succeeded', result: 'too late' }
    expect(await report(node, accepted, 'result', late)).toMatchObject({ answer: 'cancel', late: true })
    await eventually('it is kept', async () => {
      const [attempt] = await attemptsOf(run)
      return attempt?.late?.[0]?.result === 'too late' && attempt.outcome === 'cancelled'
    })
    expect((await runOf(run)).state).toBe('cancelled')
    const told = await eventually('it gets a signed run.cancel', () =>
      got.find(({ body }) => body.includes('"run.cancel"') && body.includes(run)),
    )
    expect(() => new Webhook(secret).verify(told.body, told.headers as Record<string, string>)).not.toThrow()
  })

  test('goes on when the leader dies, and reports to whoever is there', { timeout: 60_000 }, async () => {
    const { run, accepted } = await start('later')
    await isAccepted(run)
    const old = await cluster.leader()
    await old.end('SIGKILL')
    const next = await eventually('another one leads', async () => {
      const leader = await cluster.leader()
      return leader !== old && leader
    })
    const answer = await eventually('a heartbeat is heard', async () => {
      const said = await report(next, accepted, 'heartbeat').catch(() => undefined)
      return said?.status === 200 && said
    })
    expect(answer.answer).toBe('continue')
    const [survivor] = cluster.nodes.filter((node) => node !== old && node !== next) as [ClusterNode]
    expect(await report(survivor, accepted, 'result', { outcome: 'succeeded' })).toMatchObject({ status: 200 })
    await eventually('the run has ended', async () => (await runOf(run)).state === 'succeeded')
    expect(await attemptsOf(run)).toHaveLength(1)
    old.start()
    await eventually('it is back', async () => (await cluster.view(old))?.leader !== undefined)
  })
})

test('an accepted attempt lives as long as its heartbeats come, and ends uncertain without them', async () => {
  const { run, accepted } = await start('leased')
  await isAccepted(run)
  const nodes = await others()
  const until = Date.now() + 2.5 * LEASE_MS
  for (let i = 0; Date.now() < until; i++) {
    const { answer } = await report(nodes[i % 2] as ClusterNode, accepted, 'heartbeat')
    expect(answer).toBe('continue')
    await new Promise((resolve) => setTimeout(resolve, LEASE_MS / 4))
  }
  expect((await runOf(run)).state).toBe('running')
  await eventually('the lease is over', async () => (await runOf(run)).state === 'lost')
  expect(await attemptsOf(run)).toMatchObject([{ outcome: 'uncertain', error: { code: 'lease-ended' } }])
  expect(await report(nodes[0] as ClusterNode, accepted, 'heartbeat')).toMatchObject({ answer: 'lease-lost' })
})

test('S047 a service that asks for it is told of fires that were skipped, signed, whoever leads', async () => {
  await cluster.call('POST', `${HOME}/jobs/told/resume`)
  const told = await eventually('a notice', () =>
    got.find(({ body }) => body.includes('"run.skipped"') && body.includes('"overlap"')),
  )
  expect(told.url).toBe('/')
  expect(new Webhook(secret).verify(told.body, told.headers as Record<string, string>)).toMatchObject({
    type: 'run.skipped',
    data: { job: 'told', reason: 'overlap', stretch: 'began', count: 1 },
  })
  await cluster.call('POST', `${HOME}/jobs/told/pause`)
  await eventually('it is recorded', async () => {
    const { items } = await cluster.call<{ items: Notice[] }>('GET', `${HOME}/notices?job=told`)
    return items.some(({ state, reason }) => state === 'delivered' && reason === 'overlap')
  })
})
