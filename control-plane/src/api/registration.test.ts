import { beforeEach, describe, expect, test } from 'vitest'
import { type Bench, createBench, type Sent } from './fixtures.ts'

const SERVICES = '/v1/namespaces/default/services'
const ONE = `${SERVICES}/billing/executors/e1`
const SAID = { url: 'https://e1.example.com/jobs', bootId: 'b1', revision: 'r1', manifestHash: 'h1' }
const BEAT = { bootId: 'b1', state: 'online', inFlight: 2, manifestHash: 'h1' }

let api: Bench
let token: string

beforeEach(async () => {
  api = createBench()
  await api.ok(`${SERVICES}/billing`, { method: 'PUT', body: { allowedHosts: ['*.example.com'] } })
  await api.ok(`${SERVICES}/other`, { method: 'PUT', body: {} })
  token = api.token('service:default/billing')
})

const put = (body: object, path = ONE) => api.send(path, { method: 'PUT', token, body })
const beat = (body: object = BEAT, path = ONE) => api.send(`${path}/heartbeat`, { method: 'POST', token, body })

/** It answered the ping. */
function prove(id = 'e1'): void {
  const [service] = api.state.services.keys()
  const found = { service: service ?? 0, id, boot: 'b1', status: 'online' as const }
  api.apply({ kind: 'executors-found', at: 0, executors: [found] })
}

describe('registering', () => {
  test('S084 is answered with the executor, which has yet to prove itself, and with how often to say that it lives', async () => {
    const { status, body } = await put({ ...SAID, slots: 5, handlers: [{ name: 'report' }] })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      id: 'e1',
      kind: 'registered',
      status: 'joining',
      bootId: 'b1',
      revision: 'r1',
      slots: 5,
    })
    expect(body).toMatchObject({ handlers: [{ name: 'report' }], leaseTtlMs: 30_000, heartbeatMs: 10_000 })
    expect((await put({ ...SAID, slots: 5, handlers: [{ name: 'report' }] })).body).toMatchObject({ version: 1 })
  })

  test('of an address that the service does not allow, or that is ours, is refused', async () => {
    expect((await put({ ...SAID, url: 'https://elsewhere.org/' })).body.code).toBe('invalid-executor')
    expect((await put({ ...SAID, url: 'http://127.0.0.1:7420/' })).body.code).toBe('egress-refused')
    expect(api.state.executors.get([...api.state.services.keys()][0] ?? 0)?.size ?? 0).toBe(0)
  })

  test('says nothing of what it can do without saying which process it is', async () => {
    const { status } = await put({ url: SAID.url, revision: 'r1' })
    expect(status).toBe(400)
  })

  test('another process is refused while the one that has the id is online, and says why', async () => {
    await put(SAID)
    prove()
    const { status, body } = await put({ ...SAID, bootId: 'b2' })
    expect([status, body.code]).toEqual([409, 'executor-live'])
    expect(body['detail']).toContain('its id is free once')
    await api.send(`${ONE}/drain?bootId=b1`, { method: 'POST', token })
    expect((await put({ ...SAID, bootId: 'b2' })).body).toMatchObject({ bootId: 'b2', status: 'joining' })
  })

  test('a token of a service lists nobody, who would get work without a proof', async () => {
    expect(await put({ url: SAID.url })).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect((await api.ok(ONE)).status).toBe(404)
    const owner = api.token('namespace:default')
    expect((await api.send(ONE, { method: 'PUT', token: owner, body: { url: SAID.url } })).status).toBe(201)
  })

  test('the id of one that a person listed is taken', async () => {
    await api.ok(ONE, { method: 'PUT', body: { url: SAID.url } })
    expect((await put(SAID)).body.code).toBe('executor-live')
    expect((await api.ok(ONE)).body).toMatchObject({ kind: 'static', status: 'online' })
  })
})

describe('a heartbeat', () => {
  test('S085 is answered with the time to live, and shown with what it said', async () => {
    await put(SAID)
    const clock = new Date(api.clock.now() - 250).toISOString()
    expect((await beat({ ...BEAT, clock })).body).toEqual({ answer: 'ok', leaseTtlMs: 30_000, heartbeatMs: 10_000 })
    const shown = { at: '2026-11-20T15:00:00.000Z', inFlight: 2, clockSkewMs: -250 }
    expect((await api.ok(ONE)).body['heartbeat']).toEqual(shown)
    const { body } = await api.ok(`${SERVICES}/billing/executors`)
    expect(body['items']).toMatchObject([{ id: 'e1', heartbeat: shown }])
  })

  test('is no entry in the log', async () => {
    await put(SAID)
    const before = api.commands.length
    for (let count = 0; count < 100; count++) await beat()
    expect(api.commands.length).toBe(before)
  })

  test.each([
    ['register', { bootId: 'b2' }],
    ['needManifest', { manifestHash: 'h2' }],
  ])('is answered %s when %o', async (answer, said) => {
    await put(SAID)
    expect((await beat({ ...BEAT, ...said })).body['answer']).toBe(answer)
  })

  test('of one that nobody knows is answered register', async () => {
    expect((await beat(BEAT, `${SERVICES}/billing/executors/e7`)).body['answer']).toBe('register')
  })
})

describe('leaving', () => {
  test.each([
    ['drain', { method: 'POST' }, `${ONE}/drain`],
    ['remove', { method: 'DELETE' }, ONE],
  ])('one process does not %s another', async (_verb, sent: Sent, path) => {
    await put(SAID)
    prove()
    expect((await api.send(`${path}?bootId=b2`, { ...sent, token })).body.code).toBe('executor-live')
    expect((await api.ok(ONE)).body['status']).toBe('online')
    expect((await api.send(`${path}?bootId=b1`, { ...sent, token })).status).toBeLessThan(300)
  })
})

describe('who may register', () => {
  const calls: [string, Sent][] = [
    [ONE, { method: 'PUT', body: SAID }],
    [`${ONE}/heartbeat`, { method: 'POST', body: BEAT }],
    [`${ONE}/drain`, { method: 'POST' }],
    [ONE, { method: 'DELETE' }],
  ]

  test.each(calls)('%s: whoever has the token of this service, and nobody else', async (path, sent) => {
    await put(SAID)
    expect((await api.send(path, { ...sent, token: '' })).status).toBe(401)
    for (const scope of ['service:default/other', 'service:other/billing', 'namespace:other', 'read'] as const)
      expect((await api.send(path, { ...sent, token: api.token(scope) })).status, scope).toBe(403)
    expect((await api.send(path, { ...sent, token })).status).toBeLessThan(300)
  })
})
