import { createHash, createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, test } from 'vitest'
import { signingKey } from '../signing/secret.ts'
import { answer, benchWith, bodyOf, closeAll, httpTarget, opened, SECRET } from './fixtures.ts'

const handler = { kind: 'handler', service: 'billing', handler: 'report' } as const

afterEach(closeAll)

describe('a handler’s request', () => {
  test('S057 S072 says what the contract says, and the reference library verifies it', async () => {
    let got: { headers: IncomingHttpHeaders; body: string; url: string | undefined } | undefined
    const bench = await benchWith((request, response) => {
      const { headers, url } = request
      void bodyOf(request).then((body) => {
        got = { headers, body, url }
        response.writeHead(503).end()
      })
    })
    const schedules = [
      { id: 's1', cron: '0 23 * * *', zone: 'Asia/Shanghai', gap: 'next', fold: 'first', jitterMs: 0 } as const,
    ]
    const retry = { max: 3, delayMs: 1, backoff: 'fixed', maxDelayMs: 1, jitter: 0 } as const
    const previousFire = Date.UTC(2026, 10, 19, 15, 0, 0, 250)
    const attempt = bench.start(handler, 'e1', {
      spec: { schedules: [...schedules], retry, params: { a: 1 } },
      run: { schedules: ['s1'], previousFire, params: { a: 2, 'q"': 'é' } },
    })
    await bench.end(attempt)
    expect(got?.url).toBe('/run?via=lb')
    new Webhook(SECRET).verify(got?.body ?? '', got?.headers as Record<string, string>)
    expect(got?.headers['webhook-id']).toBe(attempt)
    const { data, ...message } = JSON.parse(got?.body ?? '') as { data: Record<string, unknown> }
    expect(message).toEqual({ type: 'run.dispatch', timestamp: expect.stringMatching(/^\d{4}-.*Z$/) })
    expect(data).toEqual({
      cluster: 'c1',
      namespace: 'default',
      service: 'billing',
      executor: 'e1',
      job: 'nightly-report',
      handler: 'report',
      runId: 'run1',
      attemptId: attempt,
      supersedes: [],
      attempt: 1,
      maxAttempts: 4,
      trigger: 'schedule',
      fireTime: '2026-11-20T23:00:00+08:00',
      lastFireTime: '2026-11-19T23:00:00.250+08:00',
      deadline: expect.stringMatching(/Z$/),
      shard: { index: 0, total: 1, items: [] },
      params: { a: 2, 'q"': 'é' },
      parent: null,
      fencingToken: '184467',
      respond: { mode: 'sync', waitMs: expect.any(Number) },
    })
  })

  test('S063 names the part of a sharded run, its items, and how many parts there are', async () => {
    const told: unknown[] = []
    const bench = await benchWith((request, response) => {
      void bodyOf(request).then((body) => {
        told.push((JSON.parse(body) as { data: { shard: unknown } }).data.shard)
        response.writeHead(503).end()
      })
    })
    const items = ['tianjin', '"']
    await bench.end(bench.start(handler, 'e1', { shards: [{ items }, {}] }))
    await bench.end(bench.start(handler, 'e1', { shards: [{ items, was: { index: 3, total: 7 } }] }))
    expect(told).toEqual([
      { index: 0, total: 2, items },
      { index: 3, total: 7, items },
    ])
  })

  test('ends with the outcome that the handler gives, its error, lines and progress', async () => {
    const at = '2026-11-20T15:00:00.000Z'
    const bench = await benchWith((request, response) => {
      void answer(request, response, {
        outcome: 'failed',
        result: undefined,
        error: { name: 'RangeError', message: 'too far', code: 'TooFar', retryable: false, retryAfterMs: 1500 },
        logs: [
          { at, level: 'info', message: 'began' },
          { at, level: 'shout', message: 'no' },
          { at: 8.64e15 + 1, level: 'info', message: 'at no time that a clock could show' },
          'no',
        ],
        progress: { done: 3, total: 9, note: 'third' },
      })
    })
    const finish = await bench.end(bench.start(handler, 'e1'))
    expect(finish).toMatchObject({
      outcome: 'failed',
      status: 200,
      retryable: false,
      retryAfterMs: 1500,
      error: { code: 'too-far', message: 'too far', name: 'RangeError' },
      logs: [{ at: Date.parse(at), level: 'info', message: 'began' }],
      progress: { done: 3, total: 9, note: 'third' },
    })
    expect(finish?.logs).toHaveLength(1)
    expect(finish?.chance).toBeLessThan(1)
  })

  test('is not made without a secret', async () => {
    const bench = await benchWith(() => expect.unreachable())
    const service = bench.state.services.get(2)
    if (service) service.secrets = []
    const finish = await bench.end(bench.start(handler, 'e1'))
    expect(finish).toMatchObject({ outcome: 'failed', retryable: false, error: { code: 'no-signing-secret' } })
  })
})

