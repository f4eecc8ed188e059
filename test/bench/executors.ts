import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TokenCreated } from '@cronclave/openapi'
import { Agent, request } from 'undici'
import { HOME, Server } from '../support/server.ts'
import { type Figure, percentile, progress } from './figure.ts'
import type { BenchOptions } from './options.ts'

const CONNECTIONS = 256
const HEARTBEAT_MS = 10_000
const SERVICE = 'elastic'
const SECRET = Buffer.alloc(32, 7)

interface Answer {
  answer: string
}

/** What thousands of executors cost one node that do nothing but say that they are there. */
export async function benchExecutors({ quick }: BenchOptions): Promise<Figure[]> {
  const count = quick ? 1000 : 10_000
  const folder = await mkdtemp(join(tmpdir(), 'cronclave-bench-'))
  const server = await Server.start({ folder })
  const executors = await serveExecutors()
  const agent = new Agent({ connections: CONNECTIONS, keepAliveTimeout: 60_000, pipelining: 1 })
  try {
    await server.call('POST', `${HOME}/services`, { name: SERVICE, secret: `whsec_${SECRET.toString('base64')}` })
    const scope = `service:default/${SERVICE}`
    const { secret: token } = await server.call<TokenCreated>('POST', '/v1/tokens', { name: 'bench', scope })
    const send = async (method: 'PUT' | 'POST', path: string, body: object) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const url = `${server.url}${HOME}/services/${SERVICE}/executors/${path}`
      const reply = await request(url, { method, dispatcher: agent, headers, body: JSON.stringify(body) })
      if (reply.statusCode >= 300) throw new Error(`${method} ${path}: ${reply.statusCode} ${await reply.body.text()}`)
      return reply.body.json()
    }
    const beat = (id: string) => {
      const said = { bootId: 'b1', state: 'online', inFlight: 0, clock: new Date().toISOString(), manifestHash: 'h1' }
      return send('POST', `${id}/heartbeat`, said) as Promise<Answer>
    }
    const ids = Array.from({ length: count }, (_, at) => `e${at}`)
    const began = performance.now()
    const about = { bootId: 'b1', manifestHash: 'h1', revision: 'r1', handlers: [{ name: 'work' }] }
    const register = (id: string) => send('PUT', id, { ...about, url: `${executors.url}/${id}` })
    await together(ids, CONNECTIONS, register)
    const isOnline = async () => (await onlineIn(server)) === count
    let joinedS: number | undefined
    const waiting = beatUntil(ids, beat, register, () => joinedS !== undefined)
    while (!(await isOnline())) await new Promise((resolve) => setTimeout(resolve, 100))
    joinedS = (performance.now() - began) / 1000
    progress(`${count} executors are online after ${joinedS.toFixed(1)} s`)
    await waiting
    const [cpu, at, entries] = [server.child.cpu(), performance.now(), await entriesOf(server)]
    const times = await beatFor(ids, beat, quick ? 1 : 3)
    const share = (server.child.cpu() - cpu) / ((performance.now() - at) / 1000)
    const more = (await entriesOf(server)) - entries
    const of = `${count.toLocaleString('en-US')} executors`
    return [
      { name: `${of}, a heartbeat every 10 s: share of a core`, value: share, unit: '', target: 0.15, better: 'less' },
      { name: 'entries in the log meanwhile', value: more, unit: '', target: 0, better: 'less' },
      { name: 'a heartbeat, p99', value: percentile(times, 0.99), unit: 'ms', better: 'less' },
      { name: `${of} register and prove themselves`, value: joinedS, unit: 's', better: 'less' },
    ]
  } finally {
    await server.stop('SIGKILL')
    await agent.close()
    executors.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** As executors do while they wait: who counts as gone, because the others took so long, registers again; what fails is repeated. */
async function beatUntil(
  ids: readonly string[],
  beat: (id: string) => Promise<Answer>,
  register: (id: string) => Promise<unknown>,
  isOver: () => boolean,
): Promise<void> {
  const stay = async (id: string) => {
    const said = await beat(id).catch(() => undefined)
    if (said?.answer === 'register') await register(id).catch(() => undefined)
    return { answer: 'ok' }
  }
  while (!isOver()) await beatFor(ids, stay, 1)
}

/** Heartbeats of all, spread evenly over their interval, so many times; the milliseconds that each took. */
async function beatFor(ids: readonly string[], beat: (id: string) => Promise<Answer>, rounds: number) {
  const times: number[] = []
  const began = performance.now()
  const open = new Set<Promise<void>>()
  for (let sent = 0; sent < ids.length * rounds; sent++) {
    const due = began + (sent * HEARTBEAT_MS) / ids.length
    const waitMs = due - performance.now()
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs))
    const at = performance.now()
    const one: Promise<void> = beat(ids[sent % ids.length] ?? '').then(({ answer }) => {
      if (answer !== 'ok') throw new Error(`a heartbeat was answered ${answer}`)
      times.push(performance.now() - at)
      open.delete(one)
    })
    open.add(one)
  }
  await Promise.all(open)
  return times
}

async function together<T>(items: readonly T[], at: number, does: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items.values()
  await Promise.all(
    Array.from({ length: at }, async () => {
      for (const item of rest) await does(item)
    }),
  )
}

async function onlineIn(server: Server): Promise<number> {
  const { executors } = await server.call<{ executors: { online: number } }>('GET', `${HOME}/services/${SERVICE}`)
  return executors.online
}

/** Index of the last entry of the log. */
async function entriesOf(server: Server): Promise<number> {
  const { headers } = await server.ask('GET', `${HOME}/services/${SERVICE}`)
  return Number(headers['x-cronclave-index'])
}

/** All executors in one place: they answer pings. */
async function serveExecutors(): Promise<{ url: string; close(): void }> {
  const server: HttpServer = createServer((incoming, response) => void answer(incoming, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: { challenge: string } }
  const body = JSON.stringify({ type: 'pong', data: { challenge: data.challenge } })
  const id = `re_${String(incoming.headers['webhook-id'])}`
  const seconds = String(Math.floor(Date.now() / 1000))
  const signature = createHmac('sha256', SECRET).update(`${id}.${seconds}.${body}`).digest('base64')
  response.writeHead(200, { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` })
  response.end(body)
}
