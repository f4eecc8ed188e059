import { describe, expect, test } from 'vitest'
import type { Command } from '../../control-plane/src/state/commands.ts'
import { jobPut, schedule, spec } from './jobs.ts'
import { SmallNode, START } from './small-node.ts'

const everySecond = { schedules: [schedule({ everyMs: 1000 })], overlap: 'allow' as const }

function poison(node: SmallNode, name: string, following = false) {
  const schedules = [schedule({ cron: '* * * * * *', zone: 'America/New_York' })]
  if (following) schedules.push(schedule({ id: 'delay', afterMs: 5000 }))
  const put = jobPut(node.namespace, name, spec({ schedules }), node.clock.now())
  Object.assign(put.schedules[0] as object, { zone: 'Nowhere/At_All' })
  return put
}

test('a job that cannot be evaluated is quarantined once, and every other job goes on', async () => {
  const node = await SmallNode.start()
  const healthy = await node.job('healthy', everySecond)
  await node.commit(poison(node, 'poison'))
  await node.commit(poison(node, 'poison-too', true))
  await node.run(5000)
  const states = new Map([...node.state.jobs.values()].map(({ name, state }) => [name, state]))
  expect(Object.fromEntries(states)).toEqual({ healthy: 'active', poison: 'quarantined', 'poison-too': 'quarantined' })
  expect(node.proposed.filter(({ kind }) => kind === 'job-quarantine')).toHaveLength(2)
  expect(node.state.jobs.get(healthy)?.progress.fireCount).toBeGreaterThanOrEqual(4)
})

test('a start with a job that cannot be evaluated among many comes up, and the others run', async () => {
  const node = await SmallNode.start()
  for (let i = 0; i < 300; i++) await node.job(`job-${i}`, everySecond)
  node.refuse = ({ kind }) => kind === 'job-quarantine'
  await node.commit(poison(node, 'poison', true))
  await node.commit(poison(node, 'poison-too'))
  await node.restart(100)
  const before = node.state.fencingToken
  await node.run(2500)
  expect(node.state.fencingToken - before).toBeGreaterThanOrEqual(600)
  node.refuse = () => false
  await node.run(1000)
  expect([...node.state.jobs.values()].filter(({ state }) => state === 'quarantined')).toHaveLength(2)
})

test('whoever leaves office and takes it again goes on', async () => {
  const node = await SmallNode.start()
  const job = await node.job('job', everySecond)
  await node.run(2500)
  node.scheduler?.stop()
  await node.run(3000)
  expect(node.state.jobs.get(job)?.progress.fireCount).toBeLessThanOrEqual(3)
  node.scheduler?.start()
  await node.run(2500)
  expect(node.state.jobs.get(job)?.progress.fireCount).toBeGreaterThanOrEqual(7)
})

test('fires that the log refuses are proposed again a little later, not in a tight loop', async () => {
  const node = await SmallNode.start()
  const job = await node.job('job', everySecond)
  node.refuse = ({ kind }) => kind === 'decide-fires'
  await node.run(3000)
  expect(node.proposed.filter(({ kind }) => kind === 'decide-fires').length).toBeLessThan(20)
  node.refuse = () => false
  await node.run(1000)
  expect(node.state.jobs.get(job)?.progress.fireCount).toBeGreaterThanOrEqual(3)
})

test('what is due of a job is decided to the last fire before it is changed', async () => {
  const node = await SmallNode.start()
  const job = await node.job('job', everySecond)
  node.refuse = ({ kind }) => kind === 'decide-fires'
  for (let second = 0; second < 200; second++) await node.run(1000)
  node.refuse = () => false
  const settled = node.scheduler?.settle(job)
  await node.run(600)
  await settled
  expect(node.state.jobs.get(job)?.progress.decidedUpTo).toBeGreaterThan(node.clock.now() - 2000)
})

