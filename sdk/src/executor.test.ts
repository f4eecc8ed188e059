import { beforeEach, expect, test, vi } from 'vitest'
import type { ExecutorOptions } from './config.ts'
import type { JobContext } from './context.ts'
import { createExecutor, type Executor } from './executor.ts'
import type { JsonObject } from './json.ts'
import {
  callExecutor,
  deferred,
  dispatchBody,
  envelope,
  NOW,
  OTHER_SECRET,
  SECRET,
  sign,
  signedHeaders,
  VirtualClock,
} from './test-kit.ts'

const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
let clock: VirtualClock

beforeEach(() => {
  clock = new VirtualClock()
  vi.clearAllMocks()
})

function executorWith(
  handler: (ctx: JobContext<JsonObject>) => unknown,
  options: Partial<ExecutorOptions> = {},
): Executor {
  return createExecutor({ service: 'billing', secret: SECRET, clock, logger, ...options }).job('report', handler)
}

test('a reply is signed with the id re_<attempt id>, by the key that signed the call', async () => {
  const executor = executorWith(() => 1, { secret: [SECRET, OTHER_SECRET] })
  for (const [attemptId, secret] of [
    ['a1', SECRET],
    ['a2', OTHER_SECRET],
  ] as const) {
    const reply = await callExecutor(executor, dispatchBody({ attemptId }), { secret })
    expect(reply.headers['webhook-id']).toBe(`re_${attemptId}`)
    const signature = sign(`re_${attemptId}`, reply.headers['webhook-timestamp'] ?? '', reply.text, secret)
    expect(reply.headers['webhook-signature']).toBe(signature)
  }
})

test('while a secret is rotated a call with two signatures is accepted by an executor that knows either', async () => {
  const body = dispatchBody()
  const both = `${sign('run1-0-1', NOW / 1000, body)} ${sign('run1-0-1', NOW / 1000, body, OTHER_SECRET)}`
  for (const secret of [SECRET, OTHER_SECRET]) {
    const reply = await callExecutor(
      executorWith(() => 1, { secret }),
      body,
      { headers: { 'webhook-signature': both } },
    )
    expect(reply.status).toBe(200)
  }
})

test.each([
  ['missing-header', { 'webhook-id': '' }],
  ['missing-header', { 'webhook-signature': '' }],
  ['malformed-timestamp', { 'webhook-timestamp': '12e3' }],
  ['too-old', signedHeaders('run1-0-1', dispatchBody(), { now: NOW - 301_000 })],
  ['too-new', signedHeaders('run1-0-1', dispatchBody(), { now: NOW + 301_000 })],
  ['no-match', signedHeaders('run1-0-1', dispatchBody(), { secret: OTHER_SECRET })],
  ['no-match', signedHeaders('run1-0-1', `${dispatchBody()} `)],
])('a refused signature is a bare 401 to the caller and %s in the local log', async (fault, headers) => {
  const handler = vi.fn()
  const reply = await callExecutor(executorWith(handler), dispatchBody(), { headers })
  expect(reply.status).toBe(401)
  expect(reply.headers).toEqual({ 'content-type': 'application/problem+json' })
  expect(reply.text).not.toContain(fault)
  expect(logger.warn).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ fault }), expect.any(String))
  expect(handler).not.toHaveBeenCalled()
})

test('a flood of refused calls is one line a second, and the next line counts the others', async () => {
  const executor = executorWith(() => 1)
  const forged = () => callExecutor(executor, dispatchBody(), { secret: OTHER_SECRET })
  for (let i = 0; i < 50; i++) await forged()
  clock.advance(1000)
  await forged()
  expect(logger.warn).toHaveBeenCalledTimes(2)
  expect(logger.warn).toHaveBeenLastCalledWith(expect.objectContaining({ suppressed: 49 }), expect.any(String))
})

