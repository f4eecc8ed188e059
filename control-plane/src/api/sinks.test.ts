import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { PrivateCa } from '../../../test/support/private-ca.ts'
import { SinkFault } from '../logs/sink-fault.ts'
import type { VerifyStep } from '../logs/sinks-port.ts'
import { findSink } from '../state/sinks.ts'
import { EventReader } from './event-reader.test-helper.ts'
import { type Bench, createBench, NOW } from './fixtures.ts'

const BASE = { host: 'db.internal', user: 'cronclave', database: 'ledger' }
const A = '/v1/sinks/archive'
let api: Bench

beforeEach(() => {
  api = createBench()
})

const put = (body: object = { ...BASE, password: 'hunter2' }, more: object = {}) =>
  api.ok(A, { method: 'PUT', body, ...more })
const sealed = () => {
  const { password } = findSink(api.state, 'archive') ?? {}
  return password === undefined ? undefined : api.context.sealer.open(password)
}

describe('a sink', () => {
  test('S099 is put with defaults, read, listed and deleted', async () => {
    const made = await put()
    expect([made.status, made.headers.get('location'), made.headers.get('etag')]).toEqual([201, A, '"1"'])
    const whole = { name: 'archive', kind: 'mysql', port: 3306, tls: 'verify', tablePrefix: 'cronclave_', ...BASE }
    const progress = {
      origin: 'api',
      state: 'delivering',
      cursor: { index: 0, ordinal: 0 },
      rows: 0,
      gaps: [],
      gapRows: 0,
    }
    expect(made.body).toMatchObject({ ...whole, ...progress, hasPassword: true, createdBy: 'token:admin' })
    expect((await api.ok(A)).body).toEqual(made.body)
    expect((await api.ok('/v1/sinks')).body).toEqual({ items: [made.body] })
    expect((await api.ok(A, { method: 'DELETE' })).status).toBe(204)
    expect((await api.ok(A)).body.code).toBe('sink-not-found')
  })

  test('never shows its password, and keeps it sealed', async () => {
    const replies = [
      await put(),
      await api.ok(A),
      await api.ok('/v1/sinks'),
      await api.ok(`${A}/pause`, { method: 'POST' }),
    ]
    expect(JSON.stringify(replies.map(({ body }) => body))).not.toContain('hunter2')
    expect(JSON.stringify(api.commands)).not.toContain('hunter2')
    expect(sealed()).toBe('hunter2')
  })

  test('has its tables for itself, whoever reaches them how', async () => {
    await put()
    const other = (body: object) => api.ok('/v1/sinks/other', { method: 'PUT', body })
    const refused = await other({ ...BASE, user: 'somebody', tls: 'off' })
    expect([refused.status, refused.body.errors?.[0]?.pointer]).toEqual([422, '/tablePrefix'])
    expect((await other({ ...BASE, tablePrefix: 'other_' })).status).toBe(201)
    expect((await other({ ...BASE })).status).toBe(422)
    expect((await put({ ...BASE })).status).toBe(200)
  })

  test('keeps its password when it is replaced without one, and loses it to an empty one', async () => {
    await put()
    expect((await put({ ...BASE, database: 'other' })).status).toBe(200)
    expect(sealed()).toBe('hunter2')
    expect((await put({ ...BASE, password: '' })).body.hasPassword).toBe(false)
    expect(sealed()).toBeUndefined()
  })

  test.each([
    { host: 'evil.example' },
    { port: 3307 },
    { user: 'root' },
    { tls: 'off' },
  ])('does not send the password that it has elsewhere: with %j it has to be given again', async (change) => {
    await put()
    const { status, body } = await put({ ...BASE, ...change })
    expect([status, body.code, body.errors?.[0]?.pointer]).toEqual([422, 'invalid-sink', '/password'])
    const tried = await api.ok(`${A}/test`, { method: 'POST', body: { ...BASE, ...change } })
    expect([tried.status, tried.body.errors?.[0]?.pointer]).toEqual([422, '/password'])
    expect((await put({ ...BASE, ...change, password: 'new' })).status).toBe(200)
  })

  test('trusts certificates that are named, keeps them when nothing is said of them, and loses them to an empty text', async () => {
    const authority = new PrivateCa()
    onTestFinished(() => authority.remove())
    const ca = readFileSync(authority.ca, 'utf8')
    expect((await put({ ...BASE, ca, password: 'hunter2' })).body.ca).toBe(ca)
    expect((await put({ ...BASE, database: 'other' })).body.ca).toBe(ca)
    const taken = await put({ ...BASE, ca: '' })
    expect([taken.status, taken.body.errors?.[0]?.pointer]).toEqual([422, '/password'])
    expect((await put({ ...BASE, ca: '', password: 'x' })).body).not.toHaveProperty('ca')
    const refused = async (body: object) => (await put(body)).body.errors?.[0]?.pointer
    expect(await refused({ ...BASE, ca: 'no certificate' })).toBe('/ca')
    expect(await refused({ ...BASE, tls: 'off', password: 'x', ca })).toBe('/ca')
  })

  test('is changed as it was read only', async () => {
    expect((await put(BASE, { headers: { 'if-match': '"1"' } })).status).toBe(412)
    await put()
    expect((await put(BASE, { headers: { 'if-match': '"9"' } })).status).toBe(412)
    expect((await put(BASE, { headers: { 'if-match': '"1"' } })).headers.get('etag')).toBe('"2"')
    expect((await api.ok(`${A}/pause`, { method: 'POST', headers: { 'if-match': '"1"' } })).status).toBe(412)
    expect((await api.ok(A, { method: 'DELETE', headers: { 'if-match': '"1"' } })).status).toBe(412)
  })

  test.each([
    [{ host: 'db' }, 400],
    [{ ...BASE, host: 'db:3306/x' }, 400],
    [{ ...BASE, database: 'a/b' }, 400],
    [{ ...BASE, tablePrefix: 'a-b' }, 400],
    [{ ...BASE, tls: 'maybe' }, 400],
    [{ ...BASE, name: 'other' }, 400],
  ])('of %j is refused', async (body, status) => {
    expect((await put(body)).status).toBe(status)
  })

  test('is paused and resumed', async () => {
    await put()
    expect((await api.ok(`${A}/pause`, { method: 'POST' })).body.state).toBe('paused')
    expect((await api.ok(`${A}/resume`, { method: 'POST' })).body.state).toBe('delivering')
  })

  test('says how far it is, what it misses and what is wrong', async () => {
    await put()
    const sink = findSink(api.state, 'archive')
    if (!sink) throw new Error('it was put')
    sink.gaps = [{ from: [3, 0], to: [9, 2], count: 40, at: NOW }]
    sink.trouble = { since: NOW, error: 'db.internal:3306 refuses' }
    const delivery = { lagRows: 12, lagMs: 3400, rowsPerSecond: 810.5, backfill: { done: 10, total: 22 } }
    api.context.sinks.figures = () => Promise.resolve(new Map([[sink.uid, { ...delivery, place: sink }]]))
    expect((await api.ok(A)).body).toMatchObject({
      state: 'failing',
      trouble: { error: 'db.internal:3306 refuses' },
      gaps: [{ from: { index: 3, ordinal: 0 }, to: { index: 9, ordinal: 2 }, count: 40 }],
      gapRows: 40,
      delivery,
    })
    delete sink.trouble
    sink.lastTrouble = { since: NOW - 5000, until: NOW, error: 'db.internal:3306 refuses' }
    const lastTrouble = { error: 'db.internal:3306 refuses', since: '2026-11-20T14:59:55.000Z' }
    expect((await api.ok(A)).body).toMatchObject({ state: 'delivering', lastTrouble })
  })

  test('gets rows again that it has lost: how many, and which are gone, is said before', async () => {
    await put()
    const resend = (body: object, more: object = {}) => api.ok(`${A}/resend`, { method: 'POST', body, ...more })
    const from = '2026-11-20T03:00:00Z'
    const gap = { after: [5, 0] as const, before: [7, 0] as const, count: 3 }
    const [begin, end] = [
      { cursor: [4, 0] as const, position: 8 },
      { cursor: [9, 1] as const, position: 20 },
    ]
    const asked: object[] = []
    api.context.sinks.planResend = (_, range) => {
      asked.push(range)
      return Promise.resolve({ from: begin, to: end, rows: 9, more: false, gaps: [gap] })
    }
    const sink = findSink(api.state, 'archive')
    if (!sink) throw new Error('it was put')
    Object.assign(sink, { cursor: [12, 0], position: 30 })
    const report = {
      rows: 9,
      more: false,
      after: { index: 4, ordinal: 0 },
      upTo: { index: 9, ordinal: 1 },
      gaps: [{ after: { index: 5, ordinal: 0 }, before: { index: 7, ordinal: 0 }, count: 3 }],
      gapRows: 3,
    }
    expect((await resend({ from, preview: true })).body).toEqual({ preview: true, ...report })
    expect(sink.cursor).toEqual([12, 0])
    expect((await resend({ fromSequence: { index: 5, ordinal: 0 }, to: from })).body).toEqual({
      preview: false,
      ...report,
    })
    expect(asked).toEqual([{ from: Date.parse(from) }, { fromSequence: [5, 0], to: Date.parse(from) }])
    expect((await api.ok(A)).body).toMatchObject({
      cursor: { index: 4, ordinal: 0 },
      resending: { index: 9, ordinal: 1 },
    })
    const refused = async (body: object) => (await resend(body)).body.errors?.[0]?.pointer
    expect(await refused({ preview: true })).toBe('/from')
    expect(await refused({ from, fromSequence: { index: 1, ordinal: 0 } })).toBe('/fromSequence')
    expect(await refused({ from, to: from })).toBe('/to')
    expect((await resend({ fromSequence: { index: -1, ordinal: 0 } })).status).toBe(400)
    expect((await resend({ from }, { headers: { 'if-match': '"1"' } })).status).toBe(412)
    expect((await api.send(`${A}/resend`, { method: 'POST', body: { from }, token: api.token('read') })).status).toBe(
      403,
    )
  })

  test('is seen by those who may read the cluster, and changed by administrators only', async () => {
    await put()
    const read = api.token('read')
    expect((await api.send(A, { token: read })).status).toBe(200)
    expect((await api.send(`${A}/test`, { method: 'POST', token: read })).status).toBe(403)
    expect((await api.send('/v1/sinks', { token: api.token('namespace:default') })).status).toBe(403)
  })

  test('is one of sixteen at most', async () => {
    for (let i = 0; i < 16; i++) {
      await api.ok(`/v1/sinks/s${i}`, { method: 'PUT', body: { ...BASE, database: `d${i}` } })
    }
    expect((await put()).body.code).toBe('sinks-full')
  })
})

