import { beforeEach, expect, type Mock, test, vi } from 'vitest'
import type { ExecutorOptions } from './config.ts'
import type { JobContext } from './context.ts'
import { errorKind } from './errors.ts'
import { createExecutor, type Executor } from './executor.ts'
import type { JsonObject } from './json.ts'
import type { Kv } from './keys-and-locks.ts'
import { callExecutor, deferred, dispatchBody, envelope, NOW, SECRET, VirtualClock } from './test-kit.ts'

let clock: VirtualClock

beforeEach(() => {
  clock = new VirtualClock()
})

function executorWith(
  handler: (ctx: JobContext<JsonObject>) => unknown,
  options: Partial<ExecutorOptions> = {},
): Executor {
  return createExecutor({ service: 'billing', secret: SECRET, clock, logger: false, ...options }).job('report', handler)
}

/** A call whose caller goes away as soon as its handler runs. */
async function callAndLeave(executor: Executor, handler: Mock, body = dispatchBody()) {
  const caller = new AbortController()
  const before = handler.mock.calls.length
  const reply = callExecutor(executor, body, { signal: caller.signal })
  await vi.waitFor(() => expect(handler).toHaveBeenCalledTimes(before + 1))
  caller.abort()
  return { reply }
}

test('an attempt delivered twice runs once: the second call joins, a third gets the stored outcome', async () => {
  const { promise, resolve } = deferred<number>()
  const handler = vi.fn(() => promise)
  const executor = executorWith(handler)
  const [first, second] = [callExecutor(executor, dispatchBody()), callExecutor(executor, dispatchBody())]
  await vi.waitFor(() => expect(handler).toHaveBeenCalled())
  resolve(7)
  expect((await second).json.data).toEqual((await first).json.data)
  expect((await callExecutor(executor, dispatchBody())).json.data).toMatchObject({ result: 7 })
  expect(handler).toHaveBeenCalledTimes(1)
})

test('an attempt that supersedes one that ended gets its outcome, under its own id', async () => {
  const handler = vi.fn(() => 7)
  const executor = executorWith(handler)
  await callExecutor(executor, dispatchBody())
  const reply = await callExecutor(executor, dispatchBody({ attemptId: 'run1-0-2', supersedes: ['run1-0-1'] }))
  expect(reply.json.data).toEqual({ runId: 'run1', attemptId: 'run1-0-2', outcome: 'succeeded', result: 7 })
  expect(reply.headers['webhook-id']).toBe('re_run1-0-2')
  expect(handler).toHaveBeenCalledTimes(1)
  const third = await callExecutor(executor, dispatchBody({ attemptId: 'run1-0-3', supersedes: ['run1-0-2'] }))
  expect(third.json.data).toMatchObject({ attemptId: 'run1-0-3', result: 7 })
})

test('an attempt that supersedes one that runs joins it; the handler keeps the token it began with', async () => {
  const { promise, resolve } = deferred<number>()
  const tokens: bigint[] = []
  const executor = executorWith((ctx) => {
    tokens.push(ctx.fencingToken)
    return promise
  })
  const first = callExecutor(executor, dispatchBody({ fencingToken: '1' }))
  await vi.waitFor(() => expect(tokens).toHaveLength(1))
  const next = { attemptId: 'run1-0-2', fencingToken: '2', supersedes: ['run1-0-1'] }
  const second = callExecutor(executor, dispatchBody(next))
  await flush()
  resolve(7)
  expect((await second).json.data).toMatchObject({ attemptId: 'run1-0-2', result: 7 })
  expect((await first).json.data).toMatchObject({ attemptId: 'run1-0-1', result: 7 })
  expect(tokens).toEqual([1n])
})

