import { beforeEach, describe, expect, test } from 'vitest'
import { findSink } from '../state/sinks.ts'
import { type Bench, createBench } from './fixtures.ts'

const NS = '/v1/namespaces/default'
const HTTP = { kind: 'http', method: 'POST', url: 'https://shop.example.com/warm' }
const HOUR = 3_600_000

let api: Bench

beforeEach(async () => {
  api = createBench()
  for (const name of ['x', 'y']) {
    await api.ok(`${NS}/jobs`, { method: 'POST', body: { name, target: HTTP, overlap: 'allow' } })
  }
})

/** Runs of a job, an hour apart, that end as they are told to. */
async function runs(job: string, ...ends: ('succeeded' | 'failed' | 'cancelled' | 'open')[]): Promise<string[]> {
  const ids: string[] = []
  for (const end of ends) {
    const { body } = await api.ok(`${NS}/jobs/${job}/trigger`, { method: 'POST' })
    const run = body.id as string
    if (end === 'cancelled') await api.ok(`${NS}/runs/${run}/cancel`, { method: 'POST' })
    if (end === 'succeeded' || end === 'failed') finish(run, end)
    api.clock.pass(HOUR)
    ids.push(run)
  }
  return ids
}

function finish(run: string, outcome: 'succeeded' | 'failed'): void {
  const at = api.clock.now()
  api.apply({ kind: 'place-shards', at, node: 'n1', placements: [{ run, shard: 0, attempts: 0, executor: '-' }] })
  const open = api.state.runs.get(run)
  const attempt = open?.shards[0]?.attempt?.id ?? ''
  const finished = { attempt, job: open?.job ?? 0, outcome, endedAt: at, retryable: false, chance: 0 }
  api.apply({ kind: 'attempts-finished', at, finishes: [finished] })
}

async function listed(): Promise<string[]> {
  const { body } = await api.ok(`${NS}/runs?limit=500`)
  return (body.items as { id: string }[]).map(({ id }) => id).reverse()
}

const prune = (query: string) => api.ok(`${NS}/runs?${query}`, { method: 'DELETE' })

