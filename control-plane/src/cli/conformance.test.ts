import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createExecutor, type Executor, type JobContext } from '@cronclave/sdk'
import { node } from '@cronclave/sdk/node'
import { afterEach, expect, test } from 'vitest'
import { run } from './run.test-helper.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const closing: (() => void)[] = []

afterEach(() => {
  for (const close of closing.splice(0)) close()
})

type Listener = Parameters<typeof createServer>[1]

async function serve(listener: Listener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  closing.push(() => server.close().closeAllConnections())
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jobs`
}

function subject(): Executor {
  let calls = 0
  const answer = (ctx: JobContext<object>) => ({ params: ctx.params, calls })
  const executor = createExecutor({ service: 'conformance', secret: SECRET, logger: false })
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

async function check(url: string, secret = SECRET) {
  const seen = await run(`conformance --url ${url} -o json`, { env: { CRONCLAVE_SECRET: secret } })
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
