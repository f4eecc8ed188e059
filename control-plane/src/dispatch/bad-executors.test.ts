import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createEgressPolicy } from './egress.ts'
import { createHttp } from './http.ts'
import {
  answer,
  Bench,
  benches,
  bodyOf,
  closeAll,
  executor,
  httpTarget,
  type Listening,
  listen,
  listenHttp,
  listenTcp,
  opened,
  signReply,
  stateWith,
  UNTRUSTED,
} from './fixtures.ts'

const handler = { kind: 'handler', service: 'billing', handler: 'report' } as const

afterEach(async () => {
  vi.unstubAllEnvs()
  await closeAll()
})

/** A bad executor `bad` beside a good one `good`. */
async function benchWith(bad: Promise<Listening>): Promise<Bench> {
  const good = await listenHttp((request, response) => void answer(request, response))
  const server = await bad
  opened.push(good, server)
  const bench = new Bench(stateWith(executor('bad', { url: server.url }), executor('good', { url: good.url })))
  benches.push(bench)
  return bench
}

/** Ends a call to the bad executor while twenty calls to the good one go on and succeed. */
async function outcomeOf(bench: Bench, timeoutMs?: number) {
  const bad = bench.start(handler, 'bad', timeoutMs === undefined ? {} : { timeoutMs })
  const others = Array.from({ length: 20 }, () => bench.start(handler, 'good'))
  for (const other of others)
    expect(await bench.end(other)).toMatchObject({ outcome: 'succeeded', result: { ok: true } })
  return bench.end(bad)
}

const reply = (status: number, body = '', headers: Record<string, string> = {}): RequestListener => {
  return (request, response) => void bodyOf(request).then(() => response.writeHead(status, headers).end(body))
}

describe('what an answer does', () => {
  const problem = JSON.stringify({ detail: 'so it is' })
  test.each([
    [429, 'refused', 'executor-busy', true],
    [503, 'refused', 'executor-busy', true],
    [404, 'refused', 'handler-unknown', true],
    [421, 'refused', 'executor-mismatch', true],
    [401, 'failed', 'signature-refused', false],
    [413, 'failed', 'request-too-large', false],
    [422, 'failed', 'request-refused', false],
    [500, 'uncertain', 'http-500', true],
    [502, 'uncertain', 'http-502', true],
    [204, 'uncertain', 'http-204', true],
    [302, 'uncertain', 'http-302', true],
  ])('%i is %s with code %s', async (status, outcome, code, retryable) => {
    const bench = await benchWith(listenHttp(reply(status, status === 204 ? '' : problem, { 'retry-after': '7' })))
    const finish = await outcomeOf(bench)
    expect(finish).toMatchObject({ outcome, status, retryable, error: { code } })
    expect(finish?.error?.message).toContain('executor bad at http://127.0.0.1:')
    expect(finish?.sentAt).toBeTypeOf('number')
    expect(finish).not.toHaveProperty('connectionFailed')
    if (outcome === 'refused') {
      expect(finish?.retryAfterMs).toBe(7000)
      expect(finish?.error?.message).toContain('so it is')
    }
  })

  test.each([404, 421, 429, 503])('%i does not prove that nothing was started, unless it is signed', async (status) => {
    let signed = true
    const bench = await benchWith(
      listenHttp((request, response) => {
        void bodyOf(request).then((body) => {
          const { attemptId } = (JSON.parse(body) as { data: { attemptId: string } }).data
          response.writeHead(status, signed ? signReply(attemptId, problem) : {}).end(problem)
        })
      }),
    )
    const atMostOnce = { spec: { onUncertain: 'fail' } } as const
    expect(await bench.end(bench.start(handler, 'bad', atMostOnce))).toMatchObject({ outcome: 'refused', status })
    signed = false
    expect(await bench.end(bench.start(handler, 'bad', atMostOnce))).toMatchObject({
      outcome: 'uncertain',
      error: { code: 'reply-unsigned' },
    })
    expect(await bench.end(bench.start(handler, 'bad'))).toMatchObject({ outcome: 'refused', status })
  })

  test('202 and 409 are acceptances with a lease', async () => {
    const accepted = JSON.stringify({ accepted: true, leaseTtlMs: 45_000 })
    const bench = await benchWith(listenHttp(reply(202, accepted)))
    const first = bench.start(handler, 'bad')
    expect(await bench.end(first)).toBeUndefined()
    expect(bench.leases).toEqual([[first, 45_000]])
    const other = await benchWith(listenHttp(reply(409)))
    await outcomeOf(other)
    expect(other.leases).toEqual([[expect.any(String), 30_000]])
  })
})