describe('S096 S112 finished runs are deleted', () => {
  test('by job, by time and by state, those that all of them name', async () => {
    const x = await runs('x', 'succeeded', 'failed', 'succeeded')
    const y = await runs('y', 'succeeded', 'cancelled')
    const before = new Date(api.clock.now() - 3 * HOUR).toISOString()
    const { body } = await prune(`job=x&state=succeeded&before=${before}`)
    expect(body).toEqual({ preview: false, runs: 1, spared: 0, done: true })
    expect(await listed()).toEqual([x[1], x[2], ...y])
    expect((await prune('state=failed&state=cancelled')).body).toMatchObject({ runs: 2 })
    expect(await listed()).toEqual([x[2], y[0]])
    expect((await prune('job=x')).body).toMatchObject({ runs: 1 })
    expect(await listed()).toEqual([y[0]])
  })

  test('with their attempts; asked for again they are not there', async () => {
    const [run = ''] = await runs('x', 'succeeded')
    await prune('job=x')
    expect((await api.ok(`${NS}/runs/${run}`)).status).toBe(404)
    expect(await api.context.ledger.attempts(run)).toEqual([])
    expect((await prune('job=x')).body).toEqual({ preview: false, runs: 0, spared: 0, done: true })
  })

  test('open ones stay', async () => {
    const x = await runs('x', 'succeeded', 'open')
    await prune('job=x')
    expect(await listed()).toEqual([x[1]])
  })

  test('a preview counts them and shows the oldest and the newest, and deletes nothing', async () => {
    const x = await runs('x', 'succeeded', 'failed', 'succeeded', 'open')
    const { body } = await prune('job=x&preview=true')
    expect(body).toMatchObject({ preview: true, runs: 3, done: true, oldest: { id: x[0] }, newest: { id: x[2] } })
    expect(await listed()).toEqual(x)
    expect((await prune('job=y&preview=true')).body).toEqual({ preview: true, runs: 0, spared: 0, done: true })
  })

  test('many go in small entries, at most 5,000 with one request', async () => {
    const { uid, version } = (await api.ok(`${NS}/jobs/x`)).body as { uid: number; version: number }
    const at = api.clock.now()
    for (let run = 0; run < 5300; run++) {
      const fire = { run: `run${run}`, fireTime: at + 1 + run, dueTime: at + 1 + run, schedules: ['s'] }
      const decision = { job: uid, version, fires: [{ ...fire, cause: 'schedule' as const, place: ['-'] }] }
      api.apply({ kind: 'decide-fires', at, node: 'n1', decisions: [decision] })
      api.apply({ kind: 'run-cancel', at, run: `run${run}`, by: 'test' })
    }
    const first = await prune('job=x')
    expect(first.body).toMatchObject({ done: false })
    expect(first.body.runs).toBeGreaterThanOrEqual(5000)
    const second = await prune('job=x')
    expect(second.body).toMatchObject({ done: true })
    expect(Number(first.body.runs) + Number(second.body.runs)).toBe(5300)
    for (const command of api.commands) {
      if (command.kind === 'ledger-trim') expect(command.jobs[0]?.runs.length).toBeLessThanOrEqual(128)
    }
  })

  test.each([
    ['no filter', '', 400],
    ['a job that is not there', 'job=z', 404],
    ['a state that is none of a finished run', 'state=queued', 400],
    ['a time that is none', 'before=yesterday', 400],
  ])('%s is refused', async (_, query, status) => {
    const x = await runs('x', 'succeeded')
    expect((await prune(query)).status).toBe(status)
    expect(await listed()).toEqual(x)
  })

  test('by whoever may change the namespace', async () => {
    await runs('x', 'succeeded')
    const as = (scope: 'read' | 'namespace:other' | 'namespace:default') =>
      api.send(`${NS}/runs?job=x`, { method: 'DELETE', token: api.token(scope) })
    expect((await as('read')).status).toBe(403)
    expect((await as('namespace:other')).status).toBe(403)
    expect((await as('namespace:default')).body).toMatchObject({ runs: 1 })
  })
})

test('a namespace says how long the runs of its jobs are kept', async () => {
  const definition = { slots: 10, retention: { maxAge: '7d', failedMaxAge: '90d', maxRuns: 500 } }
  const { body } = await api.ok('/v1/namespaces/shop', { method: 'PUT', body: definition })
  expect(body).toMatchObject({ retention: definition.retention })
  expect([...api.state.namespaces.values()].at(-1)?.retention).toEqual({
    maxAgeMs: 604_800_000,
    failedMaxAgeMs: 7_776_000_000,
    maxRuns: 500,
  })
  const again = await api.ok('/v1/namespaces/shop', { method: 'PUT', body: { slots: 11 } })
  expect(again.body.retention).toBeUndefined()
  const wrong = await api.ok('/v1/namespaces/shop', { method: 'PUT', body: { retention: { maxAge: '1s' } } })
  expect([wrong.status, wrong.body.errors?.[0]?.pointer]).toEqual([422, '/retention/maxAge'])
})

test('a preview says which sinks do not have the runs yet and would miss them', async () => {
  await api.ok('/v1/sinks/archive', { method: 'PUT', body: { host: 'db', user: 'u', database: 'd' } })
  await api.ok('/v1/sinks/other', { method: 'PUT', body: { host: 'db2', user: 'u', database: 'd' } })
  await runs('x', 'succeeded', 'succeeded', 'succeeded')
  const rows = await api.context.ledger.runs({ namespace: 1, newestFirst: false, limit: 2 })
  for (const sink of api.state.sinks.values()) {
    const last = rows.rows[sink.name === 'archive' ? 0 : 1]
    sink.cursor = last?.sequence ?? [0, 0]
  }
  expect((await prune('job=x&preview=true')).body.undelivered).toEqual([
    { sink: 'archive', runs: 2 },
    { sink: 'other', runs: 1 },
  ])
  const archive = [...api.state.sinks.values()].find(({ name }) => name === 'archive')
  if (archive) {
    // It is given the first one again, and had the second one as well.
    const back = { cursor: rows.rows[1]?.sequence ?? [0, 0], position: 2 } as const
    archive.resend = { to: archive.cursor, toPosition: 1, back }
    archive.cursor = [0, 0]
  }
  expect((await prune('job=x&preview=true')).body.undelivered).toEqual([
    { sink: 'archive', runs: 2 },
    { sink: 'other', runs: 1 },
  ])
  for (const sink of api.state.sinks.values()) sink.position = api.state.ledgerRows
  expect((await prune('job=x&preview=true')).body.undelivered).toBeUndefined()
})

