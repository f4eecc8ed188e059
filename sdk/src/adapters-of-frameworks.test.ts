import fastifyApp, { type FastifyInstance } from 'fastify'
import { Hono } from 'hono'
import { afterEach, expect, test, vi } from 'vitest'
import { createExecutor } from './executor.ts'
import { fastify } from './fastify.ts'
import { hono } from './hono.ts'
import { next } from './next.ts'
import { deferred, dispatchBody, SECRET, signedHeaders } from './test-kit.ts'
import { workers } from './workers.ts'

const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
const apps: FastifyInstance[] = []

afterEach(async () => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
  await Promise.all(apps.splice(0).map((app) => app.close()))
})

function executorWith(handler: (signal: AbortSignal) => unknown = () => ({ ok: 'é' })) {
  return createExecutor({ service: 'billing', secret: SECRET, logger, orphanGrace: 0 }).job('report', ({ signal }) =>
    handler(signal),
  )
}

/** A signed call whose body a parser would not give back as it came, and that may be answered later. */
function call(waitMs = 25_000) {
  const now = Date.now()
  const data = { params: { number: 0 }, respond: { mode: 'auto', waitMs } }
  const body = dispatchBody(data, now).replace('"number":0', '"number": 12345678901234567890.0, "é":"\\u00e9"')
  return { body, headers: { 'content-type': 'application/json', ...signedHeaders('run1-0-1', body, { now }) } }
}

function post(url: string, { body, headers } = call()): Promise<Response> {
  return fetch(url, { method: 'POST', body, headers })
}

function requestOf({ body, headers } = call()): Request {
  return new Request('http://executor/jobs', { method: 'POST', body, headers })
}

async function fastifyServer(prepare: (app: FastifyInstance) => void = () => {}): Promise<string> {
  const app = fastifyApp({ forceCloseConnections: true })
  apps.push(app)
  prepare(app)
  await app.register(fastify(executorWith()), { prefix: '/jobs' })
  app.post('/echo', (request) => request.body)
  return `${await app.listen({ port: 0, host: '127.0.0.1' })}/jobs`
}

test('Fastify hands over the bytes as they came, and the reply as it is', async () => {
  const url = await fastifyServer()
  const response = await post(url)
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ data: { outcome: 'succeeded', result: { ok: 'é' } } })
  expect(response.headers.get('webhook-id')).toBe('re_run1-0-1')
  const { body, headers } = call()
  expect((await post(url, { body: `${body} `, headers })).status).toBe(401)
})

test('Fastify has calls verified, and replies signed, by node:crypto', async () => {
  const url = await fastifyServer()
  const spies = [vi.spyOn(crypto.subtle, 'verify'), vi.spyOn(crypto.subtle, 'sign')]
  expect((await post(url)).status).toBe(200)
  for (const spy of spies) expect(spy).not.toHaveBeenCalled()
  vi.restoreAllMocks()
})

test('Fastify parses the bodies of every other route as before', async () => {
  const url = await fastifyServer()
  const echo = await fetch(url.replace('/jobs', '/echo'), {
    method: 'POST',
    body: '{ "a": 1 }',
    headers: { 'content-type': 'application/json' },
  })
  expect(await echo.json()).toEqual({ a: 1 })
})

test.each(['application/json', 'text/plain', undefined])('Fastify takes a body of the type %s', async (type) => {
  const { body, headers } = call()
  const { 'content-type': _, ...signed } = headers
  const given = { method: 'POST', headers: { ...signed, ...(type && { 'content-type': type }) } }
  const response = await fetch(await fastifyServer(), { ...given, body: Buffer.from(body) })
  expect(response.status).toBe(200)
})

test('Fastify answers 413 to more than 1 MiB, 405 to what is no POST, 401 to what is not signed', async () => {
  const url = await fastifyServer()
  const { headers } = call()
  expect((await post(url, { body: 'x'.repeat(1024 * 1024 + 1), headers })).status).toBe(413)
  expect((await fetch(url)).status).toBe(405)
  expect((await fetch(url, { method: 'POST' })).status).toBe(401)
})

