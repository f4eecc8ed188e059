import { beforeEach, describe, expect, test } from 'vitest'
import { readSecret } from '../alerts/channels/secret.ts'
import { systemRandom } from '../runtime/random.ts'
import { createSealer } from '../signing/seal.ts'
import { type Bench, createBench } from './fixtures.ts'

const NS = '/v1/namespaces/default'
const MAIL = {
  kind: 'email',
  host: 'smtp.example.com',
  user: 'cronclave',
  password: 'hunter2',
  from: 'cronclave@example.com',
  to: ['ops@example.com', 'ann@example.com'],
}

let api: Bench

beforeEach(async () => {
  api = createBench()
  await api.ok(`${NS}/jobs`, {
    method: 'POST',
    body: { name: 'nightly', target: { kind: 'http', method: 'GET', url: 'https://shop.example.com/' } },
  })
})

const put = (path: string, body: object, headers: Record<string, string> = {}) =>
  api.ok(path, { method: 'PUT', body, headers })
const rule = (more: object = {}) => ({
  condition: { kind: 'run-ended' },
  scope: { job: 'nightly' },
  channels: ['ops'],
  ...more,
})

type Body = Record<string, unknown>
const itemsOf = (body: Body) => body.items as { id: string; closed?: string; toldAt?: string }[]
const channelOf = (body: Body) => body.channel as { secrets: string[] }
const pointersOf = (body: { errors?: { pointer: string }[] }) => body.errors?.map(({ pointer }) => pointer)

/** A run of the job that fails. */
function fail(): string {
  const job = [...api.state.jobs.values()][0]
  const run = `r${api.state.index}`
  const at = api.clock.now()
  api.apply({ kind: 'run-request', at, job: job?.uid ?? 0, run, cause: 'api', by: 't' })
  api.apply({
    kind: 'place-shards',
    at,
    node: 'n',
    placements: [{ run, shard: 0, attempts: 0, executor: '-' }],
  })
  const attempt = api.state.runs.get(run)?.shards[0]?.attempt?.id ?? ''
  const error = { code: 'e', message: 'it broke' }
  api.apply({
    kind: 'attempts-finished',
    at,
    finishes: [{ attempt, job: job?.uid ?? 0, outcome: 'failed', endedAt: at, retryable: false, chance: 0, error }],
  })
  return run
}

