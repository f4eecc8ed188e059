import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createExecutor, type JsonObject } from '@cronclave/sdk'
import { harness, testSecret } from '@cronclave/sdk/testing'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PrivateCa } from '../../../../test/support/private-ca.ts'
import { createEgressPolicy } from '../../dispatch/egress.ts'
import { systemClock } from '../../runtime/clock.ts'
import { parametersSchema } from './parameters.ts'
import { handlerOf } from './plugin-handler.ts'
import { restPlugin, type RestOptions } from './rest.ts'

const clock = systemClock()
const secret = testSecret()
const closing: (() => void)[] = []
/** What the target was asked. */
let asked: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[]
let answer: (req: IncomingMessage, res: ServerResponse) => void
let url: string
let lines: string[]

beforeEach(async () => {
  asked = []
  lines = []
  answer = (_, res) => res.setHeader('content-type', 'application/json').end('{"ok":true}')
  url = await listening(createServer(target))
})
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const target: RequestListener = (req, res) => {
  const chunks: Buffer[] = []
  req.on('data', (chunk: Buffer) => chunks.push(chunk))
  req.on('end', () => {
    const { method = '', url: path = '', headers } = req
    asked.push({ method, url: path, headers, body: Buffer.concat(chunks).toString('latin1') })
    answer(req, res)
  })
}

