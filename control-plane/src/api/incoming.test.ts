import { once } from 'node:events'
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { NodeIncoming } from './incoming.ts'

let answer: (message: IncomingMessage, response: ServerResponse) => void
const server = createServer((message, response) => answer(message, response))
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

beforeEach(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(async () => {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
})

const ask = () => get({ port: (server.address() as AddressInfo).port, agent })

test('a connection that carries many requests gathers no listeners', async () => {
  const counts: number[] = []
  answer = (message, response) => {
    counts.push(message.socket.listenerCount('close'))
    new NodeIncoming(message, response).signal()
    response.end()
  }
  for (let i = 0; i < 20; i++) {
    const [reply] = (await once(ask(), 'response')) as [IncomingMessage]
    await once(reply.resume(), 'end')
  }
  expect(new Set(counts).size).toBe(1)
})

test('a request whose caller has gone is aborted, whether before or after somebody wanted to know', async () => {
  const begun = new Promise<[NodeIncoming, AbortSignal]>((resolve) => {
    answer = (message, response) => {
      const incoming = new NodeIncoming(message, response)
      resolve([incoming, incoming.signal()])
    }
  })
  const asking = ask().on('error', () => undefined)
  const [incoming, signal] = await begun
  expect(signal.aborted).toBe(false)
  asking.destroy()
  await once(signal, 'abort')
  expect(incoming.signal().aborted).toBe(true)
})
