import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Run, ServiceWithSecret, SigningKey } from '@cronclave/openapi'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createExecutor } from '../../sdk/src/index.ts'
import { jwt } from '../../sdk/src/jwt.ts'
import { node } from '../../sdk/src/node.ts'
import { Cluster } from '../support/cluster.ts'
import { HOME } from '../support/server.ts'
import { eventually } from './harness.ts'

/** Longer than executors leave the list of keys alone, shorter than a token may be ahead of the clock. */
const LATER_MS = 31_000

let cluster: Cluster
let server: Server
let aheadMs = 0
let release: (() => void) | undefined
const seen: string[] = []

beforeAll(async () => {
  cluster = await Cluster.start({ nodes: 3 })
  const made = await cluster.call<ServiceWithSecret>('PUT', `${HOME}/services/billing`, { signing: { scheme: 'jwt' } })
  const { issuer = '', audience = '' } = made.service.signing
  const clock = {
    now: () => Date.now() + aheadMs,
    after(ms: number, task: () => void) {
      const timer = setTimeout(task, ms)
      return () => clearTimeout(timer)
    },
  }
  const executor = createExecutor({ service: 'billing', auth: jwt({ issuer, audience }), clock, logger: false })
    .job('quick', () => ({ ok: true }))
    .job('slow', () => new Promise<object>((resolve) => (release = () => resolve({ ok: true }))))
  const listener = node(executor)
  server = createServer((request, response) => {
    seen.push(kidOf(request.headers.authorization))
    listener(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await cluster.call('PUT', `${HOME}/services/billing/executors/e1`, { url: `http://127.0.0.1:${port}/` })
  for (const handler of ['quick', 'slow'])
    await cluster.call('PUT', `${HOME}/jobs/${handler}`, { target: { kind: 'handler', service: 'billing', handler } })
}, 60_000)

afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await cluster.close()
})

function kidOf(authorization = ''): string {
  const [head = ''] = authorization.slice('Bearer '.length).split('.')
  return (JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string }).kid
}

const trigger = async (job: string) => (await cluster.call<Run>('POST', `${HOME}/jobs/${job}/trigger`, {})).id

async function ends(run: string): Promise<unknown> {
  const ended = await eventually('the run has ended', async () => {
    const now = await cluster.call<Run>('GET', `${HOME}/runs/${run}`)
    return now.endedAt !== undefined && now
  })
  return ended.state
}

async function published(): Promise<string[]> {
  const lists = await Promise.all(
    cluster.nodes
      .filter((one) => one.isUp)
      .map(async ({ url }) => {
        const reply = await fetch(`${url}/.well-known/jwks.json`)
        return ((await reply.json()) as { keys: { kid: string }[] }).keys
          .map(({ kid }) => kid)
          .sort()
          .join(' ')
      }),
  )
  return [...new Set(lists)]
}

test('keys are rotated while work goes on: published before they sign and after, by every node, and by the next leader', async () => {
  expect(await ends(await trigger('quick'))).toBe('succeeded')
  const [first = ''] = await published()
  expect(seen).toEqual([first])

  const next = await cluster.call<SigningKey>('POST', '/v1/signing-keys', { alg: 'EdDSA' })
  expect(next.state).toBe('next')
  const both = [first, next.id].sort().join(' ')
  await eventually('every node publishes both', async () => (await published()).join() === both)
  expect(await ends(await trigger('quick'))).toBe('succeeded')
  expect(seen).toEqual([first, first])

  const slow = await trigger('slow')
  await eventually('it is at work', () => release !== undefined)
  await cluster.call('POST', `/v1/signing-keys/${next.id}/activate?force=true`)
  release?.()
  expect(await ends(slow)).toBe('succeeded')
  expect(await published()).toEqual([both])

  aheadMs = LATER_MS
  expect(await ends(await trigger('quick'))).toBe('succeeded')
  expect(seen.at(-1)).toBe(next.id)

  await cluster.call('DELETE', `/v1/signing-keys/${first}?force=true`)
  await eventually('no node publishes the first', async () => (await published()).join() === next.id)
  const leader = await cluster.leader()
  await leader.end('SIGKILL')
  await eventually('there is another leader', async () => (await cluster.leader()) !== leader)
  expect(await ends(await trigger('quick'))).toBe('succeeded')
  expect(seen.at(-1)).toBe(next.id)
}, 120_000)
