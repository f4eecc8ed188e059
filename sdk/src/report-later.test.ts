import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { ExecutorOptions } from './config.ts'
import type { JobContext } from './context.ts'
import { errorKind } from './errors.ts'
import { createExecutor, type Executor } from './executor.ts'
import type { JsonObject } from './json.ts'
import {
  callExecutor,
  deferred,
  dispatchBody,
  envelope,
  FakeControlPlane,
  flush,
  NOW,
  passTime,
  SECRET,
  sign,
  VirtualClock,
} from './test-kit.ts'

const NODES = ['https://n1.example', 'https://n2.example']
const WAIT_MS = 25_000
/** The caller's clock is behind ours by this. */
const SKEW_MS = 7000

let clock: VirtualClock
let plane: FakeControlPlane

beforeEach(() => {
  clock = new VirtualClock()
  plane = new FakeControlPlane()
})

function executorWith(
  handler: (ctx: JobContext<JsonObject>) => unknown,
  options: Partial<ExecutorOptions> = {},
): Executor {
  const all = { service: 'billing', secret: SECRET, clock, logger: false as const, fetch: plane.fetch, ...options }
  return createExecutor({ reportLater: true, ...all }).job('report', handler)
}

/** A dispatch whose deadline is in ten minutes. */
function dispatchFor(attempt = 1, data: Record<string, unknown> = {}): string {
  const attemptId = `run1-0-${attempt}`
  const sent = clock.now() - SKEW_MS
  return dispatchBody(
    {
      attemptId,
      deadline: new Date(sent + 600_000).toISOString(),
      callback: {
        url: `${NODES[0]}/v1/attempts/${attemptId}`,
        token: `token-${attempt}`,
        expiresAt: new Date(sent + 86_400_000).toISOString(),
      },
      ...data,
    },
    sent,
  )
}

const call = (executor: Executor, body = dispatchFor(), more: object = {}) =>
  callExecutor(executor, body, { now: clock.now(), ...more })

const pass = (ms: number) => passTime(clock, ms)

/** Starts a handler, answers 202, and hands out what ends it. */
async function accepted(options: Partial<ExecutorOptions> = {}) {
  const { promise, resolve, reject } = deferred<unknown>()
  let ctx: JobContext<JsonObject> | undefined
  const handler = vi.fn((given: JobContext<JsonObject>) => {
    ctx = given
    given.signal.addEventListener('abort', () => reject(given.signal.reason))
    return promise
  })
  const executor = executorWith(handler, options)
  const reply = call(executor)
  await pass(WAIT_MS)
  expect((await reply).status).toBe(202)
  if (!ctx) throw new Error('the handler was not called')
  return { executor, handler, ctx, resolve, reject, reply: await reply }
}

const said = (verb: string) => plane.asked.filter(({ path }) => path.endsWith(`/${verb}`))

describe('a handler that is done within waitMs', () => {
  test('answers 200, and nothing is reported', async () => {
    const reply = await call(executorWith(() => 7))
    expect(reply).toMatchObject({ status: 200, json: { data: { result: 7 } } })
    await pass(60_000)
    expect(plane.asked).toEqual([])
  })
})