describe('a channel', () => {
  test('S107 of mail is made, its password sealed and shown to nobody, and is sent a test message', async () => {
    const made = await put(`${NS}/channels/ops`, { target: MAIL })
    expect(made.status).toBe(201)
    expect(made.headers.get('location')).toBe(`${NS}/channels/ops`)
    expect(made.body.channel).toMatchObject({
      name: 'ops',
      namespace: 'default',
      target: { kind: 'email', port: 587, security: 'starttls', to: MAIL.to },
      secrets: ['password'],
      messagesMax: 10,
      window: '1m',
    })
    const [channel] = api.state.channels.values()
    expect(JSON.stringify(channel)).not.toContain('hunter2')
    expect(JSON.stringify([made.body, (await api.ok(`${NS}/channels`)).body])).not.toContain('hunter2')
    const sent = await api.ok(`${NS}/channels/ops/test`, { method: 'POST' })
    expect([sent.status, sent.body]).toMatchObject([202, { kind: 'test', by: 'token:admin', state: 'open' }])
    expect((await api.ok(`${NS}/channels/ops/messages`)).body.items).toMatchObject([
      { id: sent.body.id, channel: 'ops' },
    ])
    expect((await api.ok(`${NS}/channels/ops/messages?state=failed`)).body.items).toEqual([])
  })

  test('keeps its password while it goes to the same server, and never gives it to another', async () => {
    const { password: _password, ...without } = MAIL
    await put(`${NS}/channels/ops`, { target: MAIL })
    const kept = await put(`${NS}/channels/ops`, { target: { ...without, to: ['new@example.com'] } })
    expect([kept.status, channelOf(kept.body).secrets]).toEqual([200, ['password']])
    for (const change of [{ host: 'evil.example.com' }, { port: 25 }, { user: 'other' }, { security: 'none' }]) {
      const { status, body } = await put(`${NS}/channels/ops`, { target: { ...without, ...change } })
      expect([status, body.code, body.errors?.[0]?.pointer]).toEqual([422, 'invalid-channel', '/target/password'])
    }
    const emptied = await put(`${NS}/channels/ops`, { target: { ...without, password: '' } })
    expect(channelOf(emptied.body).secrets).toEqual([])
  })

  test('of a webhook gets a secret that is shown once, or one of its own', async () => {
    const target = { kind: 'webhook', url: 'https://hooks.example.com/x' }
    const made = await put(`${NS}/channels/hook`, { target })
    expect(made.body.secret).toMatch(/^whsec_/)
    expect((await api.ok(`${NS}/channels/hook`)).body).not.toHaveProperty('secret')
    const again = await put(`${NS}/channels/hook`, { target })
    expect(again.body.secret).toBeUndefined()
    const weak = await put(`${NS}/channels/hook`, { target: { ...target, secret: 'weak' } })
    expect([weak.status, weak.body.errors?.[0]?.pointer]).toEqual([422, '/target/secret'])
  })

  test('of a webhook shows nobody its URL, but for the host: it is replaced, or kept, and never read back', async () => {
    const url = 'https://hooks.example.com/t/hidden?key=hidden-pass'
    const missing = await put(`${NS}/channels/hook`, { target: { kind: 'webhook' } })
    expect([missing.status, missing.body.errors?.[0]?.pointer]).toEqual([422, '/target/url'])
    const replies = [
      await put(`${NS}/channels/hook`, { target: { kind: 'webhook', url } }),
      await put(`${NS}/channels/hook`, { target: { kind: 'webhook' }, messagesMax: 3 }),
      await api.ok(`${NS}/channels/hook`),
      await api.ok(`${NS}/channels`),
    ]
    expect(JSON.stringify(replies.map(({ body }) => body))).not.toMatch(/hidden/)
    expect(JSON.stringify(api.commands)).not.toMatch(/hidden/)
    const target = { kind: 'webhook', origin: 'https://hooks.example.com' }
    expect(replies[2]?.body).toMatchObject({
      target,
      secrets: expect.arrayContaining(['secret', 'url']),
      messagesMax: 3,
    })
    const sealed = [...api.state.channels.values()][0]?.secret ?? ''
    expect(readSecret(createSealer(Buffer.alloc(32, 7), systemRandom).open(sealed)).url).toBe(url)
    await put(`${NS}/channels/hook`, { target: { kind: 'webhook', url: 'https://other.example.com/x' } })
    expect((await api.ok(`${NS}/channels/hook`)).body.target).toEqual({
      ...target,
      origin: 'https://other.example.com',
    })
  })

  test("of a chat keeps its URL, which is a secret, and the bot's own", async () => {
    const url = 'https://oapi.dingtalk.com/robot/send?access_token=hidden'
    const missing = await put(`${NS}/channels/chat`, { target: { kind: 'dingtalk' } })
    expect([missing.status, missing.body.errors?.[0]?.pointer]).toEqual([422, '/target/url'])
    const made = await put(`${NS}/channels/chat`, { target: { kind: 'dingtalk', url, secret: 'SEC1' } })
    expect(made.body.channel).toMatchObject({ target: { kind: 'dingtalk' }, secrets: ['secret', 'url'] })
    expect(JSON.stringify(made.body)).not.toContain('hidden')
    await put(`${NS}/channels/chat`, { target: { kind: 'dingtalk', secret: 'SEC2' } })
    const sealed = [...api.state.channels.values()][0]?.secret ?? ''
    expect(readSecret(createSealer(Buffer.alloc(32, 7), systemRandom).open(sealed))).toEqual({ url, secret: 'SEC2' })
  })

  test.each([
    ['a recipient with a line break', { ...MAIL, to: ['a@b.example\r\nBcc: x@y.example'] }, '/target/to'],
    ['no recipient', { ...MAIL, to: [] }, '/target/to'],
    ['a sender with a name', { ...MAIL, from: 'Ops <ops@example.com>' }, '/target/from'],
    ['a host with a path', { ...MAIL, host: 'smtp.example.com/x' }, '/target/host'],
    ['a field of another kind', { kind: 'slack', url: 'https://hooks.slack.com/x', host: 'h' }, '/target/host'],
    ['metadata', { kind: 'webhook', url: 'http://169.254.169.254/' }, '/target/url'],
    ['a chat at a metadata service', { kind: 'slack', url: 'http://169.254.169.254/' }, '/target/url'],
  ])('with %s is refused, by its place', async (_name, target, pointer) => {
    const { status, body } = await put(`${NS}/channels/ops`, { target })
    expect(status).toBe(422)
    expect(pointersOf(body)).toContain(pointer)
  })

  test('S108 recipients are chosen from those that channels of the namespace know, and of no other, nor of the cluster', async () => {
    await put(`${NS}/channels/ops`, { target: MAIL })
    await put('/v1/channels/all', { target: { ...MAIL, to: ['boss@example.com', 'ops@example.com'] } })
    await put('/v1/namespaces/other/channels/x', { target: { ...MAIL, to: ['secret@example.com'] } })
    expect((await api.ok(`${NS}/channels/recipients`)).body.items).toEqual(['ann@example.com', 'ops@example.com'])
    expect((await api.ok('/v1/channels/recipients')).body.items).toEqual(['boss@example.com', 'ops@example.com'])
  })

  test('of the cluster tells a namespace that names it what became of messages, and not what its server said', async () => {
    await put('/v1/channels/all', { target: MAIL })
    await put(`${NS}/channels/ops`, { target: MAIL })
    const job = { name: 'nightly', target: { kind: 'http', method: 'GET', url: 'https://shop.example.com/' } }
    await api.ok(`${NS}/jobs`, { method: 'POST', body: job })
    const uid = [...api.state.jobs.keys()][0] ?? 0
    const body = { condition: { kind: 'stopped' }, channels: ['cluster/all', 'ops'] }
    await api.ok(`${NS}/alert-rules/r`, { method: 'PUT', body })
    const rule = [...api.state.alertRules.keys()][0] ?? 0
    const subject = { kind: 'job' as const, id: String(uid), name: 'nightly', namespace: 'default' }
    const at = api.clock.now()
    const observations = [{ rule, subject, firing: true, summary: 's' }]
    api.apply({ kind: 'alerts-observed', at, observations })
    const error = 'the server refused boss@example.com'
    const results = [...api.state.alertMessages.keys()].map((message) => ({ message, error }))
    api.apply({ kind: 'alert-messages-sent', at, results })
    const id = [...api.state.episodes.keys()][0] ?? ''
    const told = (await api.ok(`${NS}/alerts/${id}`)).body.messages as {
      channel: string
      state: string
      error?: string
    }[]
    expect(told.map(({ channel, state, error: why }) => [channel, state, why])).toEqual([
      ['cluster/all', 'failed', undefined],
      ['ops', 'failed', error],
    ])
    const sent = await api.ok('/v1/channels/all/messages')
    expect(sent.body.items).toMatchObject([{ error }])
  })

  test('has words of its own, with placeholders that there are', async () => {
    const template = { title: '{{rule}}: {{subject}}', body: '{{summary}}' }
    const made = await put(`${NS}/channels/ops`, { target: MAIL, template })
    expect(made.body.channel).toMatchObject({ template })
    const wrong = await put(`${NS}/channels/ops`, { target: MAIL, template: { body: '{{sumary}}' } })
    expect([wrong.status, pointersOf(wrong.body)]).toEqual([422, ['/template/body']])
    expect((await put(`${NS}/channels/ops`, { target: MAIL })).body.channel).not.toHaveProperty('template')
  })

  test('changes only as it was read', async () => {
    const { headers } = await put(`${NS}/channels/ops`, { target: MAIL })
    const match = { 'if-match': headers.get('etag') ?? '' }
    expect((await put(`${NS}/channels/ops`, { target: MAIL }, match)).status).toBe(200)
    expect((await put(`${NS}/channels/ops`, { target: MAIL }, match)).body.code).toBe('version-mismatch')
    expect((await put(`${NS}/channels/none`, { target: MAIL }, match)).body.code).toBe('version-mismatch')
  })
})

