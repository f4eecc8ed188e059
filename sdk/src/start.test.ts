import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { ExecutorOptions } from './config.ts'
import { errorKind } from './errors.ts'
import { createExecutor } from './executor.ts'
import type { StartOptions } from './registration.ts'
import {
  type Asked,
  callExecutor,
  deferred,
  dispatchBody,
  envelope,
  FakeControlPlane,
  flush,
  passTime,
  SECRET,
  VirtualClock,
} from './test-kit.ts'

const NODES = ['https://n1.example', 'https://n2.example/']
const AT = '/v1/namespaces/default/services/billing/executors'
const HOME = `${AT}/billing-1`

let clock: VirtualClock
let plane: FakeControlPlane
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }

const times = { leaseTtlMs: 30_000, heartbeatMs: 8000 }
const registered = { body: { ...times, status: 'joining' } }
const heard = (answer = 'ok') => ({ body: { answer, ...times } })
const kindly = ({ method }: Asked) => (method === 'PUT' ? registered : heard())

beforeEach(() => {
  clock = new VirtualClock()
  plane = new FakeControlPlane()
  plane.answer = kindly
  vi.clearAllMocks()
})

function executorWith(options: Partial<ExecutorOptions> = {}) {
  const all = { id: 'billing-1', secret: SECRET, clock, logger, fetch: plane.fetch, controlPlane: NODES, ...options }
  return createExecutor({ service: 'billing', ...all }).job('report', () => 1)
}

const given: StartOptions = { url: 'http://10.0.0.7/jobs', token: 'cct_1' }
const pass = (ms: number) => passTime(clock, ms)
const verbs = () => plane.asked.map(({ method, path }) => `${method} ${path.replace(HOME, '')}`)

