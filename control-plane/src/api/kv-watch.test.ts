import { beforeEach, describe, expect, test } from 'vitest'
import { kvWorld } from '../state/kv-world.test-helper.ts'
import { EventReader } from './event-reader.test-helper.ts'
import { type Bench, createBench } from './fixtures.ts'
import { KvHistory } from './kv-history.ts'

const HOME = '/v1/namespaces/default'
let api: Bench

beforeEach(() => {
  api = createBench({ streams: 8 })
})

const put = (key: string, body: string) => api.ok(`${HOME}/kv/${encodeURIComponent(key)}`, { method: 'PUT', body })
const remove = (key: string) => api.ok(`${HOME}/kv/${key}`, { method: 'DELETE' })

async function watch(query = '', headers: Record<string, string> = {}): Promise<EventReader> {
  const sent = { headers: { authorization: `Bearer ${api.token('service:default/any')}`, ...headers } }
  return new EventReader(await api.app.request(`${HOME}/kv-watch?${query}`, sent))
}

async function take(reader: EventReader, count: number) {
  const events = []
  for (let i = 0; i < count; i++) events.push(await reader.next())
  return events
}

describe('a watch', () => {
  test('sends what changes from now on, with the index to go on from', async () => {
    await put('before', '')
    const reader = await watch()
    expect(await reader.next()).toEqual({
      id: String(api.state.index),
      event: 'open',
      data: { index: api.state.index },
    })
    await put('a', 'one')
    const index = api.state.index
    await remove('a')
    expect(await take(reader, 2)).toMatchObject([
      { id: String(index), event: 'put', data: { key: 'a', value: 'b25l', modIndex: index, version: 1 } },
      { id: String(index + 1), event: 'delete', data: { key: 'a', modIndex: index + 1 } },
    ])
    await reader.close()
  })

  test('begins at an index of the past, and goes on after the last event that was received', async () => {
    await put('a', '1')
    const index = api.state.index
    await put('a', '2')
    await put('b', '3')
    const all = await take(await watch(`fromIndex=${index}`), 4)
    expect(all.map((event) => event?.data.key)).toEqual([undefined, 'a', 'a', 'b'])
    const rest = await take(await watch('fromIndex=1', { 'last-event-id': String(index + 1) }), 2)
    expect(rest).toMatchObject([{ event: 'open', data: { index: index + 1 } }, { data: { key: 'b' } }])
  })

  test('is of a prefix, of one key, or of locks, and of its own namespace', async () => {
    const from = api.state.index + 1
    for (const key of ['a/1', 'b/1', 'a/2']) await put(key, '')
    await api.ok('/v1/namespaces/other/kv/a', { method: 'PUT', body: '' })
    const { body } = await api.ok(`${HOME}/locks/a`, { method: 'POST', body: { ttl: '5s' } })
    await api.ok(`${HOME}/elections/a/campaign`, { method: 'POST', body: { ttl: '5s', value: 'me' } })
    await api.ok(`${HOME}/locks/a?lease=${String(body.lease)}`, { method: 'DELETE' })
    await put('last', '')
    const names = async (query: string, count: number) =>
      (await take(await watch(`fromIndex=${from}&${query}`), count + 1))
        .slice(1)
        .map((event) => `${event?.event} ${String(event?.data.key ?? event?.data.name)}`)
    expect(await names('', 4)).toEqual(['put a/1', 'put b/1', 'put a/2', 'put last'])
    expect(await names('prefix=a', 2)).toEqual(['put a/1', 'put a/2'])
    expect(await names('key=b%2F1', 1)).toEqual(['put b/1'])
    expect(await names('of=locks', 2)).toEqual(['held a', 'free a'])
    expect(await names('of=elections', 1)).toEqual(['held a'])
    expect((await api.ok(`${HOME}/kv-watch?key=a&prefix=a`)).status).toBe(400)
  })

  test('names an index only after all that its entry changed', async () => {
    const { body } = await api.ok(`${HOME}/leases`, { method: 'POST', body: { ttl: '5s' } })
    for (const key of ['a', 'b', 'c'])
      await api.ok(`${HOME}/kv/${key}?lease=${String(body.id)}`, { method: 'PUT', body: '' })
    const reader = await watch()
    await reader.next()
    await api.ok(`${HOME}/leases/${String(body.id)}`, { method: 'DELETE' })
    const events = await take(reader, 3)
    expect(events.map((event) => [event?.event, event?.data.key, event?.id])).toEqual([
      ['delete', 'a', undefined],
      ['delete', 'b', undefined],
      ['delete', 'c', String(api.state.index)],
    ])
  })

  test('that sees nothing says how far it is, so that it can go on there', async () => {
    const reader = await watch('prefix=quiet')
    await reader.next()
    await put('noise', '')
    api.clock.pass(15_000)
    expect(await reader.next()).toEqual({
      id: String(api.state.index),
      event: 'progress',
      data: { index: api.state.index },
    })
  })

  test('from an index that is no longer held is refused with what to do', async () => {
    api.feed.kv.reset(api.state.index)
    const { status, body } = await api.ok(`${HOME}/kv-watch?fromIndex=1`)
    expect([status, body.code, body.detail]).toEqual([
      410,
      'compacted',
      `this node holds changes from index ${api.state.index + 1} on`,
    ])
    const reader = await watch(`fromIndex=${api.state.index + 1}`)
    expect((await reader.next())?.event).toBe('open')
    await reader.close()
  })

  test('is told when it fell behind, when the state was replaced, and when its token ends', async () => {
    const behind = await watch()
    await behind.next()
    api.feed.kv.reset(api.state.index)
    expect(await behind.next()).toMatchObject({ event: 'dropped' })
    expect(await behind.next()).toBeUndefined()

    const token = api.token('read')
    const id = [...api.state.tokens.keys()].at(-1) ?? ''
    const sent = { headers: { authorization: `Bearer ${token}` } }
    const ended = new EventReader(await api.app.request(`${HOME}/kv-watch`, sent))
    await ended.next()
    await api.ok(`/v1/tokens/${id}`, { method: 'DELETE' })
    expect(await ended.next()).toMatchObject({ event: 'end' })
  })

  test('counts among the streams of a token', async () => {
    const token = api.token('read')
    const sent = { headers: { authorization: `Bearer ${token}` } }
    await api.app.request(`${HOME}/kv-watch`, sent)
    await api.app.request('/v1/events', sent)
    expect((await api.send(`${HOME}/kv-watch`, { token })).body.code).toBe('too-many-streams')
  })
})

