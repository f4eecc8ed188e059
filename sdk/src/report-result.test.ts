import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { ExecutorOptions } from './config.ts'
import type { JobContext } from './context.ts'
import { errorKind, RetryAfterError } from './errors.ts'
import { createExecutor, type Executor } from './executor.ts'
import type { JsonObject } from './json.ts'
import {
  callExecutor,
  deferred,
  dispatchBody,
  FakeControlPlane,
  flush,
  NOW,
  passTime,
  SECRET,
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

describe('a result', () => {
  test('is repeated until it is acknowledged, ever less often', async () => {
    const { resolve } = await accepted()
    plane.answer = () => ({ status: 503, body: { code: 'no-leader' } })
    resolve(1)
    await pass(10_000)
    const tries = said('result').length
    expect(tries).toBeGreaterThan(3)
    expect(tries).toBeLessThan(9)
    await pass(60_000)
    expect(said('result').length).toBeLessThan(tries + 13)
    plane.answer = () => ({ body: { answer: 'continue' } })
    await pass(30_000)
    const all = said('result').length
    await pass(120_000)
    expect(said('result')).toHaveLength(all)
  })

  test('is given up when the control plane refuses it, but a 404 without a code may be of a proxy', async () => {
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
    const { resolve } = await accepted({ logger })
    plane.answer = () => ({ status: 404, body: { message: 'no route' } })
    resolve(1)
    await pass(1000)
    expect(said('result').length).toBeGreaterThan(1)
    expect(logger.error).not.toHaveBeenCalled()
    plane.answer = () => ({ status: 404, body: { code: 'attempt-not-found' } })
    await pass(30_000)
    expect(logger.error).toHaveBeenCalledExactlyOnceWith(
      { runId: 'run1', attemptId: 'run1-0-1', status: 404 },
      'the outcome of an attempt could not be reported',
    )
    expect(JSON.stringify(logger.error.mock.calls)).not.toContain('token')
  })

  test('is given up when its token is over', async () => {
    const { resolve } = await accepted()
    plane.answer = () => undefined
    resolve(1)
    clock.advance(86_400_000)
    await pass(31_000)
    const all = said('result').length
    await pass(120_000)
    expect(said('result')).toHaveLength(all)
  })

  test('asks for no longer delay than the control plane takes', async () => {
    const { reject } = await accepted()
    reject(new RetryAfterError('closed', '3d'))
    await flush()
    expect(said('result')).toMatchObject([{ body: { error: { code: 'retry-after', retryAfterMs: 86_400_000 } } }])
  })

  test('is waited for by a drain, for five seconds', async () => {
    const { executor, resolve } = await accepted()
    plane.answer = () => undefined
    resolve(1)
    let drained = false
    void executor.drain().then(() => (drained = true))
    await pass(4500)
    expect(drained).toBe(false)
    await pass(500)
    expect(drained).toBe(true)
    const all = plane.asked.length
    await pass(60_000)
    expect(plane.asked).toHaveLength(all)
  })
})

test('many leases at once leave no listeners behind', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
  const { promise, resolve } = deferred<number>()
  const executor = executorWith(() => promise, { respondWithin: 0 })
  const replies = Array.from({ length: 20 }, (_, i) => call(executor, dispatchFor(i)))
  await pass(10_000)
  expect((await Promise.all(replies)).map(({ status }) => status)).toEqual(replies.map(() => 202))
  resolve(1)
  await pass(500)
  expect(said('result')).toHaveLength(20)
  expect(warned).not.toHaveBeenCalled()
  warned.mockRestore()
})

