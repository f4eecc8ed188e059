import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { beforeEach, expect, test } from 'vitest'
import { NOW, StillClock } from '../api/fixtures.ts'
import { Call } from '../dispatch/call.ts'
import type { Found } from '../dispatch/find.ts'
import type { Http } from '../dispatch/http.ts'
import type { WireRequest } from '../dispatch/request.ts'
import type { EndedAttempt, OpenAttempt } from '../runs/run.ts'
import { emptyState } from '../state/state.ts'
import { AttemptSpans } from './attempt-spans.ts'

const exporter = new InMemorySpanExporter()
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer('test')
const OPTIONS = { keepBytes: 1, silenceTimeoutMs: 1 }
const FIRE = { parent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', state: 'a=1' }
const http: Http = {
  connections: 0,
  hasRoom: () => true,
  send: () => ({ abort: () => undefined }),
  close: () => Promise.resolve(),
}

const state = emptyState()
const clock = new StillClock()
let spans: AttemptSpans

beforeEach(() => {
  exporter.reset()
  state.attempts.clear()
  spans = new AttemptSpans({ tracer, clock, state: () => state, node: 'n1' })
})

/** Sends an attempt, and gives the headers that left. */
function send(id: string, more: { headers?: string[]; trace?: typeof FIRE } = {}): string[] {
  const attempt = { id, ordinal: 1, executor: 'e1' } as OpenAttempt
  const owner = { mayLeave: () => true, onDone: () => undefined }
  const call = new Call({ run: 'r', shard: 0, attempt: { ...attempt, deadline: NOW } }, 1, clock, owner)
  const run = { id: 'r', cause: 'schedule', ...(more.trace ? { trace: more.trace } : {}) }
  call.found = { job: { namespace: 1, name: 'report' }, run, attempt, shard: { index: 0 } } as unknown as Found
  const headers = [...(more.headers ?? [])]
  const request: WireRequest = { origin: 'https://a.example.com', method: 'POST', path: '/', headers, body: undefined }
  state.attempts.set(id, 'r')
  spans.sending(http).send(request, call, OPTIONS)
  return request.headers
}

function ended(id: string, outcome: EndedAttempt['outcome']): EndedAttempt {
  return { id, outcome, sequence: [7, 0] } as unknown as EndedAttempt
}

const finished = () =>
  exporter.getFinishedSpans().map(({ name, attributes }) => [name, attributes['cronclave.attempt.outcome']])

test('what was accepted is under way until its outcome is recorded, whoever it came to', () => {
  send('a')
  spans.accepted('a')
  expect(finished()).toEqual([])
  spans.recorded(ended('a', 'succeeded'))
  expect(finished()).toEqual([['attempt POST', 'succeeded']])
  expect(exporter.getFinishedSpans()[0]?.events.map(({ name }) => name)).toEqual(['accepted'])
  spans.recorded(ended('a', 'succeeded'))
  expect(finished()).toHaveLength(1)
})

test('the context of the run gives way to that of the attempt, in its place', () => {
  const given = ['content-type', 'text/plain', 'traceparent', FIRE.parent, 'tracestate', FIRE.state, 'x-own', '1']
  const headers = send('a', { headers: given, trace: FIRE })
  spans.recorded(ended('a', 'failed'))
  const { traceId, spanId } = exporter.getFinishedSpans()[0]?.spanContext() ?? { traceId: '', spanId: '' }
  const own = ['traceparent', `00-${traceId}-${spanId}-01`, 'tracestate', FIRE.state]
  expect(headers).toEqual(['content-type', 'text/plain', 'x-own', '1', ...own])
  expect(traceId).toBe(FIRE.parent.split('-')[1])
})

test('what a job says itself stays as it is', () => {
  const headers = ['traceparent', 'mine']
  expect(send('a', { headers })).toEqual(headers)
})

test('a redirect goes on under the same span, with what it has', () => {
  send('a')
  expect(send('a')).toEqual([])
  spans.recorded(ended('a', 'succeeded'))
  expect(finished()).toHaveLength(1)
})

test('the end carries its context, so that what it leads to goes on from there', () => {
  send('a', { trace: FIRE })
  const finish = { attempt: 'a', job: 1, outcome: 'failed', endedAt: NOW, retryable: true, chance: 0 } as const
  const told: Parameters<AttemptSpans['finished']>[0] = { ...finish }
  spans.finished(told)
  const { spanId } = exporter.getFinishedSpans()[0]?.spanContext() ?? { spanId: '' }
  expect(told.trace?.parent.split('-')[2]).toBe(spanId)
  expect(finished()).toEqual([['attempt POST', 'failed']])
  spans.recorded(ended('a', 'failed'))
  expect(finished().map(([name]) => name)).toEqual(['attempt POST', 'commit'])
  const other: Parameters<AttemptSpans['finished']>[0] = { ...finish, attempt: 'unknown' }
  spans.finished(other)
  expect(other).not.toHaveProperty('trace')
})

test('when the state was replaced, spans of attempts that are not there any more end', () => {
  send('a')
  send('b')
  state.attempts.delete('a')
  spans.forgetClosed()
  expect(finished()).toEqual([['attempt POST', undefined]])
})