test('a joined handler has until the later of the deadlines', async () => {
  let seen: JobContext<JsonObject> | undefined
  const { promise, resolve } = deferred()
  const executor = executorWith((ctx) => {
    seen = ctx
    return promise
  })
  const first = callExecutor(executor, dispatchBody())
  await vi.waitFor(() => expect(seen).toBeDefined())
  clock.advance(50_000)
  const now = clock.now()
  const body = dispatchBody({ attemptId: 'run1-0-2', supersedes: ['run1-0-1'] }, now)
  const second = callExecutor(executor, body, { now })
  await vi.waitFor(() => expect(seen?.deadline).toEqual(new Date(now + 60_000)))
  clock.advance(59_999)
  expect(seen?.signal.aborted).toBe(false)
  clock.advance(1)
  expect(seen?.signal.aborted).toBe(true)
  resolve()
  await Promise.all([first, second])
})

test('an attempt that supersedes one never seen here runs, and a retry without supersedes always runs', async () => {
  const handler = vi.fn(() => 7)
  const executor = executorWith(handler)
  await callExecutor(executor, dispatchBody({ supersedes: ['elsewhere'] }))
  await callExecutor(executor, dispatchBody({ attemptId: 'run1-0-2', attempt: 2 }))
  expect(handler).toHaveBeenCalledTimes(2)
})

test('an outcome is kept for ten minutes, longer than its signature is good for', async () => {
  const handler = vi.fn(() => 7)
  const executor = executorWith(handler)
  await callExecutor(executor, dispatchBody())
  clock.advance(300_000)
  await callExecutor(executor, dispatchBody())
  clock.advance(1000)
  expect(await callExecutor(executor, dispatchBody())).toMatchObject({ status: 401 })
  expect(handler).toHaveBeenCalledTimes(1)
})

test('slots are counted: beyond them a call is answered 429, and one that ended frees its slot', async () => {
  const { promise, resolve } = deferred()
  const executor = executorWith(() => promise, { concurrency: 1 })
  const first = callExecutor(executor, dispatchBody())
  await vi.waitFor(() => expect(executor.inFlight).toBe(1))
  const refused = await callExecutor(executor, dispatchBody({ attemptId: 'b' }))
  expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '1' } })
  const joined = callExecutor(executor, dispatchBody({ attemptId: 'c', supersedes: ['run1-0-1'] }))
  await flush()
  resolve()
  expect((await joined).status).toBe(200)
  await first
  expect(await callExecutor(executor, dispatchBody({ attemptId: 'b' }))).toMatchObject({ status: 200 })
})

test('a draining executor refuses new work, lets handlers end, and aborts them when its patience is over', async () => {
  const executor = executorWith(
    ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      }),
  )
  const running = callExecutor(executor, dispatchBody())
  await vi.waitFor(() => expect(executor.inFlight).toBe(1))
  const drained = executor.drain({ timeout: '5s' })
  expect(await callExecutor(executor, dispatchBody({ attemptId: 'b' }))).toMatchObject({
    status: 503,
    json: { code: 'draining' },
  })
  clock.advance(5000)
  await drained
  expect((await running).json.data).toMatchObject({ outcome: 'failed', error: { code: 'drain', retryable: true } })
})

test('an executor is drained when the last reply is signed, not when the last handler has ended', async () => {
  const { promise, resolve } = deferred()
  const executor = executorWith(() => promise)
  const order: string[] = []
  const running = callExecutor(executor, dispatchBody()).then(() => order.push('replied'))
  await vi.waitFor(() => expect(executor.inFlight).toBe(1))
  const drained = executor.drain().then(() => order.push('drained'))
  resolve()
  await Promise.all([running, drained])
  expect(order).toEqual(['replied', 'drained'])
})

test('at the deadline the signal aborts with TimeoutError, counted from when the call was sent', async () => {
  const reasons: unknown[] = []
  const body = dispatchBody({ deadline: new Date(NOW + 2000).toISOString() }, NOW)
  clock.advance(120_000)
  const executor = executorWith(
    ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reasons.push(errorKind(signal.reason))
          reject(new Error('stopped'))
        })
      }),
  )
  const running = callExecutor(executor, body)
  await vi.waitFor(() => expect(executor.inFlight).toBe(1))
  clock.advance(1999)
  expect(reasons).toEqual([])
  clock.advance(1)
  expect((await running).json.data).toMatchObject({ outcome: 'timed-out', error: { message: 'stopped' } })
  expect(reasons).toEqual(['timeout'])
})