describe('ctx.extend', () => {
  test('moves the deadline as far as the control plane grants, by our clock', async () => {
    const { ctx, resolve } = await accepted()
    const granted = clock.now() - SKEW_MS + 900_000
    plane.answer = () => ({ body: { answer: 'continue', deadline: new Date(granted).toISOString() } })
    expect(await ctx.extend('20m')).toEqual(new Date(granted + SKEW_MS))
    expect(plane.asked).toMatchObject([{ body: { extendMs: 1_200_000 } }])
    await pass(890_000)
    expect(ctx.signal.aborted).toBe(false)
    resolve(1)
  })

  test('works before waitMs too, asks again until a node answers, and rejects once the attempt is over', async () => {
    let ctx: JobContext<JsonObject> | undefined
    const reply = call(
      executorWith((given) => {
        ctx = given
        return new Promise((_, reject) => {
          given.signal.addEventListener('abort', () => reject(given.signal.reason as Error))
        })
      }),
    )
    await vi.waitFor(() => expect(ctx).toBeDefined())
    plane.answer = () => undefined
    const asked = ctx?.extend(1000).catch(errorKind)
    await pass(2000)
    expect(plane.asked.length).toBeGreaterThan(1)
    plane.answer = () => ({ body: { answer: 'cancel' } })
    await pass(10_000)
    expect(await asked).toBe('cancelled')
    expect((await reply).json.data).toMatchObject({ outcome: 'cancelled' })
  })

  test('is nothing to a handler that a newer attempt has joined: neither lost nor cancelled ends it, and the newest is asked for', async () => {
    const { promise, resolve } = deferred<unknown>()
    const handler = vi.fn((ctx: JobContext<JsonObject>) => {
      ctx.signal.addEventListener('abort', () => resolve(errorKind(ctx.signal.reason)))
      ctx.extend('1h').then(() => resolve('extended'), resolve)
      return promise
    })
    const executor = executorWith(handler)
    plane.answer = () => undefined
    const gone = new AbortController()
    void call(executor, dispatchFor(1), { signal: gone.signal })
    await pass(1000)
    gone.abort()
    const next = call(executor, dispatchFor(2, { supersedes: ['run1-0-1'] }))
    await flush()
    // The first one, once more.
    void call(executor, dispatchFor(1))
    await flush()
    plane.asked.length = 0
    plane.answer = ({ path }) => ({ body: { answer: path.includes('run1-0-1') ? 'lease-lost' : 'continue' } })
    await pass(5000)
    expect((await next).json.data).toMatchObject({ attemptId: 'run1-0-2', result: 'extended' })
    expect(handler).toHaveBeenCalledTimes(1)
    expect(plane.asked).toMatchObject([{ path: '/v1/attempts/run1-0-2/heartbeat', token: 'token-2' }])
  })

  test('is asked for anew by the attempt that joined while another one was asked for', async () => {
    let answerFirst = (_: Response) => {}
    const asked: string[] = []
    const fetching: typeof fetch = (url) => {
      asked.push(new URL(url as string).pathname)
      if (asked.length > 1) return Promise.resolve(Response.json({ answer: 'continue' }))
      return new Promise((resolve) => (answerFirst = resolve))
    }
    const handler = vi.fn((ctx: JobContext<JsonObject>) => ctx.extend('1h').then(() => ctx.signal.aborted))
    const executor = executorWith(handler, { fetch: fetching })
    void call(executor, dispatchFor(1))
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    const next = call(executor, dispatchFor(2, { supersedes: ['run1-0-1'] }))
    await flush()
    answerFirst(Response.json({ answer: 'lease-lost' }))
    expect((await next).json.data).toMatchObject({ attemptId: 'run1-0-2', result: false })
    expect(asked).toEqual(['/v1/attempts/run1-0-1/heartbeat', '/v1/attempts/run1-0-2/heartbeat'])
    expect(handler).toHaveBeenCalledTimes(1)
  })

  test.each([401, 403, 404, 422])('rejects when it is refused with %i, at once', async (status) => {
    plane.answer = () => ({ status, body: { code: 'some-code' } })
    const reply = await call(
      executorWith((ctx) => ctx.extend('1h').catch(String)),
      dispatchFor(),
    )
    expect(reply.json.data).toMatchObject({ result: `Error: the control plane grants no time: ${status} some-code` })
    expect(plane.asked).toHaveLength(1)
  })

  test('asks for a year at most, which is more than any run is granted', async () => {
    await call(
      executorWith((ctx) => ctx.extend('400d')),
      dispatchFor(),
    )
    expect(plane.asked).toMatchObject([{ body: { extendMs: 31_536_000_000 } }])
  })

  test('asks with the token that heartbeats were answered, and hands on the one that it is answered', async () => {
    plane.answer = ({ token }) => ({
      body: {
        answer: 'continue',
        callback: { token: `${token}+`, expiresAt: new Date(NOW + 1e9).toISOString() },
      },
    })
    const { executor, ctx, resolve } = await accepted()
    await pass(12_500)
    void call(executor)
    await flush()
    await ctx.extend('1h')
    resolve(1)
    await flush()
    expect(plane.asked.map(({ path, token }) => `${path.split('/').at(-1)} ${token}`)).toEqual([
      'heartbeat token-1',
      'heartbeat token-1+',
      'result token-1++',
    ])
  })

  test('leaves the deadline where there is nobody to ask', async () => {
    const reply = await call(
      executorWith(async (ctx) => (await ctx.extend('1h')).getTime() - ctx.deadline.getTime()),
      dispatchFor(1, { callback: undefined }),
    )
    expect(reply.json.data).toMatchObject({ outcome: 'succeeded', result: 0 })
  })
})
