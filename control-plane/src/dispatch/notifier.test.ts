import { setImmediate as breathe } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Bench, createBench } from '../api/fixtures.ts'
import { SECRET } from './fixtures.ts'
import type { Exchanged, Http } from './http.ts'
import { NOTICE_TRIES_MAX, Notifier } from './notifier.ts'
import type { WireRequest } from './request.ts'

const JOB = {
  name: 'report',
  target: { kind: 'http', service: 'shop', method: 'POST', path: '/report' },
  notify: ['expired'],
}

let api: Bench
let sent: WireRequest[]
/** What the next exchanges end with; the last one again and again. */
let answers: (number | Error)[]
let notifier: Notifier
let term: AbortController

beforeEach(async () => {
  api = createBench()
  sent = []
  answers = [200]
  await api.ok('/v1/namespaces/default/services', { method: 'POST', body: { name: 'shop' } })
  await executor('e1')
  await api.ok('/v1/namespaces/default/jobs', { method: 'POST', body: JOB })
  const http: Http = {
    connections: 0,
    hasRoom: () => true,
    send(request, owner) {
      sent.push(request)
      const answer = answers.length > 1 ? answers.shift() : answers[0]
      const reply = { headers: {}, body: Buffer.alloc(0), bytes: 0 }
      const result: Exchanged =
        typeof answer === 'number'
          ? { sent: true, reply: { status: answer, ...reply } }
          : { sent: false, error: answer as Error }
      queueMicrotask(() => owner.onDone(result))
      return { abort: () => undefined }
    },
    close: () => Promise.resolve(),
  }
  notifier = new Notifier({
    clock: api.clock,
    logger: { warn: () => undefined },
    state: () => api.state,
    propose: (command) => Promise.resolve(api.apply(command)),
    openSecret: () => SECRET,
    egress: api.context.egress as never,
    http,
  })
  term = new AbortController()
})

const executor = (id: string) =>
  api.ok(`/v1/namespaces/default/services/shop/executors/${id}`, {
    method: 'PUT',
    body: { url: `http://${id}.shop/hook` },
  })

/** A run that waited too long. */
async function expire(): Promise<string> {
  const { body } = await api.ok('/v1/namespaces/default/jobs/report/trigger', { method: 'POST' })
  const run = String(body.id)
  api.apply({ kind: 'runs-expired', at: api.clock.now(), runs: [{ id: run, why: 'queue-ttl' }] })
  notifier.onEvent({ type: 'notice-due', notice: api.state.noticeSerial })
  return run
}

/** Time passes, and what became due happens. */
async function pass(ms: number): Promise<void> {
  api.clock.pass(ms)
  for (let i = 0; i < 10; i++) await breathe()
}

const listed = async (query = '') => (await api.ok(`/v1/namespaces/default/notices${query}`)).body.items

describe('a notice', () => {
  test('goes to an executor of the service, signed, and says what did not start', async () => {
    notifier.lead(term.signal)
    const run = await expire()
    await pass(0)
    expect(sent).toHaveLength(1)
    const [{ origin, path, method, headers, body } = {} as WireRequest] = sent
    expect([origin, path, method]).toEqual(['http://e1.shop', '/hook', 'POST'])
    expect(headers).toContain('webhook-signature')
    expect(headers[headers.indexOf('webhook-id') + 1]).toBe('notice_1_1')
    expect(JSON.parse(String(body))).toMatchObject({
      type: 'run.skipped',
      data: {
        noticeId: '1',
        namespace: 'default',
        service: 'shop',
        executor: 'e1',
        job: 'report',
        runId: run,
        reason: 'expired',
        count: 1,
      },
    })
    expect(await listed()).toMatchObject([{ id: '1', job: 'report', run, state: 'delivered', attempts: 1 }])
  })

  test('is sent again later and later, to the next executor, until it is taken', async () => {
    await executor('e2')
    notifier.lead(term.signal)
    answers = [503, new Error('refused'), 204]
    await expire()
    await pass(0)
    expect(await listed()).toMatchObject([{ state: 'open', attempts: 1, error: 'executor e1 answered 503' }])
    await pass(999)
    expect(sent).toHaveLength(1)
    await pass(1)
    expect(sent.map(({ origin }) => origin)).toEqual(['http://e1.shop', 'http://e2.shop'])
    await pass(4000)
    expect(await listed('?state=delivered')).toMatchObject([{ attempts: 3 }])
    expect(new Set(sent.map(({ headers }) => headers[headers.indexOf('webhook-id') + 1])).size).toBe(3)
  })

  test('is given up after a while, and that is recorded', async () => {
    notifier.lead(term.signal)
    answers = [500]
    await expire()
    for (let i = 0; i < 20; i++) await pass(30 * 60_000)
    expect(sent).toHaveLength(NOTICE_TRIES_MAX)
    expect(await listed('?job=report')).toMatchObject([{ state: 'failed', error: 'executor e1 answered 500' }])
    expect(api.clock.timers).toBe(0)
  })

  test('that the service refuses for good is not sent again', async () => {
    notifier.lead(term.signal)
    answers = [404]
    await expire()
    await pass(0)
    await pass(3_600_000)
    expect(sent).toHaveLength(1)
    expect(await listed()).toMatchObject([{ state: 'failed' }])
  })

  test('waits while no executor is online', async () => {
    await api.ok('/v1/namespaces/default/services/shop/executors/e1', { method: 'DELETE' })
    notifier.lead(term.signal)
    await expire()
    await pass(0)
    expect(await listed()).toMatchObject([{ state: 'open', error: 'no executor of service shop is online' }])
    await executor('e1')
    await pass(1000)
    expect(await listed()).toMatchObject([{ state: 'delivered' }])
  })
})

test('whoever leads next goes on with what is open, and who does not lead sends nothing', async () => {
  await expire()
  await pass(0)
  expect(sent).toEqual([])
  notifier.lead(term.signal)
  term.abort()
  await pass(1000)
  expect(sent).toEqual([])
  notifier.lead(new AbortController().signal)
  await pass(0)
  expect(sent).toHaveLength(1)
  await notifier.stop()
})

test('a job whose target has a URL of its own has nobody who could be told', async () => {
  const target = { kind: 'http', method: 'GET', url: 'https://shop.example.com/' }
  const { status, body } = await api.ok('/v1/namespaces/default/jobs', {
    method: 'POST',
    body: { name: 'own', target, notify: ['skipped'] },
  })
  expect([status, body.errors?.[0]?.pointer]).toEqual([422, '/notify'])
})
