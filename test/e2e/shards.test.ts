import type { Attempt, Run } from '@cronclave/openapi'
import { onTestFinished, expect, test } from 'vitest'
import { Cluster } from '../support/cluster.ts'
import type { ClusterNode } from '../support/cluster-node.ts'
import { startExecutor, type Handled, type TestExecutor } from '../support/executor.ts'
import type { Server } from '../support/server.ts'
import {
  createJob,
  eventually,
  explainAt,
  HOME,
  iso,
  newSecret,
  readRun,
  runIn,
  runsOf,
  serve,
  sleepUntil,
  temporaryFolder,
  trigger,
  wholeSecond,
} from './harness.ts'

type Call = Pick<Server, 'call'>

/** A service `e2e` and its executors, which the test may add and take away. */
class Fleet {
  readonly #server: Call
  readonly #secret = newSecret()
  readonly #executors = new Map<string, TestExecutor>()
  readonly #gone: TestExecutor[] = []

  static async of(server: Call, ...ids: string[]): Promise<Fleet> {
    const fleet = new Fleet(server)
    await server.call('POST', `${HOME}/services`, { name: 'e2e', secret: fleet.#secret })
    for (const id of ids) await fleet.add(id)
    return fleet
  }

  private constructor(server: Call) {
    this.#server = server
  }

  async add(id: string, more: object = {}): Promise<TestExecutor> {
    const executor = this.#executors.get(id) ?? (await startExecutor({ secret: this.#secret, id }))
    if (!this.#executors.has(id)) onTestFinished(() => executor.close())
    this.#executors.set(id, executor)
    await this.#server.call('PUT', `${HOME}/services/e2e/executors/${id}`, { url: executor.url, ...more })
    return executor
  }

  /** Takes an executor out of the service; what it is at work on goes on. */
  async remove(id: string): Promise<void> {
    await this.#server.call('DELETE', `${HOME}/services/e2e/executors/${id}`)
    const executor = this.#executors.get(id)
    if (executor) this.#gone.push(executor)
    this.#executors.delete(id)
  }

  /** Every call of a handler, wherever it was. */
  calls(run?: string): Handled[] {
    const all = [...this.#executors.values(), ...this.#gone].flatMap(({ seen }) => seen.handled)
    return run === undefined ? all : all.filter((call) => call.run === run)
  }

  get(id: string): TestExecutor {
    return this.#executors.get(id) as TestExecutor
  }
}

const SHARDED = { routing: { strategy: 'sharded' as const }, sharding: { count: 10 } }

const itemsOf = (calls: readonly Handled[]) => calls.flatMap(({ shard }) => shard.items).map(Number)
const numbers = (count: number) => Array.from({ length: count }, (_, item) => item)

test('S063 a sharded run gives each executor its block, and asks an endpoint without the SDK as gojob does', async () => {
  const server = await serve(temporaryFolder())
  const fleet = await Fleet.of(server, 'e1', 'e2', 'e3')
  await createJob(server, 'blocks', SHARDED)
  const run = await runIn(server, (await trigger(server, 'blocks')).id, 'succeeded', 'failed')
  expect(run).toMatchObject({ state: 'succeeded', attempts: 3, shardCounts: { total: 3, succeeded: 3 } })
  expect(['e1', 'e2', 'e3'].map((id) => fleet.get(id).seen.handled.map(({ shard }) => shard))).toEqual([
    [{ index: 0, total: 3, items: ['0', '1', '2', '9'] }],
    [{ index: 1, total: 3, items: ['3', '4', '5'] }],
    [{ index: 2, total: 3, items: ['6', '7', '8'] }],
  ])
  const one = await server.call<{ items: Attempt[] }>('GET', `${HOME}/runs/${run.id}/attempts?shard=1`)
  expect(one.items).toMatchObject([{ shard: 1, executor: 'e2', result: { run: run.id } }])

  const endpoint = fleet.get('e1')
  await server.call('POST', `${HOME}/services`, { name: 'plain' })
  for (const id of ['a', 'b'])
    await server.call('PUT', `${HOME}/services/plain/executors/${id}`, { url: endpoint.httpUrl })
  const target = { kind: 'http' as const, service: 'plain', method: 'GET' as const, path: '/run?ms=0' }
  const sharding = { items: ['tianjin', 'shanghai', 'bei jing'] }
  await createJob(server, 'cities', { ...SHARDED, sharding, target })
  await runIn(server, (await trigger(server, 'cities')).id, 'succeeded')
  expect(endpoint.seen.hits.map(({ url }) => url).sort()).toEqual([
    '/http/run?ms=0&sharding=shanghai',
    '/http/run?ms=0&sharding=tianjin,bei%20jing',
  ])
})

test('S065 every failed shard is taken over, by executors that were not tried; what fails everywhere fails the run', async () => {
  const server = await serve(temporaryFolder())
  const fleet = await Fleet.of(server, 'e1', 'e2', 'e3', 'e4')
  await createJob(server, 'taken-over', { ...SHARDED, retry: { max: 1, delay: '100ms' } })
  const failing = await trigger(server, 'taken-over', { failsOn: ['e2', 'e3'] })
  const run = await runIn(server, failing.id, 'succeeded', 'failed')
  expect(run).toMatchObject({ state: 'succeeded', shardCounts: { total: 4, succeeded: 4 } })
  for (const shard of run.shards ?? []) expect(['e1', 'e4']).toContain(shard.executor)
  for (const id of ['e2', 'e3']) {
    const tries = fleet.get(id).seen.handled.map(({ shard }) => shard.index)
    expect(
      tries.filter((index) => index === Number(id[1]) - 1),
      'a retry on the same executor first',
    ).toHaveLength(2)
  }
  const everywhere = await trigger(server, 'taken-over', { failsOn: ['e1', 'e2', 'e3', 'e4'] })
  const failed = await runIn(server, everywhere.id, 'succeeded', 'failed')
  expect(failed).toMatchObject({ state: 'failed', attempts: 32, error: { code: 'shards-failed' } })
  expect(failed.shards?.map(({ state, attempts }) => [state, attempts])).toEqual(numbers(4).map(() => ['failed', 8]))
})

test('parts beyond the free slots wait with their items, one after the other; a broadcast goes to everybody once', async () => {
  const server = await serve(temporaryFolder())
  const fleet = await Fleet.of(server)
  for (const id of ['e1', 'e2']) await fleet.add(id, { slots: 2 })
  await createJob(server, 'many', { ...SHARDED, sharding: { count: 24, mode: 'per-item' }, params: { ms: 150 } })
  const { id } = await trigger(server, 'many')
  const open = await runIn(server, id, 'running')
  expect(open.shardCounts).toMatchObject({ total: 24, running: 4 })
  const run = await runIn(server, id, 'succeeded', 'failed')
  expect(run).toMatchObject({ state: 'succeeded', attempts: 24 })
  expect(itemsOf(fleet.calls(id)).sort((a, b) => a - b)).toEqual(numbers(24))
  for (const executor of ['e1', 'e2']) {
    const calls = fleet.get(executor).seen.handled
    const together = calls.map(({ at }) => calls.filter((call) => call.at <= at && at < (call.endedAt ?? 0)).length)
    expect(Math.max(...together)).toBeLessThanOrEqual(2)
  }

  await createJob(server, 'all', { routing: { strategy: 'broadcast' }, params: { failsOn: ['e2'] } })
  const told = await runIn(server, (await trigger(server, 'all')).id, 'succeeded', 'failed')
  expect(told).toMatchObject({ state: 'failed', shards: [{ state: 'succeeded' }, { state: 'failed', executor: 'e2' }] })
  expect(fleet.calls(told.id).map(({ shard }) => shard.index)).toHaveLength(2)
})

/** Calls the API of a node as the administrator. */
async function clientOf(cluster: Cluster, node: ClusterNode): Promise<Server> {
  const token = await cluster.token()
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const reply = await node.ask<T>(method, path, { token, body, withinMs: 15_000 })
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`)
    return reply.body
  }
  return { call } as unknown as Server
}

const FIRES = 12

/** A job that is sharded every second, with `FIRES` fires; and when they begin. */
async function everySecond(server: Server): Promise<number> {
  const begin = wholeSecond(Date.now() + 1500)
  const schedules = [{ every: '1s', startAt: iso(begin), endAt: iso(begin + (FIRES - 1) * 1000) }]
  const misfire = { policy: 'run-all' as const }
  await createJob(server, 'sharded', { ...SHARDED, schedules, misfire, overlap: 'allow', params: { ms: 300 } })
  return begin
}

function allEnded(server: Server): Promise<Run[]> {
  return eventually('every run has ended', async () => {
    const runs = await runsOf(server, 'sharded')
    const ended = runs.length === FIRES && runs.every(({ endedAt }) => endedAt !== undefined)
    return ended && Promise.all(runs.map(({ id }) => readRun(server, id)))
  })
}

test('S063 S065 three nodes, four executors that come and go: the shards of a job that runs every second follow, none is lost or doubled within a run', async () => {
  const cluster = await Cluster.start({ nodes: 3 })
  onTestFinished(() => cluster.close())
  const server = await clientOf(cluster, await cluster.leader())
  const fleet = await Fleet.of(server, 'e1', 'e2', 'e3', 'e4')
  const begin = await everySecond(server)
  const changes: (() => Promise<unknown>)[] = [
    () => fleet.remove('e2'),
    () => fleet.add('e5'),
    () => fleet.remove('e1'),
    () => fleet.add('e2'),
    () => fleet.remove('e3'),
    () => fleet.remove('e4'),
    () => fleet.add('e1'),
    () => fleet.add('e6'),
  ]
  for (const [i, change] of changes.entries()) {
    await sleepUntil(begin + 1400 + i * 1200)
    await change()
  }
  const runs = await allEnded(server)
  expect(new Set(runs.map(({ shardCounts }) => shardCounts?.total)).size, 'as many parts as executors').toBeGreaterThan(
    1,
  )
  for (const run of runs) {
    checkParts(run)
    const calls = fleet.calls(run.id)
    expect(
      itemsOf(calls).sort((a, b) => a - b),
      'no item is worked on twice',
    ).toEqual(numbers(10))
    for (const { shard } of calls) expect(shard.total).toBe(run.shardCounts?.total)
  }
  expect((await explainAt(server, 'sharded', begin)).verdict).toBe('ran')
}, 120_000)

test('S065 an executor that dies and a leader that is killed while shards are under way: every part is taken over, and every run succeeds', async () => {
  const cluster = await Cluster.start({ nodes: 3 })
  onTestFinished(() => cluster.close())
  const leader = await cluster.leader()
  const server = await clientOf(cluster, cluster.nodes.find((node) => node !== leader) as ClusterNode)
  const fleet = await Fleet.of(server, 'e1', 'e2', 'e3', 'e4')
  const begin = await everySecond(server)
  await sleepUntil(begin + 2150)
  await fleet.get('e2').close()
  await sleepUntil(begin + 5150)
  await leader.end('SIGKILL')
  const runs = await allEnded(server)
  for (const run of runs) {
    checkParts(run)
    const called = new Set(itemsOf(fleet.calls(run.id)))
    expect(
      [...called].sort((a, b) => a - b),
      'no item is left out',
    ).toEqual(numbers(10))
  }
}, 120_000)

/** Each item is in exactly one part, and each part succeeded. */
function checkParts({ state, shards = [], shardCounts, error }: Run): void {
  expect(state, JSON.stringify(error)).toBe('succeeded')
  expect(shardCounts).toMatchObject({ total: shards.length, succeeded: shards.length })
  const items = shards.flatMap((shard) => shard.items ?? []).map(Number)
  expect(items.sort((a, b) => a - b)).toEqual(numbers(10))
}
