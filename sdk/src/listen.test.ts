import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { ExecutorOptions } from './config.ts'
import { createExecutor } from './executor.ts'
import type { ListenOptions } from './listen.ts'
import type { Outbox, OutboxEntry } from './outbox.ts'
import {
  deferred,
  dispatchBody,
  envelope,
  FakeControlPlane,
  flush,
  OTHER_SECRET,
  passTime,
  SECRET,
  signedHeaders,
  VirtualClock,
} from './test-kit.ts'

const NODES = ['https://n1.example', 'https://n2.example']
const HOME = '/v1/namespaces/default/services/billing/executors/billing-1'
const TIMES = { leaseTtlMs: 30_000, heartbeatMs: 10_000 }

let clock: VirtualClock
let plane: FakeControlPlane
/** Polls that hang, the oldest first. */
let hanging: ((answer: object) => void)[]
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }

/** A control plane whose polls hang until they are answered, or given up. */
const send: typeof fetch = async (url, init) => {
  const reply = await plane.fetch(url, init)
  const { status } = reply
  if (!String(url).endsWith('/poll') || status !== 200) return reply
  return new Promise((resolve, reject) => {
    const answer = (body: object) => resolve(Response.json({ answer: 'ok', ...TIMES, calls: [], ...body }))
    hanging.push(answer)
    init?.signal?.addEventListener('abort', () => {
      hanging = hanging.filter((one) => one !== answer)
      reject(new Error('aborted'))
    })
  })
}

beforeEach(() => {
  clock = new VirtualClock()
  plane = new FakeControlPlane()
  hanging = []
  vi.clearAllMocks()
})

function executorWith(options: Partial<ExecutorOptions> = {}) {
  return createExecutor({ service: 'billing', id: 'billing-1', secret: SECRET, clock, logger, fetch: send, ...options })
}

const given: ListenOptions = { token: 'cct_1', controlPlane: NODES }
const pass = (ms: number) => passTime(clock, ms)
const verbs = () => plane.asked.map(({ method, path }) => `${method} ${path.replace(HOME, '')}`)
const asked = (verb: string) => plane.asked.filter(({ path }) => path.endsWith(verb))

/** Answers the poll that hangs. */
async function answer(body: object): Promise<void> {
  await flush()
  hanging.shift()?.(body)
  for (let i = 0; i < 3; i++) await flush()
}

const CALLBACK = { url: 'https://inside.example/v1/attempts/run1-0-1', token: 't1', expiresAt: '2027-01-01T00:00:00Z' }

/** A call as a poll brings it. */
function call(data: Record<string, unknown> = {}, secret = SECRET) {
  const callback = { ...CALLBACK, url: `https://inside.example/v1/attempts/${String(data['attemptId'] ?? 'run1-0-1')}` }
  const body = dispatchBody({ callback, respond: { mode: 'auto', waitMs: 0 }, ...data }, clock.now())
  return signed(String(data['attemptId'] ?? 'run1-0-1'), body, secret)
}

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
      expect(hanging.length).toBeLessThanOrEqual(1)
      await pass(20_000)
      await answer({})
    }
    expect(asked('/poll')).toHaveLength(6)
    expect(asked('/heartbeat')).toHaveLength(0)
    await started.stop()
  })

  test('polls no faster and faster where polls are answered at once with nothing', async () => {
    const started = await executorWith()
      .job('report', () => 1)
      .listen(given)
    const impatient = setInterval(() => hanging.shift()?.({}), 0)
    await pass(60_000)
    clearInterval(impatient)
    expect(asked('/poll').length).toBeGreaterThan(3)
    expect(asked('/poll').length).toBeLessThan(20)
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
    expect(hanging).toHaveLength(1)
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

describe('an outbox', () => {
  class Kept implements Outbox {
    readonly kept = new Map<string, OutboxEntry>()
    left: OutboxEntry[] = []
    put(entry: OutboxEntry): Promise<void> {
      this.kept.set(entry.attemptId, entry)
      return Promise.resolve()
    }
    delete(attemptId: string): Promise<void> {
      this.kept.delete(attemptId)
      return Promise.resolve()
    }
    entries(): Promise<OutboxEntry[]> {
      return Promise.resolve(this.left)
    }
  }

  test.each([0, 5000])('keeps outcomes until they are acknowledged, of handlers that take %i ms', async (ms) => {
    const outbox = new Kept()
    const wait = () => (ms === 0 ? 1 : new Promise((resolve) => void clock.after(ms, () => resolve(1))))
    const started = await executorWith()
      .job('report', wait)
      .listen({ ...given, outbox })
    plane.answer = ({ path }) => (path.endsWith('/result') ? undefined : { body: { answer: 'ok', ...TIMES } })
    await answer({ calls: [call()] })
    await pass(ms + 2000)
    expect([...outbox.kept.values()]).toMatchObject([
      { runId: 'run1', attemptId: 'run1-0-1', callback: { token: 't1' }, body: { outcome: 'succeeded', result: 1 } },
    ])
    plane.answer = () => ({ body: { answer: 'continue' } })
    await pass(31_000)
    expect(outbox.kept.size).toBe(0)
    await started.stop()
  })

  test('holds what could not be reported when the process leaves, and the next one reports it', async () => {
    const outbox = new Kept()
    const first = await executorWith()
      .job('report', () => 1)
      .listen({ ...given, outbox })
    plane.answer = ({ path }) => (path.endsWith('/result') ? undefined : { body: { answer: 'ok', ...TIMES } })
    await answer({ calls: [call()] })
    const stopped = first.stop()
    await pass(10_000)
    await stopped
    expect([...outbox.kept.keys()]).toEqual(['run1-0-1'])
    plane.answer = () => ({ body: { answer: 'continue' } })
    outbox.left = [...outbox.kept.values()]
    const before = asked('/result').length
    const next = await executorWith()
      .job('report', () => 1)
      .listen({ ...given, outbox })
    await pass(1000)
    expect(asked('/result').slice(before)).toMatchObject([{ token: 't1', body: { outcome: 'succeeded', result: 1 } }])
    expect(outbox.kept.size).toBe(0)
    await next.stop()
  })

  test('that cannot be written holds up no report', async () => {
    const broken = { put: fails, delete: fails, entries: fails }
    const started = await executorWith()
      .job('report', () => 1)
      .listen({ ...given, outbox: broken })
    await answer({ calls: [call()] })
    await flush()
    expect(asked('/result')).toHaveLength(1)
    expect(logger.error).toHaveBeenCalled()
    await started.stop()
  })

  const fails = () => Promise.reject(new Error('disk full'))
})

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
    expect(hanging).toHaveLength(0)
    const all = plane.asked.length
    await pass(60_000)
    expect(plane.asked).toHaveLength(all)
  })
})
