/** Very many failures at once, told to one channel: how soon the first is told, and how many messages all of them make. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Figure, percentile, progress } from './figure.ts'
import type { BenchOptions } from './options.ts'
import { inParallel, Server, sleepUntil } from '../support/server.ts'

const BASE = '/v1/namespaces/default'
/** What the channel takes. */
const MESSAGES_MAX = 10
const WINDOW_MS = 60_000

interface Told {
  at: number
  type: string
  /** Of a summary: episodes that began. */
  count: number
}

/** Jobs that are due at one instant and fail, under a rule on every failure. */
export async function benchAlerts({ quick }: BenchOptions): Promise<Figure[]> {
  const count = quick ? 1000 : 10_000
  const folder = await mkdtemp(join(tmpdir(), 'cronclave-bench-'))
  const server = await Server.start({ folder })
  const told: Told[] = []
  let firstFailedAt = Number.POSITIVE_INFINITY
  const target = await listening((_, response) => {
    firstFailedAt = Math.min(firstFailedAt, Date.now())
    response.writeHead(500).end()
  })
  const hook = await listening((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { type, data } = JSON.parse(Buffer.concat(parts).toString()) as { type: string; data: { count?: number } }
      told.push({ at: Date.now(), type, count: data.count ?? 1 })
      response.writeHead(204).end()
    })
  })
  try {
    await server.call('PUT', BASE, { slots: 20_000, queuedRunsMax: 100_000 })
    const channel = { target: { kind: 'webhook', url: hook.url }, messagesMax: MESSAGES_MAX, window: '1m' }
    await server.call('PUT', `${BASE}/channels/hook`, channel)
    const at = await failing(server, target.url, count)
    await server.call('PUT', `${BASE}/alert-rules/failing`, { condition: { kind: 'run-ended' }, channels: ['hook'] })
    await sleepUntil(at)
    const api: number[] = []
    const minute = polled(server, api, at + WINDOW_MS)
    await minute
    const inMinute = told.filter((one) => one.at < (told[0]?.at ?? 0) + WINDOW_MS).length
    // The summary is due when the window is over.
    await sleepUntil(at + WINDOW_MS + 20_000)
    const named = told.reduce((sum, one) => sum + one.count, 0)
    const of = `${count.toLocaleString('en-US')} failures of as many jobs at one instant`
    return [
      {
        name: `${of}: the first is told after`,
        value: (told[0]?.at ?? 0) - firstFailedAt,
        unit: 'ms',
        target: 2000,
        better: 'less',
      },
      { name: 'messages in the minute that follows', value: inMinute, unit: '', target: MESSAGES_MAX, better: 'less' },
      { name: 'failures that they and the summary name', value: named, unit: '', target: count, better: 'more' },
      { name: 'a page of jobs meanwhile, p99', value: percentile(api, 0.99), unit: 'ms', better: 'less' },
    ]
  } finally {
    await server.stop('SIGKILL')
    for (const one of [target, hook]) one.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Makes jobs that are all due at one instant; gives that. */
async function failing(server: Server, url: string, count: number): Promise<number> {
  const at = Date.now() + 6000 + count * 2
  progress(`${count} jobs that fail`)
  const all = Array.from({ length: count }, (_, job) => job)
  const schedules = [{ at: new Date(at).toISOString() }]
  const target = { kind: 'http', method: 'GET', url }
  await inParallel(all, 32, (job) => server.call('POST', `${BASE}/jobs`, { name: `job-${job}`, schedules, target }))
  if (Date.now() > at - 500) throw new Error('the jobs took longer to make than was planned for')
  return at
}

/** Reads a page of jobs every so often, and notes what that took, until an instant. */
async function polled(server: Server, times: number[], until: number): Promise<void> {
  while (Date.now() < until) {
    const began = performance.now()
    await server.call('GET', `${BASE}/jobs?limit=50`)
    times.push(performance.now() - began)
    await sleepUntil(Date.now() + 50)
  }
}

async function listening(listener: RequestListener): Promise<{ url: string; close(): void }> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close }
}