test('a preview names the sinks that keep what they have: deleting touches none of them', async () => {
  await runs('x', 'succeeded')
  expect((await prune('job=x&preview=true')).body).not.toHaveProperty('keptBy')
  for (const name of ['archive', 'fresh']) {
    await api.ok(`/v1/sinks/${name}`, { method: 'PUT', body: { host: name, user: 'u', database: 'd' } })
  }
  const archive = findSink(api.state, 'archive')
  if (archive) archive.cursor = [api.state.index, 0]
  // One that was never given a row keeps none.
  expect((await prune('job=x&preview=true')).body.keptBy).toEqual(['archive'])
  expect((await prune('job=x&before=2000-01-01T00:00:00Z&preview=true')).body).not.toHaveProperty('keptBy')
})

describe('what has just ended reaches a sink before it is deleted', () => {
  const gaps = () => [...api.state.sinks.values()].map((sink) => sink.gaps.length)

  beforeEach(async () => {
    await api.ok('/v1/sinks/archive', { method: 'PUT', body: { host: 'db', user: 'u', database: 'd' } })
    await runs('x', 'succeeded')
  })

  /** Lets virtual time go on until there is an answer. */
  async function answered(reply: ReturnType<typeof prune>): Promise<number> {
    const began = api.clock.monotonic()
    let over = false
    void reply.finally(() => (over = true))
    while (!over) {
      await new Promise((resolve) => setImmediate(resolve))
      if (!over) api.clock.pass(50)
    }
    expect((await reply).body).toMatchObject({ runs: 1, done: true })
    return api.clock.monotonic() - began
  }

  test('which then misses nothing', async () => {
    const reply = prune('job=x')
    const sink = [...api.state.sinks.values()][0]
    const { uid = 0, since = 0 } = sink ?? {}
    api.clock.after(1000, () => {
      const { index, ledgerRows } = api.state
      const progress = { sink: uid, since, cursor: [index, 9] as const, position: ledgerRows, rows: ledgerRows }
      api.apply({ kind: 'sinks-progress', at: api.clock.now(), sinks: [progress] })
    })
    expect(await answered(reply)).toBeLessThan(2000)
    expect(gaps()).toEqual([0])
  })

  test('also when only its leader knows yet how far it is', async () => {
    const { uid = 0, since = 0 } = [...api.state.sinks.values()][0] ?? {}
    await api.ok('/v1/sinks/archive/pause', { method: 'POST' })
    const { index, ledgerRows } = api.state
    const place = { since, cursor: [index, 9] as const, position: ledgerRows, rows: ledgerRows }
    const figures = { lagRows: 0, lagMs: 0, rowsPerSecond: 0, place }
    api.context.sinks.figures = () => Promise.resolve(new Map([[uid, figures]]))
    expect(await answered(prune('job=x'))).toBeLessThan(1000)
    expect(api.state.sinks.get(uid)).toMatchObject({ gaps: [], cursor: place.cursor, position: ledgerRows })
  })

  test('for three seconds, and not if it is paused', async () => {
    const waited = await answered(prune('job=x'))
    expect([waited >= 3000, waited < 4000, gaps()]).toEqual([true, true, [1]])
    await api.ok('/v1/sinks/archive/pause', { method: 'POST' })
    await runs('x', 'succeeded')
    expect(await answered(prune('job=x'))).toBeLessThan(1000)
  })
})
