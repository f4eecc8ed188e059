import { beforeEach, describe, expect, test } from 'vitest'
import { KV_VALUE_BYTES_MAX } from '../state/kv-types.ts'
import { type Bench, contract, createBench, type Sent } from './fixtures.ts'

const KV = '/v1/namespaces/default/kv'
let api: Bench
let reader: string

beforeEach(() => {
  api = createBench()
  reader = api.token('read')
})

/** Time goes by in steps, as a process sees it that is not held up. */
function pass(ms: number): void {
  for (let left = ms; left > 0; left -= 100) api.clock.pass(Math.min(100, left))
}

const put = (key: string, body: string, sent: Sent = {}) =>
  api.ok(`${KV}/${encodeURIComponent(key)}`, { method: 'PUT', body, ...sent })

/** A value as bytes, with the headers of its reply. */
async function get(key: string) {
  const reply = await api.app.request(`${KV}/${key}`, { headers: { authorization: `Bearer ${reader}` } })
  return { status: reply.status, headers: reply.headers, bytes: Buffer.from(await reply.arrayBuffer()) }
}

describe('a key', () => {
  test('keeps bytes and their type as they were put', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    const sent = { method: 'PUT', headers: { authorization: `Bearer ${api.token('namespace:default')}` } }
    const plain = await api.app.request(`${KV}/a`, { ...sent, body: bytes })
    expect([plain.status, plain.headers.get('etag')]).toEqual([201, `"${api.state.index}"`])
    expect((await get('a')).headers.get('content-type')).toBe('application/octet-stream')
    const headers = { ...sent.headers, 'content-type': 'text/plain; charset=latin1' }
    expect((await api.app.request(`${KV}/a`, { ...sent, headers, body: bytes })).status).toBe(200)
    const got = await get('a')
    expect([...got.bytes]).toEqual([...bytes])
    expect(Object.fromEntries(got.headers)).toMatchObject({
      'content-type': 'text/plain; charset=latin1',
      etag: `"${api.state.index}"`,
      'x-cronclave-mod-index': String(api.state.index),
      'x-cronclave-create-index': String(api.state.index - 1),
      'x-cronclave-version': '2',
      'x-cronclave-index': String(api.state.index),
    })
  })

  test('of a page is data to whoever opens it', async () => {
    await put('page', '<script>', { headers: { 'content-type': 'text/html' } })
    expect(Object.fromEntries((await get('page')).headers)).toMatchObject({
      'content-disposition': 'attachment',
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
    })
  })

  test.each([
    'a',
    'jobs/cursor',
    'ü €🙂',
    '%2F',
    '?a=b#c',
    ' ',
    '...',
    '__proto__',
    '\u0000',
  ])('%j is stored, read, listed and deleted', async (key) => {
    await put(key, 'v')
    const at = encodeURIComponent(key)
    expect((await get(at)).bytes.toString()).toBe('v')
    expect((await api.ok(KV)).body.items).toMatchObject([{ key, value: 'dg==' }])
    expect((await api.ok(`${KV}/${at}`, { method: 'DELETE' })).status).toBe(204)
    expect((await get(at)).status).toBe(404)
  })

  test('is changed only by who knows it: If-Match and If-None-Match', async () => {
    const made = await put('a', '1', { headers: { 'if-none-match': '*' } })
    const etag = made.headers.get('etag') ?? ''
    expect((await put('a', '2', { headers: { 'if-none-match': '*' } })).body.code).toBe('version-mismatch')
    const next = await put('a', '2', { headers: { 'if-match': etag } })
    expect([next.status, next.body.version]).toEqual([200, 2])
    expect((await put('a', '3', { headers: { 'if-match': etag } })).status).toBe(412)
    expect((await put('b', '3', { headers: { 'if-match': '*' } })).status).toBe(412)
    const remove = (match: string) => api.ok(`${KV}/a`, { method: 'DELETE', headers: { 'if-match': match } })
    expect((await remove(etag)).status).toBe(412)
    expect((await remove(next.headers.get('etag') ?? '')).status).toBe(204)
    expect((await remove('*')).status).toBe(412)
    expect((await api.ok(`${KV}/a`, { method: 'DELETE' })).body.code).toBe('key-not-found')
  })

  test.each([
    ['has more than 512 bytes', `${KV}/${'ü'.repeat(257)}`, {}, 400],
    ['is put under both conditions', `${KV}/a`, { 'if-match': '"1"', 'if-none-match': '*' }, 400],
    ['is put under a condition that is none', `${KV}/a`, { 'if-match': '1' }, 400],
    ['is put under another condition', `${KV}/a`, { 'if-none-match': '"1"' }, 400],
    ['has no type', `${KV}/a`, { 'content-type': 'plain' }, 400],
    ['has a type without end', `${KV}/a`, { 'content-type': `text/${'x'.repeat(130)}` }, 400],
    ['is compressed', `${KV}/a`, { 'content-encoding': 'gzip' }, 415],
    ['goes with a lease that is not there', `${KV}/a?lease=none`, {}, 404],
    ['is put with something unknown', `${KV}/a?ttl=5s`, {}, 400],
    ['is of a namespace that is not there', '/v1/namespaces/none/kv/a', {}, 404],
  ])('that %s is refused', async (_, path, headers, status) => {
    expect((await api.ok(path, { method: 'PUT', body: 'v', headers })).status).toBe(status)
    expect(api.state.kv.size).toBe(0)
  })

  test('has at most 64 KiB', async () => {
    expect((await put('a', 'x'.repeat(KV_VALUE_BYTES_MAX))).status).toBe(201)
    expect((await put('a', 'x'.repeat(KV_VALUE_BYTES_MAX + 1))).status).toBe(413)
  })

  test('may be empty', async () => {
    const token = api.token('namespace:default')
    const reply = await api.app.request(`${KV}/a`, { method: 'PUT', headers: { authorization: `Bearer ${token}` } })
    expect(reply.status).toBe(201)
    expect((await get('a')).bytes).toHaveLength(0)
  })

  test('is for the namespace, its services, and to read for those who read', async () => {
    const may = async (scope: Parameters<Bench['token']>[0], method: string) => {
      const sent = method === 'PUT' ? { body: 'v', headers: { 'content-type': 'text/plain' } } : {}
      return (await api.send(`${KV}/a`, { method, token: api.token(scope), ...sent })).status
    }
    for (const scope of ['admin', 'namespace:default', 'service:default/any'] as const) {
      expect([await may(scope, 'PUT'), await may(scope, 'GET'), await may(scope, 'DELETE')]).toEqual([201, 200, 204])
    }
    expect([await may('read', 'PUT'), await may('read', 'GET')]).toEqual([403, 404])
    for (const scope of ['namespace:other', 'service:other/any', 'namespace:defaul', 'service:defaul/t'] as const) {
      expect([await may(scope, 'PUT'), await may(scope, 'GET'), await may(scope, 'DELETE')]).toEqual([403, 403, 403])
    }
  })
})

