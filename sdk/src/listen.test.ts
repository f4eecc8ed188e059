import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { ExecutorOptions } from './config.ts'
import { createExecutor } from './executor.ts'
import type { ListenOptions } from './listen.ts'
import {
  deferred,
  envelope,
  flush,
  OTHER_SECRET,
  passTime,
  polledCall,
  PollingPlane,
  SECRET,
  signedHeaders,
  TIMES,
  VirtualClock,
} from './test-kit.ts'

const NODES = ['https://n1.example', 'https://n2.example']
const HOME = '/v1/namespaces/default/services/billing/executors/billing-1'

let clock: VirtualClock
let plane: PollingPlane
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }

beforeEach(() => {
  clock = new VirtualClock()
  plane = new PollingPlane()
  vi.clearAllMocks()
})

function executorWith(options: Partial<ExecutorOptions> = {}) {
  return createExecutor({
    service: 'billing',
    id: 'billing-1',
    secret: SECRET,
    clock,
    logger,
    fetch: plane.polled,
    ...options,
  })
}

const given: ListenOptions = { token: 'cct_1', controlPlane: NODES }
const pass = (ms: number) => passTime(clock, ms)
const verbs = () => plane.asked.map(({ method, path }) => `${method} ${path.replace(HOME, '')}`)
const asked = (verb: string) => plane.asked.filter(({ path }) => path.endsWith(verb))

const answer = (body: object) => plane.answerPoll(body)

const call = (data: Record<string, unknown> = {}, secret = SECRET) => polledCall(data, { now: clock.now(), secret })

function signed(id: string, body: string, secret = SECRET) {
  return { headers: signedHeaders(id, body, { now: clock.now(), secret }), body }
}

const message = (type: string, data: object) => envelope(type, { ...data }, clock.now())