test('neither does a flood of bodies that something else has read, and a caller that went away is no line at all', async () => {
  const executor = executorWith(() => 1)
  const unread = (signal?: AbortSignal) => callExecutor(executor, dispatchBody(), { body: 'unavailable', signal })
  await unread(AbortSignal.abort())
  expect(logger.error).not.toHaveBeenCalled()
  for (let i = 0; i < 50; i++) expect(await unread()).toMatchObject({ status: 500 })
  expect(logger.error).toHaveBeenCalledTimes(1)
})

test.each([
  ['namespace', { namespace: 'other' }],
  ['service', { service: 'other' }],
  ['executor', { executor: 'billing-2' }],
])('a call for another %s is answered 421', async (_, data) => {
  const reply = await callExecutor(
    executorWith(() => 1, { id: 'billing-1' }),
    dispatchBody(data),
  )
  expect(reply).toMatchObject({ status: 421, json: { code: 'wrong-executor' } })
})

test.each([
  ['a handler that is not there', { handler: 'nope' }, 404, 'handler-not-found'],
  ['a token that is a number', { fencingToken: 5 }, 422, 'invalid-call'],
  ['a shard outside its total', { shard: { index: 3, total: 3 } }, 422, 'invalid-call'],
  ['a fire time that is none', { fireTime: 'tomorrow' }, 422, 'invalid-call'],
  ['params that are a list', { params: [] }, 422, 'invalid-call'],
])('%s is refused', async (_, data, status, code) => {
  expect(
    await callExecutor(
      executorWith(() => 1),
      dispatchBody(data),
    ),
  ).toMatchObject({ status, json: { code } })
})

test('the attempt in the body must be the one whose id was signed', async () => {
  const reply = await callExecutor(
    executorWith(() => 1),
    dispatchBody(),
    { id: 'run1-0-2' },
  )
  expect(reply).toMatchObject({ status: 422, json: { code: 'invalid-call' } })
})

test('only POST is known, and 1 MiB is the limit, before anything is verified', async () => {
  const executor = executorWith(() => 1)
  expect(await callExecutor(executor, dispatchBody(), { method: 'GET' })).toMatchObject({
    status: 405,
    headers: { allow: 'POST' },
  })
  const body = new Uint8Array(1024 * 1024 + 1)
  expect(await callExecutor(executor, dispatchBody(), { body })).toMatchObject({ status: 413 })
})

test('ping echoes its challenge and manifest.get lists the handlers, signed with the id of the call', async () => {
  const executor = executorWith(() => 1).job('other', { description: 'Another one' }, () => 2)
  const pong = await callExecutor(executor, envelope('ping', { challenge: 'abc' }), { id: 'p1' })
  expect(pong).toMatchObject({
    status: 200,
    json: { type: 'pong', data: { challenge: 'abc' } },
    headers: { 'webhook-id': 're_p1' },
  })
  const manifest = await callExecutor(executor, envelope('manifest.get', {}), { id: 'm1' })
  expect(manifest.json.data).toMatchObject({
    handlers: [{ name: 'report' }, { name: 'other', description: 'Another one' }],
  })
})

test('a secret may come from the environment of the call; without one the answer is 500 and the log says what to do', async () => {
  const executor = executorWith(() => 1, { secret: (env) => env['S'] })
  expect(await callExecutor(executor, dispatchBody(), { env: { S: SECRET } })).toMatchObject({ status: 200 })
  expect(await callExecutor(executor, dispatchBody({ attemptId: 'b' }))).toMatchObject({
    status: 500,
    json: { code: 'misconfigured' },
  })
  expect(logger.error).toHaveBeenCalledWith(
    { error: expect.stringContaining('process.env.CRONCLAVE_SECRET') as string },
    expect.any(String),
  )
})

test('wrong options are refused at once, all of them, without quoting a secret', () => {
  const make = () => createExecutor({ service: '', secret: 'hunter2', concurrency: 0, orphanGrace: -1 })
  expect(make).toThrow(/`service`.*`concurrency`.*duration.*whsec_/)
  expect(make).not.toThrow(/hunter2/)
  expect(() => createExecutor({ service: 'a', secret: undefined })).toThrow('no signing secret')
  const twice: Executor = executorWith(() => 1)
  expect(() => twice.job('report', () => 2)).toThrow('two handlers named report')
})