async function listening(server: ReturnType<typeof createServer>, scheme = 'http'): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Calls the plugin as an agent is called: signed call, check of the parameters, outcome. */
function agent(options: Partial<RestOptions> = {}) {
  const plugin = restPlugin({
    egress: createEgressPolicy({ allowLoopback: true }),
    allowedHosts: [],
    clock,
    ...options,
  })
  const note = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`)
  const logger = { debug: note, info: note, warn: note, error: note }
  const executor = createExecutor({ service: 'near', secret, logger })
  executor.job('rest', { params: parametersSchema(plugin) }, handlerOf(plugin, clock))
  const calls = harness(executor, { service: 'near', secret })
  return (params: JsonObject, call: object = {}) => calls.run('rest', { params, ...call })
}

const rest = (params: JsonObject, options: Partial<RestOptions> = {}, call: object = {}) => agent(options)(params, call)

describe('a call', () => {
  test('has method, query, headers and body, and says which run it is for', async () => {
    const outcome = await rest({
      method: 'put',
      url: `${url}/accounts?a=1`,
      query: { b: 'x y', c: [1, true] },
      headers: { 'X-Key': 'k' },
      json: { amount: 3 },
    })
    expect(outcome).toMatchObject({ status: 'succeeded', result: { status: 200, body: { ok: true } } })
    expect(asked).toMatchObject([
      {
        method: 'PUT',
        url: '/accounts?a=1&b=x+y&c=1&c=true',
        body: '{"amount":3}',
        headers: { 'x-key': 'k', 'content-type': 'application/json', 'content-length': '12' },
      },
    ])
    expect(asked[0]?.headers).toMatchObject({ 'cronclave-attempt': '1', 'user-agent': 'cronclave-agent' })
    expect(asked[0]?.headers['cronclave-run-id']).toMatch(/^[\w-]+$/)
  })

  test.each([
    [{ body: 'grüße' }, Buffer.from('grüße').toString('latin1'), 'text/plain; charset=utf-8'],
    [{ base64: '/wAB' }, '\u00ff\u0000\u0001', 'application/octet-stream'],
    [{ json: null }, 'null', 'application/json'],
    [{ body: '<a/>', headers: { 'Content-Type': 'text/xml' } }, '<a/>', 'text/xml'],
  ])('takes %j as its body', async (params, body, type) => {
    await rest({ method: 'POST', url, ...params })
    expect(asked).toMatchObject([{ body, headers: { 'content-type': type } }])
  })

  test('fails with the status of a refusal, and waits as long as it says', async () => {
    answer = (_, res) => res.writeHead(503, { 'retry-after': '7' }).end('closed for today')
    expect(await rest({ url })).toMatchObject({
      status: 'failed',
      error: { code: 'http-503', message: `${url} answered 503`, retryable: true, retryAfterMs: 7000 },
      logs: [{}, {}, { level: 'warn', message: 'closed for today' }],
    })
  })

  test('succeeds with the statuses that it names, and with no other', async () => {
    answer = (_, res) => res.writeHead(404).end()
    expect(await rest({ url, successStatuses: [404] })).toMatchObject({ status: 'succeeded', result: { status: 404 } })
    answer = (_, res) => res.end()
    expect(await rest({ url, successStatuses: [404] })).toMatchObject({ error: { code: 'http-200' } })
  })

  test('that nobody takes, or that breaks off, says so', async () => {
    const gone = createServer()
    const nowhere = await listening(gone)
    gone.close()
    expect(await rest({ url: nowhere })).toMatchObject({ error: { code: 'connection-refused', retryable: true } })
    answer = (req) => req.socket.destroy()
    expect(await rest({ url })).toMatchObject({ error: { code: 'connection-lost', retryable: true } })
  })

  test('ends when its own time is up, and when that of the attempt is', async () => {
    answer = () => undefined
    expect(await rest({ url, timeout: '30ms' })).toMatchObject({ status: 'failed', error: { code: 'reply-timeout' } })
    expect(await rest({ url }, {}, { timeout: '50ms' })).toMatchObject({ status: 'timed-out' })
  })

  test('keeps the reply within the bounds of a result, also while it is still being sent', async () => {
    answer = (_, res) => {
      const more = () => {
        while (!res.destroyed && res.write('é'.repeat(8192)));
        if (!res.destroyed) res.once('drain', more)
      }
      more()
    }
    const { status, result } = await rest({ url })
    const { body, truncated, bytes } = result as { body: string; truncated: boolean; bytes: number }
    expect({ status, truncated }).toEqual({ status: 'succeeded', truncated: true })
    expect(bytes).toBeGreaterThan(1024 * 1024)
    expect(body).toMatch(/^é+$/)
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThanOrEqual(64 * 1024)
    expect(Buffer.byteLength(body)).toBeGreaterThan(60_000)
  })

  test('keeps the headers that everybody wants to see, and those that it names', async () => {
    answer = (_, res) => res.writeHead(200, { etag: '"7"', 'x-left': '41', 'set-cookie': 'a=b' }).end()
    const { result } = await rest({ url, keepHeaders: ['X-Left'] })
    expect(result).toMatchObject({ headers: { etag: '"7"', 'x-left': '41' } })
    expect(JSON.stringify(result)).not.toContain('a=b')
  })

  test('never has its headers, path or query logged', async () => {
    answer = (_, res) => res.writeHead(500).end()
    const secrets = { authorization: 'Bearer hush-1', 'x-key': 'hush-2' }
    const outcome = await rest({
      url: `${url}/hush-3?key=hush-4`,
      headers: secrets,
      body: 'hush-5',
      query: { q: 'hush-6' },
    })
    await rest({ url, headers: { 'x-key': 'hush-7\n' } })
    expect(asked).toHaveLength(1)
    expect(lines.length).toBeGreaterThan(1)
    expect(lines.join() + JSON.stringify(outcome)).not.toContain('hush')
  })
})

describe('redirects', () => {
  test('are not followed unless it is asked for', async () => {
    answer = (_, res) => res.writeHead(302, { location: '/there' }).end()
    expect(await rest({ url })).toMatchObject({ status: 'failed', error: { code: 'http-302' } })
    expect(asked).toHaveLength(1)
  })

  test('are followed as often as it is asked for, and take no secret to another origin', async () => {
    const other = await listening(createServer(target))
    answer = (req, res) => {
      if (req.url === '/') res.writeHead(307, { location: '/near' }).end()
      else if (req.url === '/near') res.writeHead(307, { location: `${other}/far` }).end()
      else res.end('there')
    }
    const call = { method: 'POST', url, body: 'x', headers: { authorization: 'Bearer hush', 'content-type': 'text/x' } }
    expect(await rest({ ...call, redirectMax: 2 })).toMatchObject({ status: 'succeeded', result: { body: 'there' } })
    expect(asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer hush', 'Bearer hush', undefined])
    expect(asked[2]).toMatchObject({ body: 'x', headers: { 'content-type': 'text/x' } })
    expect(await rest({ ...call, redirectMax: 1 })).toMatchObject({ error: { code: 'http-307' } })
  })

  test('lead to no host that the agent may not call', async () => {
    answer = (_, res) => res.writeHead(302, { location: 'http://elsewhere.example/' }).end()
    const outcome = await rest({ url, redirectMax: 5 }, { allowedHosts: ['127.0.0.1'] })
    expect(outcome).toMatchObject({ error: { code: 'http-302', retryable: false } })
  })
})

test('a redirect leads to the control plane as little as a call does', async () => {
  const { host } = new URL(url)
  answer = (_, res) => res.writeHead(302, { location: `http://${host.replace('127.0.0.1', 'localhost')}/v1` }).end()
  const egress = {
    ...createEgressPolicy({ allowLoopback: true }),
    checkUrl: (to: string) => (to.includes('localhost') ? { pointer: '', detail: 'it is a node' } : undefined),
  }
  const outcome = await rest({ url, redirectMax: 5 }, { egress })
  expect(outcome).toMatchObject({
    error: { code: 'http-302', retryable: false, message: expect.stringContaining('it is a node') as string },
  })
  expect(asked).toHaveLength(1)
})

describe('what may be called', () => {
  test('is judged by the address that a name leads to', async () => {
    const resolve: RestOptions['resolve'] = (_, __, done) => done(null, [{ address: '169.254.169.254', family: 4 }])
    const outcome = await rest({ url: 'http://metadata.example/' }, { resolve })
    expect(outcome).toMatchObject({ error: { code: 'egress-refused', retryable: false } })
    expect(await rest({ url }, { egress: createEgressPolicy() })).toMatchObject({
      error: { code: 'invalid-params', message: expect.stringContaining('/url') as string },
    })
  })

  test('S054 has a certificate that is trusted: the public ones, or those of the file', async () => {
    const ca = new PrivateCa()
    closing.push(() => ca.remove())
    const { cert, key } = ca.issue('target', 'IP:127.0.0.1')
    const tls = createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) }, target)
    const secure = await listening(tls, 'https')
    expect(await rest({ url: secure })).toMatchObject({ status: 'failed', error: { code: 'tls-failed' } })
    expect(asked).toEqual([])
    const trusted = await rest({ url: secure }, { ca: readFileSync(ca.ca, 'utf8') })
    expect(trusted).toMatchObject({ status: 'succeeded' })
  })
})

