import type { Attempt, Executor, Run, TokenCreated } from '@cronclave/openapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Child } from '../support/child.ts'
import { Cluster } from '../support/cluster.ts'
import { HOME } from '../support/server.ts'
import { eventually, newSecret, Refused } from './harness.ts'

const SERVICE = 'elastic'
const EXECUTORS = `${HOME}/services/${SERVICE}/executors`

let cluster: Cluster
let token: string
const secret = newSecret()
const children: Child[] = []

beforeAll(async () => {
  cluster = await Cluster.start({ nodes: 3 })
  await cluster.call('POST', `${HOME}/services`, { name: SERVICE, secret })
  const key = { name: 'registration', scope: `service:default/${SERVICE}` }
  token = (await cluster.call<TokenCreated>('POST', '/v1/tokens', key)).secret
  const target = { kind: 'handler', service: SERVICE, handler: 'work' }
  await cluster.call('PUT', `${HOME}/jobs/task`, {
    target,
    timeout: '1m',
    retry: { max: 0 },
    routing: { strategy: 'round-robin' },
    overlap: 'allow',
  })
}, 60_000)

afterAll(async () => {
  await Promise.all(children.map((child) => child.stop('SIGKILL')))
  await cluster.close()
})

/** A process that registers as this executor; knows every node, a dead address first. */
function begin(id: string, registrationToken = token, env: Record<string, string> = {}): Child {
  const child = new Child(['--import', 'tsx', 'test/support/registered-process.ts'], {
    E2E_SECRET: secret,
    E2E_TOKEN: registrationToken,
    E2E_NODES: ['http://127.0.0.1:9', ...cluster.nodes.map(({ url }) => url)].join(),
    E2E_ID: id,
    E2E_SERVICE: SERVICE,
    ...env,
  })
  children.push(child)
  return child
}

const executorOf = (id: string) =>
  cluster.call<Executor>('GET', `${EXECUTORS}/${id}`).catch((error: unknown) => {
    if (error instanceof Refused && error.status === 404) return undefined
    throw error
  })
const isStatus = (id: string, status: Executor['status']) =>
  eventually(`${id} is ${status}`, async () => (await executorOf(id))?.status === status)
const trigger = (params: object = {}) => cluster.call<Run>('POST', `${HOME}/jobs/task/trigger`, { params })

const attemptsOf = async (run: string) =>
  (await cluster.call<{ items: Attempt[] }>('GET', `${HOME}/runs/${run}/attempts`)).items

function done(id: string): Promise<Run> {
  return eventually('the run has succeeded', async () => {
    const run = await cluster.call<Run>('GET', `${HOME}/runs/${id}`)
    return run.state === 'succeeded' && run
  })
}

/** A run that works for a while on this executor. */
function placedOn(executor: string, ms: number): Promise<string> {
  return eventually(`${executor} is at work`, async () => {
    const { id } = await trigger({ ms })
    const [attempt] = await eventually('it is placed', async () => {
      const placed = await attemptsOf(id)
      return placed.length > 0 && placed
    })
    return attempt?.executor === executor && id
  })
}

describe('an executor that registers itself', () => {
  test('S084 S090 gets its first run in less than a second after start(), and says how it is', async () => {
    const { id } = await trigger()
    const child = begin('a')
    const [, begun] = await child.says(/registered at (\d+)/)
    const [, ran] = await child.says(new RegExp(`runs ${id} at (\\d+)`))
    expect(Number(ran) - Number(begun)).toBeLessThan(1000)
    expect(await done(id)).toMatchObject({ executor: 'a', result: 'a' })
    expect(await executorOf('a')).toMatchObject({ kind: 'registered', status: 'online', revision: 'v1' })
  })

  test('S087 is routed round within three seconds of a kill -9, and its work moves', { timeout: 60_000 }, async () => {
    const other = begin('b')
    await other.says(/registered/)
    await isStatus('b', 'online')
    const held = await placedOn('b', 4000)
    await other.says(new RegExp(`runs ${held}`))
    await other.stop('SIGKILL')
    const killed = Date.now()
    await eventually('it is out of routing', async () => (await executorOf('b'))?.status !== 'online')
    expect(Date.now() - killed).toBeLessThan(3000)
    for (let i = 0; i < 4; i++) expect(await done((await trigger()).id)).toMatchObject({ executor: 'a' })
    expect(await done(held)).toMatchObject({ result: 'a' })
    const attempts = await attemptsOf(held)
    expect(attempts[0]).toMatchObject({ executor: 'b', outcome: 'uncertain' })
    expect(attempts.at(-1)).toMatchObject({ executor: 'a', outcome: 'succeeded' })
  })

  test('takes its place again when its process is started anew', async () => {
    const next = begin('b')
    await next.says(/registered/)
    await isStatus('b', 'online')
    await eventually('it gets work', async () => (await done((await trigger()).id)).executor === 'b')
  })

  test('S089 S091 leaves on SIGTERM: nothing new, what runs there ends, and the process ends by the signal', async () => {
    const leaver = begin('c')
    await leaver.says(/registered/)
    await isStatus('c', 'online')
    const held = await placedOn('c', 1500)
    await leaver.says(new RegExp(`runs ${held}`))
    leaver.signal('SIGTERM')
    await eventually('it drains', async () => (await executorOf('c'))?.status !== 'online')
    expect(await done(held)).toMatchObject({ executor: 'c' })
    expect(await leaver.ended).toMatchObject({ code: null, signal: 'SIGTERM' })
    expect(await executorOf('c')).toBeUndefined()
  })

  test('leaves the end of the process to whoever listens for the signal as well', async () => {
    const leaver = begin('e', token, { E2E_EXIT_CODE: '7' })
    await leaver.says(/registered/)
    await isStatus('e', 'online')
    leaver.signal('SIGTERM')
    expect(await leaver.ended).toMatchObject({ code: 7, signal: null })
    expect(await executorOf('e')).toBeUndefined()
  })

  test('is refused with a token that may do something else, and says why', async () => {
    const read = await cluster.call<TokenCreated>('POST', '/v1/tokens', { name: 'reader', scope: 'read' })
    const child = begin('d', read.secret)
    const { code, said } = await child.ended
    expect(code).toBe(1)
    expect(said).toContain('the control plane does not register this executor: 403')
    expect(await executorOf('d')).toBeUndefined()
  })
})
