import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createExecutor } from './executor.ts'
import { SkipError } from './errors.ts'
import type { Handler } from './handler.ts'
import type { JsonObject } from './json.ts'
import { callExecutor, dispatchBody, SECRET, VirtualClock } from './test-kit.ts'
import { traced } from './tracing.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`

async function run(handler: Handler<JsonObject, unknown>, traceparent?: string) {
  const executor = createExecutor({ service: 'billing', secret: SECRET, clock: new VirtualClock(), logger: false })
  executor.job('report', handler)
  const headers = traceparent === undefined ? {} : { traceparent }
  const { text } = await callExecutor(executor, dispatchBody({ job: 'nightly' }), { headers })
  return (JSON.parse(text) as { data: { outcome: string; result?: unknown } }).data
}

describe('where an SDK of OpenTelemetry is set up', () => {
  const exporter = new InMemorySpanExporter()

  beforeEach(() => {
    exporter.reset()
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  })

  afterEach(() => {
    trace.disable()
    context.disable()
  })

  test('a handler goes on with the trace of its call, and what it does is below it', async () => {
    const inner = async () => {
      await Promise.resolve()
      trace.getTracer('mine').startSpan('query').end()
      return 'done'
    }
    expect(await run(traced(inner), PARENT)).toMatchObject({ outcome: 'succeeded', result: 'done' })
    const [query, handle] = exporter.getFinishedSpans()
    expect(handle?.spanContext().traceId).toBe(TRACE)
    expect(handle?.parentSpanContext).toMatchObject({ spanId: 'b7ad6b7169203331', isRemote: true })
    expect(query?.parentSpanContext?.spanId).toBe(handle?.spanContext().spanId)
    expect(handle).toMatchObject({
      name: 'handle nightly',
      attributes: { 'cronclave.job': 'nightly', 'cronclave.attempt.ordinal': 1 },
    })
  })

  test('a call without a trace begins one', async () => {
    await run(traced(() => 1))
    const [handle] = exporter.getFinishedSpans()
    expect(handle?.parentSpanContext).toBeUndefined()
  })

  test('what fails is marked, by the name of the error alone; what is skipped is not', async () => {
    const failing = () => Promise.reject(new TypeError('the password is hunter2'))
    expect(await run(traced(failing))).toMatchObject({ outcome: 'failed' })
    expect(await run(traced(() => Promise.reject(new SkipError('holiday'))))).toMatchObject({ outcome: 'skipped' })
    const [failed, skipped] = exporter.getFinishedSpans()
    expect(failed).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': 'TypeError' } })
    expect(skipped?.status.code).toBe(0)
    expect(JSON.stringify([failed?.attributes, failed?.events, failed?.status])).not.toContain('hunter2')
  })
})

test('without an SDK of OpenTelemetry a traced handler is the handler', async () => {
  expect(
    await run(
      traced(() => 7),
      PARENT,
    ),
  ).toMatchObject({ outcome: 'succeeded', result: 7 })
})
