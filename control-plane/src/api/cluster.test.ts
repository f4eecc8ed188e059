import { beforeEach, describe, expect, test } from 'vitest'
import { encodeReport } from '../cluster/node-report.ts'
import { OWN_ID } from '../cluster/leading.test-helper.ts'
import { type Bench, createBench, NOW } from './fixtures.ts'

let api: Bench

beforeEach(() => {
  api = createBench()
})

const post = (path: string, body?: object) => api.ok(path, { method: 'POST', ...(body ? { body } : {}) })
const N2 = '2'.repeat(16)

/** A second voter that is there. */
function second(): void {
  api.apply({
    kind: 'member-put',
    at: NOW,
    member: { id: N2, name: 'n2', address: 'h2:1', addedAt: NOW, joinedAt: NOW },
  })
  api.leading.view.voters.push(N2)
  api.leading.hears(N2)
}

describe('the cluster', () => {
  test('of one shows its member, and has nothing to complain about', async () => {
    const { status, body } = await api.ok('/v1/cluster')
    expect(status).toBe(200)
    expect(body).toMatchObject({ node: 'n1', leader: 'n1', term: 1, tolerates: 0, changing: false, alarms: [] })
    expect(body.members).toMatchObject([
      {
        id: OWN_ID,
        name: 'n1',
        state: 'voter',
        role: 'leader',
        lag: 0,
        lastContactMs: 0,
        status: { databaseBytes: 4096 },
      },
    ])
  })

  test('shows a member that does not answer as such, with what the leader knows of it', async () => {
    second()
    const { body } = await api.ok('/v1/cluster')
    expect(body.members).toMatchObject([
      { name: 'n1' },
      { name: 'n2', role: 'unknown', fault: 'unreachable', lag: 0, lastContactMs: 10 },
    ])
    expect(body.alarms).toMatchObject([{ code: 'member-unreachable', member: 'n2' }])
    expect((await api.ok('/v1/cluster/health')).body).toMatchObject({ healthy: false, leader: 'n1', tolerates: -1 })
  })

  test('warns of states that differ, and of a leader with older time zone data', async () => {
    second()
    const own = await api.leading.observer.own()
    api.context.cluster.observer.all = () =>
      Promise.resolve([
        { member: OWN_ID, report: { ...own, digests: [{ index: 1024, digest: 1 }] } },
        { member: N2, report: { ...own, member: N2, role: 'follower', digests: [{ index: 1024, digest: 2 }] } },
      ])
    const about = { version: '1', clusterVersion: 2, tzdata: '2027a' }
    api.apply({ kind: 'node-up', at: NOW, node: N2, incarnation: 1, about })
    api.apply({ kind: 'node-up', at: NOW, node: OWN_ID, incarnation: 1, about: { ...about, clusterVersion: 1 } })
    const { body } = await api.ok('/v1/cluster')
    expect(body.alarms).toMatchObject([
      { code: 'tzdata-older', member: 'n1' },
      { code: 'cluster-version-held', member: 'n1' },
      { code: 'state-diverged', member: 'n2' },
    ])
  })

  test('tells what a member finds wrong with itself, and how often it did', async () => {
    second()
    const own = await api.leading.observer.own()
    const alarms = [{ code: 'clock-skewed' as const, detail: 'Its clock is 900 ms ahead.' }]
    const alarmsRaised = { 'clock-skewed': 1, 'disk-slow': 3 }
    api.context.cluster.observer.all = () =>
      Promise.resolve([
        { member: OWN_ID, report: own },
        { member: N2, report: { ...own, member: N2, role: 'follower', alarms, alarmsRaised } },
      ])
    const { body } = await api.ok('/v1/cluster')
    expect(body.alarms).toEqual([{ code: 'clock-skewed', member: 'n2', detail: 'Its clock is 900 ms ahead.' }])
    expect(body.members).toMatchObject([{ name: 'n1' }, { name: 'n2', status: { alarmsRaised } }])
  })

  test('without a leader is not healthy, and says so on any node', async () => {
    api.leading.lead(undefined)
    const { body } = await api.ok('/v1/cluster/health')
    expect(body).toMatchObject({ healthy: false, alarms: [{ code: 'no-leader' }] })
    const asked = post('/v1/cluster/members', { name: 'n2' })
    while (api.clock.timers === 0) await new Promise((resolve) => setImmediate(resolve))
    api.clock.pass(6000)
    expect((await asked).body.code).toBe('not-leader')
  })

  test('is hashed at one index', async () => {
    second()
    api.leading.answer = () => Promise.resolve(encodeReport({ hash: 'cd'.repeat(32), rows: 7 }))
    const { body } = await post('/v1/cluster/hash')
    expect(body).toMatchObject({
      index: api.state.index,
      equal: false,
      members: [{ name: 'n1', rows: 7 }, { name: 'n2' }],
    })
  })
})

