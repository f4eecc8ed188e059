import { beforeEach, describe, expect, test } from 'vitest'
import { OWN_ID } from '../cluster/leading.test-helper.ts'
import { type Bench, createBench } from './fixtures.ts'

const NS = '/v1/namespaces/default'
const PATH = { kind: 'http', method: 'GET', service: 'billing', path: '/x' }
const URL_ = { kind: 'http', method: 'GET', url: 'https://shop.example.com/' }

let api: Bench

beforeEach(async () => {
  api = createBench()
  await api.ok(`${NS}/services/billing`, { method: 'PUT', body: {} })
  await executor('e1', 2)
  await executor('e2', 1)
  await job('low', { target: PATH, priority: 10, labels: { team: 'a' } })
  await job('high', { target: PATH, priority: 90, labels: { team: 'b' } })
  await job('own', { target: URL_ })
})

const put = (path: string, body: object) => api.ok(`${NS}/${path}`, { method: 'PUT', body })
const job = (name: string, body: object) => put(`jobs/${name}`, { overlap: 'allow', ...body })
const executor = (id: string, slots: number) =>
  put(`services/billing/executors/${id}`, { url: `http://10.0.0.1:80/${id}`, slots })

async function run(name: string, place?: string): Promise<string> {
  const { body } = await api.ok(`${NS}/jobs/${name}/trigger`, { method: 'POST' })
  const id = body.id as string
  const at = api.clock.now()
  if (place !== undefined) {
    const placement = { run: id, shard: 0, attempts: 0, executor: place }
    api.apply({ kind: 'place-shards', at, node: 'n1', placements: [placement] })
  }
  api.clock.pass(1000)
  return id
}

interface Cell {
  id: string
  status: string
  slots: { slots: number; held: number; free?: number }
  runs: { run: string; job: string; state: string }[]
  more: number
}
interface Service {
  name?: string
  slots: Cell['slots']
  running: number
  waiting: number
  executors: Cell[]
  moreExecutors: number
  runs: Cell['runs']
  more: number
}
interface Map {
  slots: Cell['slots']
  running: number
  waiting: number
  named: number
  more: number
  namespaces: { name: string; slots: Cell['slots']; running: number; waiting: number; services: Service[] }[]
}

async function map(query = ''): Promise<Map> {
  const { status, body } = await api.ok(`/v1/job-map${query}`)
  expect(status).toBe(200)
  return body as unknown as Map
}

const named = (drawn: Map) =>
  drawn.namespaces
    .flatMap(({ services }) => services)
    .flatMap(({ executors, runs }) => [...executors.flatMap((one) => one.runs), ...runs])
    .map((one) => `${one.job} ${one.state}`)