describe('an executor that is started', () => {
  test('S084 registers with its id, its boot and what it can do, and with its token, not with its secret', async () => {
    const executor = executorWith({ concurrency: 20 })
    const started = await executor.start({ ...given, weight: 2, labels: { zone: 'a' }, revision: 'v7' })
    expect(started.id).toBe('billing-1')
    expect(plane.asked).toEqual([
      {
        node: 'https://n1.example',
        method: 'PUT',
        path: HOME,
        token: 'cct_1',
        body: {
          bootId: started.bootId,
          url: 'http://10.0.0.7/jobs',
          weight: 2,
          slots: 20,
          labels: { zone: 'a' },
          revision: 'v7',
          handlers: [{ name: 'report' }],
          manifestHash: expect.stringMatching(/^[\da-f]{64}$/) as string,
        },
      },
    ])
    expect(JSON.stringify(plane.asked)).not.toContain(SECRET)
    await started.stop()
  })

  test('S085 sends heartbeats as often as the control plane decides, with what is in flight', async () => {
    const started = await executorWith().start(given)
    await pass(33_000)
    const beats = plane.asked.slice(1)
    expect(beats).toHaveLength(4)
    const { manifestHash } = plane.asked[0]?.body ?? {}
    expect(beats[0]).toMatchObject({
      method: 'POST',
      path: `${HOME}/heartbeat`,
      body: { bootId: started.bootId, state: 'online', inFlight: 0, manifestHash },
    })
    plane.answer = () => ({ body: { answer: 'ok', leaseTtlMs: 3000, heartbeatMs: 1000 } })
    await pass(8000)
    const before = plane.asked.length
    await pass(10_000)
    expect(plane.asked.length - before).toBeGreaterThanOrEqual(9)
    await started.stop()
  })

  test.each([
    ['register', heard('register')],
    ['needManifest', heard('needManifest')],
    ['a 404', { status: 404, body: { code: 'executor-not-found' } }],
  ])('registers again at once when its heartbeat is answered %s', async (_, answer) => {
    const started = await executorWith().start(given)
    plane.answer = ({ method }) => (method === 'PUT' ? registered : answer)
    await pass(8500)
    expect(verbs()).toEqual(['PUT ', 'POST /heartbeat', 'PUT '])
    await started.stop()
  })

  test('sends its manifest when that is wanted, and says once why it is refused', async () => {
    const errors = [{ pointer: '/handlers/1/job/schedules/0/cron', detail: 'minute 61 is outside 0-59' }]
    plane.answer = ({ method, body }) => {
      if (method !== 'PUT') return heard()
      return {
        body: {
          ...times,
          ...(body['manifest'] ? { manifest: { status: 'manifest-refused', errors } } : { needManifest: true }),
        },
      }
    }
    const executor = executorWith({ revisionOrder: 7 }).job('nightly', { schedule: '61 * * * *' }, () => 2)
    const started = await executor.start({ ...given, revision: 'v7' })
    const [first, second] = plane.asked
    expect(verbs()).toEqual(['PUT ', 'PUT '])
    expect(first?.body).not.toHaveProperty('manifest')
    expect(second?.body).toEqual({
      ...first?.body,
      manifest: { ...(await executor.manifest()), revision: 'v7', revisionOrder: 7 },
    })
    expect(logger.warn.mock.calls).toEqual([[{ id: 'billing-1', errors }, expect.stringContaining('refused')]])
    await pass(8500)
    expect(verbs()).toEqual(['PUT ', 'PUT ', 'POST /heartbeat'])
    await started.stop()
  })

  test('is registered although its manifest did not get through', async () => {
    plane.answer = ({ method, body }) => {
      if (method !== 'PUT') return heard()
      return body['manifest']
        ? { status: 422, body: { code: 'invalid-executor' } }
        : { body: { ...times, needManifest: true } }
    }
    const started = await executorWith().start(given)
    expect(logger.warn.mock.calls).toEqual([[{ id: 'billing-1' }, expect.stringContaining('invalid-executor')]])
    await pass(8500)
    expect(verbs()).toEqual(['PUT ', 'PUT ', 'POST /heartbeat'])
    await started.stop()
  })

  test('tells of another manifest once it has another handler', async () => {
    const executor = executorWith()
    const started = await executor.start(given)
    executor.job('other', () => 2)
    await pass(8500)
    expect(plane.asked[1]?.body['manifestHash']).not.toBe(plane.asked[0]?.body['manifestHash'])
    await started.stop()
  })

  test('is known to the control plane by its boot, and takes no calls for whoever had its address before', async () => {
    const executor = executorWith({ id: undefined })
    const started = await executor.start(given)
    expect(plane.asked[0]?.path).toBe(`${AT}/${started.bootId}`)
    const ping = (id: string) => callExecutor(executor, envelope('ping', { executor: id, challenge: 'x' }), { id: 'p' })
    expect((await ping(started.id)).json.data).toEqual({ challenge: 'x', bootId: started.bootId })
    expect(await ping('billing-1')).toMatchObject({ status: 421 })
    await expect(executor.start(given)).rejects.toThrow('started already')
    await started.stop()
  })

  test('may report later, since its process lives on', async () => {
    const { promise, resolve } = deferred<number>()
    const executor = executorWith({ respondWithin: 0 }).job('slow', () => promise)
    const started = await executor.start(given)
    const callback = { url: 'https://n1.example/v1/attempts/run1-0-1', token: 't', expiresAt: '2027-01-01T00:00:00Z' }
    const reply = callExecutor(executor, dispatchBody({ handler: 'slow', callback }))
    await pass(500)
    expect((await reply).status).toBe(202)
    resolve(1)
    await started.stop()
    expect(verbs().slice(-2)).toEqual(['POST /v1/attempts/run1-0-1/result', 'DELETE '])
  })
})

describe('nodes', () => {
  test('S090 are asked one after the other; the one that answers is asked first from then on', async () => {
    plane.answer = (asked) => (asked.node === 'https://n1.example' ? undefined : kindly(asked))
    const started = await executorWith().start(given)
    await pass(8500)
    expect(plane.asked.map(({ node }) => node)).toEqual([
      'https://n1.example',
      'https://n2.example',
      'https://n2.example',
    ])
    await started.stop()
  })

  test('that are all away do not keep the process from starting; it registers once one is back', async () => {
    plane.answer = () => undefined
    const started = await executorWith().start(given)
    expect(logger.warn).toHaveBeenCalledTimes(1)
    await pass(60_000)
    const tries = plane.asked.length
    expect(tries).toBeGreaterThan(8)
    expect(tries).toBeLessThan(40)
    plane.answer = kindly
    await pass(10_500)
    expect(verbs()).toContain('PUT ')
    await pass(8500)
    expect(verbs().at(-1)).toBe('POST /heartbeat')
    await started.stop()
  })
})

