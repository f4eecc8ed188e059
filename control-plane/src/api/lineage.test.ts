import { beforeEach, describe, expect, test } from 'vitest'
import type { JobSpec } from '../jobs/job.ts'
import type { AttemptFinish, ShardPlan } from '../state/commands.ts'
import { type Bench, createBench, NOW } from './fixtures.ts'

const NS = '/v1/namespaces/default'
const HTTP = { kind: 'http', method: 'POST', url: 'https://shop.example.com/warm' }
const HOUR = 3_600_000

let api: Bench

beforeEach(() => {
  api = createBench()
})

async function job(name: string, definition: object = {}): Promise<number> {
  const made = await api.ok(`${NS}/jobs/${name}`, {
    method: 'PUT',
    body: { target: HTTP, overlap: 'allow', ...definition },
  })
  expect([made.body.errors, made.status]).toEqual([undefined, 201])
  return made.body.uid as number
}

async function trigger(name: string, body?: object, headers: Record<string, string> = {}) {
  return api.ok(`${NS}/jobs/${name}/trigger`, { method: 'POST', headers, ...(body ? { body } : {}) })
}

/** Places a queued run and ends its attempt. */
function finish(run: string, more: Partial<AttemptFinish> = {}, executor = '-'): void {
  const at = api.clock.now()
  api.apply({ kind: 'place-shards', at, node: 'n1', placements: [{ run, shard: 0, attempts: 0, executor }] })
  const open = api.state.runs.get(run)
  const attempt = open?.shards[0]?.attempt?.id ?? ''
  const finished = { attempt, job: open?.job ?? 0, outcome: 'succeeded' as const, endedAt: at, retryable: false }
  api.apply({ kind: 'attempts-finished', at, finishes: [{ ...finished, chance: 0, ...more }] })
  api.clock.pass(1000)
}

function open(name: string): string[] {
  return [...api.state.runs.values()].filter(({ job }) => api.state.jobs.get(job)?.name === name).map(({ id }) => id)
}

async function list(query: string): Promise<unknown[]> {
  const { body } = await api.ok(`${NS}/runs?${query}`)
  return (body.items as { id: string }[]).map(({ id }) => id)
}

describe('S044 children in a definition', () => {
  test('that do not exist, or lead round in a circle, are refused with the place and the way', async () => {
    await job('c')
    await job('b', { children: [{ job: 'c' }] })
    await job('a', { children: [{ job: 'c', on: 'failure' }, { job: 'b' }] })
    const put = (name: string, ...children: string[]) =>
      api.ok(`${NS}/jobs/${name}`, {
        method: 'PUT',
        body: { target: HTTP, children: children.map((to) => ({ job: to })) },
      })
    expect((await put('c', 'b', 'a', 'none')).body).toMatchObject({
      code: 'invalid-job',
      errors: [
        { pointer: '/children/0', detail: 'makes a circle: c → b → c' },
        { pointer: '/children/1' },
        { pointer: '/children/2', detail: 'there is no job none' },
      ],
    })
    expect((await put('a', 'a')).body.errors).toEqual([{ pointer: '/children/0', detail: 'makes a circle: a → a' }])
  })

  test('that make a circle only with what somebody else saves meanwhile are refused with their place too', async () => {
    await job('a')
    await job('b')
    const b = [...api.state.jobs.values()].find(({ name }) => name === 'b')
    const { submit } = api.context
    api.context.submit = (command) => {
      api.context.submit = submit
      const spec = { ...b?.spec, children: [{ job: 'a', on: 'success' }] }
      const at = api.clock.now()
      const { namespace = 0, name = '' } = b ?? {}
      api.apply({ kind: 'job-put', at, namespace, name, spec: spec as JobSpec, schedules: [], spread: 0, by: 'ada' })
      return submit(command)
    }
    const body = { target: HTTP, children: [{ job: 'b' }] }
    const refused = await api.ok(`${NS}/jobs/a`, { method: 'PUT', body })
    expect(refused.body.errors).toEqual([{ pointer: '/children/0', detail: 'makes a circle: a → b → a' }])
  })

  test('hold the jobs that they name: without force those are not deleted', async () => {
    await job('c', { paused: true })
    await job('a', { children: [{ job: 'c' }] })
    const refused = await api.ok(`${NS}/jobs/c`, { method: 'DELETE' })
    expect([refused.status, refused.body.code]).toEqual([409, 'in-use'])
    expect((await api.ok(`${NS}/jobs/c?force=true`, { method: 'DELETE' })).status).toBe(204)
  })
})