describe('a handler that takes longer', () => {
  test('S071 is answered with a signed 202, and its result goes to the callback with the token of the attempt', async () => {
    const { reply, resolve } = await accepted()
    expect(reply.json).toEqual({ accepted: true, leaseTtlMs: 30_000 })
    const timestamp = reply.headers['webhook-timestamp'] ?? ''
    expect(reply.headers['webhook-signature']).toBe(sign('re_run1-0-1', timestamp, reply.text))
    resolve({ rows: 3 })
    await flush()
    const body = { outcome: 'succeeded', result: { rows: 3 } }
    const path = '/v1/attempts/run1-0-1/result'
    expect(plane.asked).toEqual([{ node: NODES[0], method: 'POST', path, token: 'token-1', body }])
  })

  test('is waited for as long as it takes where nothing lives on after an answer, or no callback is given', async () => {
    for (const [options, body] of [
      [{ reportLater: false }, dispatchFor()],
      [{ reportLater: undefined }, dispatchFor()],
      [{}, dispatchFor(1, { callback: undefined })],
      [{}, dispatchFor(1, { respond: { mode: 'sync', waitMs: 1 } })],
    ] as const) {
      const { promise, resolve } = deferred<number>()
      const reply = call(
        executorWith(() => promise, options),
        body,
      )
      await pass(2 * WAIT_MS)
      resolve(1)
      expect((await reply).status).toBe(200)
      clock = new VirtualClock()
    }
    expect(plane.asked).toEqual([])
  })

  test('is kept alive by waitUntil until its result is acknowledged', async () => {
    const kept: Promise<unknown>[] = []
    const { promise, resolve } = deferred<number>()
    const executor = executorWith(() => promise, { reportLater: undefined })
    const reply = call(executor, dispatchFor(), { waitUntil: (work: Promise<unknown>) => kept.push(work) })
    await pass(WAIT_MS)
    expect((await reply).status).toBe(202)
    let done = false
    void Promise.all(kept).then(() => (done = true))
    plane.answer = () => undefined
    resolve(1)
    await flush()
    expect(done).toBe(false)
    plane.answer = () => ({ body: { answer: 'continue' } })
    await pass(500)
    expect(done).toBe(true)
  })

  test('is answered 202 sooner when the executor says so', async () => {
    const { promise, resolve } = deferred<number>()
    const reply = call(executorWith(() => promise, { respondWithin: '2s' }))
    await pass(2000)
    expect((await reply).status).toBe(202)
    resolve(1)
  })

  test('does not lose its work when the connection of its call closes after the 202', async () => {
    const gone = new AbortController()
    const { promise, resolve } = deferred<number>()
    const executor = executorWith(() => promise, { orphanGrace: 0 })
    const reply = call(executor, dispatchFor(), { signal: gone.signal })
    await pass(WAIT_MS)
    expect((await reply).status).toBe(202)
    gone.abort()
    await pass(60_000)
    resolve(5)
    await flush()
    expect(said('result')).toMatchObject([{ body: { result: 5 } }])
  })

  test('is not accepted over a connection that broke: nobody would hear of it', async () => {
    const gone = new AbortController()
    const reasons: unknown[] = []
    const executor = executorWith(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(errorKind(signal.reason))
            reject(signal.reason as Error)
          })
        }),
      { orphanGrace: '10s' },
    )
    const reply = call(executor, dispatchFor(), { signal: gone.signal })
    await pass(20_000)
    gone.abort()
    await pass(10_000)
    expect((await reply).status).toBe(503)
    expect(reasons).toEqual(['lease-lost'])
    expect(plane.asked).toEqual([])
  })
})

