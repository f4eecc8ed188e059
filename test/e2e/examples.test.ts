import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { createInterface } from 'node:readline'
import { afterEach, expect, test } from 'vitest'
import { Bench, executor as executorAt, SECRET, stateWith } from '../../control-plane/src/dispatch/fixtures.ts'
import { systemRandom } from '../../control-plane/src/runtime/random.ts'
import { verifyReply } from '../../control-plane/src/signing/reply.ts'
import { signRequest } from '../../control-plane/src/signing/request.ts'
import { generateSecret, signingKey } from '../../control-plane/src/signing/secret.ts'
import { start as startExpress } from '../../examples/express/main.ts'
import { start as startFastify } from '../../examples/fastify/main.ts'
import { start as startHono } from '../../examples/hono/main.ts'
import { start as startPlain } from '../../examples/plain/main.ts'
import type { Started } from '../../examples/src/run.ts'

const secret = generateSecret(systemRandom)
const keys = [signingKey(secret)]
const started: Started[] = []
let attempts = 0

afterEach(async () => {
  await Promise.all(started.splice(0).map((example) => example.close()))
})

async function startExample(start: typeof startExpress): Promise<string> {
  const example = await start({ port: 0, secret })
  started.push(example)
  return example.url
}

/** Calls as the control plane does, and judges the reply as it does. */
async function send(url: string, id: string, body: string, headers: Record<string, string> = {}, signer = keys) {
  const { pathname, search } = new URL(url)
  const signed = signRequest({
    keys: signer,
    id,
    timestampMs: Date.now(),
    method: 'POST',
    path: pathname + search,
    body: Buffer.from(body),
    headers,
  })
  const response = await fetch(url, { method: 'POST', body, headers: { ...headers, ...signed } })
  const bytes = Buffer.from(await response.arrayBuffer())
  const reply = { keys, attemptId: id, headers: Object.fromEntries(response.headers), body: bytes, nowMs: Date.now() }
  return { status: response.status, genuine: verifyReply(reply).ok, json: JSON.parse(bytes.toString()) as object }
}

function dispatch(url: string, handler: string, data: Record<string, unknown> = {}) {
  const attemptId = `run-0-${++attempts}`
  const now = Date.now()
  const body = {
    type: 'run.dispatch',
    timestamp: new Date(now).toISOString(),
    data: {
      cluster: 'c1',
      namespace: 'default',
      service: 'examples',
      executor: 'examples-1',
      job: handler,
      handler,
      runId: 'run',
      attemptId,
      supersedes: [],
      attempt: 1,
      maxAttempts: 1,
      trigger: 'manual',
      fireTime: new Date(now).toISOString(),
      deadline: new Date(now + 10_000).toISOString(),
      shard: { index: 0, total: 1 },
      params: {},
      fencingToken: '42',
      respond: { mode: 'sync', waitMs: 10_000 },
      ...data,
    },
  }
  return send(url, attemptId, JSON.stringify(body))
}

test.each([
  ['Express 5', startExpress],
  ['Fastify', startFastify],
  ['Hono', startHono],
])('S015 %s runs handlers and answers with signed outcomes', async (_, start) => {
  const url = await startExample(start)
  expect(await dispatch(url, 'greet', { params: { name: 'Tianjin' } })).toMatchObject({
    status: 200,
    genuine: true,
    json: {
      type: 'run.result',
      data: {
        outcome: 'succeeded',
        result: { greeting: 'Hello, Tianjin' },
        logs: [{ message: 'greeting {"name":"Tianjin"}' }],
      },
    },
  })
  expect(await dispatch(url, 'greet')).toMatchObject({ genuine: true, json: { data: { outcome: 'skipped' } } })
  expect(await dispatch(url, 'nothing')).toMatchObject({ status: 404, json: { code: 'handler-not-found' } })
  const foreign = [signingKey(generateSecret(systemRandom))]
  expect(await send(url, 'x', '{}', {}, foreign)).toMatchObject({ status: 401, genuine: false })
})

test.each([
  ['Express 5', startExpress],
  ['Fastify', startFastify],
  ['Hono', startHono],
])('%s: the shards of a run share its rows, and each row is counted once', async (_, start) => {
  const url = await startExample(start)
  const shards = [0, 1, 2].map((index) => dispatch(url, 'count-rows', { shard: { index, total: 3 } }))
  const counts = (await Promise.all(shards)).map(
    ({ json }) => json as { data: { result: { counted: number }; progress: object } },
  )
  expect(counts.reduce((sum, { data }) => sum + data.result.counted, 0)).toBe(20)
  expect(counts[0]?.data.progress).toEqual({ done: 20, total: 20 })
})

test.each([
  ['Express 5', startExpress],
  ['Fastify', startFastify],
  ['Hono', startHono],
])('%s: a handler that takes too long ends timed-out', async (_, start) => {
  const url = await startExample(start)
  const reply = await dispatch(url, 'wait', { deadline: new Date(Date.now() + 50).toISOString() })
  expect(reply).toMatchObject({ genuine: true, json: { data: { outcome: 'timed-out' } } })
})

