import type { Attempt, Executor, Run, TokenCreated } from '@cronclave/openapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Child } from '../support/child.ts'
import { Cluster } from '../support/cluster.ts'
import { HOME } from '../support/server.ts'
import { eventually, newSecret, Refused } from './harness.ts'

const SERVICE = 'inner'
const EXECUTORS = `${HOME}/services/${SERVICE}/executors`

let cluster: Cluster
let token: string
const secret = newSecret()
const children: Child[] = []

beforeAll(async () => {
  cluster = await Cluster.start({ nodes: 3 })
  await cluster.call('POST', `${HOME}/services`, { name: SERVICE, secret })
  const key = { name: 'polling', scope: `service:default/${SERVICE}` }
  token = (await cluster.call<TokenCreated>('POST', '/v1/tokens', key)).secret
  const target = { kind: 'handler', service: SERVICE, handler: 'work' }
  for (const id of ['a', 'b'])
    await cluster.call('PUT', `${HOME}/jobs/task-${id}`, {
      target,
      timeout: '1m',
      retry: { max: 0 },
      overlap: 'allow',
      routing: { labels: { id } },
    })
}, 60_000)

afterAll(async () => {
  await Promise.all(children.map((child) => child.stop('SIGKILL')))
  await cluster.close()
})

/** A process that polls these nodes, the first one first. */
function begin(id: string, nodes: readonly { url: string }[] = cluster.nodes): Child {
  const child = new Child(['--import', 'tsx', 'test/support/polling-process.ts'], {
    E2E_SECRET: secret,
    E2E_TOKEN: token,
    E2E_NODES: nodes.map(({ url }) => url).join(),
    E2E_ID: id,
    E2E_SERVICE: SERVICE,
  })
  children.push(child)
  return child
}

const executorOf = (id: string) =>
  cluster.call<Executor>('GET', `${EXECUTORS}/${id}`).catch((error: unknown) => {
    if (error instanceof Refused && error.status === 404) return undefined
    throw error
  })
const trigger = (job: string, params: object = {}) =>
  cluster.call<Run>('POST', `${HOME}/jobs/${job}/trigger`, { params })
const attemptsOf = async (run: string) =>
  (await cluster.call<{ items: Attempt[] }>('GET', `${HOME}/runs/${run}/attempts`)).items
const runIn = (id: string, state: Run['state']) =>
  eventually(`run ${id} is ${state}`, async () => {
    const run = await cluster.call<Run>('GET', `${HOME}/runs/${id}`)
    return run.state === state && run
  })
const callsOf = (child: Child, run: string) => child.said.split('\n').filter((line) => line.startsWith(`runs ${run} `))

describe('an executor that polls', () => {
  test('gets its first run in less than a second after listen(), and the rest as they come', async () => {
    const { id } = await trigger('task-a')
    const child = begin('a')
    const [, begun] = await child.says(/listens at (\d+)/)
    const [, ran] = await child.says(new RegExp(`runs ${id} at (\\d+)`))
    expect(Number(ran) - Number(begun)).toBeLessThan(1000)
    expect(await runIn(id, 'succeeded')).toMatchObject({ executor: 'a', result: 'a' })
    expect(await executorOf('a')).toMatchObject({ url: 'pull', slots: 10, status: 'online', revision: 'v1' })
    for (let i = 0; i < 5; i++) {
      const asked = Date.now()
      const next = await trigger('task-a')
      await child.says(new RegExp(`runs ${next.id} at (\\d+)`))
      expect(Date.now() - asked).toBeLessThan(1000)
      await runIn(next.id, 'succeeded')
    }
  })

  test('is told at once of a run that is cancelled', async () => {
    const child = children[0] as Child
    const { id } = await trigger('task-a', { ms: 20_000 })
    await child.says(new RegExp(`runs ${id}`))
    const asked = Date.now()
    await cluster.call('POST', `${HOME}/runs/${id}/cancel`)
    await child.says(new RegExp(`aborts ${id} CancelledError`))
    expect(Date.now() - asked).toBeLessThan(1000)
    await runIn(id, 'cancelled')
  })

  test('polls a follower, and the leader is killed while calls are out: nothing is lost or done twice', {
    timeout: 60_000,
  }, async () => {
    const leader = await cluster.leader()
    const followers = cluster.nodes.filter((node) => node !== leader)
    const child = begin('b', [...followers, leader])
    await child.says(/listens/)
    const out = await Promise.all([1, 2, 3].map(() => trigger('task-b', { ms: 3000 })))
    for (const { id } of out) await child.says(new RegExp(`runs ${id}`))
    await leader.end('SIGKILL')
    const killed = Date.now()
    const late = await trigger('task-b')
    await runIn(late.id, 'succeeded')
    expect(Date.now() - killed).toBeLessThan(10_000)
    for (const { id } of out) {
      expect(await runIn(id, 'succeeded')).toMatchObject({ result: 'b' })
      expect(callsOf(child, id)).toHaveLength(1)
    }
    expect(callsOf(child, late.id)).toHaveLength(1)
    expect((await attemptsOf(late.id)).at(-1)).toMatchObject({ outcome: 'succeeded' })
    leader.start()
  })

  test('that is killed is out of routing within three seconds', async () => {
    const child = children[0] as Child
    const killed = Date.now()
    await child.stop('SIGKILL')
    await eventually('it is out of routing', async () => (await executorOf('a'))?.status !== 'online')
    expect(Date.now() - killed).toBeLessThan(3000)
  })

  test('leaves on SIGTERM: nothing new, what runs there ends, and its entry goes', async () => {
    const child = children[1] as Child
    const { id } = await trigger('task-b', { ms: 1500 })
    await child.says(new RegExp(`runs ${id}`))
    child.signal('SIGTERM')
    await eventually('it drains', async () => (await executorOf('b'))?.status !== 'online')
    expect(await runIn(id, 'succeeded')).toMatchObject({ executor: 'b', result: 'b' })
    expect(await child.ended).toMatchObject({ code: null, signal: 'SIGTERM' })
    expect(await executorOf('b')).toBeUndefined()
  })
})