describe('the job map', () => {
  test('S083 shows each slot of each executor, what is in it, and what waits, the higher priority first', async () => {
    const first = await run('low', 'e1')
    await run('high', 'e2')
    await run('own', '-')
    await run('low')
    await run('high')
    const drawn = await map('?namespace=default')
    expect(drawn).toMatchObject({
      slots: { slots: 1000, held: 3, free: 997 },
      running: 3,
      waiting: 2,
      named: 5,
      more: 0,
    })
    const [billing, own] = drawn.namespaces[0]?.services ?? []
    expect(billing).toMatchObject({ name: 'billing', slots: { slots: 3, held: 2, free: 1 }, running: 2, waiting: 2 })
    expect(billing?.executors).toMatchObject([
      { id: 'e1', status: 'online', slots: { slots: 2, held: 1, free: 1 }, runs: [{ run: first, state: 'running' }] },
      { id: 'e2', slots: { slots: 1, held: 1, free: 0 }, runs: [{ job: 'high' }] },
    ])
    expect(billing?.runs.map((one) => one.job)).toEqual(['high', 'low'])
    expect(own?.name).toBeUndefined()
    expect(own).toMatchObject({ running: 1, executors: [{ id: '-', slots: { slots: 0, held: 1 } }] })
  })

  test('names the runs that are asked for, and counts all', async () => {
    await run('low', 'e1')
    await run('high', 'e1')
    await run('high')
    expect(named(await map('?job=high'))).toEqual(['high running', 'high waiting'])
    expect(named(await map('?label=team=a'))).toEqual(['low running'])
    expect(named(await map('?state=waiting'))).toEqual(['high waiting'])
    const drawn = await map('?job=high')
    expect(drawn.namespaces.find(({ name }) => name === 'default')?.services[0]).toMatchObject({ running: 2 })
    expect(drawn.namespaces.find(({ name }) => name === 'default')?.services[0]?.executors[0]).toMatchObject({
      slots: { held: 2 },
      more: 1,
    })
    expect(await map('?service=shipping&namespace=default')).toMatchObject({ namespaces: [{ services: [] }] })
  })

  test('names no more runs than asked for, what runs before what waits', async () => {
    await run('low', 'e1')
    for (let i = 0; i < 5; i += 1) await run('low')
    const drawn = await map('?limit=3')
    expect(drawn).toMatchObject({ named: 3, more: 3, waiting: 5 })
    expect(named(drawn)).toEqual(['low running', 'low waiting', 'low waiting'])
  })

  test('names 2,000 runs when none is asked for: what a page holds is for lists', async () => {
    for (let i = 0; i < 60; i += 1) await run('low')
    expect(await map()).toMatchObject({ named: 60, more: 0 })
  })

  test('tells an accepted run and one between two attempts from a running one', async () => {
    const id = await run('low', 'e1')
    const attempt = () => api.state.runs.get(id)?.shards[0]?.attempt?.id ?? ''
    api.apply({ kind: 'attempts-accepted', at: api.clock.now(), accepted: [{ attempt: attempt(), leaseMs: 30_000 }] })
    expect(named(await map())).toEqual(['low accepted'])
    await job('twice', { target: PATH, retry: { max: 3, delay: '10s' } })
    const other = await run('twice', 'e2')
    const shard = api.state.runs.get(other)?.shards[0]
    const at = api.clock.now()
    const finish = { attempt: shard?.attempt?.id ?? '', job: 0, outcome: 'failed' as const, endedAt: at }
    api.apply({ kind: 'attempts-finished', at, finishes: [{ ...finish, retryable: true, chance: 0 }] })
    expect(named(await map())).toEqual(['low accepted', 'twice retrying'])
  })

  test('shows a credential its own namespaces only', async () => {
    const token = api.token('namespace:other')
    const { body } = await api.send('/v1/job-map', { token })
    expect((body as unknown as Map).namespaces.map(({ name }) => name)).toEqual(['other'])
    expect((await api.send('/v1/job-map?namespace=default', { token })).status).toBe(403)
    expect((await api.ok('/v1/job-map?namespace=none')).status).toBe(404)
  })
})

describe('the queues', () => {
  test('S082 show evaluations and workers as the leader has them, and waiting runs by service and priority', async () => {
    await run('low')
    await run('high')
    await run('high')
    await run('own')
    api.context.queues = () =>
      Promise.resolve({
        leader: OWN_ID,
        figures: {
          evaluations: [{ kind: 'run', state: 'blocked', count: 3, oldestAt: api.clock.now() }],
          catchUpPerSecond: 100,
          nodes: [{ node: OWN_ID, workers: 1, out: 2, taken: 9, nacked: 0, lapsed: 0, placed: 7, refused: 1 }],
        },
      })
    const { body } = await api.ok('/v1/queues')
    expect(body).toMatchObject({
      leader: 'n1',
      evaluations: [{ kind: 'run', state: 'blocked', count: 3, oldestAt: '2026-11-20T15:00:04.000Z' }],
      catchUpPerSecond: 100,
      nodes: [{ node: 'n1', out: 2, placed: 7, refused: 1 }],
      waiting: [
        { namespace: 'default', service: 'billing', priority: 90, runs: 2, oldestAt: '2026-11-20T15:00:01.000Z' },
        { namespace: 'default', priority: 50, runs: 1, catchUp: 0 },
        { namespace: 'default', service: 'billing', priority: 10, runs: 1 },
      ],
    })
  })
})
