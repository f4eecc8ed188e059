import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Attempt, Run } from '@cronclave/openapi'
import { createExecutor, isCronclaveError, type JobContext } from '@cronclave/sdk'
import { node } from '@cronclave/sdk/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster } from '../support/cluster.ts'
import type { ClusterNode } from '../support/cluster-node.ts'
import { HOME } from '../support/server.ts'
import { eventually, newSecret } from './harness.ts'

/** How soon the executor answers 202 here. */
const RESPOND_MS = 300

let cluster: Cluster
let server: Server
/** Every call of the handler, by run. */
const calls = new Map<string, { ctx: JobContext<unknown>; end: (result: unknown) => void }[]>()

/** Works until the test says what came of it, or its signal aborts. */
function work(ctx: JobContext<unknown>): Promise<unknown> {
  ctx.log.info('at work')
  ctx.progress(1, 2)
  return new Promise((resolve, reject) => {
    ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason as Error))
    calls.set(ctx.runId, [...(calls.get(ctx.runId) ?? []), { ctx, end: resolve }])
  })
}

beforeAll(async () => {
  cluster = await Cluster.start({ nodes: 3 })
  const secret = newSecret()
  const controlPlane = cluster.nodes.map(({ url }) => url)
  const executor = createExecutor({ service: 'long', secret, controlPlane, respondWithin: RESPOND_MS, logger: false })
  executor.job('report', work)
  executor.job('extend', async (ctx) => {
    const deadline = await ctx.extend('20s')
    await new Promise((resolve) => setTimeout(resolve, 3000))
    return deadline.getTime() - ctx.fireTime.getTime() > 10_000
  })
  executor.job('close', async (ctx) => {
    const { ms } = ctx.params as { ms: number }
    await new Promise((resolve) => setTimeout(resolve, ms))
    return ctx.runId
  })
  server = createServer(node(executor)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await cluster.call('POST', `${HOME}/services`, { name: 'long', secret })
  await cluster.call('PUT', `${HOME}/services/long/executors/e1`, { url: `http://127.0.0.1:${port}/` })
  for (const handler of ['report', 'extend', 'close']) {
    const target = { kind: 'handler', service: 'long', handler }
    const timeout = handler === 'extend' ? '2s' : '10m'
    await cluster.call('PUT', `${HOME}/jobs/${handler}`, {
      target,
      timeout,
      runTimeout: '1h',
      retry: { max: 0 },
      overlap: 'allow',
    })
  }
}, 60_000)

afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await cluster.close()
})

const runOf = (id: string) => cluster.call<Run>('GET', `${HOME}/runs/${id}`)
const attemptsOf = async (id: string) =>
  (await cluster.call<{ items: Attempt[] }>('GET', `${HOME}/runs/${id}/attempts`)).items
const ended = (id: string, state: Run['state']) =>
  eventually(`the run is ${state}`, async () => {
    const run = await runOf(id)
    return run.state === state && run
  })

/** A run whose handler is at work, accepted by the control plane. */
async function accepted(): Promise<{ run: string; attempt: Attempt }> {
  const { id: run } = await cluster.call<Run>('POST', `${HOME}/jobs/report/trigger`, {})
  const attempt = await eventually('it is accepted', async () => {
    const [one] = await attemptsOf(run)
    return one?.state === 'accepted' && one
  })
  return { run, attempt }
}

function callOf(run: string) {
  const [call] = calls.get(run) ?? []
  if (!call) throw new Error(`no handler was called for ${run}`)
  return call
}

describe('a handler that takes longer than its call waits', () => {
  test('S015 S093 is seen at work, with progress and lines, and ends by the callback', async () => {
    const { run } = await accepted()
    await eventually('its progress is seen', async () => (await attemptsOf(run))[0]?.progress?.done === 1)
    const { items } = await cluster.call<{ items: { message: string }[] }>('GET', `${HOME}/runs/${run}/logs`)
    expect(items.map(({ message }) => message)).toEqual(['at work'])
    callOf(run).end({ rows: 3 })
    expect(await ended(run, 'succeeded')).toMatchObject({ result: { rows: 3 }, executor: 'e1' })
    expect(await attemptsOf(run)).toMatchObject([{ outcome: 'succeeded', progress: { done: 1, total: 2 } }])
    expect(calls.get(run)).toHaveLength(1)
  })

  test('S074 is told by its signal that its run was cancelled', async () => {
    const { run } = await accepted()
    await cluster.call('POST', `${HOME}/runs/${run}/cancel`)
    const { signal } = callOf(run).ctx
    await eventually('its signal aborts', () => signal.aborted)
    expect(isCronclaveError(signal.reason, 'cancelled')).toBe(true)
    await ended(run, 'cancelled')
  })

  test('may ask for more time than its attempt was given', async () => {
    const { id } = await cluster.call<Run>('POST', `${HOME}/jobs/extend/trigger`, {})
    expect(await ended(id, 'succeeded')).toMatchObject({ result: true })
  })

  test('ends once also when it is done just as it is accepted', async () => {
    const started = Array.from({ length: 60 }, (_, i) =>
      cluster.call<Run>('POST', `${HOME}/jobs/close/trigger`, { params: { ms: RESPOND_MS - 15 + i / 2 } }),
    )
    for (const { id } of await Promise.all(started)) {
      expect(await ended(id, 'succeeded')).toMatchObject({ result: id })
      expect(await attemptsOf(id)).toMatchObject([{ outcome: 'succeeded', next: 'done' }])
    }
  })

  test('S071 goes on when the node that called is killed, and its run succeeds, once', {
    timeout: 60_000,
  }, async () => {
    const { run, attempt } = await accepted()
    const caller = await nodeOf(attempt)
    await caller.end('SIGKILL')
    await eventually('another one leads', async () => (await cluster.leader()) !== caller)
    callOf(run).end('done')
    expect(await ended(run, 'succeeded')).toMatchObject({ result: 'done' })
    expect(await attemptsOf(run)).toHaveLength(1)
    expect(calls.get(run)).toHaveLength(1)
    caller.start()
    await eventually('it is back', async () => (await cluster.view(caller))?.leader !== undefined)
  })
})

async function nodeOf({ node: id }: Attempt): Promise<ClusterNode> {
  const { members } = await cluster.call<{ members: { id: string; name: string }[] }>('GET', '/v1/cluster')
  return cluster.node(members.find((member) => member.id === id)?.name ?? id)
}