describe('a request to an HTTP endpoint', () => {
  test('is the user’s own, with our headers signed beside it', async () => {
    let got:
      | { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders; body: string }
      | undefined
    const bench = await benchWith((request, response) => {
      const { method, url, headers } = request
      void bodyOf(request).then((body) => {
        got = { method, url, headers, body }
        response.writeHead(201, { 'content-type': 'application/json' }).end('{"data":{"ok":true}}')
      })
    })
    const target = httpTarget({
      method: 'PUT',
      service: 'billing',
      path: '/jobs/{{params.id}}',
      query: { t: '{{fireTime}}' },
      body: '{"id":"{{params.id}}"}',
    })
    const attempt = bench.start({ ...target, expect: { field: 'data.ok', equals: true } }, 'e1', {
      run: { params: { id: 'a b' } },
    })
    expect(await bench.end(attempt)).toMatchObject({
      outcome: 'succeeded',
      status: 201,
      result: { data: { ok: true } },
    })
    const path = '/run/jobs/a%20b?t=2026-11-20T15%3A00%3A00Z'
    expect(got).toMatchObject({
      method: 'PUT',
      url: path,
      body: '{"id":"a b"}',
      headers: {
        'content-type': 'application/json',
        'cronclave-run-id': 'run1',
        'cronclave-attempt-id': attempt,
        'cronclave-attempt': '1',
        'cronclave-fire-time': '2026-11-20T15:00:00Z',
        'cronclave-shard': '0/1',
        'cronclave-fencing-token': '184467',
      },
    })
    new Webhook(SECRET).verify(got?.body ?? '', got?.headers as Record<string, string>)
    const names = ['attempt', 'attempt-id', 'fencing-token', 'fire-time', 'run-id', 'shard'].map(
      (name) => `cronclave-${name}`,
    )
    const lines = names.map((name) => `${name}:${String(got?.headers[name])}`).sort()
    const hash = createHash('sha256')
      .update(got?.body ?? '')
      .digest('hex')
    const text = ['request', attempt, got?.headers['webhook-timestamp'], 'PUT', path, hash, ...lines].join('\n')
    const expected = createHmac('sha256', signingKey(SECRET).requestKey).update(text).digest('base64')
    expect(got?.headers['cronclave-signature']).toBe(`v1,${expected}`)
  })

  test.each([
    [200, 'plain', {}, 'succeeded', undefined, { text: 'plain' }],
    [200, '', {}, 'succeeded', undefined, undefined],
    [
      200,
      `[${'['.repeat(70)}${']'.repeat(70)}]`,
      {},
      'succeeded',
      undefined,
      { text: expect.stringContaining('[[[') as string },
    ],
    [500, '{"e":1}', {}, 'failed', 'http-500', { e: 1 }],
    [404, 'no', {}, 'failed', 'http-404', { text: 'no' }],
    [404, 'no', { successStatuses: [404] }, 'succeeded', undefined, { text: 'no' }],
    [200, 'ok', { successStatuses: [404] }, 'failed', 'http-200', { text: 'ok' }],
    [200, '{"a":1}', { expect: { field: 'a', equals: 2 } }, 'failed', 'unexpected-reply', { a: 1 }],
    [200, 'ok', { expect: { field: 'a', equals: 2 } }, 'failed', 'unexpected-reply', { text: 'ok' }],
    [200, '{"a":{"b":[1]}}', { expect: { field: 'a.b', equals: [1] } }, 'succeeded', undefined, { a: { b: [1] } }],
  ])('%i %j with %j is %s', async (status, body, change, outcome, code, result) => {
    const bench = await benchWith((_, response) => response.writeHead(status, { 'retry-after': '3' }).end(body))
    const url = opened[0]?.url ?? ''
    const finish = await bench.end(bench.start(httpTarget({ url, ...change }), '-'))
    expect(finish).toMatchObject({ outcome, status, retryable: true })
    expect(finish?.error?.code).toBe(code)
    expect(finish?.result).toEqual(result)
    if (code === `http-${status}`) expect(finish?.retryAfterMs).toBe(3000)
  })

  test.each([
    'run.dispatch',
    'run.cancel',
    'run.skipped',
    'manifest.get',
    'ping',
  ])('may not be a signed %s: executors would take it for ours', async (type) => {
    let seen = 0
    const bench = await benchWith((_, response) => {
      seen++
      response.end()
    })
    const body = `{"ty\\u0070e":"{{params.type}}","data":{"attemptId":"{{attemptId}}"}}`
    const target = httpTarget({ method: 'POST', service: 'billing', path: '/', body })
    const run = { params: { type } }
    const finish = await bench.end(bench.start(target, 'e1', { run }))
    expect(finish).toMatchObject({ outcome: 'failed', retryable: false, error: { code: 'template-unresolved' } })
    expect(seen).toBe(0)
    const { service: _, path: __, ...unsigned } = target
    const url = opened[0]?.url ?? ''
    expect(await bench.end(bench.start({ ...unsigned, url }, '-', { run }))).toMatchObject({ outcome: 'succeeded' })
  })

  test('with a value that is missing is not sent', async () => {
    const bench = await benchWith(() => expect.unreachable())
    const attempt = bench.start(httpTarget({ service: 'billing', path: '/{{params.id}}' }), 'e1')
    const finish = await bench.end(attempt)
    expect(finish).toMatchObject({ outcome: 'failed', retryable: false, error: { code: 'template-unresolved' } })
    expect(finish).not.toHaveProperty('sentAt')
  })
})