test('S044 a run shows its parent and its children, those that wait and those that ended', async () => {
  await job('after')
  await job('always')
  await job('first', { children: [{ job: 'after' }, { job: 'always', on: 'completion' }] })
  const { id } = (await trigger('first')).body as { id: string }
  finish(id, { result: { rows: 3 } })
  const [after = ''] = open('after')
  finish(after)
  const { body } = await api.ok(`${NS}/runs/${id}`)
  expect(body).toMatchObject({ state: 'succeeded', result: { rows: 3 } })
  expect(body.children).toMatchObject([
    { id: after, job: 'after', state: 'succeeded', moment: 'success' },
    { id: open('always')[0], job: 'always', state: 'queued', moment: 'completion' },
  ])
  const child = await api.ok(`${NS}/runs/${after}`)
  expect(child.body).toMatchObject({ cause: 'child', parent: { run: id, moment: 'success' } })
  expect(await list(`parent=${id}`)).toEqual([open('always')[0], after])
  expect(await list(`parent=${id}&state=succeeded`)).toEqual([after])
  expect(await list(`parent=${id}&job=always`)).toEqual([open('always')[0]])
  expect(await list('cause=child')).toHaveLength(2)
  expect(await list(`rerunOf=${id}`)).toEqual([])
  const other = await api.ok(`/v1/namespaces/other/runs?parent=${id}`)
  expect(other.body.items).toEqual([])
})

test('a child that ends while its parent is read is shown all the same', async () => {
  await job('after')
  await job('first', { children: [{ job: 'after' }] })
  const { id } = (await trigger('first')).body as { id: string }
  finish(id)
  const [after = ''] = open('after')
  const { ledger } = api.context
  const runs = ledger.runs.bind(ledger)
  ledger.runs = async (query) => {
    const page = await runs(query)
    if (api.state.runs.has(after)) finish(after)
    return page
  }
  expect((await api.ok(`${NS}/runs/${id}`)).body.children).toMatchObject([{ id: after, job: 'after' }])
})

