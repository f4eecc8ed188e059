import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createBench } from './fixtures.ts'
import { type Front, listen } from './front.ts'

let front: Front

afterEach(() => front.close())

async function get(path: string) {
  const reply = await fetch(front.url + path)
  return { status: reply.status, headers: reply.headers, body: (await reply.json()) as Record<string, unknown> }
}

test('a node that starts is alive, not ready, and refuses the rest as a problem', async () => {
  front = await listen({ host: '127.0.0.1', port: 0 })
  expect(await get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } })
  expect(await get('/readyz?x')).toMatchObject({
    status: 503,
    body: { status: 'not-ready', reason: 'the node is starting' },
  })
  const { status, headers, body } = await get('/v1/namespaces')
  expect([status, body.code, body.detail]).toEqual([503, 'not-leader', 'the node is starting'])
  expect(headers.get('content-type')).toBe('application/problem+json')
  expect([headers.get('retry-after'), headers.get('x-cronclave-index')]).toEqual(['1', '0'])
  front.serve(createBench())
  expect(await get('/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } })
})

test.each([
  ['0.0.0.0', /^http:\/\/127\.0\.0\.1:\d+$/, true],
  ['127.0.0.1', /^http:\/\/127\.0\.0\.1:\d+$/, false],
])('what listens on %s is reached from here at an address, not at a wildcard', async (host, url, isOnAll) => {
  front = await listen({ host, port: 0 })
  expect([front.url, front.isOnAll]).toEqual([expect.stringMatching(url), isOnAll])
  expect((await get('/healthz')).status).toBe(200)
})

test('a stream over which nothing goes any more is cut off, and gives the place of its stream back', async () => {
  const api = createBench()
  front = await listen({ host: '127.0.0.1', port: 0, silenceMs: 50 })
  front.serve(api)
  const socket = connect(front.address.port, front.address.host)
  socket.write(`GET /v1/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${api.token('read')}\r\n\r\n`)
  await once(socket.resume(), 'close')
  await expect.poll(async () => (await api.ok('/v1/status')).body.streams).toBe(0)
})

test('a stop ends the streams and does not wait for clients that keep their connections', async () => {
  const api = createBench()
  front = await listen({ host: '127.0.0.1', port: 0 })
  front.serve(api)
  const reply = await fetch(`${front.url}/v1/events`, { headers: { authorization: `Bearer ${api.token('read')}` } })
  const begun = performance.now()
  const [text] = await Promise.all([reply.text(), front.close()])
  expect(text).toContain('event: end')
  expect(performance.now() - begun).toBeLessThan(1500)
  front = await listen({ host: '127.0.0.1', port: 0 })
})
