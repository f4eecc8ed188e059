import { beforeEach, describe, expect, test } from 'vitest'
import { type Bench, createBench, type Got } from './fixtures.ts'

const HOME = '/v1/namespaces/default'
let api: Bench

beforeEach(() => {
  api = createBench()
})

const post = (path: string, body: object) => api.ok(`${HOME}/${path}`, { method: 'POST', body })
const lock = (body: object, name = 'import') => post(`locks/${name}`, body)
const release = (lease: unknown, name = 'import') =>
  api.ok(`${HOME}/locks/${name}?lease=${String(lease)}`, { method: 'DELETE' })
const show = async (name = 'import') => (await api.ok(`${HOME}/locks/${name}`)).body
const grant = async (ttl = '10s') => (await post('leases', { ttl })).body.id as string

/** Lets what waits on promises go on. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

describe('a lock', () => {
  test('is held by one at a time, each with a higher token, and is free in between', async () => {
    const first = (await lock({ ttl: '10s' })).body
    expect(first).toMatchObject({ name: 'import', ttlMs: 10_000, held: true, fencingToken: '1' })
    const refused = await lock({ ttl: '10s' })
    expect([refused.status, refused.body.code]).toEqual([409, 'lock-held'])
    expect(await show()).toMatchObject({ holder: { lease: first.lease, fencingToken: '1' }, queue: [] })
    expect((await release(first.lease)).status).toBe(204)
    expect(await show()).toEqual({ name: 'import', queue: [] })
    expect(api.state.leases.size).toBe(0)
    expect((await release(first.lease)).body.code).toBe('lock-not-held')
    expect((await lock({ lease: await grant() })).body.fencingToken).toBe('2')
  })

  test('is given to those who wait in the order in which they came', async () => {
    const leases = [await grant(), await grant(), await grant()]
    const served: number[] = []
    const waits = leases.map(async (lease, i) => {
      const got = await lock({ lease, wait: '60s' })
      served.push(i)
      return got
    })
    await settle()
    expect((await show()).queue).toMatchObject([{ lease: leases[1] }, { lease: leases[2] }])
    for (const lease of leases) {
      await release(lease)
      await settle()
    }
    expect(served).toEqual([0, 1, 2])
    expect((await Promise.all(waits)).map(({ body }) => body.fencingToken)).toEqual(['1', '2', '3'])
  })

  test('is no longer waited for when the time is over', async () => {
    await lock({ lease: await grant('1d') })
    const waiting = lock({ ttl: '5s', wait: '30s' })
    await settle()
    // It is kept alive while it waits, although its time to live is shorter.
    for (let i = 0; i < 29; i++) {
      api.clock.pass(1000)
      await settle()
    }
    expect((await show()).queue).toHaveLength(1)
    api.clock.pass(1000)
    expect((await waiting).body.code).toBe('lock-held')
    expect((await show()).queue).toEqual([])
    expect(api.state.leases.size).toBe(1)
  })

  test('keeps the place of those who ask for that', async () => {
    const holder = await grant('1d')
    const lease = await grant('1d')
    await lock({ lease: holder })
    const waiting = lock({ lease, wait: '1s', keepPlace: true })
    await settle()
    api.clock.pass(1000)
    expect(await waiting).toMatchObject({ status: 202, body: { held: false, before: 1 } })
    await release(holder)
    expect(await lock({ lease, wait: '1s', keepPlace: true })).toMatchObject({ status: 200, body: { held: true } })
  })

  test('of a lease that ended goes to the next', async () => {
    await lock({ ttl: '5s' })
    const lease = await grant('1d')
    const waiting = lock({ lease, wait: '60s' })
    await settle()
    api.clock.pass(5200)
    expect((await waiting).body).toMatchObject({ held: true, lease, fencingToken: '2' })
  })

  test('is not held by a lease that ended while it waited', async () => {
    const lease = await grant('2s')
    await lock({ lease: await grant('1d') })
    const waiting = lock({ lease, wait: '60s' })
    await settle()
    api.clock.pass(2200)
    expect((await waiting).status).toBe(409)
  })

  test('is given up by a caller that went away', async () => {
    await lock({ lease: await grant('1d') })
    const gone = new AbortController()
    const headers = { authorization: `Bearer ${api.token('namespace:default')}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ ttl: '5s', wait: '60s' })
    const waiting = api.app.request(`${HOME}/locks/import`, { method: 'POST', headers, body, signal: gone.signal })
    await settle()
    await expect.poll(async () => (await show()).queue).toHaveLength(1)
    gone.abort()
    expect((await waiting).status).toBe(409)
    expect((await show()).queue).toEqual([])
  })

  test.each([
    ['neither lease nor ttl', {}],
    ['both', { lease: 'x', ttl: '5s' }],
    ['a wait without end', { ttl: '5s', wait: '1h' }],
    ['a place that nothing keeps', { ttl: '5s', keepPlace: true }],
    ['a time to live that is none', { ttl: 'long' }],
  ])('with %s is refused', async (_, body) => {
    expect((await lock(body)).status).toBe(400)
    expect(api.state.locks.size).toBe(0)
  })

  test('with a lease that is not there is refused', async () => {
    expect((await lock({ lease: 'none' })).body.code).toBe('lease-not-found')
  })
})

test('an election shows its leader and who would be next; resigning makes room', async () => {
  const at = (name: string) => api.ok(`${HOME}/elections/${name}`)
  const run = (lease: string, value: string): Promise<Got> =>
    post('elections/main/campaign', { lease, value, wait: '60s' })
  const [a, b] = [await grant(), await grant()]
  expect((await run(a, 'http://a')).body).toMatchObject({ held: true, fencingToken: '1' })
  const waiting = run(b, 'http://b')
  await settle()
  expect((await at('main')).body).toMatchObject({ leader: { value: 'http://a' }, queue: [{ value: 'http://b' }] })
  expect((await at('other')).body).toEqual({ name: 'other', queue: [] })
  expect((await post(`elections/main/resign?lease=${a}`, {})).status).toBe(204)
  expect((await waiting).body).toMatchObject({ held: true, fencingToken: '2' })
  expect((await at('main')).body).toMatchObject({ leader: { lease: b, value: 'http://b', by: 'token:admin' } })
})
