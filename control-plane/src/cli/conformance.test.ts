import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createExecutor, type Executor, type ExecutorOptions, type JobContext } from '@cronclave/sdk'
import { jwt } from '@cronclave/sdk/jwt'
import { node } from '@cronclave/sdk/node'
import { afterAll, describe, expect, test } from 'vitest'
import type { CheckCall } from '../../../sdk/src/auth.ts'
import { nodeHmac } from '../../../sdk/src/node-hmac.ts'
import { type Clock, systemClock } from '../runtime/clock.ts'
import { hastyClock } from '../runtime/hasty-clock.test-helper.ts'
import { run } from './run.test-helper.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const closing: (() => void)[] = []

afterAll(() => {
  for (const close of closing.splice(0)) close()
})

type Listener = Parameters<typeof createServer>[1]

async function serve(listener: Listener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  closing.push(() => server.close().closeAllConnections())
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jobs`
}

function subject(options: Partial<ExecutorOptions> = { secret: SECRET }): Executor {
  let calls = 0
  const answer = (ctx: JobContext<object>) => ({ params: ctx.params, calls })
  const executor = createExecutor({ service: 'conformance', logger: false, ...options })
  executor
    .job('conformance.echo', (ctx) => {
      calls++
      return answer(ctx)
    })
    .job('conformance.wait', async (ctx) => {
      calls++
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Number(ctx.params['ms']))
        ctx.signal.addEventListener('abort', () => (clearTimeout(timer), resolve()))
      })
      ctx.signal.throwIfAborted()
      return answer(ctx)
    })
  return executor
}

interface Finding {
  name: string
  level: string
  ok: boolean
  found?: string
}

async function check(url: string, secret = SECRET, options = '', clock: Clock = systemClock()) {
  const env = { CRONCLAVE_SECRET: secret }
  const seen = await run(`conformance --url ${url} -o json ${options}`, { env, clock })
  const { items = [] } = (seen.out === '' ? {} : JSON.parse(seen.out)) as { items?: Finding[] }
  return { ...seen, failed: items.filter(({ ok }) => !ok), items }
}

test('the SDK passes every check', async () => {
  const { exit, failed, items, err } = await check(await serve(node(subject())))
  expect(failed).toEqual([])
  expect(exit).toBe(0)
  expect(items.length).toBeGreaterThan(35)
  expect(err).toContain(`${items.length} of ${items.length} checks pass`)
})

test('an executor that verifies nothing fails wherever a call is forged', async () => {
  const executor = subject()
  const { items, exit } = await check(
    await serve((request, response) => {
      // Whatever comes is signed anew before the executor looks at it.
      void import('../../../sdk/src/testing-call.ts').then(async ({ signCall }) => {
        const body = Buffer.concat(await request.toArray()).toString()
        const id = String(request.headers['webhook-id'])
        const call = await signCall(SECRET, id, body, '/jobs', Date.now())
        const reply = await executor.fetch(new Request('http://executor/', call))
        response.writeHead(reply.status, Object.fromEntries(reply.headers)).end(await reply.text())
      })
    }),
  )
  expect(exit).toBe(1)
  const forged = items.filter(({ found = '' }) => found.startsWith('expected 401, got '))
  expect(forged.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'refuses a call without signature',
      'refuses a body with one byte changed',
      'refuses a call signed with another secret',
      'refuses a call of long ago',
      'refuses a call of the future',
    ]),
  )
})

test('an executor that does not sign its replies fails', async () => {
  const executor = subject()
  const url = await serve((request, response) => {
    void request.toArray().then(async (parts) => {
      const headers = new Headers(request.headers as Record<string, string>)
      const method = request.method ?? ''
      const body = method === 'GET' ? {} : { body: new Uint8Array(Buffer.concat(parts)) }
      const reply = await executor.fetch(new Request('http://executor/', { method, headers, ...body }))
      response.writeHead(reply.status).end(await reply.text())
    })
  })
  const { failed, exit } = await check(url)
  expect(exit).toBe(1)
  expect(failed.map(({ found }) => found)).toContain('the reply is not signed as one to this call: missing-header')
})

test('another secret than the executor has fails what is right, and says so', async () => {
  const { failed, exit } = await check(await serve(node(subject())), `whsec_${Buffer.alloc(32, 9).toString('base64')}`)
  expect(exit).toBe(1)
  expect(failed[0]?.found).toMatch(/^expected 200, got 401/)
})

test('what does not answer, no secret and no address are told apart', async () => {
  const url = await serve(() => {})
  for (const close of closing.splice(0)) close()
  expect(await check(url)).toMatchObject({ exit: 69, out: '' })
  expect((await run(`conformance --url ${url}`, {})).exit).toBe(2)
  expect((await check('ftp://127.0.0.1/')).exit).toBe(2)
  expect((await check(url, 'whsec_short')).exit).toBe(2)
})

test('the page of the kit names every file of vectors', () => {
  const root = new URL('../../../', import.meta.url)
  const page = readFileSync(new URL('docs/conformance-kit.md', root), 'utf8')
  const files = readdirSync(new URL('test/vectors', root)).filter((name) => name.endsWith('.json'))
  expect(files.length).toBeGreaterThan(4)
  expect(files.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([])
})

describe('executors that take tokens', () => {
  test('the SDK passes every check, with keys that the kit serves', async () => {
    const listen = await freeAddress()
    const auth = jwt({ issuer: `http://${listen}`, cluster: 'conformance' })
    const { failed, exit, items } = await check(
      await serve(node(subject({ auth }))),
      '',
      `--auth jwt --listen ${listen}`,
    )
    expect(failed.map(({ name, level }) => [name, level])).toEqual([['refuses a token for another URL', 'should']])
    expect(exit).toBe(0)
    expect(items.length).toBeGreaterThan(50)
  })

  test('one that knows its URL passes that check too', async () => {
    const listen = await freeAddress()
    const url = await serve((request, response) => listener(request, response))
    const listener = node(subject({ auth: jwt({ issuer: `http://${listen}`, url }) }))
    expect(await check(url, '', `--auth jwt --listen ${listen}`)).toMatchObject({ exit: 0, failed: [] })
  })

  test('one that believes whatever a token says fails wherever one is forged', async () => {
    const executor = subject({ auth: { bind: () => believing } })
    const { exit, failed } = await check(await serve(node(executor)), '', `--auth jwt --listen ${await freeAddress()}`)
    expect(exit).toBe(1)
    expect(failed.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'refuses a token without a signature, alg none',
        'refuses the public key as a secret, alg HS256',
        'refuses an unknown key',
        'refuses a token for another service',
        'refuses a token with the hash of another body',
        'refuses a token for another body',
        'refuses a token that is over',
      ]),
    )
    expect(failed.every(({ name }) => name.startsWith('refuses '))).toBe(true)
  })

  test('one that takes secrets fails, and is given time to look for keys before', async () => {
    const listen = await freeAddress()
    const times: number[] = []
    const executor = node(subject())
    const url = await serve((request, response) => {
      times.push(Date.now())
      executor(request, response)
    })
    const seen = await run(`conformance --url ${url} --auth jwt --listen ${listen}`, { clock: hastyClock(50) })
    expect(seen.exit).toBe(1)
    expect(seen.err).toMatch(/^The executor answers 401: it may know the keys of an earlier run/)
    expect(times.length).toBeGreaterThan(60)
  })
})

