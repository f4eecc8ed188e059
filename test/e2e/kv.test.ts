import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { kv } from '../../sdk/src/kv.ts'
import { HOME, serve, temporaryFolder } from './harness.ts'
import type { Server } from '../support/server.ts'

const BIN = 'control-plane/dist/cli/main.js'

interface Lease {
  id: string
}
interface Claim {
  lease: string
  fencingToken: string
}

const put = (server: Server, key: string, value: string, query = '') =>
  server.call(`PUT`, `${HOME}/kv/${encodeURIComponent(key)}${query}`, value, { 'content-type': 'text/plain' })
const grant = (server: Server, ttl: string) => server.call<Lease>('POST', `${HOME}/leases`, { ttl })
const acquire = (server: Server, body: object) => server.call<Claim>('POST', `${HOME}/locks/import`, body)

/** Runs the command line as its users do. */
async function cronclave(server: Server, ...words: string[]) {
  const env = { ...process.env, CRONCLAVE_ENDPOINT: server.url, CRONCLAVE_TOKEN: server.token, NO_COLOR: '1' }
  const child = spawn(process.execPath, [BIN, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  const [exit] = (await once(child, 'close')) as [number]
  return { exit, out, err }
}

/** The events of a watch, one by one, until as many are there. */
async function watched(server: Server, query: string, count: number): Promise<string[]> {
  const stop = new AbortController()
  const headers = { authorization: `Bearer ${server.token}` }
  const reply = await fetch(`${server.url}${HOME}/kv-watch?${query}`, { headers, signal: stop.signal })
  let text = ''
  const types = () => [...text.matchAll(/^event: (put|delete|held|free)$/gm)].map(([, type = '']) => type)
  for await (const chunk of reply.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString()
    if (types().length >= count) break
  }
  stop.abort()
  return types()
}

test('keys, leases and locks outlive a process that was killed; tokens go on growing', async () => {
  const folder = temporaryFolder()
  const first = await serve(folder)
  for (let i = 0; i < 200; i++) await put(first, `k/${i}`, `value ${i}`)
  await first.call('DELETE', `${HOME}/kv/k%2F7`)
  const { id } = await grant(first, '1h')
  await put(first, 'mine', 'here', `?lease=${id}`)
  const before = await acquire(first, { lease: id })
  const listed = await first.call<{ items: unknown[] }>('GET', `${HOME}/kv?limit=500`)
  await first.stop('SIGKILL')

  const second = await serve(folder)
  expect(await second.call('GET', `${HOME}/kv?limit=500`)).toEqual(listed)
  expect(listed.items).toHaveLength(200)
  expect(await second.call('GET', `${HOME}/leases/${id}`)).toMatchObject({ keys: 1, claims: 1 })
  expect(await acquire(second, { lease: id })).toEqual(before)
  await second.call('DELETE', `${HOME}/leases/${id}`)
  const after = await acquire(second, { ttl: '1h' })
  expect(BigInt(after.fencingToken)).toBeGreaterThan(BigInt(before.fencingToken))
  expect((await second.ask('GET', `${HOME}/kv/mine`)).status).toBe(404)
})

test('a lease that nobody keeps ends, and with it its keys and claims', async () => {
  const server = await serve(temporaryFolder())
  const { id } = await grant(server, '1s')
  const index = (await put(server, 'mine', 'here', `?lease=${id}`)) as { modIndex: number }
  await acquire(server, { lease: id })
  const waiting = acquire(server, { ttl: '5s', wait: '30s' })
  expect(await watched(server, `fromIndex=${index.modIndex}`, 2)).toEqual(['put', 'delete'])
  expect((await waiting).fencingToken).toBe('2')
})

test('a program runs while the lock is held, one at a time, and its exit code is that of the command', async () => {
  const server = await serve(temporaryFolder())
  const script = 'echo "$CRONCLAVE_FENCING_TOKEN"; exit 3'
  const runs = await Promise.all([1, 2, 3].map(() => cronclave(server, 'lock', 'import', '--', 'sh', '-c', script)))
  expect(runs.map(({ exit, err }) => [exit, err])).toEqual([1, 2, 3].map(() => [3, '']))
  expect(runs.map(({ out }) => out).sort()).toEqual(['1\n', '2\n', '3\n'])
  expect(await server.call('GET', `${HOME}/locks/import`)).toEqual({ name: 'import', queue: [] })
  expect((await cronclave(server, 'lock', 'import', '--', 'no-such-program')).exit).toBe(127)
  expect((await cronclave(server, 'kv', 'put', 'a', 'one')).exit).toBe(0)
  expect((await cronclave(server, 'kv', 'get', 'a')).out).toBe('one')
})

test('the SDK counts to a number from many places at once, and loses nothing', async () => {
  const server = await serve(temporaryFolder())
  const keys = kv({ url: server.url, token: server.token })
  const count = async () => {
    for (;;) {
      const entry = await keys.get('count')
      const next = (entry ? Number(entry.json()) : 0) + 1
      if ((await keys.compareAndSet('count', entry?.index ?? 0, next)) !== undefined) return
    }
  }
  await Promise.all(Array.from({ length: 20 }, count))
  expect((await keys.get('count'))?.json()).toBe(20)
})
