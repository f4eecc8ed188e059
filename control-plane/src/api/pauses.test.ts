import { beforeEach, describe, expect, test } from 'vitest'
import type { Command } from '../state/commands.ts'
import { type Bench, createBench, NOW } from './fixtures.ts'

let api: Bench

beforeEach(async () => {
  api = createBench()
  const body = {
    name: 'tick',
    schedules: [{ every: '1m' }],
    target: { kind: 'http', method: 'GET', url: 'https://shop.example.com/' },
  }
  await api.ok('/v1/namespaces/default/jobs', { method: 'POST', body })
})

const post = (path: string, sent: object = {}) => api.ok(path, { method: 'POST', ...sent })
const jobNow = async () => (await api.ok('/v1/namespaces/default/jobs/tick')).body

describe('a namespace', () => {
  test('is paused and resumed, and shows who did', async () => {
    const paused = await post('/v1/namespaces/default/pause')
    expect([paused.status, paused.body.paused]).toEqual([200, { by: 'token:admin', at: new Date(NOW).toISOString() }])
    expect((await api.ok('/v1/namespaces/default')).body.version).toBe(paused.body.version)
    expect((await post('/v1/namespaces/default/pause')).body.version).toBe(paused.body.version)
    const resumed = await post('/v1/namespaces/default/resume')
    expect(resumed.body).not.toHaveProperty('paused')
    expect((await api.ok('/v1/namespaces')).body.items).toMatchObject([{ name: 'default' }, { name: 'other' }])
  })

  test('is paused by those who may change it, under the version that they read', async () => {
    const token = api.token('namespace:default')
    expect((await post('/v1/namespaces/default/pause', { token })).status).toBe(200)
    expect((await post('/v1/namespaces/other/pause', { token })).status).toBe(403)
    const stale = { headers: { 'if-match': '"1"' } }
    expect((await post('/v1/namespaces/default/resume', stale)).status).toBe(412)
    expect((await post('/v1/namespaces/none/pause')).body.code).toBe('namespace-not-found')
  })

  test('that is paused explains why its jobs will not run', async () => {
    await post('/v1/namespaces/default/pause')
    const at = new Date(NOW + 60_000).toISOString()
    const { body } = await api.ok(`/v1/namespaces/default/jobs/tick/explain?at=${at}`)
    const entry = api.state.index
    expect(body).toMatchObject({ verdict: 'will-skip', reason: 'paused', rule: 'state', entry })
  })
})

describe('the whole scheduler', () => {
  test('is paused and resumed by administrators, and the status says so', async () => {
    const paused = { paused: { by: 'token:admin', at: new Date(NOW).toISOString() } }
    expect((await post('/v1/scheduler/pause')).body).toEqual(paused)
    expect((await api.ok('/v1/scheduler')).body).toEqual(paused)
    expect((await api.ok('/v1/status')).body).toMatchObject(paused)
    expect((await post('/v1/scheduler/pause', { token: api.token('namespace:default') })).status).toBe(403)
    expect((await post('/v1/scheduler/resume')).body).toEqual({})
    expect((await api.ok('/v1/status')).body).not.toHaveProperty('paused')
  })

  test('that is paused explains why nothing will run', async () => {
    await post('/v1/scheduler/pause')
    const at = new Date(NOW + 60_000).toISOString()
    const { body } = await api.ok(`/v1/namespaces/default/jobs/tick/explain?at=${at}`)
    expect(body).toMatchObject({ verdict: 'will-skip', reason: 'paused' })
  })
})

test('a job that was paused shows by whom', async () => {
  await post('/v1/namespaces/default/jobs/tick/pause')
  expect(await jobNow()).toMatchObject({ state: 'paused', pausedBy: 'token:admin' })
  await post('/v1/namespaces/default/jobs/tick/resume')
  expect(await jobNow()).not.toHaveProperty('pausedBy')
})

describe('a job that cannot be evaluated', () => {
  /** Its zone is not one that this build knows, as after a change of the time zone database. */
  async function poison() {
    const target = { kind: 'http', method: 'GET', url: 'https://shop.example.com/' }
    const schedules = [{ cron: '* * * * *', zone: 'America/New_York' }]
    await api.ok('/v1/namespaces/default/jobs/tick', { method: 'PUT', body: { schedules, target } })
    const put = api.commands.findLast(({ kind }) => kind === 'job-put') as Command & { kind: 'job-put' }
    const unknown = { ...put.schedules[0], zone: 'Nowhere/At_All' } as (typeof put.schedules)[number]
    const { ifVersion: _read, ...rest } = put
    api.apply({ ...rest, schedules: [unknown] })
    const [job] = api.state.jobs.values()
    const { uid = 0, version = 0 } = job ?? {}
    api.apply({ kind: 'job-quarantine', at: api.clock.now(), job: uid, version, fault: 'no such zone' })
    api.clock.pass(600_000)
  }

  test('shows why, and is refused when it is resumed as it is', async () => {
    await poison()
    expect(await jobNow()).toMatchObject({ state: 'quarantined', fault: 'no such zone' })
    const { status, body } = await post('/v1/namespaces/default/jobs/tick/resume')
    expect([status, body.code]).toEqual([422, 'invalid-schedule'])
    expect(await jobNow()).toMatchObject({ state: 'quarantined' })
  })

  test('goes on with a definition that can be, and what fell due meanwhile has its record', async () => {
    await poison()
    const target = { kind: 'http', method: 'GET', url: 'https://shop.example.com/' }
    const body = { schedules: [{ every: '1m' }], target }
    const { status } = await api.ok('/v1/namespaces/default/jobs/tick', { method: 'PUT', body })
    expect(status).toBe(200)
    expect(await jobNow()).toMatchObject({ state: 'active', nextFire: { fireTime: expect.any(String) } })
    expect(await jobNow()).not.toHaveProperty('fault')
  })

  test('is evaluated again when it is resumed', async () => {
    const [job] = api.state.jobs.values()
    const { uid = 0, version = 0 } = job ?? {}
    api.apply({ kind: 'job-quarantine', at: api.clock.now(), job: uid, version, fault: 'x' })
    api.clock.pass(300_000)
    await post('/v1/namespaces/default/jobs/tick/resume')
    expect(await jobNow()).toMatchObject({ state: 'active', openStretch: { reason: 'quarantined', count: 5 } })
  })
})
