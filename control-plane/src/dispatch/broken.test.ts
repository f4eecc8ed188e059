import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEgressPolicy } from './egress.ts'
import { type Listening, listenHttp } from './fixtures.ts'
import { createHttp, type Exchanged, type Http } from './http.ts'

let server: Listening
let http: Http
let broken: string[]
let heard: () => void
let ended: () => void
let manner: 'answers' | 'announces its close' | 'keeps it for a second' | 'hangs up'

beforeEach(async () => {
  manner = 'answers'
  broken = []
  heard = () => undefined
  ended = () => undefined
  server = await listenHttp((incoming, response) => {
    if (manner === 'hangs up') return void incoming.socket.destroy()
    if (manner === 'announces its close') response.setHeader('connection', 'close')
    if (manner === 'keeps it for a second') {
      response.setHeader('keep-alive', 'timeout=3')
      incoming.socket.once('close', () => ended())
    }
    response.end('done')
  })
  const onBroken = (origin: string) => {
    broken.push(origin)
    heard()
  }
  http = createHttp({ egress: createEgressPolicy({ allowLoopback: true }), onBroken })
})

afterEach(async () => {
  await http.close()
  await server.close()
})

function call(url = server.url): Promise<Exchanged> {
  const { origin, pathname: path } = new URL(url)
  return new Promise((onDone) => {
    const request = { origin, method: 'GET', path, headers: [], body: undefined }
    http.send(request, { onSent: () => true, onDone }, { keepBytes: 100, silenceTimeoutMs: 5000 })
  })
}

const nextBroken = () => new Promise<void>((resolve) => (heard = resolve))

test('a connection that is closed while a call is under way is told of', async () => {
  manner = 'hangs up'
  const told = nextBroken()
  expect((await call()).error).toBeDefined()
  await told
  expect(broken).toEqual([new URL(server.url).origin])
})

test('a kept connection that is closed without a word is told of', async () => {
  await call()
  const told = nextBroken()
  await server.close()
  await told
  expect(broken).toEqual([new URL(server.url).origin])
})

test('a close that was announced, and our own, are nobody’s fault', async () => {
  manner = 'announces its close'
  await call()
  manner = 'answers'
  await call()
  await http.close()
  expect(broken).toEqual([])
})

test('an idle connection that ends when the server said it would is nobody’s fault', async () => {
  manner = 'keeps it for a second'
  const closed = new Promise<void>((resolve) => (ended = resolve))
  await call()
  await closed
  manner = 'answers'
  expect((await call()).error).toBeUndefined()
  expect(broken).toEqual([])
})

test('a connection that is refused is told of', async () => {
  const { url } = server
  await server.close()
  const told = nextBroken()
  expect((await call(url)).sent).toBe(false)
  await told
  expect(broken).toEqual([new URL(url).origin])
})