test('of several jobs that are changed at once all are decided up to then, also what fell due on the way', async () => {
  const node = await SmallNode.start()
  const often = await node.job('often', everySecond)
  const slow = await node.job('slow', { schedules: [schedule({ everyMs: 1900 })] })
  node.workers?.stop()
  const isOfSlow = (command: Command) =>
    command.kind === 'decide-fires' && command.decisions.some(({ job }) => job === slow)
  node.refuse = isOfSlow
  await node.run(1950)
  let decidedUpTo = 0
  void node.scheduler?.settleAll([often, slow]).then(() => {
    decidedUpTo = node.state.jobs.get(often)?.progress.decidedUpTo ?? 0
  })
  await node.run(500)
  node.refuse = () => false
  await node.run(400)
  expect(decidedUpTo).toBeGreaterThanOrEqual(START + 2000)
})

test('when the wall clock leaps forward, what lies between was missed', async () => {
  const node = await SmallNode.start()
  const job = await node.job('job', everySecond)
  await node.run(3000)
  const before = node.state.fencingToken
  node.clock.step(3_600_000)
  node.steps.confirm()
  await node.run(1500)
  expect(node.state.fencingToken - before).toBeLessThan(5)
  expect(node.state.jobs.get(job)?.progress.fireCount).toBeGreaterThanOrEqual(3600)
})

test('a wall clock that goes back starts nothing before its time, and nothing twice', async () => {
  const node = await SmallNode.start()
  await node.job('job', everySecond)
  await node.run(3000)
  const before = node.state.fencingToken
  node.clock.step(-10_000)
  await node.run(8000)
  expect(node.state.fencingToken).toBe(before)
  await node.run(5000)
  expect(node.state.fencingToken).toBeGreaterThan(before)
})

test('after a start an accepted attempt has its whole lease to be heard from', async () => {
  const node = await SmallNode.start()
  const job = await node.job('job', { timeoutMs: 3_600_000 })
  await node.trigger(job)
  await node.run(100)
  const attempt = node.attempts()[0]?.attempt.id ?? ''
  await node.commit({ kind: 'attempts-accepted', at: node.clock.now(), accepted: [{ attempt, leaseMs: 30_000 }] })
  await node.restart(120_000)
  await node.run(29_000)
  expect(node.attempts().map((open) => open.attempt.id)).toEqual([attempt])
  await node.run(2000)
  expect(node.attempts().map((open) => open.attempt.id)).not.toContain(attempt)
})

test('S066 a retry that waits 30 s is made at its time although whoever led died at second 10', async () => {
  const node = await SmallNode.start({ executors: 2 })
  const retry = { max: 1, delayMs: 30_000, backoff: 'fixed' as const, maxDelayMs: 60_000, jitter: 0 }
  const run = await node.trigger(await node.job('patient', { retry }))
  await node.run(100)
  const [first] = node.attempts()
  const failedAt = node.clock.now()
  await node.finish(first?.attempt.id ?? '', 'failed')
  await node.run(10_000)
  await node.restart(2000)
  await node.run(17_900)
  expect(node.attempts()).toEqual([])
  await node.run(200)
  const [second] = node.attempts()
  expect(second?.run.id).toBe(run)
  expect(second?.attempt).toMatchObject({ ordinal: 2, executor: first?.attempt.executor })
  expect((second?.attempt.startedAt ?? 0) - failedAt).toBeGreaterThanOrEqual(30_000)
  expect(second?.attempt.fencingToken).toBeGreaterThan(first?.attempt.fencingToken ?? 0)
})

test('looking for what is overdue costs the same however many runs wait, and finds every one', async () => {
  const node = await SmallNode.start({ executors: 0 })
  const job = await node.job('job', { overlap: 'allow', queueTtlMs: 5000 })
  const { state } = node
  await node.trigger(job)
  const [run] = state.runs.values()
  for (let i = 0; i < 20_000; i++) state.runs.set(`r${i}`, { ...(run as object), id: `r${i}` } as never)
  let looked = 0
  const get = state.jobs.get.bind(state.jobs)
  state.jobs.get = (uid) => {
    looked += 1
    return get(uid)
  }
  await node.run(1000)
  expect(looked).toBeLessThan(4 * 5100 * 2)
  await node.run(4000)
  for (let i = 0; i < 20_000; i++) state.runs.delete(`r${i}`)
  await node.run(1500)
  expect(state.runs.size).toBe(0)
  expect(node.clock.now()).toBeLessThan(START + 10_000)
})

