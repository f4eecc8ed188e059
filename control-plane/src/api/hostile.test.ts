import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bench, createBench } from './fixtures.ts'

const JOBS = '/v1/namespaces/default/jobs'

let api: Bench
let server: Server
let token: string

beforeAll(async () => {
  api = createBench()
  token = api.token('admin')
  server = createAdaptorServer({ fetch: api.app.fetch }) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterAll(async () => {
  expect(api.logged).toEqual([])
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

/** Writes bytes to the server and answers what comes back until it closes or has answered. */
async function raw(...parts: (string | Buffer)[]): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  let text = ''
  const done = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (isWhole(text)) resolve()
    })
    socket.on('close', () => resolve())
    socket.on('error', () => resolve())
  })
  for (const part of parts) socket.write(part)
  await done
  socket.destroy()
  return text
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  const length = /content-length: (\d+)/i.exec(text)?.[1]
  if (end < 0) return false
  return length === undefined ? text.endsWith('0\r\n\r\n') : text.length >= end + 4 + Number(length)
}

function head(method: string, path: string, ...lines: string[]): string {
  const all = [`${method} ${path} HTTP/1.1`, 'host: localhost', `authorization: Bearer ${token}`, ...lines]
  return `${all.join('\r\n')}\r\n\r\n`
}

function post(body: string | Buffer, ...lines: string[]): Promise<string> {
  const length = `content-length: ${Buffer.byteLength(body)}`
  return raw(head('POST', JOBS, 'content-type: application/json', length, ...lines), body)
}

const statusOf = (text: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])
const codeOf = (text: string) => /"code":"([^"]+)"/.exec(text)?.[1]

describe('a body', () => {
  test.each<[string, string | Buffer, number, string]>([
    ['that is not JSON', '{"name":', 400, 'invalid-json'],
    ['that is empty', '', 400, 'invalid-request'],
    ['that is blank', '  \n', 400, 'invalid-request'],
    ['that is a number', '3', 422, 'invalid-job'],
    ['that is null', 'null', 422, 'invalid-job'],
    ['that is a list', '[]', 422, 'invalid-job'],
    ['that is not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 400, 'invalid-json'],
    ['with __proto__', '{"name":"x","params":{"__proto__":{"a":1}}}', 400, 'invalid-request'],
    ['with __proto__ escaped', '{"name":"x","params":{"\\u005f_proto__":{"a":1}}}', 400, 'invalid-request'],
    ['with a letter of it escaped', '{"name":"x","params":{"__\\u0070roto__":{"a":1}}}', 400, 'invalid-request'],
    ['with a name that stands there twice', '{"name":"x","labels":{"a":":","b":"1","a":"2"}}', 400, 'invalid-json'],
    ['with a name twice, once escaped', '{"name":"x","n\\u0061me":"y"}', 400, 'invalid-json'],
    ['with constructor', '{"constructor":{"prototype":{"a":1}}}', 422, 'invalid-job'],
    ['with half a surrogate pair', '{"name":"x","description":"\\ud800"}', 400, 'invalid-request'],
    ['with a number beyond a double', '{"name":"x","params":{"a":1e999}}', 400, 'invalid-request'],
    [
      'with digits that an exponent makes too many',
      `{"name":"x","params":{"a":${'9'.repeat(299)}e99}}`,
      400,
      'invalid-request',
    ],
    ['with a number of 400 digits', `{"name":"x","params":{"a":${'9'.repeat(400)}}}`, 400, 'invalid-request'],
    ['65 levels deep', `{"params":{"a":${'['.repeat(63)}${']'.repeat(63)}}}`, 400, 'invalid-json'],
    ['half a million levels deep', '['.repeat(500_000), 400, 'invalid-json'],
    ['deep in an object', '{"a":'.repeat(150_000), 400, 'invalid-json'],
    ['with brackets in a string only', JSON.stringify({ name: '['.repeat(1000) }), 422, 'invalid-job'],
    [
      'of 100,000 unknown fields',
      `{${Array.from({ length: 90_000 }, (_, i) => `"f${i}":1`).join()}}`,
      422,
      'invalid-job',
    ],
    ['of 1 MiB in one string', JSON.stringify({ name: 'x'.repeat(1_048_000) }), 422, 'invalid-job'],
    ['of 300,000 schedules', `{"schedules":[${'{},'.repeat(299_999)}{}]}`, 422, 'invalid-job'],
    ['of more than 1 MiB', 'x'.repeat(1_048_577), 413, 'body-too-large'],
  ])('%s is refused', async (_, body, status, code) => {
    const reply = await post(body)
    expect([statusOf(reply), codeOf(reply)]).toEqual([status, code])
    expect(reply).toContain('application/problem+json')
    expect(reply.length).toBeLessThan(20_000)
  })

  test('that is announced as huge is refused unread', async () => {
    const reply = await raw(head('POST', JOBS, 'content-type: application/json', 'content-length: 10000000000'))
    expect([statusOf(reply), codeOf(reply)]).toEqual([413, 'body-too-large'])
  })

  test('in chunks is read up to the limit', async () => {
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    const lines = ['content-type: application/json', 'transfer-encoding: chunked']
    const reply = await raw(head('POST', JOBS, ...lines), ...Array.from({ length: 40 }, () => chunk))
    expect([statusOf(reply), codeOf(reply)]).toEqual([413, 'body-too-large'])
    const small = '{"name":"chunked","target":{"kind":"http","url":"https://a.example/"}}'
    const made = await raw(head('POST', JOBS, ...lines), `${small.length.toString(16)}\r\n${small}\r\n0\r\n\r\n`)
    expect(statusOf(made)).toBe(201)
  })

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
  ])('of type %s is refused', async (type) => {
    const reply = await raw(head('POST', JOBS, `content-type: ${type}`, 'content-length: 2'), '{}')
    expect([statusOf(reply), codeOf(reply)]).toEqual([415, 'unsupported-media-type'])
  })

  test('that is compressed is refused', async () => {
    const reply = await post('{}', 'content-encoding: gzip')
    expect(statusOf(reply)).toBe(415)
  })

  test('without a type is read as JSON', async () => {
    const reply = await raw(head('POST', JOBS, 'content-length: 2'), '{}')
    expect([statusOf(reply), codeOf(reply)]).toEqual([422, 'invalid-job'])
  })
})

