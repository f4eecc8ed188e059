import type { Job, Run } from '@cronclave/openapi'
import { expect, onTestFinished, test } from 'vitest'
import { Cluster } from '../support/cluster.ts'
import { startExecutor, type TestExecutor } from '../support/executor.ts'
import {
  createJob,
  eventually,
  HOME,
  mount,
  newSecret,
  readRun,
  runIn,
  serve,
  temporaryFolder,
  trigger,
} from './harness.ts'

const WORK = { kind: 'handler', service: 'e2e', handler: 'work' } as const
/** Chains that are under way when the leader dies. */
const CHAINS = 20

/** How a run went as its handler saw it, and that it saw it once. */
function handledOnce({ seen }: TestExecutor, run: string) {
  const calls = seen.handled.filter((call) => call.run === run)
  expect(calls, `calls for ${run}`).toHaveLength(1)
  return calls[0]
}

test('S044 a chain of three: each is told what the one before gave back, and a rerun of the first begins it anew', async () => {
  const server = await serve(temporaryFolder())
  const executor = await mount(server)
  await createJob(server, 'load')
  await createJob(server, 'transform', { children: [{ job: 'load', on: 'success' }] })
  await createJob(server, 'extract', { children: [{ job: 'transform', on: 'success' }] })

  const extract = await trigger(server, 'extract')
  const transform = await childOf(server, extract.id)
  const load = await childOf(server, transform.id)
  await runIn(server, load.id, 'succeeded')
  expect(handledOnce(executor, extract.id)?.parent).toBeUndefined()
  expect(handledOnce(executor, transform.id)?.parent).toEqual({
    runId: extract.id,
    result: { run: extract.id, did: 1 },
  })
  expect(handledOnce(executor, load.id)?.parent).toEqual({ runId: transform.id, result: { run: transform.id, did: 1 } })

  const again = await server.call<Run>('POST', `${HOME}/runs/${extract.id}/rerun`)
  const second = await childOf(server, again.id)
  await runIn(server, (await childOf(server, second.id)).id, 'succeeded')
  expect((await readRun(server, extract.id)).reruns?.map(({ id }) => id)).toEqual([again.id])
  expect(second.id).not.toBe(transform.id)
})

test('a backfill runs each time of the range once, in order, and with that time', async () => {
  const server = await serve(temporaryFolder())
  const executor = await mount(server)
  const zone = 'Asia/Shanghai'
  await createJob(server, 'daily', { schedules: [{ id: 'd', cron: '0 3 * * *', zone }] })
  const range = { from: '2026-10-01T00:00:00Z', to: '2026-10-06T00:00:00Z' }
  const { id, total } = await server.call<{ id: string; total: number }>('POST', `${HOME}/jobs/daily/backfills`, range)
  await eventually('the backfill is done', async () => {
    const { state } = await server.call<{ state: string }>('GET', `${HOME}/jobs/daily/backfills/${id}`)
    return state === 'done'
  })
  const times = executor.seen.handled.map(({ fireTime }) => new Date(fireTime).toISOString())
  expect(times).toEqual([1, 2, 3, 4, 5].map((day) => `2026-10-0${day}T19:00:00.000Z`))
  expect(total).toBe(5)
  const { items } = await server.call<{ items: Run[] }>('GET', `${HOME}/runs?backfill=${id}`)
  expect(items.map(({ state, cause }) => [state, cause])).toEqual(times.map(() => ['succeeded', 'backfill']))
})

test('S042 a run for one executor goes there and nowhere else, with all its items when it is sharded', async () => {
  const server = await serve(temporaryFolder())
  const executors = await fleet(server, 'e1', 'e2', 'e3')
  await createJob(server, 'plain')
  await createJob(server, 'split', { routing: { strategy: 'sharded' }, sharding: { count: 4 } })
  for (let i = 0; i < 4; i++) {
    const run = await server.call<Run>('POST', `${HOME}/jobs/plain/trigger`, { executor: 'e2', params: { i } })
    expect(await runIn(server, run.id, 'succeeded', 'failed')).toMatchObject({ state: 'succeeded', executor: 'e2' })
  }
  const run = await server.call<Run>('POST', `${HOME}/jobs/split/trigger`, { executor: 'e3' })
  await runIn(server, run.id, 'succeeded')
  const calls = executors.map(({ seen }) => seen.handled)
  expect(calls.map(({ length }) => length)).toEqual([0, 4, 1])
  expect(calls[2]?.flatMap(({ shard }) => shard.items)).toEqual(['0', '1', '2', '3'])
})

