import { beforeEach, describe, expect, test } from 'vitest'
import { type Bench, createBench, NOW } from './fixtures.ts'

const HOUR = 3_600_000
const NS = '/v1/namespaces/default'
const TARGET = { kind: 'http', method: 'GET', url: 'https://shop.example.com/' }

let api: Bench

beforeEach(async () => {
  api = createBench()
  for (const name of ['steady', 'shaky']) await job(NS, name)
  await job('/v1/namespaces/other', 'else')
})

function job(namespace: string, name: string) {
  return api.ok(`${namespace}/jobs`, { method: 'POST', body: { name, target: TARGET, overlap: 'allow' } })
}

/** One run, which began at once and took a while. */
async function run(name: string, outcome: 'succeeded' | 'failed', tookMs = 20, namespace = NS): Promise<void> {
  const { body } = await api.ok(`${namespace}/jobs/${name}/trigger`, { method: 'POST', body: {} })
  const id = body.id as string
  const placement = { run: id, shard: 0, attempts: 0, executor: '-' }
  api.apply({ kind: 'place-shards', at: api.clock.now(), node: 'n1', placements: [placement] })
  const uid = api.state.runs.get(id)?.job ?? 0
  api.clock.pass(tookMs)
  const at = api.clock.now()
  const finish = { attempt: `${id}-0-1`, job: uid, outcome, endedAt: at, retryable: false, chance: 0 }
  api.apply({ kind: 'attempts-finished', at, finishes: [finish] })
}

type Series = { at: string; runs: { succeeded: number } }[]

describe('statistics', () => {
  test('begin with the day, the week and the month of the zone, and say so', async () => {
    await run('steady', 'succeeded')
    const of = async (query: string) => (await api.ok(`${NS}/stats?${query}`)).body
    // NOW is Friday, 20 November 2026, 15:00 in London, 23:00 in Shanghai.
    expect(await of('period=today&zone=Asia/Shanghai')).toMatchObject({
      from: '2026-11-19T16:00:00.000Z',
      step: 'hour',
      zone: 'Asia/Shanghai',
      totals: { runs: { succeeded: 1 }, durationMs: 20 },
    })
    expect(await of('period=week&zone=Asia/Shanghai')).toMatchObject({ from: '2026-11-15T16:00:00.000Z', step: 'day' })
    expect(await of('period=month')).toMatchObject({ from: '2026-11-01T00:00:00.000Z', step: 'day' })
    expect(await of('period=all')).toMatchObject({ from: '2026-11-20T00:00:00.000Z', step: 'month' })
  })

  test('have a point for every step, with quantiles where something ran', async () => {
    await run('steady', 'succeeded', 75)
    api.clock.pass(3 * 24 * HOUR)
    await run('steady', 'succeeded', 200)
    const { body } = await api.ok(`${NS}/jobs/steady/stats?step=day&from=2026-11-19T23:00:00Z&zone=Europe/Berlin`)
    const series = body.series as Series
    expect(series.map(({ at, runs }) => [at, runs.succeeded])).toEqual([
      ['2026-11-19T23:00:00.000Z', 1],
      ['2026-11-20T23:00:00.000Z', 0],
      ['2026-11-21T23:00:00.000Z', 0],
      ['2026-11-22T23:00:00.000Z', 1],
    ])
    expect(series[0]).toMatchObject({ latenessP95Ms: 10, durationP50Ms: 75 })
    expect(series[1]).not.toHaveProperty('durationP50Ms')
  })

  test('are those of a job, of its namespace, and of the cluster for those who may see it', async () => {
    await run('steady', 'succeeded')
    await run('shaky', 'failed')
    await run('else', 'succeeded', 20, '/v1/namespaces/other')
    const runs = async (path: string) => ((await api.ok(path)).body.totals as { runs: object }).runs
    expect(await runs(`${NS}/jobs/steady/stats`)).toMatchObject({ succeeded: 1, failed: 0 })
    expect(await runs(`${NS}/stats?period=all`)).toMatchObject({ succeeded: 1, failed: 1 })
    expect(await runs('/v1/stats')).toMatchObject({ succeeded: 2, failed: 1 })
    const token = api.token('namespace:default')
    expect((await api.send('/v1/stats', { token })).status).toBe(403)
    expect((await api.send(`${NS}/stats/top`, { token })).status).toBe(200)
  })

  test('of years that no key can name are empty', async () => {
    await run('steady', 'succeeded')
    for (const query of ['from=2161-07-01T00:00:00Z&to=2161-08-01T00:00:00Z', 'to=9999-12-31T00:00:00Z&step=month']) {
      expect((await api.ok(`${NS}/stats?${query}`)).body).toMatchObject({ totals: { runs: { succeeded: 0 } } })
    }
  })

  test.each([
    ['period=week&from=2026-11-01T00:00:00Z', '?from'],
    ['zone=Mars/Olympus', '?zone'],
    ['step=hour&from=2026-01-01T00:00:00Z', '?from'],
    ['step=day&from=1970-01-01T00:00:00Z', '?from'],
    ['period=year', '?period'],
  ])('are refused with %s', async (query, pointer) => {
    const { status, body } = await api.ok(`${NS}/stats?${query}`)
    expect([status, body.errors?.[0]?.pointer]).toEqual([400, pointer])
  })
})

