import { beforeEach, describe, expect, test } from 'vitest'
import { type Bench, createBench, NOW } from './fixtures.ts'

let api: Bench

beforeEach(() => {
  api = createBench()
})

async function login(body: object, headers: Record<string, string> = {}) {
  const reply = await api.send('/v1/session', { method: 'POST', body, headers })
  return { ...reply, cookie: reply.headers.get('set-cookie') ?? '' }
}

const pair = (cookie: string) => cookie.split(';')[0] ?? ''

describe('a session', () => {
  test('S101 is opened by a token, knows its scope, and never shows the token', async () => {
    const token = api.token('namespace:default', { name: 'ci' })
    const { status, body, cookie } = await login({ token })
    expect(status).toBe(201)
    expect(body).toEqual({
      principal: 'token:ci',
      scope: 'namespace:default',
      by: 'session',
      expiresAt: '2026-11-21T03:00:00.000Z',
    })
    expect(cookie).toMatch(/^cronclave-session=[\w.-]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/)
    expect(cookie).not.toContain(token)
    const me = await api.send('/v1/session', { headers: { cookie: `a=b; ${pair(cookie)}` } })
    expect(me.body).toMatchObject({ principal: 'token:ci', by: 'session' })
  })

  test('away from loopback is bound to the host and to TLS', async () => {
    const token = api.token('admin')
    const host = { host: 'scheduler.example.com' }
    const { cookie } = await login({ token }, { ...host, origin: 'https://scheduler.example.com' })
    expect(cookie).toMatch(/^__Host-cronclave-session=.*; Path=\/; .*HttpOnly; SameSite=Strict; Secure$/)
    expect((await api.send('/v1/session', { headers: { ...host, cookie: pair(cookie) } })).status).toBe(200)
    expect((await api.send('/v1/session', { headers: { cookie: pair(cookie) } })).status).toBe(401)
  })

  test('ends with its token, and after 12 h', async () => {
    const { cookie } = await login({ token: api.token('admin', { expiresAt: NOW + 60_000 }) })
    expect(cookie).toContain('Max-Age=60;')
    const headers = { cookie: pair(cookie) }
    expect((await api.send('/v1/session', { headers })).status).toBe(200)
    api.clock.pass(60_000)
    expect((await api.send('/v1/session', { headers })).status).toBe(401)

    const long = { cookie: pair((await login({ token: api.token('admin') })).cookie) }
    api.clock.pass(12 * 3_600_000 - 1)
    expect((await api.send('/v1/session', { headers: long })).status).toBe(200)
    api.clock.pass(1)
    expect((await api.send('/v1/session', { headers: long })).status).toBe(401)
  })

  test('ends when its token is revoked', async () => {
    const { cookie } = await login({ token: api.token('admin') })
    api.apply({ kind: 'token-revoke', at: NOW, id: [...api.state.tokens.keys()].at(-1) ?? '' })
    expect((await api.send('/v1/session', { headers: { cookie: pair(cookie) } })).status).toBe(401)
  })

  test('that was altered is none', async () => {
    const text = pair((await login({ token: api.token('admin') })).cookie)
    for (const cookie of [
      `${text.slice(0, -1)}A`,
      text.slice(0, 40),
      'cronclave-session=',
      'cronclave-session=a.b.c',
    ]) {
      expect((await api.send('/v1/session', { headers: { cookie } })).status).toBe(401)
    }
  })

  test('is closed by forgetting the cookie', async () => {
    const cookie = pair((await login({ token: api.token('admin') })).cookie)
    const origin = 'http://localhost'
    const reply = await api.send('/v1/session', {
      method: 'DELETE',
      headers: { cookie, origin, 'x-cronclave-csrf': '1' },
    })
    expect([reply.status, reply.headers.get('set-cookie')]).toEqual([
      204,
      'cronclave-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict',
    ])
  })

  test.each([
    ['without Origin', {}],
    ['without the header', { origin: 'http://localhost' }],
    ['from another site', { origin: 'http://evil.example', 'x-cronclave-csrf': '1' }],
    ['from another port', { origin: 'http://localhost:81', 'x-cronclave-csrf': '1' }],
    ['from a file', { origin: 'null', 'x-cronclave-csrf': '1' }],
  ])('changes nothing %s', async (_, headers) => {
    const cookie = pair((await login({ token: api.token('admin') })).cookie)
    const sent = { method: 'PUT', body: {}, headers: { ...headers, cookie } }
    expect((await api.send('/v1/namespaces/x', sent)).body.code).toBe('csrf-refused')
    const own = { ...sent, headers: { cookie, origin: 'http://localhost', 'x-cronclave-csrf': '1' } }
    expect((await api.send('/v1/namespaces/x', own)).status).toBe(201)
  })

  test('is not opened by another site, an unknown token or nothing', async () => {
    const token = api.token('admin')
    expect((await login({ token }, { origin: 'http://evil.example' })).body.code).toBe('csrf-refused')
    expect((await login({ token: 'cct_x' })).status).toBe(401)
    expect((await login({})).status).toBe(400)
    expect((await login({ token, code: 'x' })).status).toBe(400)
  })
})

