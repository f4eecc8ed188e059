import { beforeEach, expect, test } from 'vitest'
import type { AttemptOutcome } from '../runs/run.ts'
import { Board } from '../scheduler/board.ts'
import { type Bench, createBench, NOW } from './fixtures.ts'

const NS = '/v1/namespaces/default'
const SERVICE = `${NS}/services/work`

let api: Bench

beforeEach(async () => {
  api = createBench()
  await api.ok(`${NS}/services`, { method: 'POST', body: { name: 'work' } })
  for (const id of ['e1', 'e2', 'e3']) await putExecutor(id, 0)
})

function putExecutor(id: string, slots: number) {
  const body = { url: `https://${id}.example.com/run`, slots }
  return api.ok(`${SERVICE}/executors/${id}`, { method: 'PUT', body })
}

/** A run of a job, split as a planner splits it. */
async function runOf(definition: object): Promise<string> {
  const target = { kind: 'handler', service: 'work', handler: 'h' }
  await api.ok(`${NS}/jobs/s`, { method: 'PUT', body: { target, overlap: 'allow', failover: false, ...definition } })
  const { body } = await api.ok(`${NS}/jobs/s/trigger`, { method: 'POST' })
  const run = body.id as string
  const job = [...api.state.jobs.values()].find(({ name }) => name === 's')
  const board = new Board(api.state)
  board.begin(api.state)
  const shards = job ? board.split(job, { now: NOW, chance: () => 0 }, api.state.runs.get(run)) : []
  if ('none' in shards) throw new Error(shards.none)
  const placement = { run, shard: -1, attempts: 0, executor: '', shards }
  api.apply({ kind: 'place-shards', at: api.clock.now(), node: 'n1', placements: [placement] })
  return run
}

function finish(run: string, shard: number, outcome: AttemptOutcome, result: number) {
  const open = api.state.runs.get(run)
  const attempt = open?.shards[shard]?.attempt?.id ?? ''
  const at = api.clock.now()
  const error = { code: 'boom', message: 'no disk' }
  const finished = { attempt, job: open?.job ?? 0, outcome, endedAt: at, retryable: true, chance: 0, result }
  const finishes = [outcome === 'failed' ? { ...finished, error } : finished]
  api.apply({ kind: 'attempts-finished', at, finishes })
}

const SHARDED = { routing: { strategy: 'sharded' }, sharding: { count: 10 } }

test('S063 a run shows its parts while it is open and when it has ended, with items, executors and faults', async () => {
  await putExecutor('e3', 1)
  const busy = await runOf({ ...SHARDED, sharding: { count: 3 } })
  const run = await runOf(SHARDED)
  const open = await api.ok(`${NS}/runs/${run}`)
  expect(open.body).toMatchObject({
    state: 'running',
    shardCounts: { total: 3, waiting: 1, running: 2, succeeded: 0, failed: 0 },
    shards: [
      { index: 0, state: 'running', executor: 'e1', items: ['0', '1', '2', '9'], attempts: 1 },
      { index: 1, state: 'running', executor: 'e2', items: ['3', '4', '5'] },
      { index: 2, state: 'waiting', items: ['6', '7', '8'], attempts: 0 },
    ],
  })
  for (const shard of [0, 1, 2]) finish(busy, shard, 'succeeded', 0)
  const waiting = { run, shard: 2, attempts: 0, executor: 'e3' }
  api.apply({ kind: 'place-shards', at: api.clock.now(), node: 'n1', placements: [waiting] })
  finish(run, 0, 'succeeded', 1)
  finish(run, 1, 'failed', 2)
  finish(run, 2, 'succeeded', 3)
  const ended = await api.ok(`${NS}/runs/${run}`)
  expect(ended.body).toMatchObject({
    state: 'failed',
    error: { code: 'shards-failed', message: '1 of 3 shards did not succeed; shard 1 on executor e2: no disk' },
    shardCounts: { total: 3, succeeded: 2, failed: 1 },
    shards: [
      { state: 'succeeded', outcome: 'succeeded', items: ['0', '1', '2', '9'] },
      { state: 'failed', outcome: 'failed', executor: 'e2', error: { code: 'boom', message: 'no disk' } },
      { state: 'succeeded', executor: 'e3' },
    ],
  })
  const again = await api.ok(`${NS}/runs/${run}/rerun`, { method: 'POST', body: { only: 'failed' } })
  expect(api.state.runs.get(again.body.id as string)?.shards).toMatchObject([
    { index: 0, items: ['3', '4', '5'], was: { index: 1, total: 3 } },
  ])
  const listed = await api.ok(`${NS}/runs?state=failed`)
  const [first] = listed.body.items as { shards: object[] }[]
  expect(first?.shards).toHaveLength(3)
  expect(first?.shards[0]).not.toHaveProperty('items')
})