test('S016 the plain endpoint verifies calls without the SDK', async () => {
  const url = `${await startExample(startPlain)}/report?city=tianjin`
  const headers = { 'cronclave-run-id': 'run', 'cronclave-fire-time': '2026-11-20T23:00:00+08:00' }
  expect(await send(url, 'a1', 'hello', headers)).toMatchObject({
    status: 200,
    json: { ok: true, run: 'run', bytes: 5 },
  })
  const foreign = [signingKey(generateSecret(systemRandom))]
  expect(await send(url, 'a1', 'hello', headers, foreign)).toMatchObject({ status: 401 })
})

test.each<[string, { path?: string; method?: string; headers?: Record<string, string> }]>([
  ['the path', { path: '/report?city=shanghai' }],
  ['the method', { method: 'PUT' }],
  ['a header', { headers: { 'cronclave-run-id': 'another' } }],
  ['which headers there are', { headers: { 'cronclave-attempt': '2' } }],
  ['the signature of these', { headers: { 'cronclave-signature': '' } }],
])('the plain endpoint refuses a call of which somebody on the way changed %s', async (_, change) => {
  const base = await startExample(startPlain)
  const { path = '/report?city=tianjin', method = 'POST' } = change
  const body = 'hello'
  const headers = { 'cronclave-run-id': 'run' }
  const parts = { keys, id: 'a1', timestampMs: Date.now(), method: 'POST', path: '/report?city=tianjin' }
  const signed = signRequest({ ...parts, body: Buffer.from(body), headers })
  const changed = { method, body, headers: { ...headers, ...signed, ...change.headers } }
  expect((await fetch(base + path, changed)).status).toBe(401)
})

test.each([
  'express',
  'fastify',
  'hono',
  'plain',
])('%s runs from the command line, and ends on SIGTERM', async (name) => {
  const file = new URL(`../../examples/${name}/main.ts`, import.meta.url).pathname
  const env = { ...process.env, PORT: '0', CRONCLAVE_SECRET: secret }
  const child = spawn(process.execPath, ['--import', 'tsx', file], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const url = line.replace('listening on ', '')
  const reply = name === 'plain' ? send(`${url}/report`, 'a1', '') : dispatch(url, 'greet', { params: { name: 'you' } })
  expect((await reply).status).toBe(200)
  child.kill('SIGTERM')
  expect(await exit).toEqual([0, null])
})

test('the plain endpoint refuses a body without end, and outlives a caller that goes away in the middle of one', async () => {
  const url = await startExample(startPlain)
  const statusOf = (length: number, whole: boolean) =>
    new Promise<number | undefined>((resolve) => {
      const upload = request(url, { method: 'POST', headers: { 'content-length': length } }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      upload.on('error', () => resolve(undefined))
      upload.write(Buffer.alloc(whole ? length : 10), () => whole || setImmediate(() => upload.destroy()))
    })
  expect(await statusOf(100, false)).toBeUndefined()
  expect(await statusOf(2 * 1024 * 1024, true)).toBe(413)
  expect(await statusOf(10, true)).toBe(401)
})

test('an example without a secret says what is missing', async () => {
  const file = new URL('../../examples/express/main.ts', import.meta.url).pathname
  const env = { ...process.env, CRONCLAVE_SECRET: undefined }
  const child = spawn(process.execPath, ['--import', 'tsx', file], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const exit = once(child, 'exit')
  const [line] = (await once(createInterface(child.stderr), 'line')) as [string]
  expect(line).toContain('CRONCLAVE_SECRET is not set')
  expect(await exit).toEqual([78, null])
})

test.each([
  ['Express 5', startExpress],
  ['Fastify', startFastify],
  ['Hono', startHono],
])('%s: the dispatcher calls handlers and understands what they say', async (_, start) => {
  const example = await start({ port: 0, secret: SECRET, service: 'billing' })
  started.push(example)
  const bench = new Bench(stateWith(executorAt('e1', { url: example.url })))
  const call = async (handler: string, params = {}, timeoutMs = 10_000) => {
    const target = { kind: 'handler', service: 'billing', handler } as const
    return bench.end(bench.start(target, 'e1', { timeoutMs, run: { params } }))
  }
  const greeted = { outcome: 'succeeded', status: 200, result: { greeting: 'Hello, 天津' }, logs: [{ level: 'info' }] }
  expect(await call('greet', { name: '天津' })).toMatchObject(greeted)
  expect(await call('greet')).toMatchObject({
    outcome: 'skipped',
    error: { code: 'skipped', message: 'nobody to greet' },
  })
  expect(await call('count-rows')).toMatchObject({
    result: { counted: 20, token: '184467' },
    progress: { done: 20, total: 20 },
  })
  expect(await call('nothing')).toMatchObject({ outcome: 'refused', status: 404 })
  expect(await call('wait', {}, 50)).toMatchObject({ outcome: 'timed-out' })
  await bench.dispatcher.stop(1000)
})