test('a job with thousands of runs behind one that runs keeps nobody else waiting', async () => {
  const node = await SmallNode.start()
  const crowd = await node.job('crowd', { overlap: 'queue', queueMax: 10_000 })
  for (let i = 0; i < 2500; i++)
    void node.log.propose({ kind: 'run-request', at: START, job: crowd, run: `crowd${i}`, cause: 'api', by: 't' })
  await node.run(1000)
  const other = await node.job('other', {})
  const run = await node.trigger(other)
  await node.run(1000)
  expect(node.state.runs.get(run)?.state).toBe('running')
  expect(node.state.jobs.get(crowd)?.openRuns).toHaveLength(2500)
})

test('runs of one job leave one after the other, at once when the one before has ended', async () => {
  const node = await SmallNode.start()
  const job = await node.job('job', { overlap: 'queue', queueMax: 10 })
  const runs = [await node.trigger(job), await node.trigger(job), await node.trigger(job)]
  for (const run of runs) {
    await node.run(60)
    const [open, ...others] = node.attempts()
    expect([open?.run.id, others.length]).toEqual([run, 0])
    await node.finish(open?.attempt.id ?? '', 'succeeded')
  }
})

test('S029 when the namespace is full, the higher priority leaves first, whatever service it calls', async () => {
  const node = await SmallNode.start({ slots: 1 })
  await node.service('other')
  await node.executor('x1', {}, 'other')
  const low = await node.job('low', { priority: 10, overlap: 'allow' })
  const high = await node.job('high', { priority: 90, target: { kind: 'handler', service: 'other', handler: 'h' } })
  await node.trigger(low)
  await node.run(50)
  await node.trigger(low)
  const urgent = await node.trigger(high)
  await node.run(300)
  await node.finish(node.attempts()[0]?.attempt.id ?? '', 'succeeded')
  await node.run(300)
  expect(node.attempts().map(({ run }) => run.id)).toEqual([urgent])
})

test('a new fire does not take the slot for which older runs wait', async () => {
  const node = await SmallNode.start()
  await node.executor('e0', { slots: 1 })
  const patient = await node.job('patient', { overlap: 'allow' })
  await node.trigger(patient)
  await node.run(50)
  const waiting = await node.trigger(patient)
  await node.run(300)
  const eager = await node.job('eager', { schedules: [schedule({ everyMs: 1000 })] })
  await node.run(500)
  // The slot frees, and before anybody looks, the next fire is due as well.
  const finished = node.finish(node.attempts()[0]?.attempt.id ?? '', 'succeeded')
  node.clock.leap(600)
  await finished
  await node.run(100)
  expect(node.attempts().map(({ run }) => run.id)).toEqual([waiting])
  expect(node.state.jobs.get(eager)?.openRuns).toHaveLength(1)
})

describe('a step of the clock that nobody confirms', () => {
  const HOUR_MS = 3_600_000
  const firesOf = (node: SmallNode, job: number) => node.state.jobs.get(job)?.progress.fireCount ?? 0

  test('makes nothing due, and nothing overdue, until the clock is back', async () => {
    const node = await SmallNode.start()
    const job = await node.job('job', everySecond)
    await node.run(2500)
    const before = firesOf(node, job)
    node.proposed.length = 0
    node.clock.step(HOUR_MS)
    await node.run(10_000)
    expect(node.proposed).toEqual([])
    expect(firesOf(node, job)).toBe(before)
    node.clock.step(-HOUR_MS)
    await node.run(3000)
    const decided = [...node.state.runs.values()].filter(({ fireTime }) => (fireTime ?? 0) > node.clock.now())
    expect(decided).toEqual([])
    expect(firesOf(node, job)).toBeGreaterThan(before)
  })

  test('is time that passed once it is confirmed: what was missed follows the misfire policy', async () => {
    const node = await SmallNode.start()
    const job = await node.job('job', everySecond)
    await node.run(2500)
    node.clock.step(HOUR_MS)
    await node.run(1000)
    const started = node.state.fencingToken
    const passed = firesOf(node, job)
    node.steps.confirm()
    await node.run(1500)
    expect(firesOf(node, job) - passed).toBeGreaterThanOrEqual(3600)
    expect(node.state.fencingToken - started).toBeLessThan(5)
  })
})
