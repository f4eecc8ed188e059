import { beforeEach, describe, expect, test } from 'vitest'
import { manifestHash } from '../manifests/manifest-hash.ts'
import { type Bench, createBench } from './fixtures.ts'

const SERVICE = '/v1/namespaces/default/services/billing'
const JOBS = '/v1/namespaces/default/jobs'
const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`
const NIGHTLY = { schedules: [{ cron: '0 23 * * *', zone: 'Asia/Shanghai' }], retry: { max: 3 } }
const ONE = { revision: 'v1', handlers: [{ name: 'report', job: NIGHTLY }, { name: 'plain' }] }
const TWO = { revision: 'v2', handlers: [{ name: 'report', job: { ...NIGHTLY, retry: { max: 5 } } }] }

let api: Bench

beforeEach(async () => {
  api = createBench()
  await api.ok(SERVICE, { method: 'PUT', body: { secret: SECRET } })
})

const put = (body: object, query = '') => api.ok(`${SERVICE}/manifest${query}`, { method: 'PUT', body })
const job = async (name = 'report') => (await api.ok(`${JOBS}/${name}`)).body

describe('a manifest that a person applies', () => {
  test('makes the jobs that it names, and they say whose they are', async () => {
    const { status, body } = await put(ONE)
    expect(status).toBe(200)
    expect(body).toMatchObject({ outcome: 'applied', revision: 'v1', jobs: [{ name: 'report', action: 'create' }] })
    expect((await job())['managedBy']).toMatchObject({
      service: 'billing',
      revision: 'v1',
      handler: 'report',
      status: 'in-code',
      fields: expect.arrayContaining(['schedules', 'retry', 'timeout']) as string[],
    })
    expect((await put(ONE)).body).toMatchObject({ outcome: 'unchanged', jobs: [{ name: 'report', action: 'none' }] })
    expect((await api.ok(`${SERVICE}/manifest`)).body).toMatchObject({
      service: 'billing',
      revision: 'v1',
      hash: manifestHash(ONE),
      handlers: ONE.handlers,
      jobs: [{ name: 'report', handler: 'report', status: 'in-code' }],
      seen: [{ revision: 'v1', outcome: 'reconciled' }],
    })
  })

  test('only says what it would do when that is all that is asked for, with the fires that change', async () => {
    await put(ONE)
    const later = {
      ...TWO,
      handlers: [{ name: 'report', job: { schedules: [{ cron: '30 23 * * *', zone: 'Asia/Shanghai' }] } }],
    }
    const { body } = await put(later, '?dryRun=true')
    expect(body).toMatchObject({
      outcome: 'planned',
      before: 'v1',
      jobs: [
        {
          action: 'update',
          changes: [
            { pointer: '/retry/max', from: 3, to: 0 },
            { pointer: '/schedules/0/cron', from: '0 23 * * *', to: '30 23 * * *' },
          ],
          fires: {
            before: [{ local: '2026-11-21T23:00:00+08:00' }, {}, {}, {}, {}],
            after: [{ local: '2026-11-20T23:30:00+08:00' }, {}, {}, {}, {}],
          },
        },
      ],
    })
    expect((await job())['managedBy']).toMatchObject({ revision: 'v1' })
  })

  test('that is older is refused with 409, unless it is to be rolled back', async () => {
    await put(ONE)
    await put(TWO)
    expect(await put(ONE)).toMatchObject({ status: 409, body: { code: 'manifest-older' } })
    expect((await put(ONE, '?rollback=true')).body).toMatchObject({ outcome: 'applied', before: 'v2' })
  })

  test('that is not valid is refused with the place of each fault', async () => {
    const { status, body } = await put({ handlers: [{ name: 'report', job: { retris: 3, labels: {} } }] })
    expect([status, body.code]).toEqual([422, 'invalid-manifest'])
    expect(body['errors']).toEqual([
      { pointer: '/handlers/0/job/labels', detail: 'is decided by people, not by code' },
      { pointer: '/handlers/0/job/retris', detail: 'unknown, did you mean retry?' },
    ])
  })

  test('prunes what it names no more when it is told to', async () => {
    await put(ONE)
    const none = { revision: 'v2', handlers: [] }
    expect((await put(none)).body['jobs']).toEqual([{ name: 'report', action: 'absent' }])
    expect((await job())['managedBy']).toEqual({
      service: 'billing',
      revision: 'v2',
      handler: 'report',
      status: 'absent-from-code',
      fields: [],
    })
    expect((await put(none, '?prune=true')).body['jobs']).toEqual([{ name: 'report', action: 'delete' }])
    expect((await api.ok(`${JOBS}/report`)).status).toBe(404)
  })
})

describe('of a job that code keeps', () => {
  const change = async (changes: object, query = '') => {
    const { definition } = await job()
    return api.ok(`${JOBS}/report${query}`, { method: 'PUT', body: { ...(definition as object), ...changes } })
  }

  beforeEach(() => put(ONE))

  test('people change what is theirs', async () => {
    const theirs = { labels: { team: 'pay' }, priority: 90, pauseAfterFailures: 2, notify: ['expired'], paused: true }
    expect((await change(theirs)).status).toBe(200)
    expect(await job()).toMatchObject({
      state: 'paused',
      definition: { priority: 90 },
      managedBy: { status: 'in-code' },
    })
    await put(TWO)
    expect(await job()).toMatchObject({ state: 'paused', definition: { priority: 90, retry: { max: 5 } } })
  })

  test('what is not theirs is refused, naming field, handler and revision', async () => {
    const { status, body } = await change({ retry: { max: 9 }, timeout: '5m' })
    expect([status, body.code]).toEqual([409, 'managed-by-code'])
    expect(body['errors']).toEqual([
      { pointer: '/retry/max', detail: 'is decided by the code of service billing, handler report, revision v1' },
      { pointer: '/timeout', detail: 'is decided by the code of service billing, handler report, revision v1' },
    ])
  })

  test('the history says which revision brought a definition, and which a person', async () => {
    await change({ priority: 90 })
    await put(TWO)
    const { items } = (await api.ok(`${JOBS}/report/versions`)).body
    const said = (items as { by: string; revision?: string }[]).map(({ revision, by }) => revision ?? by)
    expect(said).toEqual(['v2', 'token:admin', 'v1'])
  })

  test('nothing is left to the code once somebody has detached it, until it is adopted again', async () => {
    expect((await change({ retry: { max: 9 } }, '?detach=true')).status).toBe(200)
    expect((await job())['managedBy']).toMatchObject({ status: 'detached', fields: [] })
    expect((await put(TWO)).body['jobs']).toEqual([{ name: 'report', handler: 'report', action: 'detached' }])
    expect(await job()).toMatchObject({ definition: { retry: { max: 9 } } })
    expect((await put(TWO, '?adopt=true')).body['jobs']).toMatchObject([{ name: 'report', action: 'adopt' }])
    expect(await job()).toMatchObject({ definition: { retry: { max: 5 } }, managedBy: { status: 'in-code' } })
  })

  test('it is deleted only when it is said that the code names it', async () => {
    const remove = (query: string) => api.ok(`${JOBS}/report?force=true${query}`, { method: 'DELETE' })
    expect(await remove('')).toMatchObject({ status: 409, body: { code: 'managed-by-code' } })
    expect((await remove('&detach=true')).status).toBe(204)
    expect((await put(TWO)).body['jobs']).toMatchObject([{ name: 'report', action: 'create' }])
  })
})

describe('an executor that registers', () => {
  const EXECUTOR = `${SERVICE}/executors/e1`
  const about = (manifest: typeof ONE, bootId = 'b1') => {
    const hash = manifestHash(manifest)
    return { url: 'https://e1.example.com/', bootId, revision: manifest.revision, manifestHash: hash }
  }
  const register = (body: object) =>
    api.send(EXECUTOR, { method: 'PUT', token: api.token('service:default/billing'), body })

  test('is asked for its manifest when that is not known, and the jobs are made as it says', async () => {
    expect((await register(about(ONE))).body).toMatchObject({ needManifest: true, manifest: { status: 'unknown' } })
    const { body } = await register({ ...about(ONE), manifest: ONE })
    expect(body).toMatchObject({ manifest: { status: 'current' } })
    expect(body['needManifest']).toBeUndefined()
    expect(await job()).toMatchObject({ createdBy: 'executor:billing/e1', managedBy: { revision: 'v1' } })
    expect((await register(about(ONE))).body['needManifest']).toBeUndefined()
  })

  test('hears why its manifest is refused, and takes work all the same', async () => {
    const bad = { revision: 'v1', handlers: [{ name: 'report', job: { schedules: [{ cron: '61 * * * *' }] } }] }
    const { status, body } = await register({ ...about(bad as never), manifest: bad })
    expect(status).toBe(201)
    expect(body['manifest']).toMatchObject({
      status: 'manifest-refused',
      errors: [{ pointer: '/handlers/0/job/schedules/0/cron' }],
    })
    expect((await api.ok(EXECUTOR)).body['manifest']).toMatchObject({ status: 'manifest-refused' })
    expect((await register(about(bad as never))).body).toMatchObject({ needManifest: true })
  })

  test('of a revision that is about to be replaced turns nothing back', async () => {
    await register({ ...about(ONE), manifest: ONE })
    await put(TWO)
    expect((await api.ok(EXECUTOR)).body['manifest']).toEqual({ status: 'superseded' })
    await register({ ...about(ONE, 'b1'), weight: 5, manifest: ONE })
    expect(await job()).toMatchObject({ definition: { retry: { max: 5 } }, managedBy: { revision: 'v2' } })
  })

  test('cannot call a manifest by a hash that is not its own', async () => {
    const { status, body } = await register({ ...about(ONE), manifestHash: 'abc', manifest: ONE })
    expect([status, body['errors']]).toMatchObject([422, [{ pointer: '/manifestHash' }]])
  })
})

describe('a service without heartbeats', () => {
  const sync = (body: object) => api.ok(`${SERVICE}/sync`, { method: 'POST', body })

  test('is not asked for its manifest at an address that is refused', async () => {
    await api.ok(SERVICE, { method: 'PUT', body: { allowedHosts: ['*.example.com'] } })
    expect((await sync({ url: 'http://169.254.169.254/' })).body.code).toBe('egress-refused')
    expect((await sync({ url: 'https://elsewhere.org/' })).body.code).toBe('invalid-executor')
  })

  test('has to have an executor that can be asked', async () => {
    expect(await sync({})).toMatchObject({ status: 409, body: { code: 'manifest-unavailable' } })
  })
})