describe('an executor that listens', () => {
  test('registers as one that polls, and polls with what a heartbeat says', async () => {
    const executor = executorWith({ concurrency: 4 }).job('report', () => 1)
    const started = await executor.listen({ ...given, weight: 2, revision: 'v7', pollWait: '10s' })
    await flush()
    expect(plane.asked[0]).toMatchObject({
      node: NODES[0],
      method: 'PUT',
      path: HOME,
      token: 'cct_1',
      body: {
        bootId: started.bootId,
        url: 'pull',
        weight: 2,
        slots: 4,
        revision: 'v7',
        handlers: [{ name: 'report' }],
      },
    })
    expect(plane.asked[1]).toMatchObject({
      method: 'POST',
      path: `${HOME}/poll`,
      token: 'cct_1',
      body: { bootId: started.bootId, state: 'online', inFlight: 0, waitMs: 10_000 },
    })
    await started.stop()
  })

  test('has one poll at a time, asks again as soon as it is answered, and sends no heartbeats beside', async () => {
    const started = await executorWith()
      .job('report', () => 1)
      .listen(given)
    for (let i = 0; i < 5; i++) {
      expect(plane.hanging.length).toBeLessThanOrEqual(1)
      await pass(20_000)
      await answer({})
    }
    expect(asked('/poll')).toHaveLength(6)
    expect(asked('/heartbeat')).toHaveLength(0)
    await started.stop()
  })

  test('polls no faster and faster where polls are answered at once with nothing', async () => {
    let polls = 0
    const impatient = (...[url]: Parameters<typeof fetch>) => {
      if ((url as string).endsWith('/poll') && ++polls > 100) return new Promise<never>(() => undefined)
      return Promise.resolve(Response.json({ answer: 'ok', ...TIMES, calls: [] }))
    }
    const started = await executorWith({ fetch: impatient })
      .job('report', () => 1)
      .listen(given)
    await pass(60_000)
    expect(polls).toBeGreaterThan(3)
    expect(polls).toBeLessThan(20)
    await started.stop()
  })

  test('runs what it is given, and reports it to a node that it knows', async () => {
    const started = await executorWith()
      .job('report', () => ({ rows: 3 }))
      .listen(given)
    await answer({ calls: [call()] })
    expect(asked('/poll')).toHaveLength(2)
    const [report] = asked('/result')
    expect(report).toMatchObject({
      node: NODES[0],
      path: '/v1/attempts/run1-0-1/result',
      token: 't1',
      body: { outcome: 'succeeded', result: { rows: 3 } },
    })
    await started.stop()
  })

  test('reports what takes longer by its lease, and an outcome again and again until it is acknowledged', async () => {
    const { promise, resolve } = deferred<number>()
    const started = await executorWith()
      .job('report', () => promise)
      .listen(given)
    await answer({ calls: [call()] })
    await pass(14_000)
    expect(plane.asked.filter(({ path }) => path === '/v1/attempts/run1-0-1/heartbeat')).toHaveLength(1)
    plane.answer = ({ path }) => (path.endsWith('/result') ? undefined : { body: { answer: 'ok', ...TIMES } })
    resolve(7)
    await pass(5000)
    const tries = asked('/result').length
    expect(tries).toBeGreaterThan(2)
    plane.answer = () => ({ body: { answer: 'continue' } })
    await pass(31_000)
    expect(asked('/result').at(-1)?.body).toMatchObject({ outcome: 'succeeded', result: 7 })
    const all = asked('/result').length
    await pass(60_000)
    expect(asked('/result')).toHaveLength(all)
    await started.stop()
  })

  test('runs a call that comes twice once', async () => {
    const work = vi.fn(() => 1)
    const started = await executorWith().job('report', work).listen(given)
    const one = call()
    await answer({ calls: [one, one] })
    await answer({ calls: [one] })
    expect(work).toHaveBeenCalledTimes(1)
    await started.stop()
  })

  test('does not run again what an attempt that supersedes another finds done', async () => {
    const work = vi.fn(() => 'done')
    const started = await executorWith().job('report', work).listen(given)
    await answer({ calls: [call()] })
    await answer({ calls: [call({ attemptId: 'run1-0-2', attempt: 2, supersedes: ['run1-0-1'] })] })
    expect(work).toHaveBeenCalledTimes(1)
    expect(asked('/result').at(-1)).toMatchObject({
      path: '/v1/attempts/run1-0-2/result',
      body: { outcome: 'succeeded', result: 'done' },
    })
    await started.stop()
  })

  test('stops a run that is cancelled', async () => {
    const ended = deferred<string>()
    const started = await executorWith()
      .job(
        'report',
        ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              ended.resolve((signal.reason as Error).name)
              reject(signal.reason as Error)
            })
          }),
      )
      .listen(given)
    await answer({ calls: [call()] })
    const cancel = message('run.cancel', { runId: 'run1', attemptId: 'run1-0-1', reason: 'cancelled' })
    await answer({ calls: [signed('cancel_run1-0-1', cancel)] })
    expect(await ended.promise).toBe('CancelledError')
    await pass(500)
    expect(asked('/result').at(-1)?.body).toMatchObject({ outcome: 'cancelled' })
    await started.stop()
  })

  test('registers again when it is not known any more', async () => {
    const started = await executorWith()
      .job('report', () => 1)
      .listen(given)
    await answer({ answer: 'register' })
    expect(verbs().slice(0, 4)).toEqual(['PUT ', 'POST /poll', 'PUT ', 'POST /poll'])
    await started.stop()
  })

  test('asks another node at once when one does not answer, and ever less often when none does', async () => {
    const started = await executorWith()
      .job('report', () => 1)
      .listen(given)
    plane.answer = ({ node }) => (node === NODES[0] ? undefined : { body: { answer: 'ok', ...TIMES } })
    await answer({})
    expect(plane.asked.at(-1)).toMatchObject({ node: NODES[1], path: `${HOME}/poll` })
    plane.answer = () => undefined
    await answer({})
    await pass(60_000)
    const tries = asked('/poll').length
    expect(tries).toBeLessThan(40)
    plane.answer = () => ({ body: { answer: 'ok', ...TIMES } })
    await pass(10_500)
    expect(plane.hanging).toHaveLength(1)
    await started.stop()
  })

  test('turns to another node when one says nothing, before it would count as silent', async () => {
    const started = await executorWith()
      .job('report', () => 1)
      .listen(given)
    await pass(24_500)
    expect(asked('/poll').map(({ node }) => node)).toEqual([NODES[0]])
    await pass(1000)
    expect(asked('/poll').map(({ node }) => node)).toEqual(NODES)
    await started.stop()
  })

  test('may not be listening twice, or without a node to ask', async () => {
    const executor = executorWith().job('report', () => 1)
    await expect(executor.listen({ token: 'cct_1' })).rejects.toThrow('controlPlane')
    const started = await executor.listen(given)
    await expect(executor.listen(given)).rejects.toThrow('started already')
    await started.stop()
  })
})

