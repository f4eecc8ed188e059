import { beforeEach, describe, expect, test } from 'vitest'
import { EventReader } from './event-reader.test-helper.ts'
import { type Bench, createBench } from './fixtures.ts'

const TEAM = '/v1/namespaces/team'
let api: Bench

beforeEach(async () => {
  api = createBench()
  await api.ok(TEAM, { method: 'PUT', body: { slots: 7 } })
  await api.ok(`${TEAM}/services/billing`, { method: 'PUT', body: {} })
  const target = { kind: 'handler', service: 'billing', handler: 'h' }
  await api.ok(`${TEAM}/jobs/nightly`, { method: 'PUT', body: { target } })
})

const rename = (name: string, more: object = {}) =>
  api.ok(`${TEAM}/rename`, { method: 'POST', body: { name }, ...more })
const get = async (path: string, token: string) => (await api.send(path, { token })).status

describe('a namespace that is renamed', () => {
  test('S028 keeps its jobs, and its tokens open it under the new name only', async () => {
    const token = api.token('namespace:team')
    const service = api.token('service:team/billing')
    const renamed = await rename('crew')
    expect([renamed.status, renamed.headers.get('location')]).toEqual([200, '/v1/namespaces/crew'])
    expect(renamed.body).toMatchObject({ name: 'crew', slots: 7, version: 2 })
    expect(await get('/v1/namespaces/crew/jobs/nightly', token)).toBe(200)
    expect(await get('/v1/namespaces/crew/services/billing', service)).toBe(200)
    expect(await get(`${TEAM}/jobs/nightly`, token)).toBe(403)
    // Somebody else's namespace under the old name is nothing to them.
    await api.ok(TEAM, { method: 'PUT', body: {} })
    expect([await get(TEAM, token), await get(`${TEAM}/services/billing`, service)]).toEqual([403, 403])
  })

  test('is renamed by an administrator only, as it was read, to a name that is free', async () => {
    expect((await rename('crew', { token: api.token('namespace:team') })).status).toBe(403)
    expect((await rename('crew', { headers: { 'if-match': '"9"' } })).status).toBe(412)
    expect((await rename('other')).body.code).toBe('already-exists')
    expect((await rename('Not A Name')).status).toBe(400)
    api.token('namespace:crew')
    expect((await rename('crew')).body.code).toBe('in-use')
  })

  test('ends the streams that were opened under the old name: it may be somebody else’s soon', async () => {
    const headers = { authorization: `Bearer ${api.token('namespace:team')}` }
    const stream = new EventReader(await api.app.request('/v1/events', { headers }))
    await stream.block()
    const next = stream.next()
    await rename('crew')
    expect((await next)?.event).toBe('end')
  })

  test('ends the sessions of nobody', async () => {
    const token = api.token('namespace:team')
    const login = await api.send('/v1/session', { method: 'POST', body: { token } })
    const cookie = (login.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    await rename('crew')
    const session = await api.send('/v1/session', { headers: { cookie } })
    expect([session.status, session.body.scope]).toEqual([200, 'namespace:crew'])
  })
})

describe('a token whose namespace or service is deleted', () => {
  test('ends with it, and holds for none that is made again under its name', async () => {
    const token = api.token('service:team/billing')
    const other = api.token('namespace:team')
    await api.ok(`${TEAM}/jobs/nightly?force=true`, { method: 'DELETE' })
    await api.ok(`${TEAM}/services/billing`, { method: 'DELETE' })
    await api.ok(`${TEAM}/services/billing`, { method: 'PUT', body: {} })
    expect([await get(`${TEAM}/services/billing`, token), await get(TEAM, other)]).toEqual([401, 200])
    await api.ok(`${TEAM}/services/billing`, { method: 'DELETE' })
    expect((await api.ok(TEAM, { method: 'DELETE' })).status).toBe(204)
    await api.ok(TEAM, { method: 'PUT', body: {} })
    expect(await get(TEAM, other)).toBe(401)
  })
})

test('a namespace in use is not deleted, and the answer says what is in it', async () => {
  const { status, body } = await api.ok(TEAM, { method: 'DELETE' })
  expect([status, body.code, body.detail]).toEqual([409, 'in-use', 'namespace team still holds 1 job, 1 service'])
})

describe('an executor', () => {
  const E1 = `${TEAM}/services/billing/executors/e1`
  beforeEach(async () => {
    await api.ok(E1, { method: 'PUT', body: { url: 'http://10.0.0.7/', weight: 3, labels: { zone: 'a' } } })
  })

  test.each([
    ['offline', 'offline'],
    ['drain', 'draining'],
    ['online', 'online'],
  ])('S068 is taken %s by hand, and keeps what it is', async (verb, status) => {
    const { body } = await api.ok(`${E1}/${verb}`, { method: 'POST' })
    expect(body).toMatchObject({ status, weight: 3, labels: { zone: 'a' }, breaker: 'closed' })
    const replaced = await api.ok(E1, { method: 'PUT', body: { url: 'http://10.0.0.7/' } })
    expect(replaced.body.status).toBe(status)
  })

  test('shows its circuit breaker and what its health check found', async () => {
    const service = [...api.state.services.values()].find(({ name }) => name === 'billing')
    await api.ok(`${TEAM}/services/billing`, { method: 'PUT', body: { healthCheck: { path: '/healthz' } } })
    const url = 'http://10.0.0.7/'
    const executors = [{ service: service?.uid ?? 0, id: 'e1', url, healthy: false }]
    api.apply({ kind: 'executor-health', at: api.clock.now(), executors })
    const those = api.state.executors.get(service?.uid ?? 0)
    const e1 = those?.get('e1')
    if (e1) e1.breaker = { state: 'open', until: api.clock.now() + 5000, openings: 1 }
    expect((await api.ok(E1)).body).toMatchObject({
      health: 'unhealthy',
      breaker: 'open',
      openUntil: '2026-11-20T15:00:05.000Z',
    })
  })
})

describe("a service's health check", () => {
  const put = (healthCheck: object) =>
    api.ok(`${TEAM}/services/billing`, { method: 'PUT', body: { healthCheck: { path: '/healthz', ...healthCheck } } })

  test('has defaults, survives a rotation of the secret, and goes when it is left out', async () => {
    const whole = { path: '/healthz', interval: '10s', timeout: '5s', unhealthyAfter: 3, healthyAfter: 2 }
    expect((await put({})).body).toMatchObject({ service: { healthCheck: whole } })
    await api.ok(`${TEAM}/services/billing/rotate-secret`, { method: 'POST' })
    expect((await api.ok(`${TEAM}/services/billing`)).body.healthCheck).toEqual(whole)
    const without = await api.ok(`${TEAM}/services/billing`, { method: 'PUT', body: {} })
    expect(JSON.stringify(without.body)).not.toContain('healthCheck')
  })

  test.each([
    [{ interval: '500ms' }, '/healthCheck/interval'],
    [{ interval: '2h' }, '/healthCheck/interval'],
    [{ timeout: '50ms' }, '/healthCheck/timeout'],
    [{ interval: '2s', timeout: '3s' }, '/healthCheck/timeout'],
  ])('of %j is refused', async (change, pointer) => {
    const { status, body } = await put(change)
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, pointer])
  })

  test.each(['healthz', '/a b', '//\n'])('of path %j is refused', async (path) => {
    expect((await put({ path })).status).toBe(400)
  })
})

test.each([
  ['{{runId}}', 422],
  ['tenant-{{params.tenant}}', 201],
])('routing by key %s answers %i', async (key, status) => {
  const body = {
    target: { kind: 'handler', service: 'billing', handler: 'h' },
    routing: { strategy: 'consistent-hash', key },
  }
  expect((await api.ok(`${TEAM}/jobs/keyed`, { method: 'PUT', body })).status).toBe(status)
})