describe('a 200 that is not the handler’s word is uncertain', () => {
  test.each<[string, RequestListener, string]>([
    ['unsigned', reply(200, '{"type":"run.result"}'), 'reply-unsigned'],
    ['garbage', reply(200, '\u0000<html>'), 'reply-unsigned'],
    [
      'an expired signature',
      (request, response) =>
        void bodyOf(request).then((body) => {
          const { attemptId } = (JSON.parse(body) as { data: { attemptId: string } }).data
          response.writeHead(200, signReply(attemptId, '{}', new Date(Date.now() - 301_000))).end('{}')
        }),
      'reply-signature-invalid',
    ],
    [
      'signed garbage',
      (request, response) =>
        void bodyOf(request).then((body) => {
          const { attemptId } = (JSON.parse(body) as { data: { attemptId: string } }).data
          response.writeHead(200, signReply(attemptId, '[[[')).end('[[[')
        }),
      'reply-invalid',
    ],
    ['another run', (request, response) => void answer(request, response, { runId: 'other' }), 'reply-mismatch'],
    ['another attempt', (request, response) => void answer(request, response, { attemptId: 'a' }), 'reply-mismatch'],
    ['no outcome', (request, response) => void answer(request, response, { outcome: 'fine' }), 'reply-invalid'],
    [
      'a signed reply that is too large',
      (request, response) => void answer(request, response, { result: 'x'.repeat(300_000) }),
      'reply-too-large',
    ],
  ])('%s', async (_, listener, code) => {
    const bench = await benchWith(listenHttp(listener))
    expect(await outcomeOf(bench)).toMatchObject({ outcome: 'uncertain', status: 200, error: { code } })
  })
})