describe('a call that is not begun', () => {
  test.each([
    ['without room', 429, { concurrency: 1 }, {}],
    ['for an unknown handler', 404, {}, { handler: 'other' }],
    ['for another executor', 421, {}, { executor: 'billing-2' }],
  ])('%s is reported as refused, so that it goes elsewhere', async (_, status, options, data) => {
    const { promise, resolve } = deferred<number>()
    const started = await executorWith(options)
      .job('report', () => promise)
      .listen(given)
    await answer({ calls: [call({ attemptId: 'run0-0-1', runId: 'run0' })] })
    await answer({ calls: [call(data)] })
    await vi.waitFor(() =>
      expect(asked('/result')).toMatchObject([
        {
          path: '/v1/attempts/run1-0-1/result',
          body: { outcome: 'refused', status, error: { code: expect.any(String) } },
        },
      ]),
    )
    resolve(1)
    await started.stop()
  })

  test.each([
    ['at once', () => Promise.resolve()],
    ['after a while', () => new Promise((resolve) => void clock.after(3000, () => resolve(undefined)))],
  ])('since its parameters do not fit, which shows %s, is reported as refused, and runs nothing', async (_, wait) => {
    const work = vi.fn()
    const validate = () => wait().then(() => ({ issues: [{ message: 'is missing', path: ['region'] }] }))
    const params = { '~standard': { version: 1 as const, vendor: 'test', validate } }
    const started = await executorWith().job('report', { params }, work).listen(given)
    await answer({ calls: [call()] })
    await pass(4000)
    await vi.waitFor(() => expect(asked('/result')).toHaveLength(1))
    expect(asked('/result')[0]?.body).toMatchObject({
      outcome: 'refused',
      status: 422,
      error: { code: 'invalid-params' },
    })
    expect(work).not.toHaveBeenCalled()
    await started.stop()
  })

  test('since it is not signed is reported as refused to the nodes that were named, and runs nothing', async () => {
    const work = vi.fn()
    const started = await executorWith().job('report', work).listen(given)
    plane.answer = ({ path }) => (path.endsWith('/result') ? undefined : { body: { answer: 'ok', ...TIMES } })
    await answer({ calls: [call({}, OTHER_SECRET)] })
    await vi.waitFor(() => expect(asked('/result')[0]?.body).toMatchObject({ outcome: 'refused', status: 401 }))
    expect(work).not.toHaveBeenCalled()
    await pass(2000)
    expect(new Set(asked('/result').map(({ node }) => node))).toEqual(new Set(NODES))
    plane.answer = () => ({ body: { answer: 'continue' } })
    await pass(5000)
    await started.stop()
  })

  test.each([
    ['no list', 'x'],
    ['no calls', [null, 7, {}, { headers: {} }, { headers: null, body: '' }]],
    ['no JSON', [{ headers: {}, body: '{' }]],
    ['headers that are no text', [{ headers: { 'webhook-id': 1, 'webhook-signature': 7 }, body: '{}' }]],
    [
      'headers that are lists',
      [{ headers: { 'webhook-id': [1], 'webhook-timestamp': {}, 'webhook-signature': [] }, body: '{}' }],
    ],
    ['nothing that is known', [signedHere('run.other', {})]],
    ['a dispatch of nothing', [signedHere('run.dispatch', {})]],
  ])('because the answer holds %s does no harm', async (_, calls) => {
    const started = await executorWith()
      .job('report', () => 1)
      .listen(given)
    await answer({ calls })
    await answer({ calls: [call()] })
    expect(asked('/result').at(-1)?.body).toMatchObject({ outcome: 'succeeded' })
    await started.stop()
  })
})

function signedHere(type: string, data: object) {
  const body = envelope(type, { ...data })
  return { headers: signedHeaders('m1', body), body }
}

describe('an executor that stops listening', () => {
  test('refuses what still comes, lets its handlers end, reports, and leaves', async () => {
    const { promise, resolve } = deferred<number>()
    const executor = executorWith().job('report', () => promise)
    const started = await executor.listen(given)
    await answer({ calls: [call()] })
    const stopped = started.stop()
    await answer({ calls: [call({ attemptId: 'run2-0-1', runId: 'run2' })] })
    await vi.waitFor(() =>
      expect(asked('/result')).toMatchObject([{ path: '/v1/attempts/run2-0-1/result', body: { status: 503 } }]),
    )
    expect(asked('/poll').at(-1)).toMatchObject({ body: { state: 'draining', inFlight: 1 } })
    resolve(7)
    await pass(500)
    await stopped
    expect(asked('/result').at(-1)?.body).toMatchObject({ outcome: 'succeeded', result: 7 })
    expect(verbs().at(-1)).toBe('DELETE ')
    expect(plane.hanging).toHaveLength(0)
    const all = plane.asked.length
    await pass(60_000)
    expect(plane.asked).toHaveLength(all)
  })
})
