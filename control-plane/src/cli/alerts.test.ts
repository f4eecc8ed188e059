import { describe, expect, test } from 'vitest'
import { problem, reply, run } from './run.test-helper.ts'

const alert = {
  id: '00000000a1',
  rule: 'failing',
  ruleUid: 7,
  subject: { kind: 'job', id: '3', name: 'nightly', namespace: 'default' },
  state: 'firing',
  since: '2026-11-20T15:00:00.000Z',
  count: 3,
  lastAt: '2026-11-20T15:02:00.000Z',
  summary: 'Run r1 failed: it broke',
  run: 'r1',
}
const message = {
  id: 5,
  channel: 'ops',
  kind: 'firing',
  alert: alert.id,
  at: alert.since,
  state: 'failed',
  attempts: 8,
}
const channel = { name: 'ops', target: { kind: 'email', to: ['a@b.example'] }, open: 2, secrets: [] }

describe('channel', () => {
  test.each([
    ['the environment', '', { env: { CRONCLAVE_CHANNEL_PASSWORD: 'hunter2' } }],
    ['stdin', '--password-file -', { stdin: 'hunter2\n' }],
    ['the terminal', '', { secret: () => Promise.resolve('hunter2') }],
  ])('add takes the password of a mail server from %s', async (_, options, io) => {
    const { exit, calls } = await run(
      `channel add ops --kind email --host smtp.example.com --user u --from c@b.example --to a@b.example,d@b.example ${options}`,
      {
        answer: (call) => (call.method === 'GET' ? problem(404, 'channel-not-found') : reply({ channel }, 201)),
        ...io,
      },
    )
    expect(exit).toBe(0)
    expect(calls[1]?.headers.get('if-none-match')).toBe('*')
    expect(calls[1]).toMatchObject({
      method: 'PUT',
      body: { target: { kind: 'email', password: 'hunter2', to: ['a@b.example', 'd@b.example'] } },
    })
    expect(calls[1]?.url).toContain('/v1/namespaces/default/channels/ops')
  })

  const template = { title: '{{rule}}', body: '{{summary}}' }
  const mail = { kind: 'email', host: 'h', port: 25, security: 'none', user: 'u', from: 'f@b.example' } as const
  const stored = {
    ...channel,
    ...{ target: { ...mail, to: ['a@b.example'] }, messagesMax: 7, window: '5m', template, version: 4 },
  }

  test.each([
    ['--kind email --to a@b.example,d@b.example', { target: { ...mail, to: ['a@b.example', 'd@b.example'] } }],
    ['--kind email --window 1m', { window: '1m' }],
    ['--kind email --security tls', { target: { ...mail, port: undefined, security: 'tls', to: ['a@b.example'] } }],
    ['--kind email --title "" --body on', { template: { body: 'on' } }],
    ['--kind email --title= --body=', { template: undefined }],
    ['--kind slack --url https://h.example.com/x', { target: { kind: 'slack', url: 'https://h.example.com/x' } }],
  ])('add %s changes that of a channel, and leaves the rest as it was read', async (options, change) => {
    const answer = (call: { method: string }) => reply(call.method === 'GET' ? stored : { channel })
    const { exit, calls } = await run(`channel add ops ${options}`, { answer })
    expect(exit).toBe(0)
    expect(calls[1]?.headers.get('if-match')).toBe('"4"')
    const { target, messagesMax, window } = stored
    expect(calls[1]?.body).toEqual(JSON.parse(JSON.stringify({ target, messagesMax, window, template, ...change })))
  })

  test('add shows a secret that was made, once; --cluster is for all namespaces', async () => {
    const { out, err, calls } = await run('channel add hook --kind webhook --url https://h.example.com/ --cluster', {
      answer: (call) =>
        call.method === 'GET'
          ? problem(404, 'channel-not-found')
          : reply({ channel: { ...channel, name: 'hook' }, secret: 'whsec_x' }, 201),
    })
    expect(calls[1]?.url).toMatch(/\/v1\/channels\/hook$/)
    expect(out).toContain('whsec_x')
    expect(err).toContain('not shown again')
  })

  test('messages say what became of each', async () => {
    const { out, calls } = await run('channel messages ops --state failed', {
      answer: () => reply({ items: [message] }),
    })
    expect(calls[0]?.url).toContain('/channels/ops/messages?')
    expect(calls[0]?.url).toContain('state=failed')
    expect(out).toMatch(/5 +.* +firing +00000000a1 +failed +8/)
  })

  test('test says which message it is', async () => {
    const { err } = await run('channel test ops', { answer: () => reply({ ...message, kind: 'test' }, 202) })
    expect(err).toContain('Message 5 is on its way to ops')
  })
})

