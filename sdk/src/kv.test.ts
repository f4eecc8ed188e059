import { beforeEach, describe, expect, test } from 'vitest'
import { type Bench, createBench } from '../../control-plane/src/api/fixtures.ts'
import { isCronclaveError } from './errors.ts'
import { createExecutor } from './executor.ts'
import type { Handler } from './handler.ts'
import type { JsonObject } from './json.ts'
import { kv, type Kv, KvError, type KvOptions } from './kv.ts'
import { callExecutor, dispatchBody, NOW, SECRET } from './test-kit.ts'

let api: Bench
let keys: Kv

/** Against the API itself, with its clock; `fails` breaks connections. */
function client(more: Partial<KvOptions> & { fails?: (path: string) => boolean } = {}): Kv {
  const { fails = () => false, ...options } = more
  const send = async (input: string, init?: RequestInit) => {
    if (fails(input)) throw new TypeError('fetch failed')
    return await api.app.request(input, init)
  }
  const token = api.token('service:default/billing')
  return kv({ url: 'http://localhost', token, fetch: send as typeof fetch, clock: api.clock, ...options })
}

beforeEach(() => {
  api = createBench()
  keys = client()
})

async function passUntil(done: () => boolean): Promise<void> {
  await expect
    .poll(
      () => {
        api.clock.pass(200)
        return done()
      },
      { interval: 1, timeout: 10_000 },
    )
    .toBe(true)
}

const lock = (name: string) => api.state.locks.get(`${api.state.namespaceNames.get('default')}/lock/${name}`)

describe('keys', () => {
  test('hold bytes, text and JSON', async () => {
    await keys.put('bytes', Uint8Array.of(0, 255))
    await keys.put('text ü/', 'ü')
    const index = await keys.put('json', { rows: [1, 2] })
    expect([...((await keys.get('bytes'))?.value ?? [])]).toEqual([0, 255])
    expect((await keys.get('text ü/'))?.text()).toBe('ü')
    const json = await keys.get('json')
    expect([json?.json(), json?.contentType, json?.index, json?.version]).toEqual([
      { rows: [1, 2] },
      'application/json',
      index,
      1,
    ])
    expect(await keys.get('none')).toBeUndefined()
  })

  test('are read as new as asked', async () => {
    const waited: number[] = []
    api.context.consensus = {
      ...api.context.consensus,
      readIndex: () => Promise.resolve(70),
      waitApplied: (index) => Promise.resolve(void waited.push(index)),
    }
    const minIndex = await keys.put('a', 'one')
    expect((await keys.get('a'))?.text()).toBe('one')
    expect((await keys.get('a', { minIndex }))?.text()).toBe('one')
    expect((await keys.get('a', { linearizable: true }))?.text()).toBe('one')
    expect(waited).toEqual([minIndex, 70])
  })

  test('are compared and set, by one of those who try', async () => {
    const first = await keys.compareAndSet('a', 0, 'one')
    expect(await keys.compareAndSet('a', 0, 'two')).toBeUndefined()
    const tries = await Promise.all([1, 2, 3].map((n) => keys.compareAndSet('a', first ?? -1, n)))
    expect(tries.filter((index) => index !== undefined)).toHaveLength(1)
    await expect(keys.put('a', 'x', { ifIndex: 1 })).rejects.toMatchObject({ code: 'version-mismatch', status: 412 })
    await expect(keys.delete('a', { ifIndex: 1 })).rejects.toMatchObject({ code: 'version-mismatch' })
    expect([await keys.delete('a'), await keys.delete('a')]).toEqual([true, false])
  })

  test('come in order, page by page', async () => {
    for (let i = 0; i < 250; i++) await keys.put(`k/${String(i).padStart(3, '0')}`, i)
    await keys.put('other', '')
    const seen: unknown[] = []
    for await (const entry of keys.range('k/')) seen.push(entry.json())
    expect(seen).toEqual(Array.from({ length: 250 }, (_, i) => i))
    const some: string[] = []
    for await (const { key } of keys.range('k/', { from: 'k/010', to: 'k/012' })) some.push(key)
    expect(some).toEqual(['k/010', 'k/011'])
  })

  test('that are refused say why', async () => {
    const other = client({ namespace: 'other' })
    const error: unknown = await other.get('a').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'KvError', status: 403, code: 'forbidden' })
    expect(isCronclaveError(error, 'kv') && error instanceof KvError).toBe(true)
    const down = client({ fails: () => true })
    await expect(down.get('a')).rejects.toMatchObject({ status: 0, code: 'unreachable' })
    expect(() => kv({ url: 'localhost:7420', token: 'x' })).toThrow('needs the `url`')
    expect(() => kv({ url: 'http://localhost', token: '' })).toThrow('needs the `url`')
  })
})

