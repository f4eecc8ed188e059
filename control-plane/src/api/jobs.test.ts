import { beforeEach, describe, expect, test } from 'vitest'
import { type Bench, createBench, NOW } from './fixtures.ts'

const JOBS = '/v1/namespaces/default/jobs'
const HTTP = { kind: 'http', method: 'POST', url: 'https://shop.example.com/warm' }

let api: Bench

beforeEach(() => {
  api = createBench()
})

function create(body: object) {
  return api.ok(JOBS, { method: 'POST', body })
}

describe('a definition', () => {
  test('S024 S031 is answered with every default filled in, and can be sent back as it is', async () => {
    const made = await create({ name: 'warm', schedules: [{ every: '15s' }], target: HTTP })
    expect(made.status).toBe(201)
    expect(made.headers.get('etag')).toBe('"1"')
    expect(made.headers.get('location')).toBe(`${JOBS}/warm`)
    expect(made.body).toMatchObject({
      state: 'active',
      createdBy: 'token:admin',
      nextFire: { fireTime: '2026-11-20T15:00:15.000Z', local: '2026-11-20T15:00:15+00:00', schedules: ['0'] },
      definition: { overlap: 'skip', timeout: '1m', misfire: { policy: 'run-once', threshold: '10m', max: 100 } },
    })
    const again = await api.ok(`${JOBS}/warm`, { method: 'PUT', body: made.body.definition })
    expect(again.status).toBe(200)
    expect(again.body.definition).toEqual(made.body.definition)
    expect(again.headers.get('etag')).toBe('"2"')
  })

  test('with several faults is told all of them, with what was meant', async () => {
    const { status, body } = await create({
      name: 'x',
      retris: 3,
      schedules: [{ cron: '60 * * * *' }, { every: '10ms' }],
      target: { kind: 'http', method: 'FETCH', url: 'https://a.example' },
    })
    expect(status).toBe(422)
    expect(body.code).toBe('invalid-job')
    const details = Object.fromEntries((body.errors ?? []).map(({ pointer, detail }) => [pointer, detail]))
    expect(details['/retris']).toBe('unknown, did you mean retry?')
    expect(Object.keys(details)).toEqual(
      expect.arrayContaining(['/retris', '/schedules/0/cron', '/schedules/1/every', '/target/method']),
    )
  })

  test('is refused when it would never fire, with the field', async () => {
    const { status, body } = await create({ name: 'x', schedules: [{ cron: '0 0 30 2 *' }], target: HTTP })
    expect(status).toBe(422)
    expect(body.errors?.[0]?.pointer).toBe('/schedules/0/cron')
  })

  test.each([
    ['http://169.254.169.254/latest/meta-data'],
    ['http://[::ffff:127.0.0.1]/x'],
    ['http://0x7f.1/x'],
    ['http://2130706433/x'],
    ['http://localhost:7420/'],
  ])('that calls %s is refused by the egress policy', async (url) => {
    const { status, body } = await create({ name: 'x', target: { ...HTTP, url } })
    expect([status, body.code, body.errors?.[0]?.pointer]).toEqual([422, 'egress-refused', '/target/url'])
  })

  test('that names an unknown service is refused', async () => {
    const { status, body } = await create({ name: 'x', target: { kind: 'handler', service: 'gone', handler: 'h' } })
    expect([status, body.code, body.errors?.[0]?.pointer]).toEqual([422, 'unknown-service', '/target/service'])
  })

  test('under a taken name is refused', async () => {
    await create({ name: 'x', target: HTTP })
    expect((await create({ name: 'x', target: HTTP })).body.code).toBe('already-exists')
  })

  test('whose name differs from the path is refused', async () => {
    const { status, body } = await api.ok(`${JOBS}/a`, { method: 'PUT', body: { name: 'b', target: HTTP } })
    expect([status, body.errors?.[0]?.pointer]).toEqual([400, '/name'])
  })
})

