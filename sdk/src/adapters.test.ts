import { createRequire } from 'node:module'
import { createServer, request, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import express5, { json, raw } from 'express'
import { Hono } from 'hono'
import { serve } from '@hono/node-server'
import { afterEach, expect, test, vi } from 'vitest'
import { captureRawBody, express } from './express.ts'
import { createExecutor } from './executor.ts'
import { hono } from './hono.ts'
import { node } from './node.ts'
import { nodeHmac } from './node-hmac.ts'
import { BODY_BYTES_MAX } from './body-limit.ts'
import type { RawCall } from './receiver.ts'
import { deferred, dispatchBody, SECRET, signedHeaders } from './test-kit.ts'

/** Express 4 has no types of its own here; what is used of it is the same in 5. */
const express4 = createRequire(import.meta.url)('express4') as typeof express5
const servers: Server[] = []
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }

afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    }),
  )
})

async function listen(listener: RequestListener): Promise<string> {
  return addressOf(createServer(listener).listen(0, '127.0.0.1'))
}

async function addressOf(server: Server): Promise<string> {
  servers.push(server)
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jobs`
}

function executorWith(handler: (signal: AbortSignal) => unknown) {
  return createExecutor({ service: 'billing', secret: SECRET, logger, orphanGrace: 0 }).job('report', ({ signal }) =>
    handler(signal),
  )
}

/** Each way to mount an executor, and a body that a parser would not give back as it came. */
const mounts: Record<string, (executor: ReturnType<typeof executorWith>) => Promise<string>> = {
  'node:http': (executor) => listen(node(executor)),
  'Express, first': (executor) => listen(express5().use('/jobs', express(executor)).use(json()) as RequestListener),
  'Express after raw()': (executor) =>
    listen(
      express5()
        .use(raw({ type: '*/*', limit: '1mb' }))
        .use('/jobs', express(executor)) as RequestListener,
    ),
  'Express after json() that keeps the bytes': (executor) =>
    listen(
      express5()
        .use(json({ limit: '1mb', verify: captureRawBody }))
        .use('/jobs', express(executor)) as RequestListener,
    ),
  'Express 4, first': (executor) =>
    listen(express4().use('/jobs', express(executor)).use(express4.json()) as RequestListener),
  'Express 4 after raw()': (executor) =>
    listen(
      express4()
        .use(express4.raw({ type: '*/*', limit: '1mb' }))
        .use('/jobs', express(executor)) as RequestListener,
    ),
  'Express 4 after json() that keeps the bytes': (executor) =>
    listen(
      express4()
        .use(express4.json({ limit: '1mb', verify: captureRawBody }))
        .use('/jobs', express(executor)) as RequestListener,
    ),
  Hono: (executor) => honoServer(new Hono().post('/jobs', hono(executor))),
  'Hono after the body was parsed': (executor) =>
    honoServer(
      new Hono().post(
        '/jobs',
        async (c, next) => {
          await c.req.json()
          await next()
        },
        hono(executor),
      ),
    ),
}

function honoServer(app: Hono): Promise<string> {
  return addressOf(serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server)
}

function post(url: string, body: string, headers: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
}

/** A signed call whose body a parser would not give back as it came. */
function call() {
  const now = Date.now()
  const body = dispatchBody({ params: { number: 0 } }, now).replace(
    '"number":0',
    '"number": 12345678901234567890.0, "é":"\\u00e9"',
  )
  return { body, headers: signedHeaders('run1-0-1', body, { now }) }
}

test.each(Object.keys(mounts))('%s hands over the bytes as they came, and the reply as it is', async (name) => {
  const url = await mounts[name]!(executorWith(() => ({ ok: 'é' })))
  const { body, headers } = call()
  const response = await post(url, body, headers)
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ data: { outcome: 'succeeded', result: { ok: 'é' } } })
  expect(response.headers.get('webhook-id')).toBe('re_run1-0-1')
  expect((await post(url, `${body} `, headers)).status).toBe(401)
})

test.each([
  'node:http',
  'Express, first',
  'Express 4, first',
  'Hono',
])('%s aborts the signal when the caller goes away', async (name) => {
  const started = deferred()
  const aborted = deferred()
  const url = await mounts[name]!(
    executorWith((signal) => {
      signal.addEventListener('abort', () => aborted.resolve())
      started.resolve()
      return aborted.promise
    }),
  )
  const { body, headers } = call()
  const caller = new AbortController()
  const answer = fetch(url, { method: 'POST', body, headers, signal: caller.signal }).catch(
    (error: Error) => error.name,
  )
  await started.promise
  caller.abort()
  expect(await answer).toBe('AbortError')
  await aborted.promise
})

test.each([
  [5, express5],
  [4, express4],
])('Express %i after json() answers 500 and says in two lines how to mount it right', async (_, make) => {
  const app = make()
    .use(make.json())
    .use('/jobs', express(executorWith(() => 1)))
  const url = await listen(app as RequestListener)
  const { body, headers } = call()
  const response = await post(url, body, headers)
  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({
    code: 'raw-body-unavailable',
    detail: expect.stringContaining("json({ limit: '1mb', verify: captureRawBody })") as string,
  })
})

/** A signed call of so many bytes. */
function callOf(bytes: number) {
  const now = Date.now()
  const rest = dispatchBody({ params: { text: '' } }, now).length
  const body = dispatchBody({ params: { text: 'x'.repeat(bytes - rest) } }, now)
  return { body, headers: signedHeaders('run1-0-1', body, { now }) }
}

test.each(Object.keys(mounts))('%s takes a call of 1 MiB, and answers 413 to one byte more', async (name) => {
  const url = await mounts[name]!(executorWith(() => 1))
  const [whole, more] = [callOf(BODY_BYTES_MAX), callOf(BODY_BYTES_MAX + 1)]
  expect(Buffer.byteLength(whole.body)).toBe(BODY_BYTES_MAX)
  expect((await post(url, whole.body, whole.headers)).status).toBe(200)
  expect((await post(url, more.body, more.headers)).status).toBe(413)
})

test('a body without a length is cut off at the limit', async () => {
  for (const name of ['node:http', 'Express, first', 'Express 4, first', 'Hono']) {
    const url = await mounts[name]!(executorWith(() => 1))
    const status = await new Promise<number | undefined>((resolve) => {
      const upload = request(url, { method: 'POST' }, (response) => {
        resolve(response.statusCode)
        upload.destroy()
      })
      upload.on('error', () => {})
      // One byte too many and no end: the answer comes while the body is still open, and nothing is left unread that
      // would reset the connection before it can be read.
      upload.write(Buffer.alloc(BODY_BYTES_MAX + 1))
    })
    expect([name, status]).toEqual([name, 413])
  }
})

test.each([
  ['all of it', async (req: IncomingMessage) => void (await text(req))],
  [
    'a piece of it',
    (req: IncomingMessage) => new Promise<void>((resolve) => req.once('data', () => resolve(void req.pause()))),
  ],
])('node:http where something has read %s before answers 500 and says how to hand it on', async (_, read) => {
  const listener = node(executorWith(() => 1))
  const url = await listen((req, res) => void read(req).then(() => listener(req, res)))
  const { body, headers } = call()
  const response = await post(url, body, headers)
  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({
    code: 'raw-body-unavailable',
    detail: expect.stringContaining('createServer(node(executor))') as string,
  })
})

test.each([
  ['node', node],
  ['express', express],
])('%s answers for itself when the caller went away before it was reached', async (_, mount) => {
  const calls: RawCall[] = []
  const callable = {
    receive: (given: RawCall) => {
      calls.push(given)
      return Promise.resolve({ status: 200, headers: {}, body: '' })
    },
  }
  const reached = deferred()
  const url = await listen((req, res) => {
    res.once('close', () =>
      setImmediate(() => {
        mount(callable)(req, res)
        setImmediate(reached.resolve)
      }),
    )
    caller.destroy()
  })
  const caller = request(url, { method: 'POST' }).on('error', () => {})
  caller.write('{')
  await reached.promise
  expect(calls).toMatchObject([{ body: 'unavailable', signal: { aborted: true } }])
})

test.each([
  ['node', node],
  ['express', express],
])('%s has calls verified, and replies signed, by node:crypto', async (_, mount) => {
  const calls: RawCall[] = []
  const executor = executorWith(() => 1)
  const receive = (given: RawCall) => {
    calls.push(given)
    return executor.receive(given)
  }
  const url = await listen(mount({ receive }))
  const { body, headers } = call()
  const spies = [vi.spyOn(crypto.subtle, 'verify'), vi.spyOn(crypto.subtle, 'sign')]
  expect((await post(url, body, headers)).status).toBe(200)
  expect((await post(url, `${body} `, headers)).status).toBe(401)
  expect(calls).toMatchObject([{ hmac: nodeHmac }, { hmac: nodeHmac }])
  for (const spy of spies) expect(spy).not.toHaveBeenCalled()
  vi.restoreAllMocks()
})