test('run.cancel aborts the signal with CancelledError, and says whether the attempt was known', async () => {
  const executor = executorWith(
    ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      }),
  )
  const running = callExecutor(executor, dispatchBody())
  await vi.waitFor(() => expect(executor.inFlight).toBe(1))
  const cancel = (attemptId: string) =>
    callExecutor(executor, envelope('run.cancel', { runId: 'run1', attemptId, reason: 'cancelled' }), { id: 'c1' })
  expect((await cancel('run1-0-1')).json).toMatchObject({
    type: 'run.cancelled',
    data: { attemptId: 'run1-0-1', known: true },
  })
  expect((await running).json.data).toMatchObject({ outcome: 'cancelled' })
  expect((await cancel('run1-0-9')).json.data).toMatchObject({ known: false })
})

test('a caller that goes away is waited for; then the signal aborts with LeaseLostError and nothing is kept', async () => {
  const reasons: unknown[] = []
  const handler = vi.fn(
    ({ signal }: JobContext<JsonObject>) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reasons.push(errorKind(signal.reason))
          reject(signal.reason as Error)
        })
      }),
  )
  const executor = executorWith(handler)
  const { reply } = await callAndLeave(executor, handler)
  clock.advance(9999)
  expect(reasons).toEqual([])
  clock.advance(1)
  expect(await reply).toMatchObject({ status: 503, json: { code: 'abandoned' } })
  expect(reasons).toEqual(['lease-lost'])
  handler.mockImplementation(() => Promise.resolve(7))
  const again = await callExecutor(executor, dispatchBody({ attemptId: 'run1-0-2', supersedes: ['run1-0-1'] }))
  expect(again.json.data).toMatchObject({ outcome: 'succeeded', result: 7 })
})

test('a call that joins in time takes over from the caller that went away', async () => {
  const { promise, resolve } = deferred<number>()
  const handler = vi.fn(() => promise)
  const executor = executorWith(handler)
  await callAndLeave(executor, handler)
  clock.advance(5000)
  const second = callExecutor(executor, dispatchBody({ attemptId: 'run1-0-2', supersedes: ['run1-0-1'] }))
  await flush()
  clock.advance(20_000)
  resolve(7)
  expect((await second).json.data).toMatchObject({ outcome: 'succeeded', result: 7 })
  expect(handler).toHaveBeenCalledTimes(1)
})

test('the bytes of a call whose handler was given up run it no more, nor do those of the one that took its place', async () => {
  const handler = vi.fn(
    ({ signal }: JobContext<JsonObject>) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      }),
  )
  const executor = executorWith(handler)
  const bodies = [dispatchBody(), dispatchBody({ attemptId: 'run1-0-2', supersedes: ['run1-0-1'] })]
  for (const body of bodies) {
    const { reply } = await callAndLeave(executor, handler, body)
    clock.advance(10_000)
    expect(await reply).toMatchObject({ status: 503 })
  }
  for (const body of bodies) {
    expect(await callExecutor(executor, body)).toMatchObject({ status: 409, json: { code: 'duplicate-attempt' } })
  }
  expect(handler).toHaveBeenCalledTimes(2)
})