test('attempts are listed for one part, with what its handler gave back', async () => {
  const run = await runOf(SHARDED)
  for (const shard of [0, 1, 2]) finish(run, shard, 'succeeded', shard * 10)
  const all = await api.ok(`${NS}/runs/${run}/attempts`)
  expect(all.body.items).toHaveLength(3)
  expect((all.body.items as object[])[0]).not.toHaveProperty('result')
  const one = await api.ok(`${NS}/runs/${run}/attempts?shard=2`)
  expect(one.body.items).toMatchObject([{ shard: 2, result: 20, executor: 'e3' }])
  expect((await api.ok(`${NS}/runs/${run}/attempts?shard=7`)).body.items).toEqual([])
})

test('attempts of many parts are listed by page, those under way among those that have ended', async () => {
  const run = await runOf({ ...SHARDED, sharding: { count: 7, mode: 'per-item' } })
  for (const shard of [0, 2, 3, 6]) finish(run, shard, 'succeeded', 0)
  const seen: unknown[] = []
  let [cursor, pages] = ['', 0]
  do {
    const { body } = await api.ok(`${NS}/runs/${run}/attempts?limit=3${cursor && `&cursor=${cursor}`}`)
    for (const { shard, state } of body.items as { shard: number; state: string }[]) seen.push(`${shard} ${state}`)
    cursor = (body.nextCursor as string | undefined) ?? ''
    pages += 1
  } while (cursor !== '' && pages < 9)
  expect(seen).toEqual(['0 ended', '1 running', '2 ended', '3 ended', '4 running', '5 running', '6 ended'])
  expect(pages).toBe(3)
})

test('a cursor of attempts or lines may name any place: it is answered with what comes after', async () => {
  const run = await runOf(SHARDED)
  const of = (...place: unknown[]) => Buffer.from(JSON.stringify(place)).toString('base64url')
  const at = async (list: string, ...place: unknown[]) => {
    const { status, body } = await api.ok(`${NS}/runs/${run}/${list}?cursor=${of(...place)}`)
    return [status, (body.items as unknown[] | undefined)?.length]
  }
  for (const [shard, found] of [
    [-1e300, 3],
    [0.5, 2],
    [1e300, 0],
  ])
    expect(await at('attempts', 'attempts', shard, 1e300)).toEqual([200, found])
  expect(await at('attempts', 'attempts', 1)).toEqual([400, undefined])
  for (const line of [-5, 0.5, 1e300]) expect(await at('logs', 'lines', line, line, line)).toEqual([200, 0])
})