describe('an alert rule', () => {
  beforeEach(() => put(`${NS}/channels/ops`, { target: MAIL }))

  test('S105 of a job that fails tells every recipient: what happened, to which job, with which run', async () => {
    expect((await put(`${NS}/alert-rules/failing`, rule())).status).toBe(201)
    const run = fail()
    const { body } = await api.ok(`${NS}/alerts?state=firing&rule=failing&job=nightly`)
    expect(body.items).toMatchObject([
      {
        state: 'firing',
        count: 1,
        run,
        subject: { kind: 'job', name: 'nightly' },
        summary: `Run ${run} failed: it broke`,
      },
    ])
    const one = await api.ok(`${NS}/alerts/${itemsOf(body)[0]?.id}`)
    expect(one.body.messages).toMatchObject([{ channel: 'ops', kind: 'firing', state: 'open' }])
    expect((await api.ok(`${NS}/alert-rules/failing`)).body.firing).toBe(1)
  })

  test('is shown as it was written, defaults filled in', async () => {
    await put('/v1/channels/all', { target: MAIL })
    const condition = { kind: 'not-finished', cron: '0 6 * * *', zone: 'Europe/Berlin' }
    const made = await put(`${NS}/alert-rules/done`, {
      condition,
      channels: ['ops', 'cluster/all'],
      repeatEvery: '1h',
    })
    expect(made.body).toMatchObject({
      name: 'done',
      namespace: 'default',
      scope: {},
      condition: { ...condition, within: '1d' },
      channels: ['ops', 'cluster/all'],
      notifyResolved: true,
      repeatEvery: '1h',
      enabled: true,
    })
    const { condition: shown, channels, scope } = made.body
    expect((await put(`${NS}/alert-rules/done`, { condition: shown, channels, scope })).status).toBe(200)
  })

  test.each([
    [{ condition: { kind: 'not-finished' } }, '/condition/cron'],
    [{ condition: { kind: 'not-finished', cron: '61 * * * *' } }, '/condition/cron'],
    [{ condition: { kind: 'not-started', cron: '0 6 * * *', zone: 'Mars/Base' } }, '/condition/zone'],
    [{ condition: { kind: 'slow' } }, '/condition/duration'],
    [{ condition: { kind: 'slow', duration: '1m', count: 3 } }, '/condition/count'],
    [{ condition: { kind: 'node-gone' }, scope: {} }, '/condition/kind'],
    [{ condition: { kind: 'executor-gone' } }, '/scope/job'],
    [{ scope: { job: 'none' } }, '/scope/job'],
    [{ scope: { service: 'none' } }, '/scope/service'],
    [{ scope: { namespace: 'other' } }, '/scope/namespace'],
    [{ channels: ['none'] }, '/channels/0'],
    [{ channels: ['cluster/ops'] }, '/channels/0'],
    [{ repeatEvery: '1s' }, '/repeatEvery'],
  ])('with %j is refused, by its place', async (more, pointer) => {
    const { status, body } = await put(`${NS}/alert-rules/x`, rule(more))
    expect([status, body.code, pointersOf(body)]).toEqual([422, 'invalid-alert-rule', [pointer]])
  })

  test('S106 of the cluster watches nodes, leaders, sinks, disks, clocks, certificates and tokens', async () => {
    await put('/v1/channels/admins', { target: MAIL })
    for (const kind of [
      'node-gone',
      'no-leader',
      'sink-gone',
      'sink-gap',
      'channel-failing',
      'disk-full',
      'clock-skew',
    ])
      expect((await put(`/v1/alert-rules/${kind}`, { condition: { kind }, channels: ['admins'] })).status).toBe(201)
    for (const kind of ['certificate-ends', 'token-ends'])
      expect((await put(`/v1/alert-rules/${kind}`, { condition: { kind, before: '30d' } })).status).toBe(201)
    const uid = api.state.alertIndex.ruleNames.get('0/node-gone') ?? 0
    const subject = { kind: 'node', id: 'n2', name: 'n2' } as const
    const observations = [{ rule: uid, subject, firing: true, summary: 'Node n2 is not heard of.' }]
    api.apply({ kind: 'alerts-observed', at: api.clock.now(), observations })
    expect((await api.ok('/v1/alerts')).body.items).toMatchObject([{ rule: 'node-gone', subject }])
    expect((await api.ok(`${NS}/alerts`)).body.items).toEqual([])
  })

  test('alerts of every namespace are shown to those who read the cluster', async () => {
    await put(`${NS}/alert-rules/failing`, rule())
    fail()
    expect((await api.ok('/v1/alerts')).body.items).toEqual([])
    const { body } = await api.ok('/v1/alerts?all=true')
    expect(body.items).toMatchObject([{ namespace: 'default', rule: 'failing' }])
    const id = itemsOf(body)[0]?.id
    expect((await api.ok(`/v1/alerts/${id}`)).status).toBe(200)
    expect((await api.ok(`/v1/namespaces/other/alerts/${id}`)).body.code).toBe('alert-not-found')
  })

  test('alerts come in pages, newest first', async () => {
    await put(`${NS}/alert-rules/failing`, rule())
    const job = [...api.state.jobs.values()][0]
    for (let at = 0; at < 3; at++) {
      fail()
      // What was fired for is closed with a rule that watches something else.
      await put(`${NS}/alert-rules/failing`, rule({ condition: { kind: 'run-ended', count: 1, window: `${at + 1}m` } }))
    }
    expect(job).toBeDefined()
    const first = (await api.ok(`${NS}/alerts?limit=2`)).body
    const second = (await api.ok(`${NS}/alerts?limit=2&cursor=${String(first.nextCursor)}`)).body
    expect([itemsOf(first).length, itemsOf(second).length]).toEqual([2, 1])
    expect(second.nextCursor).toBeUndefined()
    expect(itemsOf(first)[0]?.closed).toBe('rule-changed')
  })

  test('a channel that a rule names is in use', async () => {
    await put(`${NS}/alert-rules/failing`, rule())
    expect((await api.ok(`${NS}/channels/ops`, { method: 'DELETE' })).body.code).toBe('in-use')
    expect((await api.ok(`${NS}/alert-rules/failing`, { method: 'DELETE' })).status).toBe(204)
    expect((await api.ok(`${NS}/channels/ops`, { method: 'DELETE' })).status).toBe(204)
    expect((await api.ok(`${NS}/channels/ops`)).body.code).toBe('channel-not-found')
  })
})