describe('a registration that is refused', () => {
  test.each([
    [401, 'unauthenticated'],
    [404, 'service-not-found'],
    [422, 'egress-refused'],
  ])('with %i says so at once', async (status, code) => {
    plane.answer = () => ({ status, body: { code, detail: 'for a reason' } })
    const refused: unknown = await executorWith()
      .start(given)
      .catch((error: unknown) => error)
    expect(errorKind(refused)).toBe('config')
    expect(String(refused)).toContain(`${status} ${code} for a reason`)
    await pass(60_000)
    expect(plane.asked).toHaveLength(1)
  })

  test('because another process has its id is tried again until that has gone; it is said once', async () => {
    plane.answer = () => ({ status: 409, body: { code: 'executor-live', detail: 'taken' } })
    const started = await executorWith().start(given)
    await pass(30_000)
    expect(plane.asked.length).toBeGreaterThan(3)
    expect(logger.warn).toHaveBeenCalledExactlyOnceWith({ id: 'billing-1' }, 'not registered: 409 executor-live taken')
    plane.answer = kindly
    await pass(10_500)
    await pass(8500)
    expect(verbs().at(-1)).toBe('POST /heartbeat')
    await started.stop()
  })

  test('names what is wrong with it', async () => {
    const errors = [{ pointer: '{executor}', detail: 'must be letters' }]
    plane.answer = () => ({ status: 400, body: { code: 'invalid-request', title: 'Not valid', errors } })
    await expect(executorWith().start(given)).rejects.toThrow(
      '400 invalid-request Not valid {executor} must be letters',
    )
  })

  test.each([
    ['controlPlane', { controlPlane: [] }],
    ['url', { url: '10.0.0.7' }],
    ['token', { token: '' }],
  ])('for want of `%s` asks nobody', async (name, wrong) => {
    await expect(executorWith().start({ ...given, ...wrong })).rejects.toThrow(`\`${name}\``)
    expect(plane.asked).toEqual([])
  })
})

test('a request that takes too long is broken off by a timeout, which whoever sends it can tell from other reasons', async () => {
  const reasons: unknown[] = []
  plane.hang = true
  const watched: typeof fetch = (url, init) =>
    plane.fetch(url, init).catch((error: unknown) => {
      reasons.push((init?.signal?.reason as Error | undefined)?.name)
      throw error
    })
  const starting = executorWith({ fetch: watched }).start(given)
  await pass(20_500)
  expect(reasons).toEqual(['TimeoutError', 'TimeoutError'])
  plane.hang = false
  const stopped = (await starting).stop()
  await pass(2000)
  await stopped
})

test('a token that is over is told once, and again when that happens again', async () => {
  const started = await executorWith().start(given)
  const refused = { status: 401, body: { code: 'unauthenticated', detail: 'it has expired' } }
  for (let times = 1; times <= 2; times++) {
    plane.answer = () => refused
    await pass(60_000)
    expect(logger.warn.mock.calls).toEqual(
      Array.from({ length: times }, () => [{ id: 'billing-1' }, 'not heard: 401 unauthenticated it has expired']),
    )
    plane.answer = kindly
    await pass(15_000)
    expect(plane.asked.at(-1)?.path).toBe(`${HOME}/heartbeat`)
    expect(logger.info.mock.calls).toEqual(Array.from({ length: times }, () => [{ id: 'billing-1' }, 'heard again']))
  }
  await started.stop()
})

