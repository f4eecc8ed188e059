import { beforeEach, describe, expect, test } from 'vitest'
import { type Bench, createBench } from './fixtures.ts'

const SERVICES = '/v1/namespaces/default/services'
const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`

let api: Bench

beforeEach(() => {
  api = createBench()
})

describe('the secret of a service', () => {
  test('that was generated is shown once, and never again', async () => {
    const made = await api.ok(SERVICES, { method: 'POST', body: { name: 'billing' } })
    expect(made.body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const secret = made.body.secret as string
    for (const path of [`${SERVICES}/billing`, SERVICES]) {
      expect(JSON.stringify((await api.ok(path)).body)).not.toContain(secret.slice(6, 20))
    }
    const put = await api.ok(`${SERVICES}/billing`, { method: 'PUT', body: { description: 'x' } })
    expect([put.status, put.body.secret]).toEqual([200, undefined])
    expect(JSON.stringify(api.commands)).not.toContain(secret.slice(6, 20))
    expect(put.body.service).toMatchObject({ secrets: 1, description: 'x', version: 2 })
  })

  test('that was given is not repeated', async () => {
    const made = await api.ok(SERVICES, { method: 'POST', body: { name: 'billing', secret: SECRET } })
    expect([made.status, made.body.secret]).toEqual([201, undefined])
  })

  test.each([
    'whsec_c2hvcnQ=',
    `whsec_${'A'.repeat(40)}=`,
    'no-prefix',
    `whsec_${'!'.repeat(44)}`,
  ])('%s is refused', async (secret) => {
    const { status, body } = await api.ok(SERVICES, { method: 'POST', body: { name: 'billing', secret } })
    expect([status < 423 && status >= 400, body.errors?.[0]?.pointer]).toEqual([true, '/secret'])
    expect(JSON.stringify(body)).not.toContain(secret)
  })

  test('is rotated with both in force until the older is dropped', async () => {
    await api.ok(SERVICES, { method: 'POST', body: { name: 'billing' } })
    const rotated = await api.ok(`${SERVICES}/billing/rotate-secret`, { method: 'POST' })
    expect(rotated.body).toMatchObject({ service: { secrets: 2 }, secret: expect.stringMatching(/^whsec_/) as string })
    const thrice = await api.ok(`${SERVICES}/billing/rotate-secret`, { method: 'POST', body: {} })
    expect(thrice.body.code).toBe('in-use')
    const [older, newer] = [...api.state.services.values()][0]?.secrets ?? []
    const dropped = await api.ok(`${SERVICES}/billing/drop-secret`, { method: 'POST' })
    expect(dropped.body.secrets).toBe(1)
    expect([...api.state.services.values()][0]?.secrets).toEqual([newer])
    expect(older).not.toBe(newer)
    expect((await api.ok(`${SERVICES}/billing/drop-secret`, { method: 'POST' })).body.code).toBe('in-use')
  })
})

describe('a service', () => {
  test('is not deleted while a job calls it', async () => {
    await api.ok(`${SERVICES}/billing`, { method: 'PUT', body: {} })
    const target = { kind: 'handler', service: 'billing', handler: 'h' }
    await api.ok('/v1/namespaces/default/jobs/x', { method: 'PUT', body: { target } })
    const refused = await api.ok(`${SERVICES}/billing`, { method: 'DELETE' })
    expect([refused.status, refused.body.code]).toEqual([409, 'in-use'])
    await api.ok('/v1/namespaces/default/jobs/x?force=true', { method: 'DELETE' })
    expect((await api.ok(`${SERVICES}/billing`, { method: 'DELETE', headers: { 'if-match': '"9"' } })).status).toBe(412)
    expect((await api.ok(`${SERVICES}/billing`, { method: 'DELETE' })).status).toBe(204)
  })

  test('keeps its namespace from being deleted', async () => {
    await api.ok(`${SERVICES}/billing`, { method: 'PUT', body: {} })
    expect((await api.ok('/v1/namespaces/default', { method: 'DELETE' })).body.code).toBe('in-use')
    expect((await api.ok('/v1/namespaces/other', { method: 'DELETE' })).status).toBe(204)
  })
})

describe('an executor', () => {
  const put = (body: object, id = 'e1') => api.ok(`${SERVICES}/billing/executors/${id}`, { method: 'PUT', body })

  beforeEach(async () => {
    await api.ok(SERVICES, { method: 'POST', body: { name: 'billing', allowedHosts: ['*.example.com', '10.0.0.7'] } })
  })

  test('S068 S088 S089 is online at once, drains and comes back', async () => {
    const made = await put({ url: 'http://10.0.0.7:8080', labels: { zone: 'a' } })
    expect(made.body).toMatchObject({
      status: 'online',
      url: 'http://10.0.0.7:8080/',
      weight: 1,
      slots: 0,
      kind: 'static',
    })
    expect((await api.ok(`${SERVICES}/billing/executors/e1/drain`, { method: 'POST' })).body).toMatchObject({
      status: 'draining',
      version: 2,
    })
    expect((await put({ url: 'http://10.0.0.7:8080', weight: 2 })).body).toMatchObject({
      status: 'draining',
      weight: 2,
    })
    expect((await api.ok(`${SERVICES}/billing/executors/e1/online`, { method: 'POST' })).body.status).toBe('online')
    const count = { online: 1, offline: 0, draining: 0, joining: 0, suspect: 0 }
    expect((await api.ok(`${SERVICES}/billing`)).body.executors).toEqual(count)
    expect((await api.ok(`${SERVICES}/billing/executors/e1`, { method: 'DELETE' })).status).toBe(204)
    expect((await api.ok(`${SERVICES}/billing/executors/e1`)).body.code).toBe('executor-not-found')
  })

  test.each([
    ['http://169.254.169.254/', 'egress-refused'],
    ['http://127.0.0.1:9/', 'egress-refused'],
    ['ftp://a.example.com/', 'egress-refused'],
    ['not a url', 'egress-refused'],
    ['http://user:pw@a.example.com/', 'egress-refused'],
    ['http://a.example.org/', 'invalid-executor'],
    ['http://example.com.evil.org/', 'invalid-executor'],
  ])('at %s is refused', async (url, code) => {
    const { status, body } = await put({ url })
    expect([status, body.code, body.errors?.[0]?.pointer]).toEqual([422, code, '/url'])
  })

  test('is registered by the credential of its service, which may do nothing else', async () => {
    const token = api.token('service:default/billing')
    const body = { url: 'http://a.example.com/', bootId: 'b1' }
    expect((await api.send(`${SERVICES}/billing/executors/e1`, { method: 'PUT', token, body })).status).toBe(201)
    expect((await api.send(`${SERVICES}/billing/executors`, { token })).body.items).toHaveLength(1)
    expect((await api.send('/v1/namespaces/default/jobs', { token })).status).toBe(403)
    expect((await api.send(`${SERVICES}/billing/rotate-secret`, { method: 'POST', token })).status).toBe(403)
  })

  test.each([
    { weight: -1 },
    { weight: 10_001 },
    { slots: 1.5 },
    { slots: '3' },
    { labels: { 'a b': 'c' } },
    { labels: { a: 1 } },
  ])('with %j is refused', async (fields) => {
    expect((await put({ url: 'http://a.example.com/', ...fields })).status).toBe(400)
  })
})
