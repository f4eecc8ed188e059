import type { Attempt, JobDefinition, Queues, Run } from '@cronclave/openapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster } from '../support/cluster.ts'
import { startExecutor, type TestExecutor } from '../support/executor.ts'
import { eventually, HOME, newSecret, sleepUntil } from './harness.ts'

const JOBS = 30
const SECONDS = 8
const LEAST = 0.25
const MOST = 0.45

let cluster: Cluster
let executor: TestExecutor

beforeAll(async () => {
  cluster = await Cluster.start({ nodes: 3 })
  const secret = newSecret()
  executor = await startExecutor({ secret })
  await cluster.call('POST', `${HOME}/services`, { name: 'e2e', secret })
  await cluster.call('PUT', `${HOME}/services/e2e/executors/e1`, { url: executor.url })
})

afterAll(async () => {
  await cluster?.close()
  await executor?.close()
})

function create(name: string, definition: JobDefinition): Promise<unknown> {
  const target = { kind: 'handler' as const, service: 'e2e', handler: 'work' }
  return cluster.call('POST', `${HOME}/jobs`, { name, target, ...definition })
}

async function runsOf(job: string): Promise<Run[]> {
  return (await cluster.call<{ items: Run[] }>('GET', `${HOME}/runs?job=${job}&limit=500`)).items
}

async function attemptsOf(run: string): Promise<Attempt[]> {
  return (await cluster.call<{ items: Attempt[] }>('GET', `${HOME}/runs/${run}/attempts`)).items
}

/** The share of calls that each node sent, by its id. */
async function sharesOf(jobs: readonly string[]): Promise<Map<string, number>> {
  const calls = new Map<string, number>()
  let all = 0
  for (const job of jobs) {
    const attempts = await Promise.all((await runsOf(job)).map(({ id }) => attemptsOf(id)))
    for (const { node } of attempts.flat()) {
      calls.set(node, (calls.get(node) ?? 0) + 1)
      all += 1
    }
  }
  return new Map([...calls].map(([node, count]) => [node, count / all]))
}

function pause(job: string): Promise<unknown> {
  return cluster.call('POST', `${HOME}/jobs/${job}/pause`)
}

describe('with three nodes', () => {
  test.each([
    ['all due at the same instant', '0s'],
    ['due one by one', '1s'],
  ])('S014 each sends between a quarter and 45 % of the calls: %s', async (how, jitter) => {
    const prefix = jitter === '0s' ? 'burst' : 'steady'
    const jobs = Array.from({ length: JOBS }, (_, i) => `${prefix}-${i}`)
    for (const job of jobs) await create(job, { schedules: [{ every: '1s', jitter }] })
    await sleepUntil(Date.now() + SECONDS * 1000)
    for (const job of jobs) await pause(job)
    const shares = await sharesOf(jobs)
    expect(shares.size, how).toBe(3)
    const all = [...shares.values()].join(', ')
    for (const [node, share] of shares) expect(share, `${node}, ${how}: ${all}`).toBeGreaterThan(LEAST)
    for (const [node, share] of shares) expect(share, `${node}, ${how}: ${all}`).toBeLessThan(MOST)
    const { nodes } = await cluster.call<Queues>('GET', '/v1/queues')
    const placed = nodes.reduce((sum, one) => sum + one.placed, 0)
    const refused = nodes.reduce((sum, one) => sum + one.refused, 0)
    expect(refused / (placed + refused)).toBeLessThan(0.05)
  })

  test('a follower that dies loses nothing: every fire has its run, and every run ends', async () => {
    const jobs = Array.from({ length: 10 }, (_, i) => `dies-${i}`)
    for (const job of jobs) await create(job, { schedules: [{ every: '1s' }], overlap: 'allow' })
    const leader = await cluster.leader()
    const follower = cluster.nodes.find((node) => node !== leader)
    if (!follower) throw new Error('there are three nodes')
    await sleepUntil(Date.now() + 2000)
    await follower.end('SIGKILL')
    await sleepUntil(Date.now() + 6000)
    for (const job of jobs) await pause(job)
    for (const job of jobs) {
      const runs = await eventually(`every run of ${job} has ended`, async () => {
        const found = await runsOf(job)
        return found.every(({ endedAt }) => endedAt !== undefined) && found
      })
      const fires = runs.map(({ fireTime }) => Date.parse(fireTime)).sort((a, b) => a - b)
      const gaps = fires.slice(1).map((at, i) => at - (fires[i] ?? 0))
      expect(new Set(gaps), job).toEqual(new Set([1000]))
      expect(runs.filter(({ state }) => state !== 'succeeded')).toEqual([])
    }
    follower.start()
  })

  test('S066 a retry that waits is made at its time although the leader died meanwhile', async () => {
    const delayMs = 8000
    await create('patient', { retry: { max: 1, delay: `${delayMs}ms`, backoff: 'fixed' }, params: { fails: 1 } })
    await cluster.call('POST', `${HOME}/jobs/patient/trigger`)
    const first = await eventually('it has failed once', () =>
      Promise.resolve(executor.seen.handled.find(({ job, endedAt }) => job === 'patient' && endedAt !== undefined)),
    )
    const leader = await cluster.leader()
    await leader.end('SIGKILL')
    await cluster.leader()
    const second = await eventually('it is tried again', () =>
      Promise.resolve(
        executor.seen.handled.find(
          ({ job, run, attempt }) => job === 'patient' && run === first.run && attempt !== first.attempt,
        ),
      ),
    )
    expect(second.at - (first.endedAt ?? 0)).toBeGreaterThanOrEqual(delayMs - 50)
    expect(second.at - (first.endedAt ?? 0)).toBeLessThan(delayMs + 3000)
    expect(second.token).toBeGreaterThan(first.token)
    leader.start()
  })
})