describe('S100 the worst jobs', () => {
  const names = ({ body }: { body: Record<string, unknown> }) => (body.items as { job: string }[]).map((one) => one.job)

  test('are those whose runs fail most often', async () => {
    for (let i = 0; i < 6; i++) await run('shaky', i % 2 === 0 ? 'failed' : 'succeeded')
    for (let i = 0; i < 6; i++) await run('steady', i === 0 ? 'failed' : 'succeeded')
    for (let i = 0; i < 6; i++) await run('else', 'failed', 20, '/v1/namespaces/other')
    const top = await api.ok(`${NS}/stats/top?period=today`)
    expect(top.body).toMatchObject({
      by: 'failure-rate',
      minRuns: 5,
      items: [
        { job: 'shaky', runs: 6, succeeded: 3, failed: 3, failureRate: 0.5 },
        { job: 'steady', failureRate: 0.1667 },
      ],
    })
    expect(names(await api.ok('/v1/stats/top'))).toEqual(['else', 'shaky', 'steady'])
    expect(names(await api.ok('/v1/stats/top?limit=1'))).toEqual(['else'])
    expect(names(await api.ok(`${NS}/stats/top?minRuns=7`))).toEqual([])
    // Asked again, with what has run since.
    for (let i = 0; i < 30; i++) await run('steady', 'failed')
    expect(names(await api.ok(`${NS}/stats/top?period=today`))).toEqual(['steady', 'shaky'])
  })

  test('are those that take longer than the day, week or month before', async () => {
    for (let i = 0; i < 5; i++) await run('shaky', 'succeeded', 100)
    for (let i = 0; i < 5; i++) await run('steady', 'succeeded', 100)
    api.clock.pass(24 * HOUR)
    for (let i = 0; i < 5; i++) await run('shaky', 'succeeded', 250)
    for (let i = 0; i < 5; i++) await run('steady', 'succeeded', 100)
    const slower = await api.ok(`${NS}/stats/top?by=duration-trend&period=today`)
    expect(slower.body).toMatchObject({
      from: '2026-11-21T00:00:00.000Z',
      beforeFrom: '2026-11-20T00:00:00.000Z',
      items: [{ job: 'shaky', durationTrend: 2.5, durationMeanBeforeMs: 100, durationMeanMs: 250 }],
    })
    const from = new Date(NOW + 12 * HOUR).toISOString()
    expect(names(await api.ok(`${NS}/stats/top?by=duration-trend&from=${from}`))).toEqual(['shaky'])
    expect(names(await api.ok(`${NS}/stats/top?by=lateness&period=all`))).toEqual(['shaky', 'steady'])
  })
})
