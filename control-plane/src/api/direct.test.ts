import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bench, contract, createBench } from './fixtures.ts'
import { type Front, listen } from './front.ts'

/** Two nodes of the same seed: one is asked over a socket, the other through the router of the web. */
let served: Bench
let routed: Bench
let front: Front
let token: string

beforeAll(async () => {
  served = createBench()
  routed = createBench()
  token = served.token('namespace:default')
  expect(routed.token('namespace:default')).toBe(token)
  front = await listen({ host: '127.0.0.1', port: 0 })
  front.serve(served)
})

afterAll(() => front.close())

interface Asked {
  method: string
  path: string
  headers?: Record<string, string>
  body?: string
}

interface Answered {
  status: number
  headers: Record<string, unknown>
  body: string
}

/** As Node sends it: the path as it is, without what URLs would make of it. */
async function overSocket({ method, path, headers, body }: Asked): Promise<Answered> {
  const { host, port } = front.address
  const sent = request({ host, port, method, path, headers: { ...headers, host: 'localhost' } })
  sent.end(body ?? '')
  const [reply] = (await once(sent, 'response')) as [IncomingMessage]
  let text = ''
  reply.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await once(reply, 'end')
  const { date: _date, connection: _connection, 'keep-alive': _alive, ...rest } = reply.headers
  const fields = Object.entries(rest).map(([name, value]) => [name, String(value)])
  return { status: reply.statusCode ?? 0, headers: Object.fromEntries(fields) as Record<string, string>, body: text }
}

async function throughRouter({ method, path, headers, body }: Asked): Promise<Answered> {
  const sent = { method, headers: { ...headers, host: 'localhost' }, ...(body === undefined ? {} : { body }) }
  const reply = await routed.app.request(path, sent)
  return { status: reply.status, headers: Object.fromEntries(reply.headers), body: await reply.text() }
}

function compared({ status, headers, body }: Answered): Answered {
  const { 'content-length': _length, 'transfer-encoding': _coding, ...rest } = headers
  return { status, headers: rest, body }
}

async function same({ body, ...asked }: Asked): Promise<Answered> {
  const length = { 'content-length': String(Buffer.byteLength(body ?? '')) }
  const isRead = asked.method === 'GET' || asked.method === 'HEAD' || body === undefined
  const sent = isRead ? asked : { ...asked, body, headers: { ...asked.headers, ...length } }
  const direct = compared(await overSocket(sent))
  expect({ sent, ...direct }).toEqual({ sent, ...compared(await throughRouter(sent)) })
  return direct
}

describe('an operation answers the same with and without the router', () => {
  const plain = contract.operations.filter(({ isPlain }) => isPlain)

  test.each(plain.map((operation) => [operation.id, operation] as const))('%s', async (_, { method, path }) => {
    const at = path.replace(':namespace', 'default').replaceAll(/:\w+/g, 'x')
    const json = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    await same({ method, path: at })
    await same({ method, path: at, headers: { authorization: 'Bearer cct_unknown' } })
    await same({ method, path: at.replace('default', 'other'), headers: json, body: '{}' })
    await same({ method, path: `${at}?unknown=1&unknown=2`, headers: json })
    await same({ method, path: at, headers: json, body: '{"unknown": 1}' })
    await same({ method, path: at, headers: { ...json, 'content-type': 'text/plain' }, body: 'x' })
    await same({ method, path: at, headers: { ...json, 'content-encoding': 'gzip' }, body: 'x' })
    await same({ method: 'PATCH', path: at, headers: json })
    expect(served.logged).toEqual([])
  })

  test.each([
    '/v1/namespaces/default/kv/a%2Fb',
    '/v1/namespaces/default/kv/%C3%BC%20%E2%82%AC',
    '/v1/namespaces/default/kv/%252F',
    '/v1/namespaces/default/kv/%ff',
    '/v1/namespaces/default/kv/%',
    '/v1/namespaces/default/kv/..',
    '/v1/namespaces/default/kv/%2e%2E',
    '/v1/namespaces/default/kv/.',
    '/v1/namespaces/default/kv//',
    '/v1/namespaces/default/kv/a/',
    '/v1/namespaces/default//kv/a',
    '/v1/namespaces/default/kv/a/b',
    '/v1/namespaces/default/kv/__proto__',
    '/v1/namespaces/__proto__/kv/a',
    '/v1/namespaces/default/kv/a?',
    '/v1/namespaces/default/kv/a?x=/v1/../..',
    '/v1/namespaces/default/kv/a?lease=',
    '/v1/Namespaces/default/kv/a',
    '/%761/namespaces/default/kv/a',
  ])('at %s', async (path) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/plain' }
    const put = await same({ method: 'PUT', path, headers, body: 'value' })
    await same({ method: 'GET', path, headers })
    await same({ method: 'HEAD', path, headers })
    await same({ method: 'DELETE', path, headers })
    expect(put.status).toBeLessThan(500)
  })
})

test('a body without a length is read up to the limit', async () => {
  const { host, port } = front.address
  const put = async (bytes: number) => {
    const headers = { host: 'localhost', authorization: `Bearer ${token}`, 'transfer-encoding': 'chunked' }
    const sent = request({ host, port, method: 'PUT', path: '/v1/namespaces/default/kv/chunked', headers })
    sent.on('error', () => undefined)
    for (let left = bytes; left > 0; left -= 1000) sent.write('x'.repeat(Math.min(left, 1000)))
    sent.end()
    const [reply] = (await once(sent, 'response')) as [IncomingMessage]
    reply.resume()
    return reply.statusCode
  }
  expect(await put(65_536)).toBe(201)
  expect(served.state.kv.values().next().value?.entries.get('chunked')?.value).toHaveLength(65_536)
  expect(await put(65_537)).toBe(413)
})

test('a caller that goes away in the middle of a value changes nothing', async () => {
  const { host, port } = front.address
  const before = served.state.index
  const socket = connect(port, host)
  const head = `PUT /v1/namespaces/default/kv/half HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\n`
  socket.write(`${head}content-length: 100\r\n\r\nhalf of it`)
  await once(socket, 'connect')
  socket.end()
  await once(socket.resume(), 'close')
  // Whatever was begun is over when a request that came later is answered.
  await overSocket({ method: 'GET', path: '/healthz' })
  expect([served.state.index, served.logged]).toEqual([before, []])
})

test('two requests in one packet are answered in turn', async () => {
  const { host, port } = front.address
  const socket = connect(port, host)
  const put = (key: string) =>
    `PUT /v1/namespaces/default/kv/${key} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\ncontent-length: 1\r\n\r\nv`
  socket.write(put('first') + put('second'))
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await expect.poll(() => [...text.matchAll(/"key":"(\w+)"/g)].map(([, key]) => key)).toEqual(['first', 'second'])
  socket.destroy()
})
