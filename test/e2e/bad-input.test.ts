import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Problem } from '@cronclave/openapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startExecutor, type TestExecutor } from '../support/executor.ts'
import { createJob, eventually, HOME, newSecret, runIn, runsOf, Server, trigger } from './harness.ts'

const JOBS = `${HOME}/jobs`
const secret = newSecret()
const folder = mkdtempSync(join(tmpdir(), 'cronclave-input-'))
const target = { kind: 'handler', service: 'e2e', handler: 'work' }
const http = { kind: 'http', url: 'https://shop.example.com/' }
let server: Server
let executor: TestExecutor

beforeAll(async () => {
  server = await Server.start({ folder })
  executor = await startExecutor({ secret })
  await server.call('PUT', `${HOME}/services/e2e`, { secret })
  await server.call('PUT', `${HOME}/services/e2e/executors/e1`, { url: executor.url })
  await createJob(server, 'healthy', { schedules: [{ cron: '* * * * * *' }] })
})

afterAll(async () => {
  await server.stop('SIGKILL')
  await executor.close()
  rmSync(folder, { recursive: true, force: true })
})

async function refusal(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Problem> {
  const reply = await server.ask<Problem>(method, path, body, headers)
  expect(reply.headers['content-type'], JSON.stringify(reply.body)).toMatch(/^application\/problem\+json/)
  expect(reply.body.status).toBe(reply.status)
  return reply.body
}

describe('a definition that is wrong is refused with the place and the reason', () => {
  const schedule = (rule: object) => ({ name: 'x', target, schedules: [rule] })
  const call = (change: object) => ({ name: 'x', target: { ...http, ...change } })
  test.each([
    ['cron: a value outside', schedule({ cron: '60 * * * *' }), 'invalid-job', '/schedules/0/cron', /minute.*60.*0-59/],
    ['cron: too few fields', schedule({ cron: '* * *' }), 'invalid-job', '/schedules/0/cron', /field/],
    ['cron: a name that is none', schedule({ cron: '0 9 * * MOO' }), 'invalid-job', '/schedules/0/cron', /MOO/],
    ['cron: never due', schedule({ cron: '0 0 30 2 *' }), 'invalid-job', '/schedules/0/cron', /28 years/],
    [
      'zone',
      schedule({ cron: '0 9 * * *', zone: 'Asia/Shangai' }),
      'invalid-job',
      '/schedules/0/zone',
      /Asia\/Shanghai/,
    ],
    ['every: below a second', schedule({ every: '10ms' }), 'invalid-job', '/schedules/0/every', /1s/],
    [
      'two rules in one',
      schedule({ every: '10s', cron: '* * * * *' }),
      'invalid-job',
      '/schedules/0/every',
      /only one/,
    ],
    ['duration', { name: 'x', target, timeout: 'soon' }, 'invalid-job', '/timeout', /90s/],
    ['timeout of nothing', { name: 'x', target, timeout: '0s' }, 'invalid-job', '/timeout', /./],
    ['URL', call({ url: 'not a url' }), 'invalid-job', '/target/url', /./],
    ['URL: another scheme', call({ url: 'file:///etc/passwd' }), 'invalid-job', '/target/url', /http/],
    ['URL: credentials', call({ url: 'https://me:secret@shop.example.com/' }), 'invalid-job', '/target/url', /./],
    [
      'URL: the metadata service',
      call({ url: 'http://169.254.169.254/latest' }),
      'egress-refused',
      '/target/url',
      /link-local/,
    ],
    [
      'URL: the same, written otherwise',
      call({ url: 'http://0xA9FEA9FE/latest' }),
      'egress-refused',
      '/target/url',
      /link-local/,
    ],
    [
      'URL: the same, within IPv6',
      call({ url: 'http://[::ffff:169.254.169.254]/' }),
      'egress-refused',
      '/target/url',
      /link-local/,
    ],
    ['header: reserved', call({ headers: { Host: 'other.example.com' } }), 'invalid-job', '/target/headers/Host', /./],
    [
      'header: ours',
      call({ headers: { 'cronclave-run-id': 'x' } }),
      'invalid-job',
      '/target/headers/cronclave-run-id',
      /./,
    ],
    ['header: a line break', call({ headers: { 'x-a': 'b\r\nx-c: d' } }), 'invalid-job', '/target/headers/x-a', /./],
    ['header: no token', call({ headers: { 'x y': 'b' } }), 'invalid-job', '/target/headers/x y', /./],
    ['template: unknown', call({ method: 'POST', body: '{{runIdd}}' }), 'invalid-job', '/target/body', /runId/],
    ['template: not closed', call({ method: 'POST', body: '{"a": "{{runId"}' }), 'invalid-job', '/target/body', /./],
    ['template: in the host', call({ url: 'https://{{params.host}}/x' }), 'invalid-job', '/target/url', /host/],
    [
      'unknown service',
      { name: 'x', target: { ...target, service: 'e3e' } },
      'unknown-service',
      '/target/service',
      /e3e/,
    ],
    ['unknown field', { name: 'x', target, retris: { max: 3 } }, 'invalid-job', '/retris', /retry/],
    ['unknown field within', { name: 'x', target, retry: { mx: 3 } }, 'invalid-job', '/retry/mx', /max/],
    ['unknown kind', { name: 'x', target: { kind: 'grpc' } }, 'invalid-job', '/target/kind', /./],
    ['a name with a slash', { name: 'a/b', target }, 'invalid-job', '/name', /letters, digits/],
    ['no target', { name: 'x' }, 'invalid-job', '/target', /needed/],
    ['a wrong type', { name: 'x', target, priority: 'high' }, 'invalid-job', '/priority', /whole number/],
    [
      'two schedules of one id',
      {
        name: 'x',
        target,
        schedules: [
          { id: 'a', every: '5s' },
          { id: 'a', every: '6s' },
        ],
      },
      'invalid-job',
      '/schedules/1/id',
      /./,
    ],
  ] as const)('%s', async (_, body, code, pointer, detail) => {
    const problem = await refusal('POST', JOBS, body)
    expect(problem).toMatchObject({ status: 422, code })
    const fault = problem.errors?.find((one) => one.pointer === pointer)
    expect(fault, JSON.stringify(problem.errors)).toBeDefined()
    expect(fault?.detail).toMatch(detail)
    expect(await refusal('GET', `${JOBS}/x`)).toMatchObject({ status: 404, code: 'job-not-found' })
  })

  test('with every fault at once', async () => {
    const problem = await refusal('POST', JOBS, { name: 'x', target, timeout: 'soon', retris: {}, priority: 101 })
    expect(problem.errors?.map(({ pointer }) => pointer).sort()).toEqual(['/priority', '/retris', '/timeout'])
  })
})

describe('a request that is wrong', () => {
  test('JSON that is none, or of another kind, or too deep', async () => {
    expect(await refusal('POST', JOBS, '{"name": "x",')).toMatchObject({ status: 400, code: 'invalid-json' })
    expect(await refusal('POST', JOBS, '')).toMatchObject({ status: 400 })
    expect(await refusal('POST', JOBS, '[]')).toMatchObject({ status: 422, code: 'invalid-job' })
    expect(await refusal('POST', JOBS, `${'['.repeat(5000)}${']'.repeat(5000)}`)).toMatchObject({ status: 400 })
    expect(await refusal('POST', JOBS, Buffer.from([0x7b, 0xff, 0xfe]))).toMatchObject({
      status: 400,
      code: 'invalid-json',
    })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(await refusal('POST', JOBS, 'name=x', form)).toMatchObject({ status: 415, code: 'unsupported-media-type' })
  })

  test('a body of more than 1 MiB, announced or not', async () => {
    const body = JSON.stringify({ name: 'x', target, description: 'x'.repeat(1_100_000) })
    expect(await refusal('POST', JOBS, body)).toMatchObject({ status: 413, code: 'body-too-large' })
    expect([413, 'cut off']).toContain(await endlessUpload())
  })

  test('a name that is taken, a version that is old, a name that nobody has', async () => {
    const { version } = await createJob(server, 'taken')
    expect(await refusal('POST', JOBS, { name: 'taken', target })).toMatchObject({
      status: 409,
      code: 'already-exists',
    })
    await server.call('PUT', `${JOBS}/taken`, { target, description: 'new' }, { 'if-match': `"${version}"` })
    const stale = await refusal('PUT', `${JOBS}/taken`, { target }, { 'if-match': `"${version}"` })
    expect(stale).toMatchObject({ status: 412, code: 'version-mismatch' })
    expect(await server.call('GET', `${JOBS}/taken`)).toMatchObject({ definition: { description: 'new' } })
    expect(await refusal('DELETE', `${JOBS}/taken`)).toMatchObject({ status: 409, code: 'job-not-paused' })
    expect(await refusal('GET', `${JOBS}/nobody`)).toMatchObject({ status: 404, code: 'job-not-found' })
    expect(await refusal('GET', `${HOME}/runs/nobody`)).toMatchObject({ status: 404, code: 'run-not-found' })
    expect(await refusal('GET', '/v1/namespaces/other/jobs')).toMatchObject({
      status: 404,
      code: 'namespace-not-found',
    })
    expect(await refusal('GET', '/v1/nothing')).toMatchObject({ status: 404, code: 'not-found' })
    expect(await refusal('PATCH', `${JOBS}/taken`, {})).toMatchObject({ status: 405, code: 'method-not-allowed' })
    expect(await refusal('GET', `${JOBS}?limit=0`)).toMatchObject({ status: 400, errors: [{ pointer: '?limit' }] })
    expect(await refusal('GET', `${JOBS}?cursor=abc`)).toMatchObject({ status: 400, code: 'invalid-cursor' })
  })

  test('a host that is not ours, a credential that is none', async () => {
    expect(await refusal('GET', JOBS, undefined, { host: 'evil.example.com' })).toMatchObject({
      status: 421,
      code: 'host-refused',
    })
    const wrong = { authorization: 'Bearer cct_wrong' }
    expect(await refusal('GET', JOBS, undefined, wrong)).toMatchObject({ status: 401, code: 'unauthenticated' })
  })

  test('an executor that may not be called', async () => {
    const at = `${HOME}/services/e2e/executors/evil`
    for (const url of ['http://169.254.169.254/', 'http://[fd00:ec2::254]/', 'http://0.0.0.0/', server.url]) {
      const problem = await refusal('PUT', at, { url })
      expect(problem, url).toMatchObject({ status: 422, errors: [{ pointer: '/url' }] })
    }
    expect(await refusal('PUT', at, { url: 'ftp://x/' })).toMatchObject({ status: 422 })
    expect(await refusal('PUT', at, { url: 'http://x/', wieght: 2 })).toMatchObject({
      errors: [{ detail: expect.stringMatching(/weight/) }],
    })
  })
})

test('a template whose parameter is missing fails its run, and says which', async () => {
  const { httpUrl } = executor
  await createJob(server, 'template', {
    target: { kind: 'http', method: 'GET', url: `${httpUrl}?city={{params.city}}` },
  })
  const { id } = await trigger(server, 'template')
  const run = await runIn(server, id, 'succeeded', 'failed')
  expect(run).toMatchObject({ state: 'failed', error: { message: expect.stringMatching(/city/) } })
  const named = await trigger(server, 'template', { city: 'a&b=c' })
  expect(await runIn(server, named.id, 'succeeded', 'failed')).toMatchObject({ state: 'succeeded' })
  expect(executor.seen.hits.at(-1)?.url).toBe('/http?city=a%26b%3Dc')
})

test('a healthy job fired all the while', async () => {
  const runs = await eventually('it ran twice', async () => {
    const all = (await runsOf(server, 'healthy')).filter(({ endedAt }) => endedAt !== undefined)
    return all.length >= 2 && all
  })
  for (const { state, latenessMs = 0 } of runs) {
    expect(state).toBe('succeeded')
    expect(latenessMs).toBeLessThan(1500)
  }
})

/** Uploads without saying how much, until the server has had enough; answers its status, if that came through. */
function endlessUpload(): Promise<number | 'cut off'> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' }
    const upload = request(`${server.url}${JOBS}`, { method: 'POST', headers })
    const piece = `"${'x'.repeat(65_536)}",`
    const more = (): void => {
      while (!upload.destroyed && upload.write(piece));
    }
    upload.on('drain', more)
    upload.on('response', (response) => {
      resolve(response.statusCode ?? 0)
      upload.destroy()
    })
    upload.on('error', () => resolve('cut off'))
    upload.write('[')
    more()
  })
}