describe('a request', () => {
  test.each([
    ['GET', '/v1/nothing', 404, 'not-found'],
    ['GET', '/v1', 404, 'not-found'],
    ['PATCH', JOBS, 405, 'method-not-allowed'],
    ['OPTIONS', JOBS, 405, 'method-not-allowed'],
    ['DELETE', '/healthz', 405, 'method-not-allowed'],
    ['GET', '/v1/namespaces/%2e%2e/jobs', 404, 'not-found'],
    ['GET', '/v1/namespaces/default/jobs/%00', 400, 'invalid-request'],
    ['GET', '/v1/namespaces/default/jobs/%ff', 400, 'invalid-request'],
    ['GET', '/v1/namespaces/default/jobs/a%2fb', 400, 'invalid-request'],
    ['GET', '/v1/namespaces/default/jobs/__proto__', 400, 'invalid-request'],
    ['GET', '/v1/namespaces/default/jobs/constructor', 404, 'job-not-found'],
    ['GET', `/v1/namespaces/default/jobs/${'a'.repeat(101)}`, 400, 'invalid-request'],
    ['GET', `${JOBS}?limit=1e9`, 400, 'invalid-request'],
    ['GET', `${JOBS}?limit=501`, 400, 'invalid-request'],
    ['GET', `${JOBS}?%`, 400, 'invalid-request'],
    ['GET', '/../../etc/passwd', 404, 'not-found'],
    ['GET', '/docs/../openapi.json', 404, 'not-found'],
    ['GET', '/docs/..%2fopenapi.json', 404, 'not-found'],
    ['POST', '/', 404, 'not-found'],
  ])('%s %s answers %i', async (method, path, status, code) => {
    const reply = await raw(head(method, path, 'content-length: 0'))
    expect([statusOf(reply), codeOf(reply)]).toEqual([status, code])
    expect(reply.toLowerCase()).toContain('x-cronclave-index')
  })

  test('under a method that an address does not know is told which it knows', async () => {
    expect(await raw(head('PATCH', JOBS))).toMatch(/allow: GET, POST/i)
  })

  test('with 10,000 unknown parameters is told of some', async () => {
    const query = Array.from({ length: 1500 }, (_, i) => `p${i}=1`).join('&')
    const reply = await raw(head('GET', `${JOBS}?${query}`))
    expect([statusOf(reply), reply.length < 5000]).toEqual([400, true])
  })

  test.each([
    ['garbage', 'hello\r\n\r\n'],
    ['no host', 'GET /v1/session HTTP/1.1\r\n\r\n'],
    ['two lengths', `POST ${JOBS} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n`],
    [
      'length and chunks',
      `POST ${JOBS} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`,
    ],
    ['huge headers', `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(70_000)}\r\n\r\n`],
    ['an odd host', 'GET /v1/session HTTP/1.1\r\nhost: a b\r\n\r\n'],
  ])('that is broken (%s) answers 4xx and leaves the server running', async (_, bytes) => {
    const status = statusOf(await raw(bytes))
    expect(status >= 400 && status < 500).toBe(true)
    expect(statusOf(await raw(head('GET', '/healthz')))).toBe(200)
  })

  test('whose body never ends does not keep others waiting', async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write(head('POST', JOBS, 'content-type: application/json', 'content-length: 100'))
    expect(statusOf(await raw(head('GET', '/healthz')))).toBe(200)
    socket.destroy()
    expect(statusOf(await raw(head('GET', '/v1/session')))).toBe(200)
  })
})

describe('a fault of the server', () => {
  test('is answered without details and logged with them', async () => {
    const broken = createBench()
    const failing = { ...broken.context, submit: () => Promise.reject(new Error('the secret detail')) }
    broken.context.submit = failing.submit
    const { status, body } = await broken.ok('/v1/namespaces/x', { method: 'PUT', body: {} })
    expect([status, body.code]).toEqual([500, 'internal'])
    expect(JSON.stringify(body)).not.toContain('secret')
    expect(broken.logged).toMatchObject([{ fields: { operation: 'putNamespace' } }])
  })

  test('that leaves the outcome open says so', async () => {
    const broken = createBench()
    const { NotCommitted } = await import('../cluster/consensus.ts')
    broken.context.submit = () => Promise.reject(new NotCommitted())
    const { status, body, headers } = await broken.ok('/v1/namespaces/x', { method: 'PUT', body: {} })
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'not-committed', '1'])
  })
})