describe('what a node holds of the past', () => {
  const world = () => {
    const history = new KvHistory(0, { max: 3, bytesMax: 100 })
    const here = kvWorld(({ events }, state) => {
      for (const event of events) history.onEvent(state, event)
    })
    return { history, here }
  }

  test('is bounded by the number of changes', async () => {
    const { history, here } = world()
    const { index } = here.put('k0', '')
    for (let i = 1; i < 20; i++) {
      here.put(`k${i}`, '')
      const first = Math.max(index, here.state.index - 2)
      expect([history.completeFrom, history.positionOf(first - 1) === undefined]).toEqual(
        i < 3 ? [1, false] : [first, true],
      )
      const changes = await history.read(history.positionOf(first) ?? -1, 10)
      expect((changes as { index: number }[]).map((change) => change.index)).toEqual(
        Array.from({ length: here.state.index - first + 1 }, (_, at) => first + at),
      )
    }
    expect(await history.read(0, 1)).toBe('dropped')
  })

  test('is bounded by the bytes of the values', () => {
    const { history, here } = world()
    const { index } = here.put('a', 'x'.repeat(60))
    here.put('b', 'x'.repeat(60))
    expect(history.completeFrom).toBe(index + 1)
    here.put('c', 'x'.repeat(200))
    expect(history.completeFrom).toBe(here.state.index + 1)
    expect(history.positionOf(here.state.index + 1)).toBe(history.end)
  })

  test('begins anew with a state that was received', () => {
    const { history, here } = world()
    const { index } = here.put('a', '')
    const [before] = [history.end]
    history.reset(index + 10)
    expect([history.positionOf(index), history.positionOf(index + 11)]).toEqual([undefined, history.end])
    expect(history.end).toBeGreaterThan(before)
  })
})