describe('the list of keys', () => {
  const keysAt = async (query: string) =>
    ((await api.ok(`${KV}?${query}`)).body.items as { key: string }[]).map(({ key }) => key)

  test('is in order, and of a prefix or a range', async () => {
    for (const key of ['b', 'a/2', 'a/1', 'a', 'c', 'a0']) await put(key, key)
    expect(await keysAt('')).toEqual(['a', 'a/1', 'a/2', 'a0', 'b', 'c'])
    expect(await keysAt('prefix=a/')).toEqual(['a/1', 'a/2'])
    expect(await keysAt('from=a/2&to=c')).toEqual(['a/2', 'a0', 'b'])
    expect(await keysAt('prefix=a&from=a0')).toEqual(['a0'])
    expect(await keysAt('prefix=z')).toEqual([])
    // What changes after the order was made is in its place.
    await put('aa', '')
    await api.ok(`${KV}/b`, { method: 'DELETE' })
    expect(await keysAt('')).toEqual(['a', 'a/1', 'a/2', 'a0', 'aa', 'c'])
  })

  test('pages through everything once', async () => {
    for (let i = 0; i < 25; i++) await put(`k${i}`, String(i))
    const seen: string[] = []
    let cursor = ''
    do {
      const { body } = await api.ok(`${KV}?limit=10${cursor === '' ? '' : `&cursor=${cursor}`}`)
      seen.push(...(body.items as { key: string }[]).map(({ key }) => key))
      cursor = (body.nextCursor as string | undefined) ?? ''
    } while (cursor !== '')
    expect(seen).toEqual([...api.state.kv.values()].flatMap(({ entries }) => [...entries.keys()]).sort())
    expect((await api.ok(`${KV}?cursor=x`)).body.code).toBe('invalid-cursor')
  })

  test('ends a page when its values are large, and leaves values out when asked to', async () => {
    const big = 'x'.repeat(KV_VALUE_BYTES_MAX)
    for (let i = 0; i < 70; i++) await put(`k${String(i).padStart(3, '0')}`, big)
    const page = (await api.ok(`${KV}?limit=500`)).body
    expect(page.items).toHaveLength(64)
    expect(page.nextCursor).toBeDefined()
    const names = (await api.ok(`${KV}?limit=500&keysOnly=true`)).body
    expect(names.items).toHaveLength(70)
    expect((names.items as object[])[0]).not.toHaveProperty('value')
  })
})