describe('an executor that is stopped', () => {
  test('S091 takes nothing new, lets its handlers end, and leaves as the process that it is', async () => {
    const { promise, resolve } = deferred<number>()
    const executor = executorWith().job('slow', () => promise)
    const started = await executor.start(given)
    const running = callExecutor(executor, dispatchBody({ handler: 'slow' }))
    await vi.waitFor(() => expect(executor.inFlight).toBe(1))
    const stopped = started.stop()
    expect(await callExecutor(executor, dispatchBody({ attemptId: 'b' }))).toMatchObject({ status: 503 })
    await pass(8500)
    expect(verbs()).toEqual(['PUT ', 'POST /drain', 'POST /heartbeat'])
    expect(plane.asked.at(-1)?.body).toMatchObject({ state: 'draining', inFlight: 1 })
    resolve(1)
    expect((await running).status).toBe(200)
    await stopped
    expect(verbs().at(-1)).toBe('DELETE ')
    expect(plane.queries.slice(-1)).toEqual([`?bootId=${started.bootId}`])
    const all = plane.asked.length
    await pass(60_000)
    await started.stop()
    expect(plane.asked).toHaveLength(all)
  })

  describe('while it is registered anew', () => {
    const forgotten = { status: 404, body: { code: 'executor-not-found' } }

    /** One that the control plane has forgotten, and whose registering is not answered before `held` is resolved. */
    async function forgottenOne(fetchAs = plane.fetch) {
      const held = deferred()
      const late: typeof fetch = async (url, init) => {
        const reply = await fetchAs(url, init)
        if (init?.method === 'PUT' && plane.asked.length > 1) await held.promise
        return reply
      }
      plane.answer = ({ method, path }) => (path.endsWith('/heartbeat') ? forgotten : kindly({ method } as Asked))
      const started = await executorWith({ fetch: late, controlPlane: NODES.slice(0, 1) }).start(given)
      await pass(8500)
      expect(verbs().slice(0, 3)).toEqual(['PUT ', 'POST /heartbeat', 'PUT '])
      return { started, held, before: plane.asked.length }
    }

    test('waits for that, so that nothing of it is left behind', async () => {
      const { started, held, before } = await forgottenOne()
      const stopped = started.stop()
      await pass(500)
      held.resolve()
      await stopped
      expect(verbs().slice(before)).toEqual(['POST /drain', 'DELETE '])
    })

    test('leaves all the same when that is not answered', async () => {
      const { started, before } = await forgottenOne()
      const stopped = started.stop()
      await pass(2000)
      await stopped
      expect(verbs().slice(before)).toEqual(['DELETE '])
    })

    test('leaves also where the answer is lost', async () => {
      const losing: typeof fetch = async (url, init) => {
        const reply = await plane.fetch(url, init)
        if (init?.method === 'PUT' && plane.asked.length > 1) throw new TypeError('fetch failed')
        return reply
      }
      const { started, before } = await forgottenOne(losing)
      await started.stop()
      expect(verbs().slice(before)).toEqual(['DELETE '])
    })
  })

  test('is not registered anew while its handlers end', async () => {
    const { promise, resolve } = deferred<number>()
    plane.answer = () => undefined
    const executor = executorWith().job('slow', () => promise)
    const started = await executor.start(given)
    const running = callExecutor(executor, dispatchBody({ handler: 'slow' }))
    await vi.waitFor(() => expect(executor.inFlight).toBe(1))
    const stopped = started.stop()
    const before = plane.asked.length
    plane.answer = kindly
    await pass(20_000)
    resolve(1)
    await Promise.all([running, stopped])
    expect(verbs().slice(before)).not.toContain('PUT ')
  })

  test('aborts what takes longer than it waits, and does not wait for nodes that hang', async () => {
    const executor = executorWith().job(
      'slow',
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error))
        }),
    )
    const started = await executor.start(given)
    const running = callExecutor(executor, dispatchBody({ handler: 'slow' }))
    await vi.waitFor(() => expect(executor.inFlight).toBe(1))
    plane.hang = true
    const stopped = started.stop({ drain: '5s' })
    await pass(5000)
    expect((await running).json.data).toMatchObject({ error: { code: 'drain', retryable: true } })
    await pass(4000)
    await stopped
    await flush()
  })
})
