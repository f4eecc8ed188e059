import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { StorageError } from '../runtime/storage-error.ts'
import { type Answer, broken, never, problem, reply, run } from './run.test-helper.ts'

const folder = mkdtempSync(join(tmpdir(), 'cronclave-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const job = (change: object = {}) => ({
  name: 'report',
  state: 'active',
  version: 3,
  definition: { name: 'report', target: { kind: 'handler', service: 'billing', handler: 'report' }, timeout: '1m' },
  ...change,
})

describe('exit codes', () => {
  test.each([
    [0, '--help', undefined],
    [0, '--version', undefined],
    [2, 'jbo ls', undefined],
    [2, 'job get', undefined],
    [2, 'job ls -o xml', undefined],
    [2, 'job ls --limit 0', undefined],
    [2, 'job ls --endpoint nonsense', undefined],
    [1, 'job pause a', () => problem(409, 'in-use')],
    [3, 'job get a', () => problem(404, 'job-not-found')],
    [4, 'job get a', () => problem(401, 'unauthenticated')],
    [4, 'job get a', () => problem(403, 'forbidden')],
    [1, 'job get a', () => new Response('<html>', { status: 502 })],
    [69, 'job get a', () => broken('ECONNREFUSED')],
  ] as [number, string, Answer | undefined][])('%i for %s', async (exit, argv, answer) => {
    expect((await run(argv, answer ? { answer } : {})).exit).toBe(exit)
  })

  test('74 for a data folder that cannot be used, with folder and next step', async () => {
    const fault = new StorageError('The disk is full.', { folder: '/data', nextStep: 'Make room.' })
    const node = () =>
      Promise.resolve({ startNode: () => Promise.reject(fault), resetAdminToken: () => Promise.reject(fault) })
    const { exit, err } = await run('server', { node, env: {} })
    expect(exit).toBe(74)
    expect(err).toBe('error: The disk is full.\n  Folder: /data\n  Next step: Make room.\n')
  })

  test('69 for an address that is taken', async () => {
    const taken = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE', syscall: 'listen' })
    const node = () => Promise.resolve({ startNode: () => Promise.reject(taken), resetAdminToken: never as never })
    const { exit, err } = await run('server', { node })
    expect(exit).toBe(69)
    expect(err).toContain('Something else listens on 127.0.0.1:7420 already')
  })
})