describe('a rerun', () => {
  test('does a run again for the same fire time, with what is put over its parameters', async () => {
    await job('x', { params: { a: 1, b: 1 } })
    const first = (await trigger('x', { params: { b: 2 }, fireTime: '2026-11-01T00:00:00Z' })).body as { id: string }
    const early = await api.ok(`${NS}/runs/${first.id}/rerun`, { method: 'POST' })
    expect([early.status, early.body.code]).toEqual([409, 'run-open'])
    finish(first.id, { outcome: 'failed', result: 1 })
    const again = await api.ok(`${NS}/runs/${first.id}/rerun`, { method: 'POST', body: { params: { c: 3 } } })
    expect(again.status).toBe(201)
    expect(again.body).toMatchObject({
      cause: 'rerun',
      rerunOf: first.id,
      state: 'queued',
      fireTime: '2026-11-01T00:00:00.000Z',
      params: { a: 1, b: 2, c: 3 },
      requestedBy: 'token:admin',
    })
    const { body } = await api.ok(`${NS}/runs/${first.id}`)
    expect(body.reruns).toMatchObject([{ id: again.body.id, state: 'queued', job: 'x' }])
    finish(again.body.id as string)
    expect((await api.ok(`${NS}/runs/${first.id}`)).body.reruns).toMatchObject([{ state: 'succeeded' }])
    expect(await list(`rerunOf=${first.id}`)).toEqual([again.body.id])
  })

  test('of what failed is refused when nothing did, and is the whole of a run that was not split', async () => {
    await job('x')
    const { id } = (await trigger('x')).body as { id: string }
    finish(id)
    const failed = { method: 'POST', body: { only: 'failed' } }
    expect((await api.ok(`${NS}/runs/${id}/rerun`, failed)).body.code).toBe('nothing-failed')
    const { id: bad } = (await trigger('x')).body as { id: string }
    finish(bad, { outcome: 'failed' })
    expect((await api.ok(`${NS}/runs/${bad}/rerun`, failed)).body).toMatchObject({ rerunOf: bad, state: 'queued' })
  })

  test('of the parts that failed takes each with the items it had, of a broadcast with its executor', async () => {
    await api.ok(`${NS}/services`, { method: 'POST', body: { name: 'billing' } })
    for (const id of ['e1', 'e2', 'e3']) {
      await api.ok(`${NS}/services/billing/executors/${id}`, { method: 'PUT', body: { url: 'http://10.0.0.7:8080/' } })
    }
    const target = { kind: 'handler', service: 'billing', handler: 'h' }
    const failing = (run: string, failed: readonly number[]) => {
      const at = api.clock.now()
      const finishes = (api.state.runs.get(run)?.shards ?? []).map(({ index, attempt }) => ({
        attempt: attempt?.id ?? '',
        job: api.state.runs.get(run)?.job ?? 0,
        outcome: failed.includes(index) ? ('failed' as const) : ('succeeded' as const),
        endedAt: at,
        retryable: false,
        chance: 0,
      }))
      api.apply({ kind: 'attempts-finished', at, finishes })
    }
    const begin = (run: string, shards: ShardPlan[]) => {
      const placement = { run, shard: -1, attempts: 0, executor: '', shards }
      api.apply({ kind: 'place-shards', at: api.clock.now(), node: 'n1', placements: [placement] })
    }
    const rerun = async (run: string, only: string) => {
      const { body } = await api.ok(`${NS}/runs/${run}/rerun`, { method: 'POST', body: { only } })
      return api.state.runs
        .get(body.id as string)
        ?.shards.map(({ index, items, was, bound }) => ({ index, items, was, bound }))
    }

    await job('sharded', { target, failover: false, routing: { strategy: 'sharded' }, sharding: { count: 5 } })
    const { id: split } = (await trigger('sharded')).body as { id: string }
    begin(split, [
      { items: ['0', '1'], executor: 'e1' },
      { items: ['2', '3'], executor: 'e2' },
      { items: ['4'], executor: 'e3' },
    ])
    failing(split, [0, 2])
    expect(await rerun(split, 'failed')).toEqual([
      { index: 0, items: ['0', '1'], was: { index: 0, total: 3 } },
      { index: 1, items: ['4'], was: { index: 2, total: 3 } },
    ])
    expect((await rerun(split, 'all'))?.map(({ items }) => items)).toEqual([['0', '1'], ['2', '3'], ['4']])

    await job('everywhere', { target, failover: false, routing: { strategy: 'broadcast' } })
    const { id: cast } = (await trigger('everywhere')).body as { id: string }
    begin(
      cast,
      ['e1', 'e2', 'e3'].map((executor) => ({ executor, bound: true })),
    )
    failing(cast, [1])
    expect(await rerun(cast, 'failed')).toEqual([{ index: 0, bound: 'e2', was: { index: 1, total: 3 } }])
    expect(await rerun(cast, 'all')).toEqual([])
  })

  test('under a key is made once, whatever a trigger did under the same key', async () => {
    await job('x')
    const key = { 'idempotency-key': 'k' }
    const { id } = (await trigger('x', undefined, key)).body as { id: string }
    finish(id)
    const ask = (body: object) => api.ok(`${NS}/runs/${id}/rerun`, { method: 'POST', headers: key, body })
    const [first, second, other] = [await ask({}), await ask({}), await ask({ params: { a: 1 } })]
    expect([first.status, second.status, second.body.id, other.status]).toEqual([201, 200, first.body.id, 422])
  })

  test('of a run that nobody knows, is of another namespace, or whose job has gone is not found', async () => {
    await job('x')
    const { id } = (await trigger('x')).body as { id: string }
    finish(id)
    const ask = async (path: string) => (await api.ok(`${path}/rerun`, { method: 'POST' })).body.code
    expect(await ask(`${NS}/runs/none`)).toBe('run-not-found')
    expect(await ask(`/v1/namespaces/other/runs/${id}`)).toBe('run-not-found')
    await api.ok(`${NS}/jobs/x?force=true`, { method: 'DELETE' })
    expect(await ask(`${NS}/runs/${id}`)).toBe('job-not-found')
  })
})