describe('alert-rule', () => {
  test('put says what is watched, when it fires and who is told', async () => {
    const { exit, calls } = await run(
      'alert-rule put done --on not-finished --job nightly --cron "0 6 * * *" --zone Europe/Berlin --within 8h --channel ops,cluster/all --repeat-every 1h --no-resolved',
      { answer: () => reply({ name: 'done' }, 201) },
    )
    expect(exit).toBe(0)
    expect(calls[0]?.body).toEqual({
      name: 'done',
      condition: { kind: 'not-finished', cron: '0 6 * * *', zone: 'Europe/Berlin', within: '8h' },
      scope: { job: 'nightly' },
      channels: ['ops', 'cluster/all'],
      repeatEvery: '1h',
      notifyResolved: false,
      enabled: true,
    })
  })

  test('put takes several from a file', async () => {
    const stdin = 'name: a\ncondition: { kind: stopped }\n---\nname: b\ncondition: { kind: late, lateness: 5m }\n'
    const { exit, calls } = await run('alert-rule put -f - --cluster', { stdin, answer: () => reply({ name: 'x' }) })
    expect(exit).toBe(0)
    expect(calls.map(({ url }) => url.replace(/^.*\/v1/, ''))).toEqual(['/alert-rules/a', '/alert-rules/b'])
  })

  test.each([
    'alert-rule ls',
    'channel ls',
    'alert ls --state firing',
    'alert silence ls',
  ])('%s without any says that the cluster may have some', async (command) => {
    const answer = () => reply({ items: [] })
    expect((await run(command, { answer })).err).toMatch(
      /^There are no .+ of namespace default; --cluster lists those of the cluster\.\n$/,
    )
    expect((await run(`${command} --cluster`, { answer })).err).toMatch(/^There are no .+ of the cluster\.\n$/)
  })

  test('add-advised makes the rules that are missing, and replaces none', async () => {
    const advised = [
      { name: 'runs-lost', condition: { kind: 'run-ended', states: ['lost'] } },
      { name: 'clocks', condition: { kind: 'clock-skew' } },
    ]
    const answer = (call: { method: string }) => reply(call.method === 'GET' ? { items: [], advised } : { name: 'x' })
    const { exit, calls } = await run('alert-rule add-advised --channel ops', { answer })
    expect(exit).toBe(0)
    expect(
      calls.slice(1).map(({ url, headers }) => [url.replace(/^.*\/v1/, ''), headers.get('if-none-match')]),
    ).toEqual([
      ['/alert-rules/runs-lost', '*'],
      ['/alert-rules/clocks', '*'],
    ])
    expect(calls[1]?.body).toEqual({ condition: advised[0]?.condition, channels: ['ops'] })
    const nothing = await run('alert-rule add-advised', { answer: () => reply({ items: [] }) })
    expect([nothing.exit, nothing.calls.length]).toEqual([0, 1])
    expect(nothing.err).toContain('Nothing is missing')
  })

  test.each([
    'alert-rule put x',
    'alert-rule put --on stopped',
    'alert-rule put x -f -',
  ])('%s is wrong usage', async (line) => {
    expect((await run(line, { stdin: 'name: a\n' })).exit).toBe(2)
  })
})

describe('alert', () => {
  test('ls shows what fires, everywhere if asked', async () => {
    const { out, calls } = await run('alert ls --state firing --everywhere', {
      answer: () => reply({ items: [alert] }),
    })
    expect(calls[0]?.url).toMatch(/\/v1\/alerts\?.*all=true/)
    expect(out).toMatch(/00000000a1 +firing +failing +job nightly +.* +3 +Run r1 failed: it broke/)
  })

  test('show says who was told', async () => {
    const { out } = await run('alert show 00000000a1', { answer: () => reply({ alert, messages: [message] }) })
    expect(out).toContain('Run r1 failed: it broke')
    expect(out).toMatch(/ops +5/)
  })

  test('silence add sends what it is over, and for how long', async () => {
    const silence = { id: '00000000a2', until: '2026-11-20T17:00:00.000Z' }
    const { err, calls } = await run('alert silence add --job nightly --for 2h --reason "the move"', {
      answer: () => reply(silence, 201),
    })
    expect(calls[0]?.body).toEqual({ match: { job: 'nightly' }, reason: 'the move', for: '2h' })
    expect(err).toContain('lasts until 2026-11-20T17:00:00.000Z')
  })
})