describe('pauses', () => {
  test.each([
    [
      'namespace pause a b',
      ['POST /v1/namespaces/a/pause', 'POST /v1/namespaces/b/pause'],
      'a is paused\nb is paused\n',
    ],
    ['namespace resume a', ['POST /v1/namespaces/a/resume'], 'a is resumed\n'],
    ['scheduler pause', ['POST /v1/scheduler/pause'], 'the scheduler is paused\n'],
    ['scheduler resume', ['POST /v1/scheduler/resume'], 'the scheduler is resumed\n'],
  ])('%s', async (argv, asked, said) => {
    const { exit, calls, err } = await run(argv, { answer: () => reply({}) })
    expect([exit, err]).toEqual([0, said])
    expect(calls.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual(asked)
  })

  test('a job that paused itself says why', async () => {
    const paused = job({ state: 'paused', pausedBy: 'cronclave', pausedWhy: 'its last 3 runs failed' })
    const definition = { ...paused.definition, schedules: [] }
    const { out } = await run('job get report', { answer: () => reply({ ...paused, definition }) })
    expect(out).toContain('cronclave: its last 3 runs failed')
  })

  test('notices are listed as they are asked for', async () => {
    const made = { id: '7', job: 'a', service: 's', reason: 'expired', count: 1, state: 'failed', attempts: 8 }
    const items = [{ ...made, at: '2026-11-20T15:00:00Z', error: 'executor e1 answered 500' }]
    const { out, calls } = await run('notice ls --job a --state failed', { answer: () => reply({ items }) })
    expect(out).toMatch(/7 +a +expired +1 +failed +8 .*executor e1 answered 500/)
    expect(new URL(calls[0]?.url ?? '').search).toBe('?job=a&state=failed&limit=50')
  })

  test('scheduler status says by whom', async () => {
    const paused = { by: 'token:ann', at: '2026-11-20T15:00:00Z' }
    expect((await run('scheduler status', { answer: () => reply({ paused }) })).out).toContain('token:ann')
    expect((await run('scheduler status', { answer: () => reply({}) })).out).toContain('active')
  })
})

test('a problem is printed as sentences, one for each pointer', async () => {
  const errors = [
    { pointer: '/url', detail: 'is not a URL' },
    { pointer: '/weight', detail: 'is too much' },
  ]
  const { err } = await run('executor put billing a --url x', {
    answer: () => problem(422, 'invalid-executor', errors),
  })
  expect(err).toBe('error: It is wrong (invalid-executor)\n  /url: is not a URL\n  /weight: is too much\n')
})

test('what a server says cannot move the cursor of the terminal', async () => {
  const title = 'a\u001B[2J'
  const { err } = await run('job get a', { answer: () => reply({ type: '', title, status: 409, code: 'in-use' }, 409) })
  expect(err).not.toContain('\u001B')
})

describe('endpoints', () => {
  const two = '--endpoint http://a:1 --endpoint http://b:2'

  test('they are tried in turn', async () => {
    const answer: Answer = ({ url }) => (url.startsWith('http://a') ? broken('ECONNREFUSED') : reply(job()))
    const { exit, calls } = await run(`job get report ${two}`, { answer })
    expect(exit).toBe(0)
    expect(calls.map(({ url }) => url)).toEqual([
      'http://a:1/v1/namespaces/default/jobs/report',
      'http://b:2/v1/namespaces/default/jobs/report',
    ])
  })

  test('a change goes to the next one only when the first cannot have seen it', async () => {
    const refused: Answer = ({ url }) => (url.startsWith('http://a') ? broken('ECONNREFUSED') : reply(job()))
    expect((await run(`job pause report ${two}`, { answer: refused })).calls).toHaveLength(2)
    const reset = await run(`job pause report ${two}`, { answer: () => broken('ECONNRESET') })
    expect(reset.calls).toHaveLength(1)
    expect(reset.exit).toBe(69)
    expect(reset.err).toContain('may or may not have been made')
  })

  test('without a token none is asked, and the token of this machine is never sent to another', async () => {
    writeFileSync(join(folder, 'admin.token'), 'cct_local\n')
    const env = { CRONCLAVE_TOKEN: '', CRONCLAVE_DATA_FOLDER: folder }
    const here = await run('job get report', { env, answer: () => reply(job()) })
    expect(here.calls[0]?.headers.get('authorization')).toBe('Bearer cct_local')
    const there = await run('job get report --endpoint http://example.com', { env })
    expect(there).toMatchObject({ exit: 4, calls: [] })
    const mixed = await run('job get report --endpoint http://127.0.0.1:1 --endpoint http://example.com', { env })
    expect(mixed).toMatchObject({ exit: 4, calls: [] })
  })
})

describe('lists', () => {
  const page = (from: number, count: number, nextCursor?: string) =>
    reply({ items: Array.from({ length: count }, (_, index) => job({ name: `job-${from + index}` })), nextCursor })

  test('--all follows the cursor to the end', async () => {
    const answer: Answer = ({ url }) => (url.includes('cursor=') ? page(500, 1) : page(0, 500, 'more'))
    const { out, calls } = await run('job ls --all -o json', { answer })
    expect(calls).toHaveLength(2)
    expect((JSON.parse(out) as { items: unknown[] }).items).toHaveLength(501)
  })

  test('what is left out is said on stderr, in the way of no script', async () => {
    const { out, err } = await run('job ls --limit 2 -o json', { answer: () => page(0, 2, 'more') })
    expect((JSON.parse(out) as { items: unknown[] }).items).toHaveLength(2)
    expect(err).toContain('more than these 2')
  })

  test('filters reach the server, several as several', async () => {
    const { calls } = await run('job ls --state paused,ended --label team=a --sort -next', { answer: () => page(0, 0) })
    expect(new URL(calls[0]?.url ?? '').search).toBe('?state=paused&state=ended&label=team%3Da&sort=-next&limit=50')
  })
})

describe('queues and the map of slots', () => {
  const now = '2026-11-20T15:00:00.000Z'

  test('S082 queue status says what is to be placed, who works on it and which runs wait', async () => {
    const worker = { node: 'n2', workers: 1, out: 2, taken: 9, nacked: 0, lapsed: 0, placed: 7, refused: 1 }
    const waiting = [
      { namespace: 'default', service: 'billing', priority: 90, runs: 4, catchUp: 1, oldestAt: '2026-11-20T14:59:30Z' },
    ]
    const evaluations = [{ kind: 'run', state: 'blocked', count: 4 }]
    const queues = { leader: 'n1', now, evaluations, catchUpPerSecond: 100, nodes: [worker], waiting }
    const { out, calls } = await run('queue status', { answer: () => reply(queues) })
    expect(new URL(calls[0]?.url ?? '').pathname).toBe('/v1/queues')
    expect(out).toMatch(/run +blocked +4/)
    expect(out).toMatch(/n2 +1 +2 +9 +0 +0 +7 +1/)
    expect(out).toMatch(/default +billing +90 +4 +1 +30s ago/)
  })

  test('S083 job-map lists the slots of each executor and the runs in them', async () => {
    const held = { run: 'r1', job: 'report', state: 'running', since: '2026-11-20T14:59:55Z', shard: 1, shards: 3 }
    const e1 = { id: 'e1', status: 'online', slots: { slots: 2, held: 1, free: 1 }, runs: [held], more: 0 }
    const e2 = { id: 'e2', status: 'offline', slots: { slots: 0, held: 0 }, runs: [], more: 0 }
    const more = { moreExecutors: 0, runs: [], more: 0 }
    const billing = { name: 'billing', slots: { slots: 2, held: 1, free: 1 }, running: 1, waiting: 3, ...more }
    const all = { slots: { slots: 10, held: 1, free: 9 }, running: 1, waiting: 3 }
    const services = [{ ...billing, executors: [e1, e2] }]
    const map = { now, ...all, named: 1, more: 0, namespaces: [{ name: 'default', ...all, services }] }
    const { out, calls } = await run('job-map --label team=a --state running', { answer: () => reply(map) })
    expect(new URL(calls[0]?.url ?? '').search).toBe('?namespace=default&limit=200&label=team%3Da&state=running')
    expect(out).toMatch(/default +billing +3 +e1 +online +2 +1 +1/)
    expect(out).toMatch(/e2 +offline +no limit +0 +-/)
    expect(out).toMatch(/r1 +report +1 \(of 3\) +running +e1 +5\.0s/)
  })
})

describe('colours', () => {
  const answer: Answer = () => reply({ items: [job()] })
  const stdout = (out: string[]) => ({ write: (text: string) => out.push(text), isTTY: true })

  test.each([
    [true, {}],
    [false, { NO_COLOR: '1' }],
    [false, { TERM: 'dumb' }],
  ])('%s with %j on a terminal', async (coloured, env) => {
    const out: string[] = []
    await run('job ls', { answer, env, stdout: stdout(out) })
    expect(out.join('').includes('\u001B[32mactive')).toBe(coloured)
  })

  test('none elsewhere', async () => {
    expect((await run('job ls', { answer })).out).not.toContain('\u001B')
  })
})

describe('job apply', () => {
  const yaml = 'name: report\ntarget: { kind: handler, service: billing, handler: report }\n'
  const missing = () => problem(404, 'job-not-found')

  test('creates what is missing, and only that', async () => {
    const answer: Answer = ({ method }) => (method === 'GET' ? missing() : reply(job(), 201))
    const { exit, out, calls } = await run('job apply -f -', { stdin: yaml, answer })
    expect(exit).toBe(0)
    expect(out).toMatch(/report\s+created/)
    expect(calls[1]).toMatchObject({ method: 'PUT', body: { name: 'report' } })
    expect(calls[1]?.headers.get('if-none-match')).toBe('*')
  })

  test('changes what differs, from the version that it saw', async () => {
    const { out, calls } = await run('job apply -f -', { stdin: `${yaml}timeout: 2m\n`, answer: () => reply(job()) })
    expect(out).toMatch(/report\s+updated/)
    expect(calls[1]?.headers.get('if-match')).toBe('"3"')
  })

  test('leaves alone what is the same with its defaults filled in', async () => {
    const { out, calls } = await run('job apply -f -', { stdin: yaml, answer: () => reply(job()) })
    expect(out).toMatch(/report\s+unchanged/)
    expect(calls).toHaveLength(1)
  })

  test('a job that should be paused and is not, is changed', async () => {
    const { out } = await run('job apply -f -', { stdin: `${yaml}paused: true\n`, answer: () => reply(job()) })
    expect(out).toMatch(/updated/)
  })

  test('a dry run changes nothing', async () => {
    const { out, calls } = await run('job apply -f - --dry-run', { stdin: yaml, answer: missing })
    expect(out).toMatch(/created/)
    expect(calls.map(({ method }) => method)).toEqual(['GET'])
  })

  test('takes documents, lists and JSON alike', async () => {
    const file = join(folder, 'jobs.json')
    writeFileSync(file, JSON.stringify({ jobs: [{ name: 'c', target: job().definition.target }] }))
    const stdin = `${yaml}---\njobs:\n  - { name: b, target: { kind: http, url: "http://a/" } }\n---\n`
    const { out } = await run(`job apply --dry-run -f - -f ${file} -o json`, { stdin, answer: missing })
    expect((JSON.parse(out) as { items: { name: string }[] }).items.map(({ name }) => name)).toEqual([
      'report',
      'b',
      'c',
    ])
  })

  test('nothing is sent when anything is wrong, and everything wrong is named', async () => {
    const stdin = `${yaml}---\n${yaml}---\nname: b\ntarget: { kind: handler, service: x }\nretris: 1\n`
    const { exit, err, calls } = await run('job apply -f -', { stdin })
    expect(exit).toBe(2)
    expect(calls).toEqual([])
    expect(err.split('\n').slice(1, -1)).toEqual([
      '  stdin job 2: /name "report" stands in stdin job 1 too',
      '  stdin job 3: /target/handler is needed',
      '  stdin job 3: /retris unknown, did you mean retry?',
    ])
  })

  test.each([
    ['a: ['],
    [''],
    ['just words'],
    [`a: &a [${'x,'.repeat(60)}]\nb: [${'*a,'.repeat(60)}]\nc: &c [*a]`],
  ])('%j is a fault of usage', async (stdin) => {
    expect((await run('job apply -f -', { stdin })).exit).toBe(2)
  })
})

describe('next', () => {
  test('lists the fires with what daylight saving does to them, and asks no server', async () => {
    const { exit, out } = await run('next "30 2 * * *" --tz America/New_York --from 2027-03-13T00:00:00Z -n 2')
    expect(exit).toBe(0)
    expect(out.split('\n').slice(1, -1)).toEqual([
      '1  2027-03-13 02:30:00-05:00  2027-03-13 07:30:00Z',
      '2  2027-03-14 03:00:00-04:00  2027-03-14 07:00:00Z  moved: the clocks skip the hour (DST)',
    ])
  })

  test('a wrong expression is named with its field and position', async () => {
    const { exit, err } = await run('next "0 25 * * *"')
    expect(exit).toBe(2)
    expect(err).toContain('hour 25 is outside 0-23 (at character 3)')
  })
})

describe('job trigger', () => {
  const path = /\/jobs\/greet\/trigger$/
  const ran = (state: string) =>
    reply({ id: 'r1', job: 'greet', state, cause: 'api', fireTime: '2026-11-20T15:00:00Z', attempts: 1, params: {} })

  test('hands parameters over, as JSON where they are', async () => {
    const argv = ['job', 'trigger', 'greet', '-p', 'name=Ada', '-p', 'times=3', '-p', 'deep={"a":1}']
    const { calls } = await run(argv, { answer: () => ran('queued') })
    expect(calls.at(-1)?.url).toMatch(path)
    expect(calls.at(-1)?.body).toEqual({ params: { name: 'Ada', times: 3, deep: { a: 1 } } })
  })

  test('--wait looks until the run has ended, and fails when it did not succeed', async () => {
    let looks = 0
    const answer: Answer = ({ method }) => (method === 'POST' ? ran('queued') : ran(++looks < 2 ? 'running' : 'failed'))
    const { exit, err } = await run('job trigger greet --wait', { answer })
    expect(exit).toBe(1)
    expect(err).toContain('The run ended failed')
  })
})

describe('run watch', () => {
  test('prints a line for every change of a run, whatever the pieces in which they arrive', async () => {
    const stop = new AbortController()
    const event = (state: string) =>
      `id: 1\nevent: run.${state}\ndata: ${JSON.stringify({ namespace: 'default', job: 'a', run: { id: 'r1', state, createdAt: 'T' } })}\n\n`
    const text = `: hello\n\n${event('queued')}event: job.changed\ndata: {}\n\n${event('skipped')}`
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        for (const byte of Buffer.from(text)) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    })
    const { exit, out } = await run('run watch', { answer: () => new Response(body), signal: stop.signal })
    expect(out).toBe('T queued    a r1\nT skipped   a r1\n')
    expect(exit).toBe(69)
  })
})
