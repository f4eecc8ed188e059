import { expect, test, vi } from 'vitest'
import type { JobContext } from './context.ts'
import { NonRetryableError, RetryAfterError, SkipError } from './errors.ts'
import { createExecutor } from './executor.ts'
import type { JsonObject } from './json.ts'
import type { StandardSchema } from './schema.ts'
import { callExecutor, dispatchBody, NOW, SECRET, VirtualClock } from './test-kit.ts'

const options = { service: 'billing', secret: SECRET, clock: new VirtualClock(), logger: false } as const

async function outcomeOf(handler: (ctx: JobContext<JsonObject>) => unknown, data: Record<string, unknown> = {}) {
  const reply = await callExecutor(createExecutor(options).job('report', handler), dispatchBody(data))
  expect(reply.status).toBe(200)
  return reply.json.data ?? {}
}

test('S073 a handler gets what the signed body says, and its result is the run’s', async () => {
  let seen: JobContext<JsonObject> | undefined
  const data = {
    params: { region: 'eu' },
    lastFireTime: '2026-11-19T23:00:00+08:00',
    shard: { index: 1, total: 3, items: ['tianjin', 'shanghai'] },
    parent: { runId: 'run0', result: { rows: 1 } },
  }
  const outcome = await outcomeOf((ctx) => {
    seen = ctx
    return { rows: 42 }
  }, data)
  expect(outcome).toEqual({ runId: 'run1', attemptId: 'run1-0-1', outcome: 'succeeded', result: { rows: 42 } })
  expect(seen).toMatchObject({
    params: { region: 'eu' },
    runId: 'run1',
    attemptId: 'run1-0-1',
    job: 'nightly',
    fireTime: new Date('2026-11-20T15:00:00Z'),
    lastFireTime: new Date('2026-11-19T15:00:00Z'),
    attempt: 1,
    maxAttempts: 4,
    deadline: new Date(NOW + 60_000),
    trigger: 'schedule',
    shard: { index: 1, total: 3, items: ['tianjin', 'shanghai'] },
    fencingToken: 18446744073709551615n,
    parent: { runId: 'run0', result: { rows: 1 } },
  })
})

test.each([
  [
    'an error',
    new TypeError('bad row'),
    { outcome: 'failed', error: { name: 'TypeError', message: 'bad row', code: 'handler-error', retryable: true } },
  ],
  [
    'NonRetryableError',
    new NonRetryableError('gone', { code: 'unknown-customer' }),
    { outcome: 'failed', error: { code: 'unknown-customer', retryable: false } },
  ],
  [
    'RetryAfterError with a duration',
    new RetryAfterError('closed', '30m'),
    { outcome: 'failed', error: { retryable: true, retryAfterMs: 1_800_000 } },
  ],
  [
    'RetryAfterError with a date',
    new RetryAfterError('closed', new Date(NOW + 5000)),
    { outcome: 'failed', error: { retryAfterMs: 5000 } },
  ],
  ['SkipError', new SkipError('no orders'), { outcome: 'skipped', error: { message: 'no orders' } }],
  ['text', 'just text', { outcome: 'failed', error: { name: 'Error', message: 'just text' } }],
  ['nothing', undefined, { outcome: 'failed', error: { message: 'undefined' } }],
  [
    'something hostile',
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('no')
        },
      },
    ),
    { outcome: 'failed' },
  ],
])('a handler that throws %s has that outcome', async (_, error, expected) => {
  expect(await outcomeOf(() => Promise.reject(error as Error))).toMatchObject(expected)
})

function nested(depth: number): unknown {
  return JSON.parse('['.repeat(depth) + ']'.repeat(depth))
}

test('a result may be nested 60 deep, and brackets in text are not nesting', async () => {
  const result = [nested(59), '[{"\\"['.repeat(100)]
  expect(await outcomeOf(() => result)).toMatchObject({ outcome: 'succeeded', result })
})

test('a result may fill 64 KiB to the last byte', async () => {
  expect(await outcomeOf(() => 'x'.repeat(65_534))).toMatchObject({ outcome: 'succeeded' })
})

test('what is null or an empty list is absent', async () => {
  const absent = { parent: null, lastFireTime: null, params: null, shard: { index: 0, total: 2, items: [] } }
  const outcome = await outcomeOf(({ shard, ...ctx }) => {
    expect(ctx).not.toHaveProperty('parent')
    expect(ctx).not.toHaveProperty('lastFireTime')
    expect(shard).not.toHaveProperty('items')
    return ctx.params
  }, absent)
  expect(outcome).toMatchObject({ outcome: 'succeeded', result: {} })
})

test('lines and progress ride in the reply, also when the handler fails', async () => {
  const data = await outcomeOf((ctx) => {
    ctx.log.info('started', { rows: 2 })
    ctx.progress(1, 2, 'half')
    ctx.progress(NaN)
    throw new Error('broken')
  })
  expect(data).toMatchObject({
    outcome: 'failed',
    progress: { done: 1, total: 2, note: 'half' },
    logs: [{ at: '2026-11-20T15:00:00.000Z', level: 'info', message: 'started {"rows":2}' }],
  })
})

const positive: StandardSchema<{ n: string }, { n: number }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      const n = Number((value as { n?: unknown }).n)
      return n > 0 ? { value: { n } } : { issues: [{ message: 'must be positive', path: ['n', { key: 'a/b' }] }] }
    },
  },
}

test('a schema converts the parameters, and refuses them with pointers before the handler is called', async () => {
  const handler = vi.fn((ctx: JobContext<{ n: number }>) => ctx.params.n + 1)
  const executor = createExecutor(options).job('report', { params: positive }, handler)
  expect((await callExecutor(executor, dispatchBody({ params: { n: '4' } }))).json.data).toMatchObject({ result: 5 })
  const reply = await callExecutor(executor, dispatchBody({ attemptId: 'b', params: { n: '-4' } }))
  expect(reply).toMatchObject({
    status: 422,
    json: { code: 'invalid-params', errors: [{ pointer: '/data/params/n/a~1b', detail: 'must be positive' }] },
  })
  expect(handler).toHaveBeenCalledTimes(1)
  expect(executor.inFlight).toBe(0)
})

test.each([
  ['too large', 'x'.repeat(65_536), 'result-too-large'],
  ['too large in bytes', 'é'.repeat(33_000), 'result-too-large'],
  ['nested too deeply', nested(61), 'result-too-deep'],
  ['a bigint', { a: 1n }, 'result-not-json'],
  ['a function', () => 1, 'result-not-json'],
])('a result that is %s is a failed outcome that says so and is not retried', async (_, result, code) => {
  expect(await outcomeOf(() => result)).toMatchObject({ outcome: 'failed', error: { code, retryable: false } })
})