describe('a lease', () => {
  test('is kept by heartbeats, three in the time that it lasts, with the newest token', async () => {
    plane.answer = ({ token }) => ({
      body: {
        answer: 'continue',
        leaseTtlMs: 30_000,
        callback: { token: `${token}+`, expiresAt: new Date(NOW + 1e9).toISOString() },
      },
    })
    const { resolve } = await accepted()
    await pass(60_000)
    const beats = said('heartbeat')
    expect(beats.length).toBeGreaterThanOrEqual(5)
    expect(beats.slice(0, 3).map(({ token }) => token)).toEqual(['token-1', 'token-1+', 'token-1++'])
    resolve(1)
    await flush()
    expect(said('result')).toMatchObject([{ token: `token-1${'+'.repeat(beats.length)}` }])
  })

  test('carries progress with its heartbeats and passes lines on; none of them comes twice', async () => {
    const { ctx, resolve } = await accepted()
    ctx.log.info('one')
    ctx.progress(1, 3)
    await pass(3000)
    ctx.log.info('two')
    plane.answer = () => undefined
    await pass(3000)
    plane.answer = () => ({ body: { answer: 'continue' } })
    await pass(3000)
    ctx.log.info('three')
    ctx.progress(3, 3)
    resolve(1)
    await flush()
    const lines = said('logs').map(({ body }) => (body['lines'] as { message: string }[]).map((line) => line.message))
    expect(lines).toEqual([['one'], ['two'], ['two']])
    expect(said('heartbeat')).toMatchObject([{ body: { progress: { done: 1, total: 3 } } }])
    expect(said('result')).toMatchObject([{ body: { progress: { done: 3 }, logs: [{ message: 'three' }] } }])
  })

  test('says how many lines came before those that it passes on, for some may have got through unacknowledged', async () => {
    const { ctx, resolve } = await accepted()
    ctx.log.info('one')
    await pass(3000)
    ctx.log.info('two')
    plane.hang = true
    await pass(3000)
    plane.hang = false
    ctx.log.info('three')
    resolve(1)
    await flush()
    const [first, second] = said('logs').map(({ body }) => body)
    expect([first, second]).toMatchObject([
      { from: 0, lines: [{ message: 'one' }] },
      { from: 1, lines: [{ message: 'two' }] },
    ])
    expect(said('result')).toMatchObject([{ body: { logsFrom: 1, logs: [{ message: 'two' }, { message: 'three' }] } }])
  })

  test('goes on with another node when the one that called is gone', async () => {
    const { resolve } = await accepted({ controlPlane: NODES })
    plane.answer = ({ node }) => (node === NODES[0] ? undefined : { body: { answer: 'continue' } })
    await pass(12_000)
    resolve(1)
    await flush()
    expect(plane.asked.map(({ node, path }) => `${path.split('/').at(-1)} ${node}`)).toEqual([
      `heartbeat ${NODES[0]}`,
      `heartbeat ${NODES[1]}`,
      `result ${NODES[1]}`,
    ])
  })

  test('outlives a control plane that is away: the handler goes on, until its deadline', async () => {
    plane.answer = () => undefined
    const { ctx } = await accepted()
    await pass(600_000 - WAIT_MS - 500)
    expect(ctx.signal.aborted).toBe(false)
    plane.answer = () => ({ body: { answer: 'continue' } })
    await pass(500)
    expect(errorKind(ctx.signal.reason)).toBe('timeout')
    expect(said('result')).toMatchObject([{ body: { outcome: 'timed-out' } }])
  })

  test.each([
    ['cancel', 'cancelled', [{ body: { outcome: 'cancelled' } }]],
    ['lease-lost', 'lease-lost', []],
  ])('that is answered %s aborts the signal with its reason', async (word, kind, results) => {
    const { ctx } = await accepted()
    plane.answer = () => ({ body: { answer: word } })
    await pass(12_500)
    expect(errorKind(ctx.signal.reason)).toBe(kind)
    expect(said('heartbeat')).toHaveLength(1)
    expect(said('result')).toMatchObject(results)
  })

  test('that was lost leaves the handler to a call that joined in its place', async () => {
    const { executor, ctx, resolve, handler } = await accepted()
    const next = call(executor, dispatchFor(2, { supersedes: ['run1-0-1'] }))
    await flush()
    plane.answer = () => ({ body: { answer: 'lease-lost' } })
    await pass(13_000)
    expect(ctx.signal.aborted).toBe(false)
    plane.answer = () => ({ body: { answer: 'continue' } })
    resolve(9)
    expect((await next).json.data).toMatchObject({ attemptId: 'run1-0-2', result: 9 })
    expect(handler).toHaveBeenCalledTimes(1)
  })

  test('is one, however often its call is delivered', async () => {
    const { executor, resolve } = await accepted()
    const again = call(executor)
    await pass(WAIT_MS)
    expect((await again).status).toBe(202)
    resolve(1)
    await flush()
    expect(said('result')).toHaveLength(1)
  })

  test('ends with the attempt when run.cancel comes first', async () => {
    const { executor, ctx } = await accepted()
    const cancel = envelope('run.cancel', { attemptId: 'run1-0-1', reason: 'cancelled' }, clock.now())
    await callExecutor(executor, cancel, { id: 'c1', now: clock.now() })
    expect(errorKind(ctx.signal.reason)).toBe('cancelled')
    await flush()
    expect(said('result')).toMatchObject([{ body: { outcome: 'cancelled' } }])
  })
})