describe('a silence', () => {
  const post = (path: string, body: object) => api.ok(`${path}/silences`, { method: 'POST', body })

  test('is made, listed and ended', async () => {
    const made = await post(NS, { match: { job: 'nightly' }, for: '2h', reason: 'maintenance' })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ match: { job: 'nightly' }, reason: 'maintenance', createdBy: 'token:admin' })
    expect((await api.ok(`${NS}/silences`)).body.items).toEqual([made.body])
    expect((await api.ok(`/v1/silences/${String(made.body.id)}`, { method: 'DELETE' })).body.code).toBe(
      'silence-not-found',
    )
    expect((await api.ok(`${NS}/silences/${String(made.body.id)}`, { method: 'DELETE' })).status).toBe(204)
    expect((await api.ok(`${NS}/silences`)).body.items).toEqual([])
  })

  test('nobody is told meanwhile', async () => {
    await put(`${NS}/channels/ops`, { target: MAIL })
    await put(`${NS}/alert-rules/failing`, rule())
    await post(NS, { for: '2h', reason: 'maintenance' })
    fail()
    expect(itemsOf((await api.ok(`${NS}/alerts`)).body)[0]).not.toHaveProperty('toldAt')
    expect((await api.ok(`${NS}/channels/ops/messages`)).body.items).toEqual([])
  })

  test.each([
    [{ reason: 'x' }, '/until'],
    [{ reason: 'x', for: '1h', until: '2026-11-21T00:00:00Z' }, '/until'],
    [{ reason: 'x', until: '2020-01-01T00:00:00Z' }, '/until'],
    [{ reason: 'x', for: '400d' }, '/for'],
    [{ reason: 'x', for: '1h', match: { job: 'none' } }, '/match/job'],
    [{ reason: 'x', for: '1h', match: { node: 'n1' } }, '/match/node'],
  ])('with %j is refused, by its place', async (body, pointer) => {
    const reply = await post(NS, body)
    expect([reply.status, reply.body.code, reply.body.errors?.[0]?.pointer]).toEqual([422, 'invalid-silence', pointer])
  })
})
