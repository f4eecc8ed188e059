import { trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AlertText, Channel, ChannelSender } from '../alerts/channel.ts'
import { StillClock } from '../api/fixtures.ts'
import { type Exchanged, type ExchangeOwner, type Http } from '../dispatch/http.ts'
import type { SinkTarget } from '../logs/row.ts'
import { emptyState } from '../state/state.ts'
import { carried, contextOf } from './context.ts'
import { tracedChannels, tracedNotices, tracedTarget } from './delivery-spans.ts'
import { findTracing, type Tracing } from './tracing.ts'

const DEPS = { clock: new StillClock(), state: emptyState, node: 'n1' }
const exporter = new InMemorySpanExporter()

function provide(): Tracing {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  const tracing = findTracing(DEPS)
  if (!tracing) throw new Error('no tracing')
  return tracing
}

beforeEach(() => exporter.reset())
afterEach(() => trace.disable())

test('where nobody has set up an SDK there is no tracing, and once somebody has there is', () => {
  expect(findTracing(DEPS)).toBeUndefined()
  expect(provide()).toBeDefined()
})

test('a context is carried as it is, flags and state included', () => {
  const carrier = { parent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00', state: 'a=1,b=2' }
  const span = trace.getSpan(contextOf(carrier))
  expect(span && carried(span)).toEqual(carrier)
  expect(carried(trace.wrapSpanContext({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 }))).toBe(
    undefined,
  )
})

describe('a delivery', () => {
  const target = (write: () => Promise<void>): SinkTarget => ({
    prepare: () => Promise.resolve(),
    write,
    writeGaps: () => Promise.resolve(),
    async *sums() {},
    async *rowsOf() {},
    close: () => Promise.resolve(),
  })

  test('of rows says how many, and fails as it fails, without the words of the other side', async () => {
    const tracing = provide()
    await tracedTarget(
      tracing,
      'reports',
      target(() => Promise.resolve()),
    ).write([])
    const broken = tracedTarget(
      tracing,
      'reports',
      target(() => Promise.reject(new Error('password=hunter2'))),
    )
    await expect(broken.write([])).rejects.toThrow('hunter2')
    const [whole, failed] = exporter.getFinishedSpans()
    expect(whole).toMatchObject({
      name: 'deliver rows',
      status: { code: 0 },
      attributes: { 'cronclave.sink': 'reports', 'cronclave.rows': 0, 'cronclave.delivery.outcome': 'delivered' },
    })
    expect(failed).toMatchObject({ status: { code: 2 }, attributes: { 'cronclave.delivery.outcome': 'Error' } })
    expect(JSON.stringify([failed?.attributes, failed?.status, failed?.events])).not.toContain('hunter2')
  })

  test('of an alert names its channel, and what came of it', async () => {
    const sender: ChannelSender = {
      send: () => Promise.resolve({ kind: 'retry', error: 'hunter2' }),
      close: () => Promise.resolve(),
    }
    const channel = { name: 'on-call', target: { kind: 'slack' } } as Channel
    const text = { kind: 'firing' } as AlertText
    const sent = await tracedChannels(provide(), sender).send(channel, 'hunter2', text)
    expect(sent.kind).toBe('retry')
    const [span] = exporter.getFinishedSpans()
    expect(span).toMatchObject({
      name: 'deliver alert',
      status: { code: 2 },
      attributes: { 'cronclave.channel': 'on-call', 'cronclave.alert.kind': 'firing' },
    })
    expect(JSON.stringify(span?.attributes)).not.toContain('hunter2')
  })

  test('of a notice ends once, with its status or when it is given up', () => {
    let owner: ExchangeOwner | undefined
    const http: Http = {
      connections: 0,
      hasRoom: () => true,
      send(_request, given) {
        owner = given
        return { abort: () => undefined }
      },
      close: () => Promise.resolve(),
    }
    const heard: Exchanged[] = []
    const request = {
      origin: 'https://a.example.com',
      method: 'POST',
      path: '/?key=hunter2',
      headers: [],
      body: undefined,
    }
    const told = { onSent: () => true, onDone: (result: Exchanged) => void heard.push(result) }
    const traced = tracedNotices(provide(), http)
    const exchange = traced.send(request, told, { keepBytes: 1, silenceTimeoutMs: 1 })
    owner?.onDone({ sent: true, reply: { status: 204, headers: {}, body: Buffer.alloc(0), bytes: 0 } })
    exchange.abort()
    traced.send(request, told, { keepBytes: 1, silenceTimeoutMs: 1 }).abort()
    expect(heard).toHaveLength(1)
    const outcomes = exporter.getFinishedSpans().map(({ attributes }) => attributes['cronclave.delivery.outcome'])
    expect(outcomes).toEqual(['204', 'aborted'])
    expect(JSON.stringify(exporter.getFinishedSpans().map(({ attributes }) => attributes))).not.toContain('hunter2')
  })
})