test('fetch is the same on Request and Response, bound, and never rejects', async () => {
  const { fetch } = executorWith(() => ({ rows: 1 }))
  const body = dispatchBody()
  const call = (init: RequestInit) => fetch(new Request('http://executor/jobs', { method: 'POST', ...init }))
  const response = await call({ body, headers: signedHeaders('run1-0-1', body) })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(await response.json()).toMatchObject({ type: 'run.result', data: { outcome: 'succeeded' } })
  expect((await call({})).status).toBe(401)
  const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) })
  expect((await call({ body: endless, duplex: 'half' } as RequestInit)).status).toBe(413)
  const used = new Request('http://executor/jobs', { method: 'POST', body })
  await used.text()
  expect((await fetch(used)).status).toBe(500)
})

test('a notice that something did not start is taken, and no handler runs', async () => {
  const handler = vi.fn()
  const body = envelope('run.skipped', { job: 'report', reason: 'overlap', count: 1 })
  const reply = await callExecutor(executorWith(handler), body, { id: 'notice_1_1' })
  expect(reply).toMatchObject({ status: 200, json: { type: 'run.noted' } })
  expect(handler).not.toHaveBeenCalled()
})

test('what is wrong with a call is found in one order: size, signature, envelope, address, replay, slots, draining, handler, parameters', async () => {
  const [begun, gate] = [deferred(), deferred()]
  const none = { validate: () => Promise.reject(new Error('none are taken')) } as never
  const handle = () => {
    begun.resolve()
    return gate.promise
  }
  const executor = executorWith(handle, { concurrency: 1 }).job('strict', { params: none }, () => 1)
  const first = callExecutor(executor, dispatchBody({ attemptId: 'known' }))
  await begun.promise
  const drained = executor.drain()
  const codeOf = async (data: object, more: Parameters<typeof callExecutor>[2] = {}) =>
    (
      await callExecutor(
        executor,
        dispatchBody({ attemptId: 'known', handler: 'nope', params: { a: 1 }, ...data }),
        more,
      )
    ).json.code
  const worst = { service: 'other', fireTime: 'tomorrow' }
  expect(await codeOf(worst, { secret: OTHER_SECRET, body: 'too-large' })).toBe('body-too-large')
  expect(await codeOf(worst, { secret: OTHER_SECRET })).toBe('unauthorized')
  expect(await codeOf(worst)).toBe('invalid-call')
  expect(await codeOf({ service: 'other' })).toBe('wrong-executor')
  const again = codeOf({})
  expect(await codeOf({ attemptId: 'new' })).toBe('no-slot')
  gate.resolve()
  await Promise.all([first, drained])
  expect([await again, await codeOf({})]).toEqual([undefined, undefined])
  expect(await codeOf({ attemptId: 'new' })).toBe('draining')
  const open = executorWith(() => 1).job('strict', { params: none }, () => 1)
  for (const [handler, code] of [
    ['nope', 'handler-not-found'],
    ['strict', 'invalid-params'],
  ]) {
    const body = dispatchBody({ attemptId: 'new', handler, params: { a: 1 } })
    expect((await callExecutor(open, body)).json.code).toBe(code)
  }
})

test('nothing beside the signed body decides what runs: another path, query and headers have no effect', async () => {
  const ran = vi.fn()
  const executor = executorWith((ctx) => {
    ran(ctx.job, ctx.runId, ctx.shard.total, ctx.fencingToken)
  }).job('other', () => ran('other'))
  const body = dispatchBody()
  const said = {
    'cronclave-job': 'other',
    'cronclave-handler': 'other',
    'cronclave-run-id': 'run9',
    'x-http-method-override': 'GET',
  }
  const request = new Request('http://executor/other?handler=other&service=other&runId=run9', {
    method: 'POST',
    body,
    headers: { ...signedHeaders('run1-0-1', body), ...said },
  })
  expect((await executor.fetch(request)).status).toBe(200)
  expect(ran.mock.calls).toEqual([['nightly', 'run1', 1, 18446744073709551615n]])
})