describe('a backfill', () => {
  const RANGE = { from: '2026-11-18T00:00:00Z', to: '2026-11-20T00:00:00Z' }

  test('runs every time at which the job was due in the range, one after the other', async () => {
    await job('daily', { schedules: [{ id: 'd', cron: '0 3 * * *' }] })
    const preview = await api.ok(`${NS}/jobs/daily/backfills/preview`, { method: 'POST', body: RANGE })
    expect(preview.body).toMatchObject({
      items: [{ fireTime: '2026-11-18T03:00:00.000Z' }, { fireTime: '2026-11-19T03:00:00.000Z' }],
      more: false,
    })
    expect(api.state.backfills.size).toBe(0)
    const made = await api.ok(`${NS}/jobs/daily/backfills`, { method: 'POST', body: RANGE })
    expect([made.status, made.headers.get('location')]).toEqual([
      201,
      `${NS}/jobs/daily/backfills/${made.body.id as string}`,
    ])
    expect(made.body).toMatchObject({ state: 'active', total: 2, waiting: 1, open: 1, createdBy: 'token:admin' })
    for (const day of ['18', '19']) {
      const [run = ''] = open('daily')
      const { body } = await api.ok(`${NS}/runs/${run}`)
      expect(body).toMatchObject({
        cause: 'backfill',
        backfill: made.body.id,
        fireTime: `2026-11-${day}T03:00:00.000Z`,
        schedules: ['d'],
      })
      finish(run)
    }
    const done = await api.ok(`${NS}/jobs/daily/backfills/${made.body.id as string}`)
    expect(done.body).toMatchObject({ state: 'done', waiting: 0, open: 0, ended: { succeeded: 2 } })
    expect(await list(`backfill=${made.body.id as string}`)).toHaveLength(2)
    expect((await api.ok(`${NS}/jobs/daily/backfills`)).body.items).toEqual([done.body])
  })

  test('that is cancelled runs nothing more, and can still be read', async () => {
    await job('hourly', { schedules: [{ every: '1h' }] })
    const made = await api.ok(`${NS}/jobs/hourly/backfills`, { method: 'POST', body: { ...RANGE, parallel: 3 } })
    expect(made.body).toMatchObject({ total: 48, open: 3 })
    const path = `${NS}/jobs/hourly/backfills/${made.body.id as string}`
    const gone = await api.ok(path, { method: 'DELETE' })
    expect(gone.body).toMatchObject({ state: 'cancelled', waiting: 0, open: 0, ended: { cancelled: 3 } })
    expect((await api.ok(path)).body).toEqual(gone.body)
    expect(open('hourly')).toEqual([])
  })

  test.each([
    [{ from: '2026-11-19T00:00:00Z', to: '2026-11-19T00:00:00Z' }, '/from', 'is not before'],
    [{ from: '2026-11-19T00:00:00Z', to: '2026-11-20T16:00:00Z' }, '/to', 'in the future'],
    [{ from: '2026-11-19T03:00:01Z', to: '2026-11-19T04:00:00Z' }, '/from', 'no schedule of the job was due'],
    [{ from: '2026-11-01T00:00:00Z', max: 5 }, '/from', 'more than 5 fires'],
    [{ from: '2026-11-19T00:00:00Z', executor: 'e1' }, '/executor', 'a URL of its own'],
  ])('that asks for %j is refused', async (body, pointer, detail) => {
    await job('daily', { schedules: [{ cron: '0 3 * * *' }] })
    const refused = await api.ok(`${NS}/jobs/daily/backfills`, { method: 'POST', body })
    expect([refused.status, refused.body.errors?.[0]?.pointer]).toEqual([400, pointer])
    expect(refused.body.errors?.[0]?.detail).toContain(detail)
  })

  test('is found under its own job only', async () => {
    await job('daily', { schedules: [{ cron: '0 3 * * *' }] })
    await job('other')
    const made = await api.ok(`${NS}/jobs/daily/backfills`, { method: 'POST', body: RANGE })
    for (const method of ['GET', 'DELETE']) {
      const { body } = await api.ok(`${NS}/jobs/other/backfills/${made.body.id as string}`, { method })
      expect(body.code).toBe('backfill-not-found')
    }
  })
})