test('a rerun of what failed calls for the items that failed, and for no others', async () => {
  const server = await serve(temporaryFolder())
  const executors = await fleet(server, 'e1', 'e2')
  const sharding = { items: ['a', 'b', 'c', 'd'] }
  await createJob(server, 'split', { failover: false, routing: { strategy: 'sharded' }, sharding })
  const moveTo = (url = '') => server.call('PUT', `${HOME}/services/e2e/executors/e2`, { url })
  await moveTo(`${executors[1]?.httpUrl}?status=422`)
  const first = await runIn(server, (await trigger(server, 'split')).id, 'failed', 'succeeded')
  expect(first.state).toBe('failed')
  const itemsOf = (run: string) =>
    executors.flatMap(({ seen }) => seen.handled.filter((call) => call.run === run).flatMap(({ shard }) => shard.items))
  const done = itemsOf(first.id)
  expect(done).toHaveLength(2)

  await moveTo(executors[1]?.url)
  const again = await server.call<Run>('POST', `${HOME}/runs/${first.id}/rerun`, { only: 'failed' })
  expect(await runIn(server, again.id, 'succeeded', 'failed')).toMatchObject({ state: 'succeeded', rerunOf: first.id })
  // What a handler owns by its place among the shards is what it owned before.
  const told = executors.flatMap(({ seen }) => seen.handled.filter(({ run }) => run === again.id))
  expect(told.map(({ shard }) => shard.total)).toEqual([2])
  expect(itemsOf(again.id).sort()).toEqual(sharding.items.filter((item) => !done.includes(item)))
})

test('S044 the leader dies in the middle of chains: every run that ended has its child, once, with its result', {
  timeout: 120_000,
}, async () => {
  const secret = newSecret()
  const executor = await startExecutor({ secret })
  onTestFinished(() => executor.close())
  const cluster = await Cluster.start({ nodes: 3 })
  onTestFinished(() => cluster.close())
  await cluster.call('POST', `${HOME}/services`, { name: 'e2e', secret })
  await cluster.call('PUT', `${HOME}/services/e2e/executors/e1`, { url: executor.url })
  const create = (name: string, ms: number, children: string[]) =>
    cluster.call<Job>('POST', `${HOME}/jobs`, {
      name,
      target: WORK,
      overlap: 'allow',
      params: { ms },
      children: children.map((job) => ({ job })),
    })
  await create('c', 0, [])
  await create('b', 300, ['c'])
  await create('a', 300, ['b'])

  const first = await Promise.all(
    Array.from({ length: CHAINS }, (_, i) =>
      cluster.call<Run>('POST', `${HOME}/jobs/a/trigger`, { params: { ms: 50 * i } }),
    ),
  )
  // Some chains are at their first job, some at the second, some are over.
  await eventually('a child is at work', () => executor.seen.handled.some(({ job }) => job === 'b'))
  const leader = await cluster.leader()
  await leader.end('SIGKILL')

  const ended = async (id: string) => {
    const run = await cluster.call<Run>('GET', `${HOME}/runs/${id}`)
    return run.endedAt !== undefined && run
  }
  const told = (run: string) => executor.seen.handled.findLast((call) => call.run === run)?.parent
  for (const { id } of first) {
    let above = await eventually(`run ${id} of a has ended`, () => ended(id))
    for (const job of ['b', 'c']) {
      expect([above.state, above.children?.length, above.children?.[0]?.job]).toEqual(['succeeded', 1, job])
      const child = above.children?.[0]?.id ?? ''
      const run = await eventually(`run ${child} of ${job} has ended`, () => ended(child))
      expect(run).toMatchObject({ state: 'succeeded', parent: { run: above.id, moment: 'success' } })
      expect(told(child)).toMatchObject({ runId: above.id, result: { run: above.id } })
      above = run
    }
  }
  for (const [job, cause] of [
    ['a', 'api'],
    ['b', 'child'],
    ['c', 'child'],
  ] as const) {
    const { items } = await cluster.call<{ items: Run[] }>('GET', `${HOME}/runs?job=${job}&limit=500`)
    expect([job, items.length, new Set(items.map((run) => run.cause))]).toEqual([job, CHAINS, new Set([cause])])
  }
})

/** The one child of a run, as soon as there is one. */
function childOf(server: Parameters<typeof readRun>[0], id: string): Promise<{ id: string }> {
  return eventually(`run ${id} has a child`, async () => {
    const { children = [] } = await readRun(server, id)
    expect(children.length).toBeLessThanOrEqual(1)
    return children[0]
  })
}

/** The service `e2e` with these executors. */
async function fleet(server: Parameters<typeof readRun>[0], ...ids: string[]): Promise<TestExecutor[]> {
  const secret = newSecret()
  await server.call('POST', `${HOME}/services`, { name: 'e2e', secret })
  const executors: TestExecutor[] = []
  for (const id of ids) {
    const executor = await startExecutor({ secret, id })
    onTestFinished(() => executor.close())
    await server.call('PUT', `${HOME}/services/e2e/executors/${id}`, { url: executor.url })
    executors.push(executor)
  }
  return executors
}
