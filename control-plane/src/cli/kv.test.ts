import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { type Bench, createBench } from '../api/fixtures.ts'
import type { Io } from './io.ts'
import { runCommandLine } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'cronclave-kv-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let api: Bench
let token: string

beforeEach(() => {
  api = createBench()
  token = api.token('namespace:default', { name: 'ops' })
})

/** Runs a command line against the API itself, with its clock. */
async function cronclave(argv: readonly string[], more: Partial<Io> = {}) {
  const seen = { out: Buffer.alloc(0), err: '' }
  const io: Io = {
    stdout: { write: (text) => (seen.out = Buffer.concat([seen.out, Buffer.from(text as string)])) },
    stderr: { write: (text) => (seen.err += text) },
    env: { CRONCLAVE_TOKEN: token },
    clock: api.clock,
    stdin: () => Promise.resolve('piped in'),
    signal: new AbortController().signal,
    node: () => Promise.reject(new Error('no node here')),
    run: () => Promise.reject(new Error('no program here')),
    fetch: async (input, init) => await api.app.request((input as URL).href, init),
    ...more,
  }
  const exit = await runCommandLine(argv, io, '1.2.3')
  return { exit, out: seen.out.toString(), bytes: seen.out, err: seen.err }
}

const entry = (key: string) => api.state.kv.values().next().value?.entries.get(key)
const text = (key: string) => Buffer.from(entry(key)?.value ?? []).toString()

describe('kv', () => {
  test('put and get: an argument, a file byte for byte, or what is piped in', async () => {
    const file = join(folder, 'value')
    writeFileSync(file, Uint8Array.of(0, 255, 1))
    expect((await cronclave(['kv', 'put', 'a/ü', 'one'])).exit).toBe(0)
    expect((await cronclave(['kv', 'put', 'bytes', '--file', file, '--content-type', 'image/png'])).exit).toBe(0)
    expect((await cronclave(['kv', 'put', 'piped'])).exit).toBe(0)
    expect((await cronclave(['kv', 'get', 'a/ü'])).out).toBe('one')
    expect([...(await cronclave(['kv', 'get', 'bytes'])).bytes]).toEqual([0, 255, 1])
    expect(text('piped')).toBe('piped in')
    const shown = JSON.parse((await cronclave(['kv', 'get', 'bytes', '-o', 'json'])).out) as object
    expect(shown).toEqual({
      key: 'bytes',
      value: 'AP8B',
      contentType: 'image/png',
      createIndex: entry('bytes')?.createIndex,
      modIndex: entry('bytes')?.modIndex,
      version: 1,
    })
  })

  test('put under a condition is refused when it does not hold', async () => {
    await cronclave(['kv', 'put', 'a', 'one', '--if-absent'])
    const again = await cronclave(['kv', 'put', 'a', 'two', '--if-absent'])
    expect([again.exit, again.err]).toEqual([1, expect.stringContaining('version-mismatch')])
    const index = String(entry('a')?.modIndex)
    expect((await cronclave(['kv', 'put', 'a', 'two', '--if-index', index])).exit).toBe(0)
    expect((await cronclave(['kv', 'del', 'a', '--if-index', index])).exit).toBe(1)
    expect((await cronclave(['kv', 'del', 'a'])).exit).toBe(0)
    expect((await cronclave(['kv', 'get', 'a'])).exit).toBe(3)
  })

  test('ls shows text as it is and says how long the rest is', async () => {
    await cronclave(['kv', 'put', 'a/1', 'short'])
    await cronclave(['kv', 'put', 'a/2', 'x'.repeat(50)])
    await cronclave(['kv', 'put', 'b', '\u001b[31m'])
    const { out } = await cronclave(['kv', 'ls'])
    expect(out).toMatch(/a\/1 +short +1 +\d+ +-/)
    expect(out).toContain(`${'x'.repeat(40)}…`)
    expect(out).toContain('(5 bytes)')
    expect((await cronclave(['kv', 'ls', 'a/', '--keys-only'])).out).not.toContain('short')
    expect((await cronclave(['kv', 'ls', 'none'])).err).toBe('There are no such keys.\n')
  })

  test('watch prints a line for every change, until the server ends the stream', async () => {
    let out = ''
    const watching = cronclave(['kv', 'watch', 'a', '--from-index', '1'], {
      stdout: { write: (line) => (out += String(line)) },
    })
    await cronclave(['kv', 'put', 'a', 'one'])
    await cronclave(['kv', 'put', 'b', 'two'])
    await cronclave(['kv', 'del', 'a'])
    await expect.poll(() => out.split('\n').length).toBe(3)
    expect(out).toMatch(/^\d+ put {4}a one\n\d+ delete a\n$/)
    api.stop()
    expect((await watching).exit).toBe(69)
  })
})