test('a call that joins a handler which is giving up has it run once more, however often that call comes', async () => {
  const ends: ((reason?: unknown) => void)[] = []
  const handler = vi.fn(() => new Promise((resolve, reject) => ends.push(ends.length === 0 ? reject : resolve)))
  const executor = executorWith(handler)
  const { reply } = await callAndLeave(executor, handler)
  clock.advance(10_000)
  const body = dispatchBody({ attemptId: 'run1-0-2', supersedes: ['run1-0-1'] })
  const twice = [callExecutor(executor, body), callExecutor(executor, body)]
  await flush()
  ends[0]?.(new Error('stopped'))
  expect(await reply).toMatchObject({ status: 503, json: { code: 'abandoned' } })
  await vi.waitFor(() => expect(handler).toHaveBeenCalledTimes(2))
  await flush()
  ends[1]?.(7)
  for (const reply of await Promise.all(twice)) expect(reply.json.data).toMatchObject({ result: 7 })
  expect(handler).toHaveBeenCalledTimes(2)
})

test('a drain waits five seconds for handlers that ignore their signal, and answers for them', async () => {
  const { promise, resolve } = deferred<number>()
  const logged = new Promise<void>((done) => {
    void promise.then(() => done())
  })
  const executor = executorWith((ctx) => {
    ctx.log.info('at work')
    return promise
  })
  const running = callExecutor(executor, dispatchBody())
  await vi.waitFor(() => expect(executor.inFlight).toBe(1))
  let drained = false
  const draining = executor.drain({ timeout: '5s' }).then(() => (drained = true))
  clock.advance(5000)
  await flush()
  clock.advance(4999)
  await flush()
  expect([drained, executor.inFlight]).toEqual([false, 1])
  clock.advance(1)
  await draining
  expect((await running).json.data).toMatchObject({
    outcome: 'failed',
    error: { name: 'DrainError', code: 'drain', retryable: true },
    logs: [{ message: 'at work' }],
  })
  expect(executor.inFlight).toBe(0)
  // Its own word comes too late.
  resolve(7)
  await logged
  await flush()
  expect(executor.inFlight).toBe(0)
  expect((await callExecutor(executor, dispatchBody())).json.data).toMatchObject({ outcome: 'failed' })
})

test('a drain answers for a schema that does not come to an end either', async () => {
  const never = { '~standard': { version: 1, vendor: 'test', validate: () => new Promise<never>(() => {}) } } as const
  const executor = createExecutor({ service: 'billing', secret: SECRET, clock, logger: false }).job(
    'report',
    { params: never },
    () => 1,
  )
  const running = callExecutor(executor, dispatchBody())
  await vi.waitFor(() => expect(executor.inFlight).toBe(1))
  const drained = executor.drain({ timeout: 0 })
  clock.advance(0)
  clock.advance(5000)
  await drained
  expect((await running).json.data).toMatchObject({ outcome: 'failed', error: { code: 'drain' } })
})

test('a lock is given up by whichever comes first, the signal of its own or that of the attempt', async () => {
  const own = new AbortController()
  const given: AbortSignal[] = []
  const lock = (_: string, { signal }: { signal?: AbortSignal }) => {
    if (signal) given.push(signal)
    return Promise.resolve()
  }
  const executor = executorWith(
    async (ctx) => {
      await ctx.lock('import', { signal: own.signal }, () => {})
      await ctx.lock('import', { waitMs: 1 }, () => {})
      return new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason as Error)))
    },
    { kv: { lock } as unknown as Kv },
  )
  const running = callExecutor(executor, dispatchBody())
  await vi.waitFor(() => expect(given).toHaveLength(2))
  const aborted = () => given.map((signal) => signal.aborted)
  expect(aborted()).toEqual([false, false])
  clock.advance(60_000)
  await running
  expect(aborted()).toEqual([true, true])
  expect(errorKind(given[0]?.reason)).toBe('timeout')
  const again = callExecutor(executor, dispatchBody({ attemptId: 'b' }, clock.now()), { now: clock.now() })
  await vi.waitFor(() => expect(given).toHaveLength(4))
  own.abort()
  expect(aborted().slice(2)).toEqual([true, false])
  clock.advance(60_000)
  await again
})

/** Lets what is under way in the thread pool and in promises settle. */
async function flush(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await crypto.subtle.digest('SHA-256', new Uint8Array(1))
    await new Promise((resolve) => setImmediate(resolve))
  }
}
