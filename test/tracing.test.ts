import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createExecutor } from '@cronclave/sdk'
import { node as mount } from '@cronclave/sdk/node'
import { traced } from '@cronclave/sdk/tracing'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RunningNode } from '../control-plane/src/cli/node-port.ts'
import { resolveConfig } from '../control-plane/src/config.ts'
import { startNode } from '../control-plane/src/node.ts'
import { systemClock } from '../control-plane/src/runtime/clock.ts'
import { systemRandom } from '../control-plane/src/runtime/random.ts'
import { generateSecret } from '../control-plane/src/signing/secret.ts'

const NS = '/v1/namespaces/default'
const SECRET_PARAM = 'hunter2'
const quiet = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
const spans = new InMemorySpanExporter()
const folder = mkdtempSync(join(tmpdir(), 'tracing-'))
let node: RunningNode
let executor: { server: Server; url: string }
/** Calls of the handler, by run. */
const calls = new Map<string, number>()

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
  const flags = { 'listen.port': '0', dataFolder: folder, 'wal.segmentSize': '8MiB', 'egress.allowLoopback': 'true' }
  const resolved = resolveConfig({ env: {}, flags, absolute: (path) => path, hostname: 'here' })
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.faults))
  node = await startNode(resolved.config, { clock: systemClock(), random: systemRandom, logger: quiet })
  const secret = generateSecret(systemRandom)
  executor = await serveExecutor(secret)
  await call('POST', `${NS}/services`, { name: 'billing', secret })
  await call('PUT', `${NS}/services/billing/executors/e1`, { url: executor.url })
}, 30_000)

afterAll(async () => {
  await node.stop()
  executor.server.close()
  executor.server.closeAllConnections()
  trace.disable()
  context.disable()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(() => spans.reset())

async function serveExecutor(secret: string) {
  const work = createExecutor({ service: 'billing', secret, logger: false })
    .job(
      'work',
      traced(() => Promise.resolve({ rows: 1 })),
    )
    .job(
      'flaky',
      traced((ctx) => {
        const count = (calls.get(ctx.runId) ?? 0) + 1
        calls.set(ctx.runId, count)
        if (count === 1) throw new TypeError(`no luck with ${SECRET_PARAM}`)
        return { count }
      }),
    )
  const server = createServer(mount(work))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jobs` }
}

async function call<T = unknown>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(node.url + path, {
    method,
    headers: {
      authorization: `Bearer ${node.adminToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

function job(name: string, handler: string, more: object = {}) {
  const target = { kind: 'handler', service: 'billing', handler }
  return call('POST', `${NS}/jobs`, { name, target, params: { password: SECRET_PARAM }, ...more })
}

/** All spans, once those that `enough` asks for are there. */
async function finished(enough: (all: ReadableSpan[]) => boolean): Promise<ReadableSpan[]> {
  await vi.waitUntil(() => enough(spans.getFinishedSpans()), { timeout: 15_000, interval: 5 })
  return spans.getFinishedSpans()
}

const named = (all: readonly ReadableSpan[], name: string, of?: string) =>
  all.filter((span) => span.name === name && (of === undefined || span.attributes['cronclave.job'] === of))
const idOf = (span: ReadableSpan | undefined) => span?.spanContext().spanId
const parentOf = (span: ReadableSpan | undefined) => span?.parentSpanContext?.spanId

describe('where an SDK of OpenTelemetry is set up', () => {
  test('a fire of a schedule, its plan, commit and attempt, the handler and the child are one trace', async () => {
    await job('child', 'work')
    await job('parent', 'work', { schedules: [{ every: '1s' }], children: [{ job: 'child', on: 'success' }] })
    const all = await finished((seen) => named(seen, 'handle child').length > 0)
    await call('POST', `${NS}/jobs/parent/pause`)
    const [fire] = named(all, 'fire', 'parent')
    const traceId = fire?.spanContext().traceId
    const of = (name: string, about?: string) =>
      named(all, name, about).find((span) => span.spanContext().traceId === traceId)
    expect(parentOf(fire)).toBeUndefined()
    expect(fire?.attributes).toMatchObject({
      'cronclave.namespace': 'default',
      'cronclave.job': 'parent',
      'cronclave.run.cause': 'schedule',
      'cronclave.fire.verdict': 'started',
    })
    const within = all.filter((span) => parentOf(span) === idOf(fire)).map(({ name }) => name)
    expect(within.sort()).toEqual(['attempt POST', 'commit', 'plan'])
    const attempt = of('attempt POST', 'parent')
    expect(attempt?.attributes).toMatchObject({
      'cronclave.attempt.outcome': 'succeeded',
      'cronclave.executor': 'e1',
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
    })
    expect(parentOf(of('handle parent'))).toBe(idOf(attempt))
    const child = of('attempt POST', 'child')
    expect(parentOf(child)).toBe(idOf(attempt))
    expect(parentOf(of('plan', 'child'))).toBe(idOf(attempt))
    expect(parentOf(of('handle child'))).toBe(idOf(child))
  })

  test('a retry stands beside the attempt before it, and names neither parameters nor messages', async () => {
    await job('again', 'flaky', { retry: { max: 1, delay: '10ms' } })
    await call('POST', `${NS}/jobs/again/trigger`)
    const all = await finished((seen) => named(seen, 'attempt POST', 'again').length === 2)
    const [fire] = named(all, 'fire', 'again')
    const attempts = named(all, 'attempt POST', 'again')
    expect(attempts.map(parentOf)).toEqual([idOf(fire), idOf(fire)])
    expect(attempts.map(({ attributes }) => attributes['cronclave.attempt.outcome'])).toEqual(['failed', 'succeeded'])
    expect(attempts.map(({ attributes }) => attributes['http.request.resend_count'])).toEqual([undefined, 1])
    expect(attempts[0]?.status.code).toBe(2)
    expect(JSON.stringify(all.map(({ name, attributes, events, status }) => [name, attributes, events, status])))
      .not //
      .toContain(SECRET_PARAM)
  })

  test('who asks for a run with a trace of its own finds the run in it', async () => {
    await job('asked', 'work')
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await call('POST', `${NS}/jobs/asked/trigger`, undefined, { traceparent, tracestate: 'vendor=1' })
    const all = await finished((seen) => named(seen, 'handle asked').length > 0)
    const [fire] = named(all, 'fire', 'asked')
    expect(fire?.parentSpanContext).toMatchObject({ spanId: 'b7ad6b7169203331', isRemote: true })
    expect(fire?.spanContext().traceState?.serialize()).toBe('vendor=1')
    const traces = named(all, 'handle asked').map((span) => span.spanContext().traceId)
    expect(traces).toEqual(['0af7651916cd43dd8448eb211c80319c'])
  })

  test('an outcome that is recorded ends its commit', async () => {
    await job('recorded', 'work')
    await call('POST', `${NS}/jobs/recorded/trigger`)
    const all = await finished((seen) => {
      const [attempt] = named(seen, 'attempt POST', 'recorded')
      return seen.some((span) => span.name === 'commit' && parentOf(span) === idOf(attempt) && attempt !== undefined)
    })
    const [attempt] = named(all, 'attempt POST', 'recorded')
    const commit = all.find((span) => span.name === 'commit' && parentOf(span) === idOf(attempt))
    expect(commit?.attributes['cronclave.log.index']).toBeGreaterThan(0)
  })
})