describe('a member', () => {
  test('is added as a learner, with a token that is shown once and can join for an hour', async () => {
    const { status, body } = await post('/v1/cluster/members', { name: 'n2' })
    expect([status, body.expiresAt]).toEqual([201, '2026-11-20T16:00:00.000Z'])
    const { id } = body.member as { id: string }
    const token = JSON.parse(Buffer.from((body.token as string).slice(4), 'base64url').toString()) as unknown[]
    expect(token.slice(0, 4)).toEqual([1, 'c1', id, ['127.0.0.1:7421']])
    expect(api.leading.steps).toEqual([[{ do: 'add-learner', member: id }]])
    const { body: after } = await api.ok('/v1/cluster')
    expect(after.members).toMatchObject([{ name: 'n1' }, { name: 'n2', state: 'joining', address: '' }])
    expect(JSON.stringify(after)).not.toContain('ccj_')
    expect((await post('/v1/cluster/members', { name: 'n2' })).body.code).toBe('already-exists')
  })

  test('is renamed and moves, and keeps its id', async () => {
    const change = { name: 'first', address: '10.0.0.9:7421' }
    const { status, body } = await api.ok('/v1/cluster/members/n1', { method: 'PATCH', body: change })
    expect([status, body]).toMatchObject([200, { id: OWN_ID, ...change }])
    second()
    const taken = await api.ok('/v1/cluster/members/n2', { method: 'PATCH', body: { name: 'first' } })
    expect(taken.body.code).toBe('already-exists')
  })

  test.each([
    [{}, ''],
    [{ name: 'a b' }, '/name'],
    [{ address: 'nowhere' }, '/address'],
  ])('is not changed to %j', async (body, pointer) => {
    const reply = await api.ok('/v1/cluster/members/n1', { method: 'PATCH', body })
    expect([reply.status, reply.body.errors?.[0]?.pointer]).toEqual([400, pointer])
  })

  test('is promoted once it has caught up, and removed again', async () => {
    await post('/v1/cluster/members', { name: 'n2' })
    expect((await post('/v1/cluster/members/n2/promote')).body.code).toBe('member-change-refused')
    const { id = '' } = [...api.state.members.values()].find(({ name }) => name === 'n2') ?? {}
    api.apply({ kind: 'member-join', at: NOW, member: id, change: { address: 'h2:1' } })
    api.leading.hears(id)
    expect((await post('/v1/cluster/members/n2/promote')).body).toMatchObject({ state: 'voter' })
    expect((await api.ok('/v1/cluster/members/n2', { method: 'DELETE' })).status).toBe(204)
    expect(api.state.members.size).toBe(1)
    expect((await api.ok('/v1/cluster/members/n2', { method: 'DELETE' })).body.code).toBe('member-not-found')
    expect((await api.ok('/v1/cluster/members/n1', { method: 'DELETE' })).body.code).toBe('member-change-refused')
  })

  test('takes the place of another in one change', async () => {
    second()
    await post('/v1/cluster/members', { name: 'n3', learner: true })
    const { id = '' } = [...api.state.members.values()].find(({ name }) => name === 'n3') ?? {}
    api.apply({ kind: 'member-join', at: NOW, member: id, change: { address: 'h3:1' } })
    api.leading.hears(id)
    expect((await post('/v1/cluster/members/n2/replace', { by: 'n3' })).body).toMatchObject({
      name: 'n3',
      state: 'voter',
    })
    expect(api.leading.steps.at(-1)).toEqual([
      { do: 'add-voter', member: id },
      { do: 'remove', member: N2 },
    ])
    expect([...api.state.members.values()].map(({ name }) => name)).toEqual(['n1', 'n3'])
  })

  test('S006 is handed leadership, when it votes', async () => {
    second()
    await post('/v1/cluster/members', { name: 'n3' })
    expect((await post('/v1/cluster/transfer', { to: 'n3' })).body.code).toBe('member-change-refused')
    expect((await post('/v1/cluster/transfer', { to: 'n2' })).body).toEqual({ leader: 'n2' })
  })
})