describe('a lock', () => {
  test('is held while the work goes on, however long, and let go of at its end', async () => {
    const result = await keys.lock('import', { ttlMs: 2000 }, async ({ fencingToken, name }) => {
      const begun = api.clock.now()
      await passUntil(() => api.clock.now() - begun > 20_000)
      return [name, fencingToken, String(lock('import')?.holder.fencingToken)]
    })
    expect(result).toEqual(['import', 1n, '1'])
    expect([api.state.locks.size, api.state.leases.size, api.clock.timers]).toEqual([0, 0, 0])
  })

  test('is let go of when the work fails', async () => {
    const failing = keys.lock('import', {}, () => {
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(api.state.locks.size).toBe(0)
  })

  test('that somebody else holds is refused at once, or after the wait', async () => {
    await keys.lock('import', {}, async () => {
      await expect(keys.lock('import', {}, () => 1)).rejects.toMatchObject({ code: 'lock-held' })
      const waiting = keys.lock('import', { waitMs: 100_000 }, () => 1)
      const refused = expect(waiting).rejects.toMatchObject({ code: 'lock-held' })
      const begun = api.clock.now()
      await passUntil(() => api.clock.now() - begun > 99_000)
      expect(lock('import')?.queue).toHaveLength(1)
      await passUntil(() => lock('import')?.queue.length === 0)
      await refused
    })
  })

  test('is given to those who wait, each with a higher token', async () => {
    const tokens: bigint[] = []
    const take = () => keys.lock('import', { waitMs: 60_000 }, ({ fencingToken }) => void tokens.push(fencingToken))
    await Promise.all([take(), take(), take()])
    expect(tokens).toEqual([1n, 2n, 3n])
  })

  test('whose lease ended aborts the work', async () => {
    const working = keys.lock('import', {}, async ({ signal }) => {
      const lease = lock('import')?.holder.lease ?? ''
      const namespace = api.state.namespaceNames.get('default') ?? 0
      api.apply({ kind: 'lease-revoke', at: api.clock.now(), namespace, lease })
      await passUntil(() => signal.aborted)
    })
    await expect(working).rejects.toMatchObject({ name: 'LeaseLostError' })
  })

  test('whose keeper hears nothing for the time of its lease is lost', async () => {
    let cut = false
    const behind = client({ fails: (path) => cut && path.includes('keepalive') })
    const working = behind.lock('import', { ttlMs: 3000 }, async ({ signal }) => {
      cut = true
      const begun = api.clock.now()
      await passUntil(() => signal.aborted)
      expect(api.clock.now() - begun).toBeLessThan(4500)
    })
    await expect(working).rejects.toMatchObject({ name: 'LeaseLostError' })
  })

  test('is no longer waited for when the signal aborts', async () => {
    const stop = new AbortController()
    await keys.lock('import', {}, async () => {
      const waiting = keys.lock('import', { waitMs: 60_000, signal: stop.signal }, () => 1)
      const refused = expect(waiting).rejects.toBeDefined()
      await expect.poll(() => lock('import')?.queue.length).toBe(1)
      stop.abort(new Error('enough'))
      await refused
      expect(lock('import')?.queue).toEqual([])
    })
  })
})

describe('a handler', () => {
  const run = async (options: { kv?: Kv }, handler: Handler<JsonObject, unknown>) => {
    const clock = { now: () => NOW, after: () => () => undefined }
    const executor = createExecutor({ service: 'billing', secret: SECRET, logger: false, clock, ...options })
    return (await callExecutor(executor.job('report', handler), dispatchBody())).json.data
  }

  test('has keys and locks', async () => {
    const data = await run({ kv: keys }, async ({ kv: store, lock: hold }) => {
      await store.put('cursor', 42)
      return await hold('import', { ttlMs: 5000 }, async ({ fencingToken }) => ({
        cursor: (await store.get('cursor'))?.json(),
        token: String(fencingToken),
      }))
    })
    expect(data).toMatchObject({ outcome: 'succeeded', result: { cursor: 42, token: '1' } })
  })

  test('of an executor without them is told what to set', async () => {
    const data = await run({}, (ctx) => ({ ...ctx }).kv.get('a'))
    expect(data).toMatchObject({
      outcome: 'failed',
      error: { code: 'config', message: expect.stringContaining('`kv`') },
    })
    const locking = await run({}, ({ lock: hold }) => hold('a', {}, () => 1))
    expect(locking).toMatchObject({ outcome: 'failed', error: { code: 'config' } })
  })
})
