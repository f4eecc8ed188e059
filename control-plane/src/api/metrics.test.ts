import { describe, expect, test } from 'vitest'
import { CATALOG } from '../metrics/catalog.ts'
import { type Bench, createBench, NOW } from './fixtures.ts'

async function scrape(api: Bench, token = api.token('read')) {
  const response = await api.app.request('/metrics', { headers: { authorization: `Bearer ${token}` } })
  return { response, text: await response.text() }
}

/** The value of a line, labels as they are written. */
function value(text: string, line: string): number | undefined {
  const found = text.split('\n').find((one) => one.startsWith(`${line} `))
  return found === undefined ? undefined : Number(found.slice(line.length + 1))
}

const JOB = {
  name: 'nightly',
  schedules: [{ id: 's', cron: '0 23 * * *' }],
  target: { kind: 'http', method: 'GET', url: 'https://shop.example.com/' },
}

/** A job, a fire of it that started and failed, and one that was missed. */
async function lived(): Promise<Bench> {
  const api = createBench()
  await api.ok('/v1/namespaces/default/jobs', { method: 'POST', body: JOB })
  const [job] = api.state.jobs.values()
  const { uid = 0, version = 0 } = job ?? {}
  const at = NOW + 3000
  const skipped = [{ reason: 'misfire-threshold' as const, from: NOW + 1, to: NOW + 2, count: 2 }]
  const fire = { run: 'r1', fireTime: NOW + 1000, dueTime: NOW + 1000, schedules: ['s'], cause: 'schedule' as const }
  const decisions = [{ job: uid, version, skipped, fires: [{ ...fire, place: ['-'] }] }]
  api.apply({ kind: 'decide-fires', at, node: 'n1', decisions })
  const [attempt] = api.state.attempts.keys()
  const finish = { attempt: attempt ?? '', job: uid, outcome: 'failed' as const, retryable: false, chance: 0 }
  api.apply({ kind: 'attempts-finished', at: at + 700, finishes: [{ ...finish, endedAt: at + 700 }] })
  return api
}

describe('S022 figures for Prometheus', () => {
  test('need a token that may read, and say what they are', async () => {
    const api = createBench()
    expect((await api.send('/metrics')).status).toBe(401)
    expect((await api.send('/metrics', { token: api.token('namespace:default') })).status).toBe(403)
    const { response } = await scrape(api)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  test('are had under any host name: whoever collects them comes by address', async () => {
    const api = createBench()
    const headers = { host: '10.1.2.3:7420', authorization: `Bearer ${api.token('read')}` }
    expect((await api.app.request('/metrics', { headers })).status).toBe(200)
    expect((await api.app.request('/v1/status', { headers })).status).toBe(421)
  })

  test('count what became of fires, runs and attempts', async () => {
    const { text } = await scrape(await lived())
    const of = (name: string) => value(text, `cronclave_${name}`)
    expect(of('fires_due_total{namespace="default"}')).toBe(3)
    expect(of('fires_missed_total{namespace="default"}')).toBe(2)
    expect(of('fires_skipped_total{namespace="default",reason="misfire-threshold"}')).toBe(2)
    expect(of('runs_started_total{namespace="default",cause="schedule"}')).toBe(1)
    expect(of('runs_ended_total{namespace="default",state="failed"}')).toBe(1)
    expect(of('runs_ended_total{namespace="default",state="lost"}')).toBe(0)
    expect(of('attempts_total{namespace="default",outcome="failed"}')).toBe(1)
    expect(of('fire_lateness_seconds_bucket{namespace="default",le="1"}')).toBe(0)
    expect(of('fire_lateness_seconds_bucket{namespace="default",le="5"}')).toBe(1)
    expect(of('run_duration_seconds_sum{namespace="default"}')).toBe(0.7)
    expect(of('jobs{namespace="default",state="active"}')).toBe(1)
    expect(of('runs{namespace="default",state="running"}')).toBe(0)
    expect(of('slots{namespace="default"}')).toBe(1000)
  })

  test('count requests by operation, never by path', async () => {
    const api = await lived()
    await api.send('/v1/namespaces/default/jobs/none', { token: api.token('read') })
    await api.send('/v1/namespaces/x/jobs/other', { token: api.token('read') })
    await api.send('/v1/no/such/thing')
    await api.send('/v1/status', { method: 'DELETE' })
    const { text } = await scrape(api)
    const of = (labels: string) => value(text, `cronclave_http_requests_total{${labels}}`)
    expect(of('method="GET",route="/v1/namespaces/{namespace}/jobs/{job}",status="404"')).toBe(2)
    expect(of('method="POST",route="/v1/namespaces/{namespace}/jobs",status="201"')).toBe(1)
    expect(of('method="any",route="other",status="404"')).toBe(1)
    expect(of('method="any",route="other",status="405"')).toBe(1)
    expect(text).not.toContain('nightly')
  })

  test('and each request can be had as a line, without its query', async () => {
    const api = await lived()
    const lines: object[] = []
    api.context.logger.debug = (fields) => void lines.push(fields)
    await api.send('/v1/namespaces/default/jobs?limit=7', { token: api.token('read') })
    await api.send('/v1/status')
    expect(lines).toEqual([
      { method: 'GET', path: '/v1/namespaces/default/jobs', status: 200, ms: 0 },
      { method: 'GET', path: '/v1/status', status: 401, ms: 0 },
    ])
  })

  test('have a line of each metric that one node has', async () => {
    const { text } = await scrape(await lived())
    // Of others, of what went wrong, and of what is to be placed: there is none here.
    const absent = /^cronclave_(alarms|raft_peer|clock_offset|evaluation|worker_|sink)/
    const missing = Object.keys(CATALOG).filter((name) => !text.includes(`\n${name}`) && !absent.test(name))
    const bare = Object.keys(CATALOG).filter((name) => !new RegExp(`^${name}(?:_count)?[{ ]`, 'm').test(text))
    expect(missing).toEqual([])
    expect(bare.filter((name) => !absent.test(name))).toEqual([])
  })

  test('of 10,000 jobs are there within 20 ms', async () => {
    const api = await lived()
    const [job] = api.state.jobs.values()
    for (let uid = 1_000_000; job && uid < 1_010_000; uid++) api.state.jobs.set(uid, { ...job, uid })
    const token = api.token('read')
    const times: number[] = []
    for (let i = 0; i < 9; i++) {
      const began = performance.now()
      const { text } = await scrape(api, token)
      times.push(performance.now() - began)
      expect(value(text, 'cronclave_jobs{namespace="default",state="active"}')).toBe(10_001)
    }
    expect(times.sort((a, b) => a - b)[4]).toBeLessThan(20)
  })

  test('never ask the database', async () => {
    const api = await lived()
    const asked: string[] = []
    for (const name of ['run', 'runs', 'counted', 'stretches', 'attempts'] as const)
      api.context.ledger[name] = () => {
        asked.push(name)
        throw new Error('asked')
      }
    expect((await scrape(api)).response.status).toBe(200)
    expect(asked).toEqual([])
  })
})
