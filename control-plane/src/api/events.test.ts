import { beforeEach, describe, expect, test } from 'vitest'
import { EventReader } from './event-reader.test-helper.ts'
import { type Bench, createBench } from './fixtures.ts'

const HTTP = { kind: 'http', method: 'POST', url: 'https://shop.example.com/' }

let api: Bench

beforeEach(() => {
  api = createBench({ streams: 8 })
})

async function open(token: string, query = '', headers: Record<string, string> = {}): Promise<EventReader> {
  const request = { headers: { authorization: `Bearer ${token}`, ...headers } }
  return new EventReader(await api.app.request(`/v1/events${query}`, request))
}

function putJob(namespace: string, name: string) {
  return api.ok(`/v1/namespaces/${namespace}/jobs/${name}`, { method: 'PUT', body: { target: HTTP, overlap: 'allow' } })
}

describe('an event stream', () => {
  test('tells what happens, in order', async () => {
    const stream = await open(api.token('read'))
    await putJob('default', 'x')
    const { body } = await api.ok('/v1/namespaces/default/jobs/x/trigger', {
      method: 'POST',
      body: { params: { secret: 1 } },
    })
    const id = body.id as string
    api.apply({
      kind: 'place-shards',
      at: api.clock.now(),
      node: 'n1',
      placements: [{ run: id, shard: 0, attempts: 0, executor: '-' }],
    })
    await api.ok(`/v1/namespaces/default/runs/${id}/cancel`, { method: 'POST' })
    await api.ok('/v1/namespaces/default/jobs/x?force=true', { method: 'DELETE' })
    const events = [
      await stream.next(),
      await stream.next(),
      await stream.next(),
      await stream.next(),
      await stream.next(),
    ]
    expect(events.map((received) => received?.event)).toEqual([
      'job.changed',
      'run.queued',
      'run.started',
      'run.ended',
      'job.deleted',
    ])
    expect(events[0]?.data).toEqual({ namespace: 'default', job: 'x', version: 1, state: 'active' })
    expect(events[3]?.data).toMatchObject({ namespace: 'default', job: 'x', run: { id, state: 'cancelled' } })
    expect(JSON.stringify(events)).not.toContain('secret')
    await stream.close()
  })

  test('tells of alerts as they begin and end, those of the cluster to those who may read it', async () => {
    await putJob('default', 'x')
    await api.ok('/v1/alert-rules/all', { method: 'PUT', body: { condition: { kind: 'stopped' } } })
    await api.ok('/v1/namespaces/default/alert-rules/own', { method: 'PUT', body: { condition: { kind: 'stopped' } } })
    const [cluster, own] = [...api.state.alertRules.values()].map(({ uid }) => uid)
    const everything = await open(api.token('read'))
    const ofJob = await open(api.token('namespace:default'), '?job=x')
    const other = await open(api.token('namespace:other'))
    const job = [...api.state.jobs.keys()][0] ?? 0
    const subject = { kind: 'job' as const, id: String(job), name: 'x', namespace: 'default' }
    for (const firing of [true, false]) {
      const observations = [cluster, own].map((rule = 0) => ({ rule, subject, firing, summary: 'It was paused.' }))
      api.apply({ kind: 'alerts-observed', at: api.clock.now(), observations })
    }
    await putJob('other', 'y')
    const all = [await everything.next(), await everything.next(), await everything.next(), await everything.next()]
    expect(all.map((one) => [one?.event, (one?.data as { namespace?: string } | undefined)?.namespace])).toEqual([
      ['alert.raised', undefined],
      ['alert.raised', 'default'],
      ['alert.ended', undefined],
      ['alert.ended', 'default'],
    ])
    expect(all[1]?.data).toMatchObject({ alert: { rule: 'own', state: 'firing', subject, summary: 'It was paused.' } })
    expect([(await ofJob.next())?.event, (await ofJob.next())?.event]).toEqual(['alert.raised', 'alert.ended'])
    expect((await other.next())?.event).toBe('job.changed')
    for (const stream of [everything, ofJob, other]) await stream.close()
  })

  test('ends when the node was sent a newer state, and what led there is not resumed', async () => {
    const token = api.token('read')
    const stream = await open(token)
    await putJob('default', 'x')
    const { id = '' } = (await stream.next()) ?? {}
    api.feed.reset(api.state.index)
    expect([await stream.next(), await stream.next()]).toEqual([{ event: 'dropped', data: {} }, undefined])
    const back = await open(token, '', { 'last-event-id': id })
    await putJob('default', 'y')
    expect([await back.next(), await back.next()]).toMatchObject([{ event: 'reset' }, { data: { job: 'y' } }])
    await back.close()
  })

  test('sends only what the credential may read', async () => {
    const stream = await open(api.token('namespace:other'))
    await putJob('default', 'hidden')
    await putJob('other', 'seen')
    expect((await stream.next())?.data.job).toBe('seen')
    await stream.close()
  })

  test('is filtered by namespace and job', async () => {
    const stream = await open(api.token('admin'), '?namespace=default&job=b')
    await putJob('other', 'b')
    await putJob('default', 'a')
    await putJob('default', 'b')
    expect((await stream.next())?.data).toMatchObject({ namespace: 'default', job: 'b' })
    await stream.close()
  })

  test('resumes after the last event that was received', async () => {
    const token = api.token('admin')
    const stream = await open(token)
    await putJob('default', 'a')
    const first = await stream.next()
    await stream.close()
    await putJob('default', 'b')
    const resumed = await open(token, '', { 'last-event-id': first?.id ?? '' })
    expect((await resumed.next())?.data.job).toBe('b')
    await resumed.close()
  })

  test('says when what was missed is no longer held, or was of another process', async () => {
    const token = api.token('admin')
    const stream = await open(token)
    await putJob('default', 'a')
    const first = await stream.next()
    await stream.close()
    for (let i = 0; i < 70; i++) await putJob('default', 'a')
    for (const id of [first?.id ?? '', 'other-3', 'boot-99999', 'x']) {
      const resumed = await open(token, '', { 'last-event-id': id })
      expect((await resumed.next())?.event).toBe('reset')
      await resumed.close()
    }
  })

  test('drops a reader that does not keep up, with a last event', async () => {
    const stream = await open(api.token('admin'))
    for (let i = 0; i < 70; i++) await putJob('default', 'a')
    const events: string[] = []
    for (let received = await stream.next(); received; received = await stream.next()) events.push(received.event)
    expect(events.at(-1)).toBe('dropped')
  })

  test('ends when its credential does', async () => {
    const stream = await open(api.token('admin', { expiresAt: api.clock.now() + 5000 }))
    await stream.block()
    const last = stream.next()
    api.clock.pass(5000)
    expect((await last)?.event).toBe('end')
    expect(await stream.next()).toBeUndefined()

    const other = await open(api.token('admin'))
    const revoked = [...api.state.tokens.keys()].at(-1) ?? ''
    await other.block()
    const end = other.next()
    await api.ok(`/v1/tokens/${revoked}`, { method: 'DELETE' })
    expect((await end)?.event).toBe('end')
  })

  test('carries a comment every 15 s', async () => {
    const stream = await open(api.token('admin'))
    expect(await stream.block()).toBe('retry: 2000')
    const comment = stream.block()
    api.clock.pass(15_000)
    expect(await comment).toBe(':')
    const again = stream.block()
    api.clock.pass(15_000)
    expect(await again).toBe(':')
    await stream.close()
  })

  test('is one of a bounded number, and gives its place back', async () => {
    const tokens = [1, 2, 3, 4].map(() => api.token('read'))
    const token = api.token('admin')
    const streams: EventReader[] = []
    for (const other of tokens) streams.push(await open(other), await open(other))
    const refused = await api.send('/v1/events', { token })
    expect([refused.status, refused.body.code]).toEqual([429, 'too-many-streams'])
    expect((await api.ok('/v1/status')).body.streams).toBe(8)
    for (const stream of streams) await stream.close()
    expect((await api.ok('/v1/status')).body.streams).toBe(0)
    expect(api.clock.timers).toBe(0)
    await (await open(token)).close()
  })

  test('is one of a quarter of them that a token may hold, so that it keeps nobody else out', async () => {
    const token = api.token('namespace:default')
    const streams = [await open(token), await open(token)]
    const refused = await api.send('/v1/events', { token })
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
      429,
      'too-many-streams',
      'one token may hold 2',
    ])
    streams.push(await open(api.token('namespace:default')))
    await streams[0]?.close()
    streams.push(await open(token))
    for (const stream of streams) await stream.close()
  })

  test('takes no place for HEAD', async () => {
    const { status } = await api.app.request('/v1/events', {
      method: 'HEAD',
      headers: { authorization: `Bearer ${api.token('admin')}` },
    })
    expect(status).toBe(200)
    expect((await api.ok('/v1/status')).body.streams).toBe(0)
  })

  test('ends when the node stops', async () => {
    const stream = await open(api.token('admin'))
    await stream.block()
    const last = stream.next()
    api.stop()
    expect((await last)?.event).toBe('end')
    expect(await stream.next()).toBeUndefined()
  })
})