describe('an update', () => {
  test('S024 S030 that was overtaken answers 412 and changes nothing', async () => {
    await create({ name: 'x', target: HTTP })
    const put = (version: number) =>
      api.ok(`${JOBS}/x`, {
        method: 'PUT',
        headers: { 'if-match': `"${version}"` },
        body: { target: HTTP, description: `after ${version}` },
      })
    expect((await put(1)).status).toBe(200)
    const late = await put(1)
    expect([late.status, late.body.code]).toEqual([412, 'version-mismatch'])
    expect((await api.ok(`${JOBS}/x`)).body.definition).toMatchObject({ description: 'after 1' })
  })

  test('of what is not there answers 412 with If-Match, and creates without', async () => {
    const sent = { method: 'PUT', body: { target: HTTP } }
    expect((await api.ok(`${JOBS}/x`, { ...sent, headers: { 'if-match': '"1"' } })).status).toBe(412)
    expect((await api.ok(`${JOBS}/x`, { ...sent, headers: { 'if-none-match': '*' } })).status).toBe(201)
    expect((await api.ok(`${JOBS}/x`, { ...sent, headers: { 'if-none-match': '*' } })).status).toBe(412)
  })

  test('with a version that is no version is refused', async () => {
    const { status, body } = await api.ok(`${JOBS}/x`, {
      method: 'PUT',
      headers: { 'if-match': 'W/"1"' },
      body: { target: HTTP },
    })
    expect([status, body.errors?.[0]?.pointer]).toEqual([400, '#If-Match'])
  })
})

describe('a paused job', () => {
  test('S032 S049 fires no more, and resumes from now with its fires recorded', async () => {
    await create({ name: 'x', schedules: [{ every: '10s' }], target: HTTP })
    const paused = await api.ok(`${JOBS}/x/pause`, { method: 'POST' })
    expect(paused.body).toMatchObject({ state: 'paused', version: 2 })
    expect(paused.body.nextFire).toBeUndefined()
    expect((await api.ok(`${JOBS}/x/next`)).body).toEqual({ items: [], note: 'The job is paused.' })
    api.clock.pass(65_000)
    const resumed = await api.ok(`${JOBS}/x/resume`, { method: 'POST' })
    expect(resumed.body).toMatchObject({
      state: 'active',
      fireCount: 6,
      nextFire: { fireTime: '2026-11-20T15:01:10.000Z' },
      openStretch: { reason: 'paused', count: 6, from: '2026-11-20T15:00:10.000Z', to: '2026-11-20T15:01:00.000Z' },
    })
    const stretches = await api.ok(`${JOBS}/x/stretches`)
    expect(stretches.body.items).toHaveLength(1)
    const why = await api.ok(`${JOBS}/x/explain?at=2026-11-20T15:00:20Z`)
    expect(why.body).toMatchObject({ verdict: 'skipped', reason: 'paused' })
  })

  test('is paused and resumed by its definition too', async () => {
    const made = await create({ name: 'x', paused: true, schedules: [{ every: '10s' }], target: HTTP })
    expect(made.body.state).toBe('paused')
    const kept = await api.ok(`${JOBS}/x`, { method: 'PUT', body: { target: HTTP } })
    expect(kept.body.state).toBe('paused')
    const resumed = await api.ok(`${JOBS}/x`, { method: 'PUT', body: { target: HTTP, paused: false } })
    expect(resumed.body.state).toBe('active')
  })

  test('S024 S039 can be deleted, an active one only by force', async () => {
    await create({ name: 'x', target: HTTP })
    expect((await api.ok(`${JOBS}/x`, { method: 'DELETE' })).body.code).toBe('job-not-paused')
    expect((await api.ok(`${JOBS}/x?force=true`, { method: 'DELETE' })).status).toBe(204)
    expect((await api.ok(`${JOBS}/x`)).status).toBe(404)
  })
})