describe('a connection that breaks', () => {
  test('is certain while nothing was sent: refused, and counted by the circuit breaker', async () => {
    const closed = await listenTcp(() => undefined)
    await closed.close()
    const finish = await outcomeOf(await benchWith(Promise.resolve({ ...closed, close: () => Promise.resolve() })))
    expect(finish).toMatchObject({ outcome: 'refused', connectionFailed: true, error: { code: 'connection-refused' } })
    expect(finish).not.toHaveProperty('sentAt')
  })

  test('is certain when the name does not resolve', async () => {
    const bench = await benchWith(
      Promise.resolve({ url: 'http://nowhere.invalid/', port: 0, close: () => Promise.resolve() }),
    )
    expect(await outcomeOf(bench)).toMatchObject({
      outcome: 'refused',
      connectionFailed: true,
      error: { code: 'dns-failed' },
    })
  })

  test('is uncertain from the first byte on', async () => {
    const bench = await benchWith(listenTcp((socket) => socket.once('data', () => socket.resetAndDestroy())))
    const finish = await outcomeOf(bench)
    expect(finish).toMatchObject({ outcome: 'uncertain', error: { code: 'connection-lost' } })
    expect(finish?.sentAt).toBeTypeOf('number')
    expect(finish).not.toHaveProperty('connectionFailed')
  })

  test('is uncertain when the answer stops in the middle', async () => {
    const half = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'
    const bench = await benchWith(listenTcp((socket) => socket.once('data', () => socket.end(half))))
    expect(await outcomeOf(bench)).toMatchObject({ outcome: 'uncertain', error: { code: 'connection-lost' } })
  })

  test.each([
    'SSH-2.0-OpenSSH\r\n',
    'HTTP/1.1 000 none\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 101 unasked\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n',
  ])('and one that answers something that is not HTTP is uncertain: %j', async (text) => {
    const bench = await benchWith(listenTcp((socket) => socket.once('data', () => socket.end(text))))
    expect(await outcomeOf(bench)).toMatchObject({ outcome: 'uncertain', error: { code: 'reply-garbled' } })
  })

  test('and one with huge headers is uncertain', async () => {
    const bench = await benchWith(
      listenTcp((socket) =>
        socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`)),
      ),
    )
    expect(await outcomeOf(bench)).toMatchObject({ outcome: 'uncertain', error: { code: 'reply-headers-too-large' } })
  })
})

describe('a deadline', () => {
  test('closes the connection of an executor that never answers', async () => {
    const closed: Promise<unknown>[] = []
    const bench = await benchWith(listenTcp((socket) => closed.push(once(socket.resume(), 'close'))))
    const finish = await outcomeOf(bench, 300)
    expect(finish).toMatchObject({ outcome: 'timed-out', error: { code: 'timeout' } })
    expect(finish?.error?.message).toMatch(/executor bad at .* gave no answer within 300ms/)
    await Promise.all(closed)
    expect(closed).toHaveLength(1)
  })

  test('ends a body that drips', async () => {
    const timers: NodeJS.Timeout[] = []
    const bench = await benchWith(
      listenHttp((_, response) => {
        response.writeHead(200)
        const timer = setInterval(() => response.write('.'), 10)
        timers.push(timer)
        response.on('close', () => clearInterval(timer))
      }),
    )
    expect(await outcomeOf(bench, 300)).toMatchObject({ outcome: 'timed-out' })
  })

  test('ends a connection that is never established', async () => {
    const bench = await benchWith(
      Promise.resolve({ url: 'https://127.0.0.1:1/', port: 1, close: () => Promise.resolve() }),
    )
    const silent = await listenTcp(() => undefined)
    opened.push(silent)
    bench.state.executors.get(2)?.set('bad', executor('bad', { url: silent.url.replace('http', 'https') }))
    const finish = await outcomeOf(bench, 300)
    expect(finish).toMatchObject({
      outcome: 'refused',
      connectionFailed: true,
      error: { code: 'connection-timeout', message: expect.stringContaining('could not be called') },
    })
    expect(finish).not.toHaveProperty('sentAt')
  })
})

describe('an answer without end', () => {
  const endless: RequestListener = (_, response) => {
    const piece = Buffer.alloc(64 * 1024, 'x')
    const more = (): void => {
      while (response.write(piece)) if (response.destroyed) return
      response.once('drain', more)
    }
    response.writeHead(200, { 'content-length': String(10 * 1024 ** 3) })
    more()
  }

  test('of a handler is uncertain, and its connection is closed after 1 MiB', async () => {
    const bench = await benchWith(listenHttp(endless))
    expect(await outcomeOf(bench)).toMatchObject({ outcome: 'uncertain', error: { code: 'reply-too-large' } })
  })

  test('of an HTTP endpoint keeps its first 64 KiB', async () => {
    const bench = await benchWith(listenHttp(endless))
    const attempt = bench.start(httpTarget({ service: 'billing', path: '/x' }), 'bad')
    const finish = await bench.end(attempt)
    expect(finish).toMatchObject({ outcome: 'succeeded', status: 200, result: { truncated: true } })
    expect(finish?.result).toMatchObject({ text: 'x'.repeat(65_536) })
  })
})

describe('redirects', () => {
  const metadata = reply(302, '', { location: 'http://169.254.169.254/latest/meta-data/' })

  test('are not followed unless the target says so', async () => {
    const bench = await benchWith(listenHttp(metadata))
    const attempt = bench.start(httpTarget({ service: 'billing', path: '/' }), 'bad')
    expect(await bench.end(attempt)).toMatchObject({ outcome: 'failed', status: 302, error: { code: 'http-302' } })
  })

  test('to a metadata address are refused by the egress policy', async () => {
    const bench = await benchWith(listenHttp(metadata))
    const attempt = bench.start(httpTarget({ service: 'billing', path: '/', redirectMax: 5 }), 'bad')
    const finish = await bench.end(attempt)
    expect(finish).toMatchObject({ outcome: 'failed', retryable: false, error: { code: 'egress-refused' } })
    expect(finish?.error?.message).toContain('169.254.169.254 is a link-local address')
  })

  test('to another origin carry neither credentials nor our headers, and end after redirectMax', async () => {
    const seen: Record<string, unknown>[] = []
    const other = await listenHttp((request, response) => {
      seen.push(request.headers)
      response.writeHead(302, { location: '/again' }).end()
    })
    opened.push(other)
    const bench = await benchWith(listenHttp(reply(307, '', { location: `${other.url}x` })))
    const headers = { authorization: 'Bearer s3cret', 'x-api-key': 's3cret', accept: 'text/plain' }
    const attempt = bench.start(httpTarget({ service: 'billing', path: '/', headers, redirectMax: 2 }), 'bad')
    expect(await bench.end(attempt)).toMatchObject({ outcome: 'failed', error: { code: 'http-302' } })
    expect(seen).toHaveLength(2)
    expect(Object.keys(seen[0] ?? {}).sort()).toEqual(['accept', 'connection', 'host', 'user-agent'])
  })
})

describe('TLS', () => {
  test('S054 a certificate is accepted once its issuer is trusted', async () => {
    const server = createHttpsServer(UNTRUSTED, (request, response) => void answer(request, response))
    const { url, close, port } = await listen(server, () => server.closeAllConnections(), 'https')
    opened.push({ url, close, port })
    const egress = createEgressPolicy({ allowLoopback: true })
    const http = createHttp({ egress, ca: UNTRUSTED.cert })
    const bench = new Bench(stateWith(executor('e1', { url })), { egress, http })
    benches.push(bench)
    expect(await bench.end(bench.start(handler, 'e1'))).toMatchObject({ outcome: 'succeeded' })
  })

  test.each([
    ['', undefined],
    [', whatever the environment says', '0'],
  ])('a certificate that we do not trust is refused before a byte of the request leaves%s', async (_, reject) => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', reject)
    let requests = 0
    const server = createHttpsServer(UNTRUSTED, (_, response) => {
      requests++
      response.end()
    })
    const bench = await benchWith(listen(server, () => server.closeAllConnections(), 'https'))
    const finish = await outcomeOf(bench)
    expect(finish).toMatchObject({ outcome: 'refused', connectionFailed: true, error: { code: 'tls-failed' } })
    expect(requests).toBe(0)
  })
})

test('an executor on a loopback address is refused when loopback is not allowed', async () => {
  const bench = new Bench(stateWith(executor('e1', { url: 'http://127.0.0.1:9/' })), { egress: createEgressPolicy() })
  benches.push(bench)
  const finish = await bench.end(bench.start(handler, 'e1'))
  expect(finish).toMatchObject({ outcome: 'refused', error: { code: 'egress-refused' } })
  expect(finish).not.toHaveProperty('connectionFailed')
  expect(finish).not.toHaveProperty('sentAt')
})