describe('bad parameters', () => {
  test.each([
    [{}, '/data/params/url is needed'],
    [{ url: 7 }, '/data/params/url must be a string'],
    [{ url: 'nowhere' }, '/data/params/url not a URL'],
    [{ url: 'ftp://example.com' }, '/data/params/url the scheme ftp: is not http or https'],
    [{ url: 'http://u:p@example.com' }, '/data/params/url credentials may not stand in a URL'],
    [{ url: 'http://h/', method: 'CONNECT' }, '/data/params/method CONNECT'],
    [{ url: 'http://h/', method: 'GET /' }, '/data/params/method must be of the form'],
    [{ url: 'http://h/', headers: { 'a b': 'x' } }, '/data/params/headers/a b is no name of a header'],
    [{ url: 'http://h/', headers: { Host: 'x' } }, '/data/params/headers/Host is set by the agent'],
    [{ url: 'http://h/', headers: { a: 'x', A: 'y' } }, '/data/params/headers/A stands there twice'],
    [{ url: 'http://h/', headers: { a: 'x\r\nb: y' } }, '/data/params/headers/a has a character'],
    [{ url: 'http://h/', headers: { a: 7 } }, '/data/params/headers/a must be a string'],
    [{ url: 'http://h/', body: 'x', json: {} }, '/data/params/json there is body already'],
    [{ url: 'http://h/', base64: 'x' }, '/data/params/base64 is not padded base64'],
    [{ url: 'http://h/', timeout: 'soon' }, '/data/params/timeout must be a duration'],
    [{ url: 'http://h/', redirectMax: 6 }, '/data/params/redirectMax must be at most 5'],
    [{ url: 'http://h/', bodi: 'x' }, '/data/params/bodi unknown, did you mean body?'],
  ])('%j end the run for good, with a pointer', async (params, message) => {
    const outcome = await rest(params)
    expect(outcome).toMatchObject({ status: 'refused', httpStatus: 422, error: { code: 'invalid-params' } })
    expect(outcome.error?.message).toContain(message)
  })

  test('whatever they are, are refused or can be sent, and never crash anything', async () => {
    const value = fc.jsonValue({ maxDepth: 2 })
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('GET', 'x y', '5s', 'YQ==', '\u0000', '__proto__'),
    )
    const wild = fc.record({
      url: fc.constantFrom(`${url}/ö?x#`, 'http://h:0/', 'http://[::1', '//x'),
      method: fc.oneof(text, fc.constantFrom('connect', 'HEAD'), value),
      query: fc.oneof(fc.dictionary(text, fc.oneof(text, fc.integer(), fc.array(fc.boolean()))), value),
      headers: fc.oneof(fc.dictionary(text, text), value),
      body: fc.oneof(text, value),
      json: value,
      base64: fc.oneof(text, value),
      successStatuses: fc.oneof(fc.array(fc.integer({ min: 0, max: 700 })), value),
      timeout: fc.oneof(text, value),
      redirectMax: fc.oneof(fc.integer({ min: -1, max: 7 }), value),
      keepHeaders: fc.oneof(fc.array(text), value),
      other: value,
    })
    const good = fc.record({
      url: fc.constantFrom(url, `${url}/ö?x`),
      method: fc.constantFrom('POST', 'QUERY', 'M-SEARCH'),
      headers: fc.constantFrom({}, { 'x-key': 'ÿ' }),
    })
    const fields = fc.subarray(['url', 'method', 'query', 'headers', 'body', 'json', 'base64', 'timeout', 'other'], {
      maxLength: 2,
    })
    const spoilt = fc
      .tuple(good, wild, fc.oneof(fields, fc.constantFrom(['successStatuses'], ['redirectMax'], ['keepHeaders'])))
      .map(([base, bad, names]) => ({
        ...base,
        ...Object.fromEntries(names.map((name) => [name, bad[name as keyof typeof bad]])),
      }))
    const given = fc.oneof({ weight: 6, arbitrary: spoilt }, { weight: 1, arbitrary: fc.dictionary(text, value) })
    const codes = new Set<string>()
    const call = agent()
    await fc.assert(
      fc.asyncProperty(given, async (params) => {
        const { status, error, httpStatus } = await call(params as unknown as JsonObject)
        const code = error?.code ?? status
        codes.add(code)
        if (code === 'invalid-params') {
          expect(httpStatus).toBe(422)
          expect(error?.message).toMatch(/^the parameters do not fit: \/data\/params/)
        } else expect(['succeeded', 'reply-timeout', 'http-200']).toContain(code)
      }),
      { numRuns: 300 },
    )
    expect([...codes]).toEqual(expect.arrayContaining(['invalid-params', 'succeeded']))
  })
})