describe('S042 a trigger for one executor', () => {
  beforeEach(async () => {
    await api.ok(`${NS}/services`, { method: 'POST', body: { name: 'billing' } })
    for (const [id, labels, weight] of [
      ['e1', { zone: 'a' }, 1],
      ['e2', {}, 1],
      ['e3', { zone: 'a' }, 0],
    ] as const) {
      const body = { url: 'http://10.0.0.7:8080/', labels, weight }
      await api.ok(`${NS}/services/billing/executors/${id}`, { method: 'PUT', body })
    }
    const target = { kind: 'handler', service: 'billing', handler: 'h' }
    await job('x', { target, routing: { labels: { zone: 'a' } } })
  })

  test('with a fire time and parameters of its own makes a run that only that executor may take', async () => {
    const { body } = await trigger('x', { executor: 'e1', params: { a: 1 }, fireTime: '2026-11-01T00:00:00Z' })
    expect(api.state.runs.get(body.id as string)).toMatchObject({
      executor: 'e1',
      params: { a: 1 },
      fireTime: NOW - (19 * 24 + 15) * HOUR,
      shards: [{ index: 0, bound: 'e1' }],
    })
  })

  test.each([
    ['e9', 404, 'has no executor e9'],
    ['e2', 400, 'does not carry the label zone=a'],
    ['e3', 400, 'has weight 0'],
  ])('%s is refused when it is not there or takes no such work', async (executor, status, detail) => {
    const refused = await trigger('x', { executor })
    expect([refused.status, refused.body.errors?.[0]?.pointer]).toEqual([status, '/executor'])
    expect(refused.body.errors?.[0]?.detail).toContain(detail)
    expect(api.state.runs.size).toBe(0)
  })

  test('keeps the executor in a rerun only when it is chosen again', async () => {
    const { body } = await trigger('x', { executor: 'e1' })
    finish(body.id as string, {}, 'e1')
    const free = await api.ok(`${NS}/runs/${body.id as string}/rerun`, { method: 'POST' })
    expect(api.state.runs.get(free.body.id as string)?.executor).toBeUndefined()
    const bound = await api.ok(`${NS}/runs/${body.id as string}/rerun`, { method: 'POST', body: { executor: 'e1' } })
    expect(api.state.runs.get(bound.body.id as string)?.shards[0]?.bound).toBe('e1')
  })
})

test('a repeat with the same key is answered although it could not be made any more', async () => {
  await api.ok(`${NS}/services`, { method: 'POST', body: { name: 'shop' } })
  const executor = `${NS}/services/shop/executors/e1`
  await api.ok(executor, { method: 'PUT', body: { url: 'https://e1.example.com/' } })
  await job('j', {
    target: { kind: 'http', service: 'shop', method: 'POST', path: '/x' },
    schedules: [{ every: '1h', startAt: new Date(NOW - 9 * HOUR).toISOString() }],
  })
  const post = (path: string, body: object) =>
    api.ok(`${NS}/${path}`, { method: 'POST', headers: { 'idempotency-key': 'k' }, body: { ...body, executor: 'e1' } })
  const first = await trigger('j', {})
  finish(first.body.id as string, {}, 'e1')
  const requests = [
    ['jobs/j/trigger', {}],
    [`runs/${first.body.id as string}/rerun`, {}],
    ['jobs/j/backfills', { from: new Date(NOW - 3 * HOUR).toISOString() }],
  ] as const
  const made = []
  for (const [path, body] of requests) made.push((await post(path, body)).body.id)
  expect((await api.ok(executor, { method: 'DELETE' })).status).toBe(204)
  for (const [at, [path, body]] of requests.entries()) {
    const again = await post(path, body)
    expect([again.status, again.body.id, again.headers.get('idempotent-replayed')]).toEqual([200, made[at], 'true'])
    expect((await post(path, { ...body, params: { a: 1 } })).body.code).toBe('idempotency-mismatch')
  }
})