describe('a lease', () => {
  const leases = '/v1/namespaces/default/leases'
  const grant = async (ttl = '10s') =>
    (await api.ok(leases, { method: 'POST', body: { ttl } })).body as { id: string; ttlMs: number }

  test('takes its keys with it when nobody keeps it alive', async () => {
    const { id } = await grant()
    await put('a', '1')
    await api.ok(`${KV}/session?lease=${id}`, { method: 'PUT', body: 'here' })
    expect((await get('session')).headers.get('x-cronclave-lease')).toBe(id)
    pass(9000)
    expect((await api.ok(`${leases}/${id}/keepalive`, { method: 'POST' })).status).toBe(204)
    pass(9000)
    expect((await api.ok(`${leases}/${id}`)).body).toMatchObject({ id, ttlMs: 10_000, keys: 1, claims: 0 })
    pass(1200)
    expect((await get('session')).status).toBe(404)
    expect((await api.ok(`${leases}/${id}/keepalive`, { method: 'POST' })).body.code).toBe('lease-not-found')
    expect((await get('a')).status).toBe(200)
  })

  test('is listed, and revoked', async () => {
    const ids = [(await grant()).id, (await grant('1m')).id]
    expect(((await api.ok(leases)).body.items as { id: string }[]).map(({ id }) => id).sort()).toEqual(ids.sort())
    expect((await api.ok(`${leases}/${ids[0]}`, { method: 'DELETE' })).status).toBe(204)
    expect((await api.ok(`${leases}/${ids[0]}`)).status).toBe(404)
    const token = api.token('namespace:other')
    expect((await api.send(`/v1/namespaces/other/leases/${ids[1]}`, { token })).status).toBe(404)
  })

  test.each(['0s', '999ms', '2d', 'soon'])('of %s is refused', async (ttl) => {
    expect((await api.ok(leases, { method: 'POST', body: { ttl } })).status).toBe(400)
  })
})

test('every operation of keys is a plain one, but the watch', () => {
  const kv = contract.operations.filter(({ path }) => /\/(kv|leases|locks|elections)/.test(path))
  expect(kv.length).toBeGreaterThan(14)
  expect(kv.filter(({ isPlain }) => !isPlain).map(({ id }) => id)).toEqual(['watchKeys'])
})
