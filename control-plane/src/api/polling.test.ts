import * as fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { hostile } from './arbitrary.ts'
import { type Bench, createBench } from './fixtures.ts'

const SERVICES = '/v1/namespaces/default/services'
const ONE = `${SERVICES}/billing/executors/p1`
const SAID = { url: 'pull', bootId: 'b1', handlers: [{ name: 'report' }] }
const POLL = { bootId: 'b1', state: 'online', inFlight: 0, waitMs: 0 }

let api: Bench
let token: string

beforeEach(async () => {
  api = createBench()
  await api.ok(`${SERVICES}/billing`, { method: 'PUT', body: { allowedHosts: ['*.example.com'] } })
  await api.ok(`${SERVICES}/other`, { method: 'PUT', body: {} })
  token = api.token('service:default/billing')
})

const put = (body: object) => api.send(ONE, { method: 'PUT', token, body })
const poll = (body: object = POLL, path = ONE, bearer = token) =>
  api.send(`${path}/poll`, { method: 'POST', token: bearer, body })
/** Answered once what hangs is over. */
async function polled(body?: object, path?: string) {
  const reply = poll(body, path)
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
  api.clock.pass(60_000)
  return reply
}

describe('registering with the URL `pull`', () => {
  test('needs no host that is allowed, has ten slots when it says nothing, and is shown as it is', async () => {
    const { status, body } = await put(SAID)
    expect([status, body.status]).toEqual([201, 'joining'])
    expect(body).toMatchObject({ kind: 'registered', url: 'pull', slots: 10, leaseTtlMs: 30_000 })
    expect((await put({ ...SAID, slots: 0 })).body).toMatchObject({ url: 'pull', slots: 0 })
    expect((await api.ok(ONE)).body).toMatchObject({ url: 'pull' })
  })

  test('is for the process itself: a person lists executors that have a URL', async () => {
    const { status, body } = await api.send(ONE, {
      method: 'PUT',
      token: api.token('namespace:default'),
      body: { url: 'pull' },
    })
    expect([status, body.code]).toEqual([422, 'invalid-executor'])
    expect(body.errors).toMatchObject([{ pointer: '/url' }])
  })
})

describe('a poll', () => {
  test('is answered with the times of a heartbeat, and with no calls when there are none', async () => {
    await put(SAID)
    const { status, body } = await polled()
    expect([status, body]).toEqual([200, { answer: 'ok', leaseTtlMs: 30_000, heartbeatMs: 10_000, calls: [] }])
    expect((await api.ok(ONE)).body).toMatchObject({ heartbeat: { inFlight: 0 } })
  })

  test('is counted as a heartbeat, and shown while it waits', async () => {
    const shown = async () => {
      const headers = { authorization: `Bearer ${api.token('read')}` }
      const text = await (await api.app.request('/metrics', { headers })).text()
      return ['executor_polls', 'executor_heartbeats_total'].map((name) =>
        Number(new RegExp(`^cronclave_${name} (\\d+)$`, 'm').exec(text)?.[1]),
      )
    }
    await put(SAID)
    const reply = poll({ ...POLL, waitMs: 1000 })
    await vi.waitFor(async () => expect(await shown()).toEqual([1, 1]))
    api.clock.pass(1000)
    expect((await reply).body.calls).toEqual([])
    expect(await shown()).toEqual([0, 1])
  })

  test('of whoever is not known, has a URL, or was taken over is told to register', async () => {
    await put(SAID)
    await api.ok(`${SERVICES}/billing/executors/e1`, {
      method: 'PUT',
      body: { url: 'https://e1.example.com/', bootId: 'b1' },
    })
    for (const path of ['nobody', 'e1']) {
      expect((await polled(POLL, `${SERVICES}/billing/executors/${path}`)).body.answer).toBe('register')
    }
    expect((await polled({ ...POLL, bootId: 'b2' })).body.answer).toBe('register')
  })

  test('is for a token of its service, and of services that there are', async () => {
    await put(SAID)
    expect((await poll(POLL, ONE, api.token('service:default/other'))).status).toBe(403)
    expect((await poll(POLL, ONE, api.token('read'))).status).toBe(403)
    expect((await poll(POLL, `${SERVICES}/gone/executors/p1`, api.token('namespace:default'))).body.code).toBe(
      'service-not-found',
    )
  })

  test.each([
    ['an instant that is none', { clock: 'now' }],
    ['too long a wait', { waitMs: 55_001 }],
    ['a wait below zero', { waitMs: -1 }],
    ['a boot id that is none', { bootId: 'a b' }],
    ['another state', { state: 'asleep' }],
    ['fewer than no handlers', { inFlight: -1 }],
    ['what is not known', { more: true }],
  ])('with %s is refused', async (_, wrong) => {
    await put(SAID)
    expect((await poll({ ...POLL, ...wrong })).status).toBe(400)
  })

  test('takes any body without harm', async () => {
    await put(SAID)
    await fc.assert(
      fc.asyncProperty(hostile(), async (body) => {
        const { status } = await poll(body as object)
        expect(status).toBeGreaterThanOrEqual(400)
        expect(status).toBeLessThan(500)
      }),
      { numRuns: 200 },
    )
  })
})