test('Fastify takes bytes that a hook kept, and says what to do when one kept none', async () => {
  const read = async (payload: AsyncIterable<Uint8Array>) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of payload) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  const keeps = await fastifyServer((app) =>
    app.addHook('preParsing', async (request, _reply, payload) => {
      Object.assign(request, { rawBody: await read(payload) })
    }),
  )
  expect((await post(keeps)).status).toBe(200)
  const loses = await fastifyServer((app) =>
    app.addHook('preParsing', async (_request, _reply, payload) => void (await read(payload))),
  )
  const response = await post(loses)
  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({
    code: 'raw-body-unavailable',
    detail: expect.stringContaining('app.register(fastify(executor)') as string,
  })
})

test('Fastify aborts the signal when the caller goes away', async () => {
  const started = deferred()
  const aborted = deferred()
  const app = fastifyApp({ forceCloseConnections: true })
  apps.push(app)
  const waits = executorWith((signal) => {
    signal.addEventListener('abort', () => aborted.resolve())
    started.resolve()
    return aborted.promise
  })
  await app.register(fastify(waits), { prefix: '/jobs' })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const caller = new AbortController()
  const { body, headers } = call()
  const answer = fetch(`${url}/jobs`, { method: 'POST', body, headers, signal: caller.signal }).catch(
    (error: Error) => error.name,
  )
  await started.promise
  caller.abort()
  expect(await answer).toBe('AbortError')
  await aborted.promise
})

test('Next answers POST, and says what to do when the body was read before', async () => {
  const { POST } = next(executorWith())
  expect((await POST(requestOf())).status).toBe(200)
  const request = requestOf()
  await request.json()
  const response = await POST(request)
  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({ detail: expect.stringContaining('request.clone()') as string })
})

test.each([
  ['a process lives on', {}, {}, { longLived: true }],
  ['a host freezes it', { VERCEL: '1' }, {}, { longLived: false }],
  ['it is the edge runtime', {}, { EdgeRuntime: 'edge-runtime' }, { longLived: false }],
])('Next knows when %s', async (_, env, globals, runtime) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
  const fetchCall = vi.fn(() => Promise.resolve(new Response()))
  await next({ fetch: fetchCall }).POST(requestOf())
  expect(fetchCall).toHaveBeenCalledWith(expect.anything(), expect.objectContaining(runtime))
})

test.each([
  ['a process lives on', {}, { incoming: {}, outgoing: {} }, true],
  ['a host freezes it', { AWS_LAMBDA_FUNCTION_NAME: 'jobs' }, { incoming: {}, outgoing: {} }, false],
  ['there is no server of Node', {}, { JOBS_SECRET: SECRET }, false],
])('Hono knows when %s', async (_, env, bindings, longLived) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const receive = vi.fn(() => Promise.resolve({ status: 200, headers: {}, body: '' }))
  await new Hono().post('/', hono({ receive })).request('/', { method: 'POST' }, bindings)
  expect(receive).toHaveBeenCalledWith(expect.anything(), { env: bindings, longLived })
})

test('Next keeps the host awake where that says how', async () => {
  const waitUntil = vi.fn()
  const name = Symbol.for('@next/request-context')
  Object.assign(globalThis, { [name]: { get: () => ({ waitUntil }) } })
  try {
    const fetchCall = vi.fn(() => Promise.resolve(new Response()))
    await next({ fetch: fetchCall }).POST(requestOf())
    expect(fetchCall).toHaveBeenCalledWith(expect.anything(), expect.objectContaining({ waitUntil }))
  } finally {
    Reflect.deleteProperty(globalThis, name)
  }
})

test('a worker takes its secret from its bindings, and is kept awake', async () => {
  const executor = createExecutor({ service: 'billing', secret: (env) => env['JOBS_SECRET'], logger }).job(
    'report',
    () => 1,
  )
  const waited: Promise<unknown>[] = []
  const context = { waitUntil: (promise: Promise<unknown>) => void waited.push(promise) }
  const worker = workers(executor)
  expect((await worker.fetch(requestOf(), { JOBS_SECRET: SECRET }, context)).status).toBe(200)
  expect((await worker.fetch(requestOf(), {}, context)).status).toBe(500)
  const fetchCall = vi.fn(() => Promise.resolve(new Response()))
  await workers({ fetch: fetchCall }).fetch(requestOf(), {}, context)
  const [[, runtime]] = fetchCall.mock.calls as unknown as [[Request, { waitUntil: (p: Promise<unknown>) => void }]]
  const promise = Promise.resolve()
  runtime.waitUntil(promise)
  expect(waited).toContain(promise)
})