test('lines of many parts are read by page, part after part', async () => {
  const run = await runOf({ ...SHARDED, sharding: { count: 60, mode: 'per-item' } })
  for (const { index, attempt } of [...(api.state.runs.get(run)?.shards ?? [])]) {
    const at = api.clock.now()
    const logs = [1, 2].map((line) => ({ at, level: 'info' as const, message: `${index}/${line}` }))
    api.apply({ kind: 'attempt-report', at, attempt: attempt?.id ?? '', logs })
    if (index % 2 === 0) finish(run, index, 'succeeded', 0)
  }
  const seen: string[] = []
  let cursor = ''
  do {
    const { body } = await api.ok(`${NS}/runs/${run}/logs?limit=7${cursor && `&cursor=${cursor}`}`)
    seen.push(...(body.items as { message: string }[]).map(({ message }) => message))
    cursor = (body.nextCursor as string | undefined) ?? ''
  } while (cursor !== '' && seen.length < 1000)
  expect(seen).toEqual(Array.from({ length: 120 }, (_, at) => `${Math.floor(at / 2)}/${(at % 2) + 1}`))
})

test('parts are listed by page and by state; of a run of many, the run itself shows the first thousand', async () => {
  const run = await runOf({ ...SHARDED, sharding: { count: 1500, mode: 'per-item' } })
  for (const shard of [3, 700, 900]) finish(run, shard, 'failed', 0)
  const { body } = await api.ok(`${NS}/runs/${run}`)
  expect(body.shards).toHaveLength(1000)
  expect(body.shardCounts).toMatchObject({ total: 1500, failed: 3 })
  const listed = await api.ok(`${NS}/runs`)
  expect((listed.body.items as object[])[0]).not.toHaveProperty('shards')
  const first = await api.ok(`${NS}/runs/${run}/shards?state=failed&limit=2`)
  const rest = await api.ok(`${NS}/runs/${run}/shards?state=failed&limit=2&cursor=${first.body.nextCursor as string}`)
  expect([first.body.items, rest.body.items]).toMatchObject([[{ index: 3 }, { index: 700 }], [{ index: 900 }]])
  expect(rest.body.nextCursor).toBeUndefined()
  const strange = Buffer.from('["shards",-1e15]').toString('base64url')
  const page = await api.ok(`${NS}/runs/${run}/shards?limit=1&cursor=${strange}`)
  expect(page.body.items).toMatchObject([{ index: 0, items: ['0'] }])

  for (let shard = 0; shard < 1000; shard++) if (![3, 700, 900].includes(shard)) finish(run, shard, 'succeeded', 0)
  await api.ok(`${NS}/runs/${run}/cancel`, { method: 'POST' })
  const [row] = (await api.ok(`${NS}/runs`)).body.items as object[]
  expect(row).toMatchObject({ state: 'cancelled', shardCounts: { total: 1500, succeeded: 997, failed: 503 } })
  expect(row).not.toHaveProperty('shards')
  const ended = await api.ok(`${NS}/runs/${run}`)
  expect(ended.body.shardCounts).toMatchObject({ total: 1500, succeeded: 997, failed: 503 })
  expect(ended.body.shards).toHaveLength(1000)
  const last = await api.ok(`${NS}/runs/${run}/shards?state=failed&limit=500`)
  expect((last.body.items as object[]).slice(0, 4)).toMatchObject([
    { index: 3, outcome: 'failed', error: { code: 'boom' } },
    { index: 700 },
    { index: 900 },
    { index: 1000, outcome: 'cancelled', attempts: 0, items: ['1000'] },
  ])
})

test('a run that is not split has one part while it is open, and none when it has ended', async () => {
  await api.ok(`${NS}/jobs/p`, { method: 'PUT', body: { target: { kind: 'handler', service: 'work', handler: 'h' } } })
  const run = (await api.ok(`${NS}/jobs/p/trigger`, { method: 'POST' })).body.id as string
  expect((await api.ok(`${NS}/runs/${run}/shards`)).body.items).toMatchObject([{ index: 0, state: 'waiting' }])
  expect((await api.ok(`${NS}/runs/${run}`)).body).not.toHaveProperty('shardCounts')
  await api.ok(`${NS}/runs/${run}/cancel`, { method: 'POST' })
  expect((await api.ok(`${NS}/runs/${run}/shards`)).body.items).toEqual([])
})