describe('the list of jobs', () => {
  beforeEach(async () => {
    for (const [i, name] of ['delta', 'alpha', 'charlie', 'bravo'].entries()) {
      await create({
        name,
        labels: { team: i % 2 ? 'a' : 'b' },
        schedules: [{ every: `${(i + 1) * 10}s` }],
        target: HTTP,
      })
      api.clock.pass(1000)
    }
    await api.ok(`${JOBS}/bravo/pause`, { method: 'POST' })
  })

  const names = async (query: string) =>
    ((await api.ok(`${JOBS}${query}`)).body.items as { name: string }[]).map(({ name }) => name)

  test.each([
    ['', ['alpha', 'bravo', 'charlie', 'delta']],
    ['?sort=-name', ['delta', 'charlie', 'bravo', 'alpha']],
    ['?sort=created', ['delta', 'alpha', 'charlie', 'bravo']],
    ['?sort=next', ['delta', 'alpha', 'charlie', 'bravo']],
    ['?sort=-next', ['charlie', 'alpha', 'delta', 'bravo']],
    ['?name=AL', ['alpha']],
    ['?label=team=a', ['alpha', 'bravo']],
    ['?label=team&label=team=b', ['charlie', 'delta']],
    ['?label=toString', []],
    ['?state=paused', ['bravo']],
    ['?state=paused&state=active&limit=2', ['alpha', 'bravo']],
    ['?creator=token:admin&service=none', []],
  ])('%s', async (query, expected) => {
    expect(await names(query)).toEqual(expected)
  })

  test.each([
    'name',
    '-name',
    'created',
    '-updated',
    'next',
    '-next',
  ])('S038 is the same by pages as in one piece, by %s', async (sort) => {
    const whole = await names(`?sort=${sort}`)
    const paged: string[] = []
    let cursor = ''
    do {
      const { body } = await api.ok(`${JOBS}?sort=${sort}&limit=1${cursor}`)
      paged.push(...(body.items as { name: string }[]).map(({ name }) => name))
      cursor = body.nextCursor === undefined ? '' : `&cursor=${body.nextCursor as string}`
    } while (cursor !== '')
    expect(paged).toEqual(whole)
  })

  test('has pages of the configured size', async () => {
    const small = createBench({ page: 2 })
    for (const name of ['a', 'b', 'c']) await small.ok(`${JOBS}/${name}`, { method: 'PUT', body: { target: HTTP } })
    expect((await small.ok(JOBS)).body.items).toHaveLength(2)
    expect((await small.ok(`${JOBS}?limit=3`)).body.items).toHaveLength(3)
  })

  test('refuses a cursor of another list, and one that is none', async () => {
    const { body } = await api.ok(`${JOBS}?limit=1`)
    expect((await api.ok(`${JOBS}?sort=created&cursor=${body.nextCursor as string}`)).body.code).toBe('invalid-cursor')
    expect((await api.ok(`${JOBS}?cursor=%00`)).body.code).toBe('invalid-cursor')
  })

  test('refuses a parameter that it does not know, and says which was meant', async () => {
    const { status, body } = await api.ok(`${JOBS}?labels=x&limit=0&limit=1&__proto__=1`)
    expect(status).toBe(400)
    expect(body.errors).toEqual(
      expect.arrayContaining([
        { pointer: '?labels', detail: 'unknown, did you mean label?' },
        { pointer: '?limit', detail: 'is given more than once' },
        { pointer: '?__proto__', detail: 'unknown' },
      ]),
    )
  })
})