describe.concurrent('executors that report later', () => {
  /** Time goes by faster for the kit, and faster still for the executor. */
  async function reports(options: Partial<ExecutorOptions> = {}, kitTimes = 4, times = 10) {
    const executor = subject({ secret: SECRET, clock: hastyClock(times), ...options })
    const flags = `--reports --listen ${await freeAddress()}`
    return check(await serve(node(executor)), SECRET, flags, hastyClock(kitTimes))
  }

  test('the SDK passes every check', async () => {
    const { failed, exit, items } = await reports()
    expect(failed).toEqual([])
    expect(exit).toBe(0)
    expect(items.map(({ name }) => name)).toContain(
      'sends heartbeats while it works, and stops when one is answered cancel',
    )
  })

  test('one that keeps its caller waiting fails', async () => {
    const { failed, exit } = await reports({ reportLater: false }, 4, 30)
    expect(exit).toBe(1)
    expect(failed[0]).toMatchObject({ found: 'the status of the answer is 200, expected 202' })
  })

  test('one whose reports are lost fails', async () => {
    const lost = await reports({ fetch: () => Promise.reject(new Error('lost')) }, 20, 30)
    expect(lost.failed.map(({ found }) => found)).toContain('of 1 results 0 came within 8000 ms')
  })

  test('one that takes any answer for an acknowledgement fails', async () => {
    const careless: typeof fetch = async (...request) => {
      const reply = await fetch(...request)
      return reply.ok ? reply : Response.json({ answer: 'continue' })
    }
    const once = await reports({ fetch: careless })
    expect(once.failed).toMatchObject([{ name: 'reports a result again until it is acknowledged' }])
  })
})

/** Whose word it takes, it says itself. */
const believing: CheckCall = (call) => {
  const token = String(call.header('authorization')).slice('Bearer '.length)
  const [, claims = ''] = token.split('.')
  const {
    jti = '',
    iat = 0,
    sub = '',
  } = JSON.parse(Buffer.from(claims, 'base64url').toString() || '{}') as {
    jti?: string
    iat?: number
    sub?: string
  }
  return Promise.resolve({ ok: true, id: jti, timestampS: iat, key: nodeHmac(Buffer.from(token)), job: sub })
}

async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `127.0.0.1:${port}`
}
