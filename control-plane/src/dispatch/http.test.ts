import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createEgressPolicy } from './egress.ts'
import { type Listening, listenHttp, listenTcp } from './fixtures.ts'
import { createHttp, type Exchanged, type Http, type HttpDeps } from './http.ts'

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()))
})

function client(deps: Partial<HttpDeps> = {}): Http {
  const http = createHttp({ egress: createEgressPolicy({ allowLoopback: true }), ...deps })
  opened.unshift(http)
  return http
}

async function server(listening: Promise<Listening>): Promise<string> {
  const each = await listening
  opened.push(each)
  return each.url.slice(0, -1)
}

const request = (origin: string) => ({ origin, method: 'POST', path: '/', headers: [], body: Buffer.from('{}') })
const options = { keepBytes: 1024, silenceTimeoutMs: 5000 }

function call(http: Http, origin: string): Promise<Exchanged> {
  return new Promise((resolve) => {
    http.send(request(origin), { onSent: () => true, onDone: resolve }, options)
  })
}

test('calls one after the other share a connection, and calls at once have one each', async () => {
  const ports = new Set<number | undefined>()
  const origin = await server(
    listenHttp((incoming, response) => {
      ports.add(incoming.socket.remotePort)
      response.end('ok')
    }),
  )
  const http = client()
  for (let i = 0; i < 20; i++) expect((await call(http, origin)).reply?.body.toString()).toBe('ok')
  expect(ports.size).toBe(1)
  await Promise.all(Array.from({ length: 8 }, () => call(http, origin)))
  expect(ports.size).toBeLessThanOrEqual(8)
})

test('a connection that the other side closes leaves nothing behind', async () => {
  const sockets = new Set<Socket>()
  const origin = await server(
    listenHttp((incoming, response) => {
      sockets.add(incoming.socket)
      response.end('ok')
    }),
  )
  const http = client()
  await Promise.all(Array.from({ length: 8 }, () => call(http, origin)))
  expect(http.connections).toBe(sockets.size)
  for (const socket of sockets) socket.destroy()
  while (http.connections > 0) await new Promise(setImmediate)
  expect((await call(http, origin)).reply?.body.toString()).toBe('ok')
  expect(http.connections).toBe(1)
})

test('an origin has room until its connections are all in use', async () => {
  const held: (() => void)[] = []
  let arrived: (() => void) | undefined
  const origin = await server(
    listenHttp((_, response) => {
      held.push(() => response.end())
      arrived?.()
    }),
  )
  const http = client({ connectionsPerOriginMax: 2 })
  const calls = [call(http, origin)]
  expect(http.hasRoom(origin)).toBe(true)
  calls.push(call(http, origin))
  expect(http.hasRoom(origin)).toBe(false)
  while (held.length < 2) await new Promise<void>((resolve) => (arrived = resolve))
  for (const release of held) release()
  await Promise.all(calls)
  expect(http.hasRoom(origin)).toBe(true)
})

test('the origin that was idle longest loses its connections when there are too many', async () => {
  const closed: string[] = []
  const sockets: Socket[] = []
  const origins = await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      server(
        listenTcp((socket) => {
          sockets.push(socket)
          socket.on('close', () => closed.push(name))
          socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
        }),
      ),
    ),
  )
  const http = client({ originsMax: 2 })
  const [a = '', b = '', c = ''] = origins
  for (const origin of [a, b, a]) await call(http, origin)
  expect(closed).toEqual([])
  const gone = once(sockets[1] as Socket, 'close')
  await call(http, c)
  await gone
  expect(closed).toEqual(['b'])
})

test('an aborted call ends without a word, and the next one has a connection of its own', async () => {
  const seen: Socket[] = []
  let arrived: (() => void) | undefined
  const origin = await server(
    listenTcp((socket) => {
      seen.push(socket)
      socket.on('data', () => {
        if (seen.length > 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
        else arrived?.()
      })
    }),
  )
  const http = client()
  const waiting = new Promise<void>((resolve) => (arrived = resolve))
  const exchange = http.send(request(origin), { onSent: () => true, onDone: () => expect.unreachable() }, options)
  await waiting
  const gone = once(seen[0] as Socket, 'close')
  exchange.abort()
  exchange.abort()
  await gone
  expect(await call(http, origin)).toMatchObject({ sent: true, reply: { status: 200 } })
  expect(seen).toHaveLength(2)
})