describe('a login code', () => {
  test('logs in once', async () => {
    const { body } = await api.ok('/v1/session/codes', { method: 'POST' })
    const first = await login({ code: body.code })
    expect([first.status, first.body.principal]).toEqual([201, 'token:admin'])
    expect((await login({ code: body.code })).status).toBe(401)
  })

  test('lasts 60 s', async () => {
    const { body } = await api.ok('/v1/session/codes', { method: 'POST' })
    api.clock.pass(60_000)
    expect((await login({ code: body.code })).status).toBe(401)
  })

  test('gives way when there are too many', async () => {
    const { body } = await api.ok('/v1/session/codes', { method: 'POST' })
    for (let i = 0; i < 100; i++) await api.ok('/v1/session/codes', { method: 'POST' })
    expect((await login({ code: body.code })).status).toBe(401)
  })
})

describe('a token', () => {
  test('is shown once, works, is listed without its secret, and is revoked', async () => {
    const made = await api.ok('/v1/tokens', {
      method: 'POST',
      body: { name: 'ci', scope: 'namespace:default', expiresIn: '90d' },
    })
    const { secret, token } = made.body as { secret: string; token: { id: string; expiresAt: string } }
    expect(secret).toMatch(/^cct_[\w-]{43}$/)
    expect(token.expiresAt).toBe('2027-02-18T15:00:00.000Z')
    expect((await api.send('/v1/namespaces/default', { token: secret })).status).toBe(200)
    const listed = await api.ok('/v1/tokens')
    expect(JSON.stringify(listed.body)).not.toContain(secret)
    expect(listed.body.items).toMatchObject(
      [{ name: 'admin' }, { name: 'ci', lastUsedAt: '2026-11-20T15:00:00.000Z' }].reverse(),
    )
    expect((await api.ok(`/v1/tokens/${token.id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await api.send('/v1/namespaces/default', { token: secret })).status).toBe(401)
    expect((await api.ok(`/v1/tokens/${token.id}`, { method: 'DELETE' })).body.code).toBe('token-not-found')
  })

  test('in a URL is no credential', async () => {
    const token = api.token('admin')
    for (const name of ['token', 'access_token', 'authorization']) {
      expect((await api.send(`/v1/tokens?${name}=${token}`)).status).toBe(401)
    }
  })

  test.each(['0s', '3651d'])('that lasts %s is refused', async (expiresIn) => {
    const { status, body } = await api.ok('/v1/tokens', {
      method: 'POST',
      body: { name: 'x', scope: 'read', expiresIn },
    })
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, '/expiresIn'])
  })

  test.each([
    'root',
    'namespace:',
    'namespace:a/b',
    'service:a',
    'service:a/b/c',
    'admin ',
  ])('of scope %s is refused', async (scope) => {
    expect((await api.ok('/v1/tokens', { method: 'POST', body: { name: 'x', scope } })).status).toBe(400)
  })

  test('S027 sees only its own namespaces', async () => {
    const names = async (token: string) =>
      ((await api.send('/v1/namespaces', { token })).body.items as { name: string }[]).map(({ name }) => name)
    expect(await names(api.token('admin'))).toEqual(['default', 'other'])
    expect(await names(api.token('read'))).toEqual(['default', 'other'])
    expect(await names(api.token('namespace:other'))).toEqual(['other'])
    expect(await names(api.token('service:other/x'))).toEqual([])
  })
})

describe('a foreign host name', () => {
  test.each([
    'evil.example',
    '169.254.169.254',
    'localhost.evil.example',
    'scheduler.example.com.evil',
    'localhost:80:80',
    'a@localhost',
    '',
  ])('%s is refused, but for probes', async (host) => {
    const headers = { host }
    expect((await api.ok('/v1/namespaces', { headers })).body.code).toBe('host-refused')
    expect((await api.send('/v1/session', { method: 'POST', body: { token: 'x' }, headers })).status).toBe(421)
    expect((await api.send('/', { headers })).status).toBe(421)
    expect((await api.send('/docs', { headers })).status).toBe(421)
    expect((await api.send('/healthz', { headers })).status).toBe(200)
  })

  test.each([
    'localhost',
    'LOCALHOST:7420',
    '127.0.0.1:7420',
    '[::1]:7420',
    'Scheduler.example.com',
  ])('%s is our own', async (host) => {
    expect((await api.ok('/v1/namespaces', { headers: { host } })).status).toBe(200)
  })
})