describe('fires', () => {
  test('of an unsaved schedule are labelled where daylight saving moved them', async () => {
    const { body } = await api.ok('/v1/schedules/preview', {
      method: 'POST',
      body: { schedules: [{ cron: '30 2 * * *', zone: 'America/New_York' }], from: '2027-03-13T00:00:00Z', count: 3 },
    })
    expect(body.items).toMatchObject([
      { local: '2027-03-13T02:30:00-05:00' },
      { local: '2027-03-14T03:00:00-04:00', moved: 'gap-next' },
      { local: '2027-03-15T02:30:00-04:00' },
    ])
  })

  test('S037 of wrong schedules are refused with field and position', async () => {
    const { status, body } = await api.ok('/v1/schedules/preview', {
      method: 'POST',
      body: { schedules: [{ cron: '* * * 13 *' }, { zone: 'Mars/Olympus' }, { crn: '* * * * *' }] },
    })
    expect([status, body.code]).toEqual([422, 'invalid-schedule'])
    expect(body.errors?.map(({ pointer }) => pointer)).toEqual([
      '/schedules/0/cron',
      '/schedules/1/zone',
      '/schedules/2/crn',
    ])
  })

  test('that come to an end say so', async () => {
    const at = new Date(NOW + 1000).toISOString()
    const { body } = await api.ok('/v1/schedules/preview', { method: 'POST', body: { schedules: [{ at }] } })
    expect(body).toMatchObject({ items: [{ fireTime: at }], note: 'Its schedules have come to their end.' })
  })

  test('of a time that does not exist are refused', async () => {
    const { status, body } = await api.ok('/v1/schedules/preview', {
      method: 'POST',
      body: { schedules: [{}], from: '2026-02-30T00:00:00Z' },
    })
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, '/from'])
  })
})

describe('a change that another one overtakes', () => {
  /** Another caller's change, made once, after the definition that is put next was computed. */
  function meanwhile(change: () => void) {
    const { submit } = api.context
    api.context.submit = (command) => {
      api.context.submit = submit
      change()
      return submit(command)
    }
  }

  const paused = (every: string) => ({ name: 'warm', schedules: [{ every }], target: HTTP, paused: true })

  test('counts the fires of a paused job as the other change left it', async () => {
    await create(paused('10s'))
    api.clock.pass(30_000)
    meanwhile(() => {
      const job = [...api.state.jobs.values()][0]!
      const { schedules, spread, spec, namespace, name } = job
      const fires = { from: NOW + 10_000, to: NOW + 30_000, count: 3 }
      const at = api.clock.now()
      api.apply({ kind: 'job-put', at, namespace, name, spec, schedules, spread, by: 'another', fires })
    })
    const { status, headers } = await api.ok(`${JOBS}/warm`, { method: 'PUT', body: paused('7s') })
    expect(status).toBe(200)
    expect(headers.get('etag')).toBe('"3"')
    const { progress } = [...api.state.jobs.values()][0]!
    expect(progress.fireCount).toBe(3)
  })

  test('is refused when it named the version that it is for', async () => {
    await create(paused('10s'))
    meanwhile(() => {
      const { schedules, spread, spec, namespace, name } = [...api.state.jobs.values()][0]!
      api.apply({ kind: 'job-put', at: NOW, namespace, name, spec, schedules, spread, by: 'another' })
    })
    const sent = { method: 'PUT', body: paused('7s'), headers: { 'if-match': '"1"' } }
    const { status, body } = await api.ok(`${JOBS}/warm`, sent)
    expect([status, body.code]).toEqual([412, 'version-mismatch'])
  })

  test('waits to have seen the version that its caller read through another node', async () => {
    await create(paused('10s'))
    api.context.consensus = {
      leadership: () => ({ term: 1, leader: 'another', isLeader: false, signal: new AbortController().signal }),
      readIndex: () => {
        const { schedules, spread, spec, namespace, name } = [...api.state.jobs.values()][0]!
        api.apply({ kind: 'job-put', at: NOW, namespace, name, spec, schedules, spread, by: 'another' })
        return Promise.resolve(api.state.index)
      },
      waitApplied: () => Promise.resolve(),
    }
    const sent = { method: 'PUT', body: paused('7s'), headers: { 'if-match': '"2"' } }
    expect((await api.ok(`${JOBS}/warm`, sent)).status).toBe(200)
  })
})
