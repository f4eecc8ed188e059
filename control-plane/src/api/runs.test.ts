import { beforeEach, describe, expect, test } from 'vitest'
import { type Bench, createBench, NOW } from './fixtures.ts'

const NS = '/v1/namespaces/default'
const HTTP = { kind: 'http', method: 'POST', url: 'https://shop.example.com/warm' }

let api: Bench

beforeEach(async () => {
  api = createBench()
  await api.ok(`${NS}/jobs`, {
    method: 'POST',
    body: { name: 'x', target: HTTP, params: { city: 'berlin', n: 1 }, overlap: 'allow' },
  })
})

function trigger(body?: object, headers: Record<string, string> = {}, token?: string) {
  return api.ok(`${NS}/jobs/x/trigger`, {
    method: 'POST',
    headers,
    ...(body ? { body } : {}),
    ...(token ? { token } : {}),
  })
}

/** Places a queued run, ends its attempt. */
function finish(run: string, outcome: 'succeeded' | 'failed' = 'succeeded') {
  const { state } = api
  const at = api.clock.now()
  api.apply({ kind: 'place-shards', at, node: 'n1', placements: [{ run, shard: 0, attempts: 0, executor: '-' }] })
  api.clock.pass(20)
  const logs = [1, 2, 3].map((i) => ({ at, level: 'info' as const, message: `line ${i}` }))
  const attempt = state.runs.get(run)?.shards[0]?.attempt?.id ?? ''
  const finished = { attempt, job: 5, outcome, endedAt: at + 20, retryable: true, chance: 0, logs }
  api.apply({
    kind: 'attempts-finished',
    at: at + 20,
    finishes: [{ ...finished, sentAt: at + 1, status: 200, result: { ok: 1 } }],
  })
}

describe('a trigger', () => {
  test('S040 makes a run with its parameters over those of the job', async () => {
    const { status, body, headers } = await trigger({
      params: { city: 'tianjin' },
      fireTime: '2026-11-01T00:00:00+08:00',
    })
    expect(status).toBe(201)
    expect(headers.get('location')).toBe(`${NS}/runs/${body.id as string}`)
    expect(body).toMatchObject({
      state: 'queued',
      cause: 'api',
      params: { city: 'tianjin', n: 1 },
      fireTime: '2026-10-31T16:00:00.000Z',
      requestedBy: 'token:admin',
      shards: [{ index: 0, state: 'waiting' }],
    })
  })

  test('repeated under its key answers the first run, another body 422, another caller a run of its own', async () => {
    const key = { 'idempotency-key': 'k1' }
    const first = await trigger({ params: { a: 1, b: 2 } }, key)
    const again = await trigger({ params: { b: 2, a: 1 } }, key)
    expect([again.status, again.body.id, again.headers.get('idempotent-replayed')]).toEqual([
      200,
      first.body.id,
      'true',
    ])
    const other = await trigger({ params: { a: 2 } }, key)
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-mismatch'])
    const stranger = await trigger({ params: { a: 1, b: 2 } }, key, api.token('namespace:default', { name: 'admin' }))
    expect([stranger.status, stranger.body.id === first.body.id]).toEqual([201, false])
    finish(first.body.id as string)
    const ended = await trigger({ params: { a: 1, b: 2 } }, key)
    expect([ended.status, ended.body.id, ended.body.state]).toEqual([200, first.body.id, 'succeeded'])
  })

  test('is forgotten after 24 h', async () => {
    const key = { 'idempotency-key': 'k1' }
    const first = await trigger({}, key)
    api.clock.pass(24 * 3_600_000)
    expect((await trigger({}, key)).body.id).not.toBe(first.body.id)
  })

  test('with parameters that are too large together is refused', async () => {
    const { status, body } = await trigger({ params: { text: 'x'.repeat(65_530) } })
    expect([status, body.errors?.[0]?.pointer]).toEqual([400, '/params'])
  })

  test('S045 S046 of a job that may not overlap answers the run, skipped', async () => {
    await api.ok(`${NS}/jobs/y`, { method: 'PUT', body: { target: HTTP } })
    await api.ok(`${NS}/jobs/y/trigger`, { method: 'POST' })
    const { status, body } = await api.ok(`${NS}/jobs/y/trigger`, { method: 'POST' })
    expect([status, body.state, body.reason]).toEqual([201, 'skipped', 'overlap'])
  })
})

