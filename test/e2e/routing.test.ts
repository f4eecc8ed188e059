import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Executor, Job, Run } from '@cronclave/openapi'
import { expect, onTestFinished, test } from 'vitest'
import type { Server } from '../support/server.ts'
import { attemptsOf, createJob, eventually, HOME, runIn, serve, temporaryFolder, trigger } from './harness.ts'

const EXECUTORS = `${HOME}/services/plain/executors`
const TARGET = { kind: 'http' as const, service: 'plain', method: 'POST' as const, path: '/work' }

/** An endpoint without the SDK that can be closed and opened again at the same port, and be ill. */
class Endpoint {
  calls = 0
  ill = false
  takesMs = 0
  #port = 0
  readonly #server = createServer((request, response) => {
    request.resume()
    if (request.url === '/healthz') return response.writeHead(this.ill ? 500 : 204).end()
    this.calls += 1
    setTimeout(() => response.end('{}'), this.takesMs)
  })

  static async open(): Promise<Endpoint> {
    const endpoint = new Endpoint()
    await endpoint.open()
    onTestFinished(async () => endpoint.close())
    return endpoint
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`
  }

  async open(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

async function put(server: Server, id: string, url: string): Promise<void> {
  await server.call('PUT', `${EXECUTORS}/${id}`, { url })
}

const read = (server: Server, id: string) => server.call<Executor>('GET', `${EXECUTORS}/${id}`)

async function succeed(server: Server, job: string): Promise<Run> {
  return runIn(server, (await trigger(server, job)).id, 'succeeded')
}

test('an executor that cannot be reached is left alone, tried once when its time has come, and used again', async () => {
  const server = await serve(temporaryFolder())
  const [good, bad] = [await Endpoint.open(), await Endpoint.open()]
  await server.call('POST', `${HOME}/services`, { name: 'plain' })
  await put(server, 'bad', bad.url)
  await put(server, 'good', good.url)
  await createJob(server, 'steady', { target: TARGET, routing: { strategy: 'first' } })
  await bad.close()
  for (let i = 0; i < 5; i++) {
    const run = await succeed(server, 'steady')
    const attempts = await attemptsOf(server, run.id)
    expect(attempts.map(({ executor, outcome }) => [executor, outcome])).toEqual([
      ['bad', 'refused'],
      ['good', 'succeeded'],
    ])
  }
  const open = await read(server, 'bad')
  expect(open).toMatchObject({ breaker: 'open', failures: 5 })
  expect((await succeed(server, 'steady')).attempts).toBe(1)
  await bad.open()
  await eventually('its breaker is half open', async () => (await read(server, 'bad')).breaker === 'half-open')
  const again = await eventually('it is used again', async () => {
    const run = await succeed(server, 'steady')
    return run.executor === 'bad' && run
  })
  expect(Date.parse(again.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(open.openUntil ?? ''))
  expect(await read(server, 'bad')).toMatchObject({ breaker: 'closed', failures: 0 })
})

test('an executor that says that it is not well gets no new work until it is', async () => {
  const server = await serve(temporaryFolder())
  const [one, two] = [await Endpoint.open(), await Endpoint.open()]
  const healthCheck = { path: '/healthz', interval: '1s', timeout: '500ms', unhealthyAfter: 1, healthyAfter: 1 }
  await server.call('POST', `${HOME}/services`, { name: 'plain', healthCheck })
  await put(server, 'one', one.url)
  await put(server, 'two', two.url)
  await createJob(server, 'steady', { target: TARGET })
  one.ill = true
  await eventually('it is found ill', async () => (await read(server, 'one')).health === 'unhealthy')
  const before = one.calls
  for (let i = 0; i < 6; i++) expect((await succeed(server, 'steady')).executor).toBe('two')
  expect(one.calls).toBe(before)
  one.ill = false
  await eventually('it is found well', async () => (await read(server, 'one')).health === undefined)
  const used = new Set<string | undefined>()
  for (let i = 0; i < 4; i++) used.add((await succeed(server, 'steady')).executor)
  expect(used).toEqual(new Set(['one', 'two']))
})

test('S028 a namespace is renamed while its jobs run, and none of them notices', async () => {
  const server = await serve(temporaryFolder())
  await server.call('PUT', '/v1/namespaces/team', {})
  const endpoint = await Endpoint.open()
  endpoint.takesMs = 700
  await server.call('POST', '/v1/namespaces/team/services', { name: 'plain' })
  await server.call('PUT', '/v1/namespaces/team/services/plain/executors/e1', { url: endpoint.url })
  const job = { name: 'tick', target: TARGET, schedules: [{ every: '1s' }], overlap: 'allow' }
  const made = await server.call<Job>('POST', '/v1/namespaces/team/jobs', job)
  await eventually('it runs', () => Promise.resolve(endpoint.calls > 0))
  await server.call('POST', '/v1/namespaces/team/rename', { name: 'crew' })
  const { calls } = endpoint
  await eventually('it runs on', () => Promise.resolve(endpoint.calls > calls + 2))
  const renamed = await server.call<Job>('GET', '/v1/namespaces/crew/jobs/tick')
  expect(renamed.uid).toBe(made.uid)
  await server.call('POST', '/v1/namespaces/crew/jobs/tick/pause')
  const { items } = await eventually('all have ended', async () => {
    const page = await server.call<{ items: Run[] }>('GET', '/v1/namespaces/crew/runs?job=tick&limit=500')
    return page.items.every(({ state }) => state !== 'running' && state !== 'queued') && page
  })
  expect(new Set(items.map(({ state }) => state))).toEqual(new Set(['succeeded']))
  const fires = items.map(({ fireTime }) => Date.parse(fireTime)).sort((a, b) => a - b)
  expect(fires).toEqual(fires.map((_, at) => (fires[0] ?? 0) + at * 1000))
})
