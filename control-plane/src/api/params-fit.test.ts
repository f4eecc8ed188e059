import { beforeEach, describe, expect, test } from 'vitest'
import { type Bench, createBench } from './fixtures.ts'

const NS = '/v1/namespaces/default'
const TARGET = { kind: 'handler', service: 'billing', handler: 'report' }
const CITY = { type: 'string', enum: ['tianjin', 'shanghai'] }
const SCHEMA = {
  type: 'object',
  properties: { city: { $ref: '#/$defs/city' }, times: { type: 'integer', minimum: 1, default: 1 } },
  required: ['city'],
  additionalProperties: false,
  $defs: { city: CITY },
}

let api: Bench

beforeEach(async () => {
  api = createBench()
  await api.ok(`${NS}/services`, { method: 'POST', body: { name: 'billing' } })
})

const says = (params: object, more: object = {}) =>
  api.ok(`${NS}/services/billing/manifest`, {
    method: 'PUT',
    body: { handlers: [{ name: 'report', params, ...more }] },
  })
const put = (params: object, more: object = { schedules: [{ every: '1h' }] }) =>
  api.ok(`${NS}/jobs/nightly`, { method: 'PUT', body: { target: TARGET, params, ...more } })
const trigger = (body?: object) => api.ok(`${NS}/jobs/nightly/trigger`, { method: 'POST', ...(body && { body }) })
const refusal = ({ status, body }: { status: number; body: Record<string, unknown> }) => [
  status,
  body['code'],
  ...((body['errors'] ?? []) as { pointer: string; detail: string }[]).map((one) => `${one.pointer} ${one.detail}`),
]

describe('where the handler says how its parameters must be', () => {
  beforeEach(async () => expect((await says(SCHEMA)).status).toBe(200))

  test('a job that does not fit is not saved, and each fault has its place', async () => {
    expect(refusal(await put({ city: 'paris', tims: 1 }))).toEqual([
      422,
      'invalid-params',
      '/params/tims unknown, did you mean times?',
      '/params/city must be one of tianjin, shanghai',
    ])
    expect(refusal(await put({}))).toEqual([422, 'invalid-params', '/params/city is needed'])
    expect((await put({ city: 'tianjin' })).status).toBe(201)
  })

  test('a trigger is judged by what comes of its parameters and those of the job', async () => {
    await put({ city: 'tianjin' })
    expect((await trigger({ params: { times: 2 } })).status).toBe(201)
    expect(refusal(await trigger({ params: { times: 0 } }))).toEqual([
      422,
      'invalid-params',
      '/params/times must be at least 1',
    ])
    expect(api.state.runs.size).toBe(1)
  })

  test('so are a backfill and a rerun', async () => {
    await put({ city: 'tianjin' })
    api.clock.pass(7_200_000)
    const from = '2026-11-20T15:30:00Z'
    const bad = { params: { times: 'two' } }
    const fill = await api.ok(`${NS}/jobs/nightly/backfills`, { method: 'POST', body: { from, ...bad } })
    expect(refusal(fill)).toEqual([422, 'invalid-params', '/params/times must be an integer'])
    const { body } = await trigger()
    const run = body['id'] as string
    await api.ok(`${NS}/runs/${run}/cancel`, { method: 'POST' })
    const again = (sent: object) => api.ok(`${NS}/runs/${run}/rerun`, { method: 'POST', body: sent })
    expect(refusal(await again(bad))).toEqual([422, 'invalid-params', '/params/times must be an integer'])
    expect((await again({ params: { times: 3 } })).status).toBe(201)
  })

  test('a job without a schedule leaves what is needed to its triggers, and nothing else', async () => {
    expect((await put({}, {})).status).toBe(201)
    expect((await api.ok(`${NS}/jobs/nightly`)).body['warnings']).toBeUndefined()
    expect(refusal(await trigger())).toEqual([422, 'invalid-params', '/params/city is needed'])
    expect((await trigger({ params: { city: 'shanghai' } })).status).toBe(201)
    expect((await put({ times: 'two' }, {})).status).toBe(422)
  })

  test('a target that is no handler, and a handler that is not listed, take what they are given', async () => {
    const http = { kind: 'http', url: 'https://shop.example.com/' }
    expect((await put({ any: 1 }, { target: http })).status).toBe(201)
    expect((await put({ any: 1 }, { target: { ...TARGET, handler: 'other' } })).status).toBe(200)
  })
})

describe('when the code says something else than it did', () => {
  const warnings = async () => (await api.ok(`${NS}/jobs/nightly`)).body['warnings']

  test('a job that no longer fits is shown with a warning and goes on; a run of it as it stands is no new mistake', async () => {
    await put({ town: 'tianjin' })
    expect(await warnings()).toBeUndefined()
    await says(SCHEMA)
    expect(await warnings()).toEqual([
      { pointer: '/params/city', detail: 'is needed' },
      { pointer: '/params/town', detail: 'unknown' },
    ])
    const { body } = await api.ok(`${NS}/jobs/nightly`)
    expect(body).toMatchObject({ state: 'active', version: 1 })
    expect((await trigger()).status).toBe(201)
    expect((await trigger({ params: {} })).status).toBe(201)
    expect((await trigger({ params: { town: 'tianjin' } })).status).toBe(201)
    expect((await trigger({ params: { times: 2 } })).status).toBe(422)
    await says({ type: 'object' })
    expect(await warnings()).toBeUndefined()
  })

  test('a schema that cannot be used checks nothing, which is a warning too', async () => {
    await says({ type: 'object', properties: { city: { $ref: 'https://example.com/city.json' } } })
    expect((await put({ city: 1 })).status).toBe(201)
    expect(await warnings()).toEqual([
      {
        pointer: '/target/handler',
        detail: expect.stringMatching(/not checked: the schema of the handler refers to/) as string,
      },
    ])
  })

  test('parameters that code gives its own job are checked by the schema beside them', async () => {
    const job = { schedules: [{ every: '1h' }], params: { city: 'paris' } }
    expect(refusal(await says(SCHEMA, { job }))).toEqual([
      422,
      'invalid-manifest',
      '/handlers/0/job/params/city must be one of tianjin, shanghai',
    ])
    expect((await says(SCHEMA, { job: { ...job, params: { city: 'tianjin' } } })).status).toBe(200)
  })
})
