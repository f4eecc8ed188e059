import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { askSecret } from './ask-secret.ts'
import { type Answer, problem, reply, run } from './run.test-helper.ts'

const folder = mkdtempSync(join(tmpdir(), 'cronclave-cli-sinks-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sink = {
  name: 'archive',
  host: 'db.internal',
  port: 3306,
  database: 'ledger',
  user: 'cronclave',
  hasPassword: true,
  tls: 'verify',
  tablePrefix: 'cronclave_',
  origin: 'api',
  createdBy: 'token:ann',
  state: 'failing',
  trouble: { since: '2026-11-20T15:00:00Z', error: 'cannot reach db.internal:3306' },
  cursor: { index: 41, ordinal: 2 },
  rows: 1234,
  gaps: [{ from: { index: 3, ordinal: 0 }, to: { index: 9, ordinal: 2 }, count: 40, at: '2026-11-20T15:00:00Z' }],
  gapRows: 40,
  delivery: { lagRows: 77, lagMs: 65_000, rowsPerSecond: 810.4, backfill: { done: 50, total: 200 } },
}
const ADD = 'sink add archive --host db.internal --user cronclave --database ledger'
const connection = {
  host: 'db.internal',
  port: 3306,
  user: 'cronclave',
  database: 'ledger',
  tls: 'verify',
  tablePrefix: 'cronclave_',
}
const good = { ok: true, steps: [], tookMs: 3 }
const bad = {
  ok: false,
  steps: [
    { step: 'connect', ok: true },
    { step: 'login', ok: false, detail: 'no such user', nextStep: 'Check the password.' },
  ],
  tookMs: 3,
}
const adding =
  (test: object): Answer =>
  ({ url }) =>
    url.endsWith('/test') ? reply(test) : reply(sink, 201)

describe('sink', () => {
  test('S099 ls and show say how far it is, what is wrong and what it misses', async () => {
    const listed = await run('sink ls', { answer: () => reply({ items: [sink] }) })
    expect(listed.out).toMatch(
      /archive +failing +db.internal:3306\/ledger +77 +65s +810 +1234 +40 +25 % \(50 of 200\) +cannot/,
    )
    const shown = await run('sink show archive', { answer: () => reply(sink) })
    expect(shown.out).toContain('40 rows in 1 gap')
    expect(shown.out).toContain('3/0 to 9/2: 40')
    const { trouble: _over, ...well } = sink
    const lastTrouble = { since: '2026-11-20T15:00:00Z', until: '2026-11-20T15:04:00Z', error: 'its disk is full' }
    const after = await run('sink show archive', { answer: () => reply({ ...well, state: 'delivering', lastTrouble }) })
    expect(after.out).toMatch(/last error +its disk is full \(for 4m, over /)
  })

  test.each([
    ['a file', `--password-file ${join(folder, 'db.password')}`, {}],
    ['stdin', '--password-file -', { stdin: 'hunter2\n' }],
    ['the environment', '', { env: { CRONCLAVE_SINK_PASSWORD: 'hunter2' } }],
    ['the terminal', '', { secret: () => Promise.resolve('hunter2') }],
  ])('add takes the password from %s, tries the sink and saves it', async (_, options, io) => {
    writeFileSync(join(folder, 'db.password'), 'hunter2\nrest')
    const { exit, calls, out, err } = await run(`${ADD} ${options}`, { answer: adding(good), ...io })
    const body = { ...connection, password: 'hunter2' }
    expect(calls.map(({ method, url, body: sent }) => [method, new URL(url).pathname, sent])).toEqual([
      ['POST', '/v1/sinks/archive/test', body],
      ['PUT', '/v1/sinks/archive', body],
    ])
    expect([exit, `${out}${err}`.includes('hunter2')]).toEqual([0, false])
  })

  test('add keeps the password that there is when none is given', async () => {
    const { calls } = await run(`${ADD} --untested`, { answer: adding(bad), secret: () => Promise.resolve('') })
    expect(calls.map(({ method, body }) => [method, body])).toEqual([['PUT', connection]])
  })

  test('add saves nothing that fails, and says at which step and what to do', async () => {
    const { exit, calls, out, err } = await run(ADD, { answer: adding(bad) })
    expect([exit, calls.length]).toEqual([1, 1])
    expect(out).toMatch(/login +fail +no such user +Check the password\./)
    expect(err).toContain('--untested')
  })

  test('a password on the command line is no option', async () => {
    expect((await run(`${ADD} --password hunter2`)).exit).toBe(2)
  })

  test('test fails when something is wrong', async () => {
    expect((await run('sink test archive', { answer: () => reply(good) })).exit).toBe(0)
    expect((await run('sink test archive', { answer: () => reply(bad) })).exit).toBe(1)
  })

  test.each([
    ['sink pause a b', ['POST /v1/sinks/a/pause', 'POST /v1/sinks/b/pause']],
    ['sink resume a', ['POST /v1/sinks/a/resume']],
    ['sink rm a', ['DELETE /v1/sinks/a']],
  ])('%s', async (argv, asked) => {
    const answer: Answer = ({ method }) => (method === 'DELETE' ? new Response(null, { status: 204 }) : reply(sink))
    const { exit, calls } = await run(argv, { answer })
    expect([exit, calls.map(({ method, url }) => `${method} ${new URL(url).pathname}`)]).toEqual([0, asked])
  })
})

describe('sink resend', () => {
  const report = {
    preview: true,
    rows: 4120,
    more: false,
    after: { index: 40, ordinal: 1 },
    upTo: { index: 90, ordinal: 0 },
    gaps: [{ after: { index: 50, ordinal: 0 }, before: { index: 61, ordinal: 2 }, count: 12 }],
    gapRows: 12,
  }

  test('says in a preview how many rows there are, and which are not', async () => {
    const { exit, calls, out } = await run('sink resend archive --from 2026-11-20T03:00:00Z --preview', {
      answer: () => reply(report),
    })
    expect([exit, calls.map(({ method, url, body }) => [method, new URL(url).pathname, body])]).toEqual([
      0,
      [['POST', '/v1/sinks/archive/resend', { from: '2026-11-20T03:00:00.000Z', preview: true }]],
    ])
    expect(out).toMatch(/rows +4120/)
    expect(out).toContain('12 rows')
    expect(out).toContain('between 50/0 and 61/2: 12')
  })

  test('asks for a stretch, or for all from a row on', async () => {
    const answer = () => reply({ ...report, preview: false })
    const first = await run('sink resend archive --from 2026-11-20T03:00:00Z --to 2026-11-20T04:00:00Z', { answer })
    const stretch = { from: '2026-11-20T03:00:00.000Z', to: '2026-11-20T04:00:00.000Z', preview: false }
    expect(first.calls[0]?.body).toEqual(stretch)
    expect(first.err).toContain('sink show archive')
    const second = await run('sink resend archive --from-sequence 41/0', { answer })
    expect(second.calls[0]?.body).toEqual({ fromSequence: { index: 41, ordinal: 0 }, preview: false })
    expect((await run('sink resend archive --from-sequence 41', { answer })).exit).toBe(2)
  })
})

describe('sink verify', () => {
  const stream = (...events: [string, object][]) =>
    new Response(events.map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join(''))
  const report = { equal: true, upTo: { index: 9, ordinal: 1 }, hours: 3, rows: 120, differences: [], more: 0 }
  const differences = [
    { hour: '2026-11-20T15:00:00Z', kind: 'run', ledger: 5, sink: 4 },
    { hour: '2026-11-20T16:00:00Z', kind: 'attempt', ledger: 5, sink: 2, extra: 6 },
  ]

  test('says that all is equal', async () => {
    const answer = () => stream(['progress', { phase: 'ledger', rows: 100 }], ['report', report])
    const { exit, out } = await run('sink verify archive', { answer })
    expect([exit, out]).toEqual([0, 'archive is equal: 120 rows of 3 hours, up to 9/1\n'])
  })

  test('fails where the two differ, and shows where', async () => {
    const answer = () => stream(['report', { ...report, equal: false, differences, more: 7 }])
    const { exit, out, err } = await run('sink verify archive', { answer })
    expect(exit).toBe(1)
    expect(out).toMatch(/15:00:00Z +run +5 +4 +1 +0/)
    expect(out).toMatch(/16:00:00Z +attempt +5 +2 +3 +6/)
    expect(err).toContain('7 more')
    expect(JSON.parse((await run('sink verify archive -o json', { answer })).out)).toMatchObject({
      equal: false,
      differences,
    })
  })

  test.each([
    ['cannot be reached', () => stream(['failed', { detail: 'cannot reach it' }]), 1, 'cannot reach it'],
    ['is not there', () => problem(404, 'sink-not-found'), 3, 'sink-not-found'],
    ['ends early', () => stream(), 69, 'ended the stream'],
  ])('of one that %s fails', async (_, answer, code, said) => {
    const { exit, err } = await run('sink verify archive', { answer })
    expect([exit, err]).toEqual([code, expect.stringContaining(said)])
  })
})

test('runs that are missing in a list are said to be', async () => {
  const incomplete = 'sink archive does not answer: it is down'
  const answer = () => reply({ items: [], source: 'ledger', incomplete })
  const { exit, err } = await run('run ls --all', { answer })
  expect([exit, err]).toEqual([0, expect.stringContaining(`Older ones may be missing: ${incomplete}`)])
})

test('what is typed is not shown, and may be corrected', async () => {
  const keys = new EventEmitter()
  const modes: boolean[] = []
  const input = Object.assign(keys, {
    setRawMode: (mode: boolean) => modes.push(mode),
    pause: () => undefined,
    resume: () => undefined,
    setEncoding: () => undefined,
  })
  let said = ''
  const output = { write: (text: string) => (said += text) }
  const answer = askSecret(input as never, output, 'Password: ')
  for (const key of ['hun', 'x\u007F', 'ter2', '\r']) keys.emit('data', key)
  expect([await answer, said, modes]).toEqual(['hunter2', 'Password: \n', [true, false]])
  const cut = askSecret(input as never, output, 'Password: ')
  keys.emit('data', '\u0003')
  await expect(cut).rejects.toThrow('not answered')
})