describe('a run', () => {
  test('S093 has attempts, log lines and counters once it has ended', async () => {
    const id = (await trigger()).body.id as string
    finish(id)
    const run = await api.ok(`${NS}/runs/${id}`)
    expect(run.body).toMatchObject({
      state: 'succeeded',
      latenessMs: 0,
      durationMs: 20,
      attempts: 1,
      result: { ok: 1 },
    })
    const attempts = await api.ok(`${NS}/runs/${id}/attempts`)
    expect(attempts.body.items).toMatchObject([
      { state: 'ended', outcome: 'succeeded', fencingToken: '1', executor: '-' },
    ])
    const first = await api.ok(`${NS}/runs/${id}/logs?limit=2`)
    const rest = await api.ok(`${NS}/runs/${id}/logs?limit=2&cursor=${first.body.nextCursor as string}`)
    expect([first.body.items, rest.body.items]).toMatchObject([
      [{ message: 'line 1' }, { message: 'line 2' }],
      [{ message: 'line 3' }],
    ])
    expect(rest.body.nextCursor).toBeUndefined()
    const missing = await api.ok(`${NS}/runs/${id}/logs?attempt=${id}-0-9`)
    expect(missing.body.code).toBe('attempt-not-found')
    const stats = await api.ok(`${NS}/stats`)
    expect(stats.body).toMatchObject({
      totals: { runs: { succeeded: 1 }, attempts: 1 },
      open: { queued: 0, running: 0 },
      jobs: { active: 1 },
    })
    expect(stats.body.series).toHaveLength(25)
    const ofJob = await api.ok(`${NS}/jobs/x/stats?step=day`)
    expect(ofJob.body).toMatchObject({ totals: { runs: { succeeded: 1 } }, step: 'day' })
    expect(ofJob.body.series).toHaveLength(31)
  })

  test('under way shows its attempt, and is cancelled once', async () => {
    const id = (await trigger()).body.id as string
    const placement = { run: id, shard: 0, attempts: 0, executor: '-' }
    api.apply({ kind: 'place-shards', at: NOW, node: 'n1', placements: [placement] })
    expect((await api.ok(`${NS}/runs/${id}/attempts`)).body.items).toMatchObject([{ state: 'running' }])
    const cancelled = await api.ok(`${NS}/runs/${id}/cancel`, { method: 'POST' })
    expect([cancelled.status, cancelled.body.state]).toEqual([200, 'cancelled'])
    const again = await api.ok(`${NS}/runs/${id}/cancel`, { method: 'POST' })
    expect([again.status, again.body.code]).toEqual([409, 'run-ended'])
  })

  test('is found in its own namespace only', async () => {
    const id = (await trigger()).body.id as string
    expect((await api.ok(`/v1/namespaces/other/runs/${id}`)).status).toBe(404)
  })

  test.each([
    '?from=2026-11-20T00:00:00Z&to=2026-11-19T00:00:00Z',
    '?from=2020-01-01T00:00:00Z',
  ])('has no stats %s', async (query) => {
    const { status, body } = await api.ok(`${NS}/stats${query}`)
    expect([status, body.errors?.[0]?.pointer]).toEqual([400, '?from'])
  })
})

describe('the list of runs', () => {
  const ids: string[] = []

  beforeEach(async () => {
    ids.length = 0
    for (let i = 0; i < 7; i++) {
      ids.push((await trigger()).body.id as string)
      if (i < 4) finish(ids[i] ?? '', i % 2 ? 'failed' : 'succeeded')
      api.clock.pass(1000)
    }
  })

  async function list(query: string): Promise<{ ids: string[]; next: string | undefined }> {
    const { body } = await api.ok(`${NS}/runs${query}`)
    return { ids: (body.items as { id: string }[]).map(({ id }) => id), next: body.nextCursor as string | undefined }
  }

  const pick = (...places: number[]) => places.map((place) => ids[place])

  test('S092 S094 has open runs first, then those that ended, the newest first, without what was put in', async () => {
    expect((await list('')).ids).toEqual(pick(6, 5, 4, 3, 2, 1, 0))
    const { body } = await api.ok(`${NS}/runs`)
    for (const run of body.items as object[]) expect(Object.keys(run)).not.toContain('params')
  })

  test.each([1, 2, 3, 4, 5])('is the same in pages of %i', async (limit) => {
    const paged: string[] = []
    let cursor = ''
    do {
      const page = await list(`?limit=${limit}${cursor}`)
      paged.push(...page.ids)
      cursor = page.next === undefined ? '' : `&cursor=${page.next}`
    } while (cursor !== '')
    expect(paged).toEqual(pick(6, 5, 4, 3, 2, 1, 0))
  })

  test('S095 is filtered by state, cause, job and time', async () => {
    expect((await list('?state=failed')).ids).toEqual(pick(3, 1))
    expect((await list('?state=failed&state=queued')).ids).toEqual(pick(6, 5, 4, 3, 1))
    expect((await list('?state=queued&limit=3')).ids).toEqual(pick(6, 5, 4))
    expect((await list('?cause=schedule')).ids).toEqual([])
    expect((await list('?job=x&cause=api')).ids).toHaveLength(7)
    const from = new Date(NOW + 1000).toISOString()
    const to = new Date(NOW + 5000).toISOString()
    const window = await list(`?from=${from}&to=${to}`)
    expect(window.ids).toEqual(pick(4, 3, 2, 1))
    expect((await api.ok(`${NS}/runs?job=none`)).status).toBe(404)
    expect((await api.ok(`${NS}/runs?state=done`)).body.errors?.[0]?.pointer).toBe('?state')
  })
})