describe('trying a sink', () => {
  let asked: unknown[]
  beforeEach(() => {
    asked = []
    api.context.sinks.test = (connection, password) => {
      asked.push([connection.database, password])
      return Promise.resolve({
        ok: false,
        steps: [{ step: 'connect', ok: false, detail: 'no', nextStep: 'do' }],
        tookMs: 3,
      })
    }
  })
  const tried = (body?: object) => api.ok(`${A}/test`, { method: 'POST', body })

  test('that is saved uses what is saved, and what is wrong is an answer', async () => {
    await put()
    const { status, body } = await tried()
    expect([status, body.ok, asked]).toEqual([200, false, [['ledger', 'hunter2']]])
  })

  test('before it is saved saves nothing', async () => {
    expect((await tried({ ...BASE, password: 'p' })).status).toBe(200)
    expect([asked, api.state.sinks.size]).toEqual([[['ledger', 'p']], 0])
  })

  test('with a change of what is saved uses the password that there is', async () => {
    await put()
    await tried({ ...BASE, database: 'other' })
    expect(asked).toEqual([['other', 'hunter2']])
  })

  test('that is not there and not described is no sink', async () => {
    expect((await tried()).body.code).toBe('sink-not-found')
  })
})

describe('comparing a sink with the ledger', () => {
  const compare = async () =>
    new EventReader(
      await api.app.request(`${A}/verify`, {
        method: 'POST',
        headers: { authorization: `Bearer ${api.token('admin')}` },
      }),
    )
  const report = { equal: false, upTo: [9, 1] as const, hours: 1, rows: 2, more: 0 }
  const steps = (...all: VerifyStep[]) =>
    async function* () {
      for (const step of all) {
        yield step
        await Promise.resolve()
      }
    }

  test('streams how far it is, then the report, and ends', async () => {
    await put()
    api.context.sinks.verify = steps(
      { progress: { phase: 'ledger', rows: 2 } },
      { progress: { phase: 'ledger', rows: 3 } },
      { report: { ...report, differences: [{ hour: NOW, kind: 'run', ledger: 2, sink: 1, extra: 3 }] } },
    )
    const stream = await compare()
    const events: { event: string; data: unknown }[] = []
    for (let next = await stream.next(); next; next = await stream.next()) events.push(next)
    expect(events.map(({ event }) => event)).toEqual(['progress', 'report'])
    expect(events.at(-1)?.data).toMatchObject({
      upTo: { index: 9, ordinal: 1 },
      differences: [{ hour: '2026-11-20T15:00:00.000Z', kind: 'run', ledger: 2, sink: 1, extra: 3 }],
    })
  })

  test('says why it failed, without the words of bugs in a log', async () => {
    await put()
    // eslint-disable-next-line require-yield -- it fails before it has anything to say
    api.context.sinks.verify = async function* () {
      await Promise.resolve()
      throw new SinkFault('unreachable', 'cannot reach db.internal:3306')
    }
    const event = await (await compare()).next()
    expect(event).toMatchObject({ event: 'failed', data: { detail: 'cannot reach db.internal:3306' } })
    expect(api.logged).toEqual([])
  })

  test('is done once at a time, and stops with its reader', async () => {
    await put()
    let stopped: () => void = () => undefined
    const ended = new Promise<void>((resolve) => (stopped = resolve))
    // eslint-disable-next-line require-yield -- it only ends
    api.context.sinks.verify = async function* (_, signal) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      stopped()
    }
    const first = await api.app.request(`${A}/verify`, {
      method: 'POST',
      headers: { authorization: `Bearer ${api.token('admin')}` },
    })
    expect((await api.ok(`${A}/verify`, { method: 'POST' })).status).toBe(429)
    await first.body?.cancel()
    await ended
    await Promise.resolve()
    api.context.sinks.verify = steps({ report: { ...report, differences: [] } })
    expect((await (await compare()).next())?.event).toBe('report')
  })
})