test('a lease is granted, carries a key, and is listed and revoked', async () => {
  const id = (await cronclave(['lease', 'grant', '30s'])).out.trim()
  expect(id).toMatch(/^lse_/)
  await cronclave(['kv', 'put', 'here', 'me', '--lease', id])
  expect((await cronclave(['lease', 'ls'])).out).toMatch(new RegExp(`${id} +30s .*token:ops +1 +0`))
  expect((await cronclave(['lease', 'keepalive', id, '--once'])).err).toBe(`${id} lives on for 30s\n`)
  expect((await cronclave(['lease', 'revoke', id])).exit).toBe(0)
  expect(entry('here')).toBeUndefined()
  expect((await cronclave(['lease', 'keepalive', id, '--once'])).exit).toBe(3)
})

/** Lets time pass in steps, as long as something asks for it. */
async function passUntil(done: () => boolean): Promise<void> {
  await expect
    .poll(
      () => {
        api.clock.pass(400)
        return done()
      },
      { interval: 1, timeout: 10_000 },
    )
    .toBe(true)
}

describe('lock', () => {
  const locked = () => api.state.locks.get([...api.state.locks.keys()][0] ?? '')

  test('runs a program with the token, keeps the lease alive, and lets go with its exit code', async () => {
    let ran: unknown
    let over = false
    const locking = cronclave(['lock', 'import', '--ttl', '2s', '--', 'sh', '-c', 'exit 7'], {
      async run(words, env) {
        ran = { words, env, holder: locked()?.holder.by }
        const begun = api.clock.now()
        await passUntil(() => api.clock.now() - begun > 10_000)
        over = locked()?.holder.lease === env.CRONCLAVE_LEASE
        return 7
      },
    })
    const { exit, err } = await locking
    expect({ exit, err, over }).toEqual({ exit: 7, err: '', over: true })
    expect(ran).toMatchObject({
      words: ['sh', '-c', 'exit 7'],
      env: { CRONCLAVE_FENCING_TOKEN: '1' },
      holder: 'token:ops',
    })
    expect([api.state.locks.size, api.state.leases.size]).toEqual([0, 0])
  })

  test('that somebody else holds is not waited for with --wait 0s', async () => {
    await api.ok('/v1/namespaces/default/locks/import', { method: 'POST', body: { ttl: '1d' } })
    const { exit, err } = await cronclave(['lock', 'import', '--wait', '0s', '--', 'true'])
    expect([exit, err]).toEqual([1, expect.stringContaining('held by token:admin')])
    expect([locked()?.queue.length, api.state.leases.size]).toEqual([0, 1])
  })

  test('keeps its place however long it waits', async () => {
    const { body } = await api.ok('/v1/namespaces/default/locks/import', { method: 'POST', body: { ttl: '1d' } })
    const locking = cronclave(['lock', 'import', '--wait', '5m', '--', 'true'], { run: () => Promise.resolve(0) })
    const begun = api.clock.now()
    await passUntil(() => api.clock.now() - begun > 150_000)
    expect(locked()?.queue).toHaveLength(1)
    expect(locked()?.queue[0]?.since).toBeLessThan(begun + 1000)
    await api.ok(`/v1/namespaces/default/locks/import?lease=${String(body.lease)}`, { method: 'DELETE' })
    expect((await locking).exit).toBe(0)
  })

  test('whose lease ended ends the program and says so', async () => {
    const locking = cronclave(['lock', 'import', '--', 'long'], {
      run: (_words, env, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(143))
          api.apply({ kind: 'lease-revoke', at: api.clock.now(), namespace: 1, lease: env.CRONCLAVE_LEASE ?? '' })
          void passUntil(() => signal.aborted)
        }),
    })
    const { exit, err } = await locking
    expect([exit, err]).toEqual([1, expect.stringContaining('has ended: what it held may belong to somebody else')])
  })

  test('is given back when the command is stopped', async () => {
    const stop = new AbortController()
    const locking = cronclave(['lock', 'import', '--', 'long'], {
      signal: stop.signal,
      run: (_words, _env, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(143))
          stop.abort()
        }),
    })
    expect((await locking).exit).toBe(143)
    expect([api.state.locks.size, api.state.leases.size]).toEqual([0, 0])
  })

  test('without a program is a fault of usage', async () => {
    expect((await cronclave(['lock', 'import'])).exit).toBe(2)
  })
})

test('elect leads until it is stopped, and others see who does', async () => {
  const stop = new AbortController()
  let out = ''
  const leading = cronclave(['elect', 'main', '--value', 'http://a'], {
    signal: stop.signal,
    stdout: { write: (line) => (out += String(line)) },
  })
  await expect.poll(() => out).toBe('leads main with token 1\n')
  expect((await cronclave(['elect', 'main', '--who'])).out).toMatch(/leader +http:\/\/a\nfencing token +1\n/)
  stop.abort()
  expect((await leading).exit).toBe(0)
  expect((await cronclave(['elect', 'main', '--who', '-o', 'json'])).out).toBe(
    `${JSON.stringify({ name: 'main', queue: [] }, null, 2)}\n`,
  )
})
