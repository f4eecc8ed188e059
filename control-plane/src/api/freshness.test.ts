import { beforeEach, describe, expect, test } from 'vitest'
import { AppliedWaits } from '../cluster/applied-waits.ts'
import { Problem } from '../problems.ts'
import { type Bench, contract, createBench, StillClock } from './fixtures.ts'
import { caughtUp, WAIT_MS } from './freshness.ts'

const HOME = '/v1/namespaces/default'
let api: Bench
/** What the node was asked to wait for. */
let waited: number[]
let leads: boolean

const LED = { term: 1, leader: 'another', signal: new AbortController().signal }

beforeEach(() => {
  api = createBench()
  waited = []
  leads = true
  api.context.consensus = {
    leadership: () => ({ ...LED, isLeader: leads }),
    readIndex: () => Promise.resolve(70),
    waitApplied(index) {
      waited.push(index)
      return Promise.resolve()
    },
  }
})

describe('a change', () => {
  const job = { name: 'j', target: { kind: 'http', url: 'https://jobs.test/' } }

  test('that a follower prepares waits for all that was acknowledged before, one of the leader for nothing', async () => {
    await api.ok(`${HOME}/jobs`, { method: 'POST', body: job })
    expect(waited).toEqual([])
    leads = false
    await api.ok(`${HOME}/jobs/j`, { method: 'PUT', body: job })
    await api.ok(`${HOME}/jobs/j/trigger`, { method: 'POST', body: {} })
    expect(waited).toEqual([70, 70])
  })

  test('that is judged where it is applied alone waits for nothing', async () => {
    leads = false
    await api.ok(`${HOME}/kv/a`, { method: 'PUT', body: 'x' })
    await api.ok('/v1/schedules/preview', { method: 'POST', body: { schedules: [{ cron: '0 0 * * *' }] } })
    expect(waited).toEqual([])
  })
})

describe('a read', () => {
  test('waits for nothing unless it asks to', async () => {
    await api.ok(`${HOME}/jobs`)
    await api.ok(`${HOME}/jobs?consistency=local`)
    expect(waited).toEqual([])
  })

  test.each([
    ['min-index=5', 5],
    ['min-index=0', 0],
    ['consistency=linearizable', 70],
    ['consistency=linearizable&min-index=5', 70],
    ['consistency=linearizable&min-index=99', 99],
  ])('with %s waits for index %i', async (query, index) => {
    expect((await api.ok(`${HOME}/jobs?${query}`)).status).toBe(200)
    expect(waited).toEqual([index])
  })

  test.each([
    ['min-index=-1', '?min-index'],
    ['min-index=1.5', '?min-index'],
    ['min-index=', '?min-index'],
    ['min-index=99999999999999999999', '?min-index'],
    ['min-index=1&min-index=2', '?min-index'],
    ['consistency=', '?consistency'],
    ['consistency=Linearizable', '?consistency'],
    ['minIndex=1', '?minIndex'],
  ])('with %s is refused', async (query, pointer) => {
    const { status, body } = await api.ok(`${HOME}/jobs?${query}`)
    expect([status, body.code, body.errors?.map((fault) => fault.pointer)]).toEqual([400, 'invalid-request', [pointer]])
    expect(waited).toEqual([])
  })

  test('is answered 503 and when to come back, if nobody can say how far it has to be', async () => {
    api.context.consensus.readIndex = () => Promise.reject(new Problem('not-leader', 'nobody answered'))
    const { status, body, headers } = await api.ok(`${HOME}/jobs?consistency=linearizable`)
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'not-leader', '1'])
  })

  test('without a credential waits for nothing', async () => {
    expect((await api.send(`${HOME}/jobs?min-index=5`)).status).toBe(401)
    expect(waited).toEqual([])
  })

  test('is refused when its credential has ended in what it waited for', async () => {
    const token = api.token('read')
    const id = [...api.state.tokens.keys()].at(-1) ?? ''
    api.context.consensus.waitApplied = () => {
      api.apply({ kind: 'token-revoke', at: api.clock.now(), id })
      return Promise.resolve()
    }
    expect((await api.send(`${HOME}/jobs?min-index=5`, { token })).status).toBe(401)
  })

  test('can be any that shows the state or the ledger', () => {
    const reads = contract.operations.filter(({ method, scope, responses, id }) => {
      return (
        method === 'GET' &&
        scope !== 'public' &&
        responses.has(200) &&
        !['streamEvents', 'watchKeys', 'getMetrics'].includes(id)
      )
    })
    expect(reads.length).toBeGreaterThan(25)
    for (const { id, parameters, responses } of reads) {
      const names = parameters.map(({ name }) => name)
      expect([id, names.includes('min-index'), names.includes('consistency'), responses.has(503)]).toEqual([
        id,
        true,
        true,
        true,
      ])
    }
  })
})

test('every reply says which index it reflects', async () => {
  const paths = contract.operations.map(({ method, path }) => [method, path.replaceAll(/:(\w+)/g, 'default')] as const)
  const unknown = ['/nothing', '/v1/nothing', '/v1/namespaces/', '/'].map((path) => ['GET', path] as const)
  for (const [method, path] of [...paths, ...unknown, ['PATCH', '/v1/tokens'] as const]) {
    const { headers } = await api.ok(path, { method })
    expect([method, path, headers.get('x-cronclave-index')]).toEqual([method, path, expect.stringMatching(/^\d+$/)])
  }
})

test('waiting for an index and a majority takes no longer than for an index', async () => {
  const clock = new StillClock()
  const waits = new AppliedWaits(clock)
  let confirm: (index: number) => void = () => undefined
  const readIndex = () => new Promise<number>((resolve) => (confirm = resolve))
  const waiting = caughtUp(
    { clock, consensus: { readIndex, waitApplied: (index, timeoutMs) => waits.wait(index, timeoutMs) } },
    { consistency: 'linearizable' },
  ).catch((error: unknown) => error)
  clock.pass(WAIT_MS - 10)
  confirm(8)
  await new Promise((resolve) => setImmediate(resolve))
  clock.pass(10)
  expect(await waiting).toMatchObject({ code: 'not-caught-up' })
  expect(clock.timers).toBe(0)
})
