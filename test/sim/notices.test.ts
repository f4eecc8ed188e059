import { describe, expect, test } from 'vitest'
import type { JobSpec } from '../../control-plane/src/jobs/job.ts'
import type { Notice } from '../../control-plane/src/runs/notice.ts'
import { keepNotice, NOTICES_MAX } from '../../control-plane/src/state/notices.ts'
import { schedule } from './jobs.ts'
import { SmallNode } from './small-node.ts'

const everySecond = [schedule({ everyMs: 1000 })]
const target = { kind: 'http', service: 'work', method: 'POST', path: '/x' } as unknown as JobSpec['target']

async function nodeWith(definition: Partial<JobSpec>, options: Parameters<typeof SmallNode.start>[0] = {}) {
  const node = await SmallNode.start(options)
  const job = await node.job('job', { target, ...definition })
  const notices = () =>
    [...node.state.notices.values()].map(({ reason, count, stretch, run, state }: Notice) => ({
      reason,
      count,
      state,
      ...(stretch === undefined ? {} : { stretch }),
      ...(run === undefined ? {} : { run }),
    }))
  return { node, job, notices }
}

describe('a service that asks is told', () => {
  test('S047 of fires that are skipped: of the first of a stretch, and of all of them once it is over', async () => {
    const { node, notices } = await nodeWith({ schedules: everySecond, notify: ['skipped'] })
    await node.run(5500)
    expect(notices()).toEqual([{ reason: 'overlap', count: 1, stretch: 'began', state: 'open' }])
    for (const { attempt } of node.attempts()) await node.finish(attempt.id, 'succeeded')
    await node.run(1000)
    expect(notices()).toEqual([
      { reason: 'overlap', count: 1, stretch: 'began', state: 'open' },
      { reason: 'overlap', count: 4, stretch: 'ended', state: 'open' },
    ])
  })

  test('once of a stretch of one fire', async () => {
    const { node, notices } = await nodeWith({ schedules: everySecond, notify: ['skipped'] })
    await node.run(2500)
    for (const { attempt } of node.attempts()) await node.finish(attempt.id, 'succeeded')
    await node.run(1000)
    expect(notices()).toHaveLength(1)
  })

  test('of a run that waited too long', async () => {
    const { node, job, notices } = await nodeWith({ notify: ['expired'], queueTtlMs: 1000 }, { executors: 0 })
    const run = await node.trigger(job)
    await node.run(2000)
    expect(notices()).toEqual([{ reason: 'expired', count: 1, run, state: 'open' }])
  })

  test('S047 of a run for which no slot was free', async () => {
    const { node, notices } = await nodeWith(
      { schedules: everySecond, overlap: 'allow', whenFull: 'fail', notify: ['no-slot'] },
      { slots: 1 },
    )
    await node.run(2500)
    expect(notices()).toMatchObject([{ reason: 'no-slot', count: 1 }])
  })

  test('of nothing else than what it asks for', async () => {
    const { node, notices } = await nodeWith({ schedules: everySecond, notify: ['expired', 'no-slot'] })
    await node.run(5500)
    expect(notices()).toEqual([])
  })
})

test('a notice outlives the process that made it', async () => {
  const { node, notices } = await nodeWith({ schedules: everySecond, notify: ['skipped'] })
  await node.run(2500)
  await node.restart(100)
  expect(notices()).toMatchObject([{ reason: 'overlap', state: 'open' }])
  expect(node.state.noticeSerial).toBe(1)
})

test('what was sent is recorded: taken, to be sent again, given up', async () => {
  const { node, job } = await nodeWith({ notify: ['expired'], queueTtlMs: 1000, overlap: 'allow' }, { executors: 0 })
  for (let i = 0; i < 3; i++) await node.trigger(job)
  await node.run(2000)
  const at = node.clock.now()
  const results = [{ notice: 1 }, { notice: 2, error: 'busy', nextAt: at + 1000 }, { notice: 3, error: 'no such page' }]
  await node.commit({ kind: 'notices-sent', at, results })
  await node.commit({ kind: 'notices-sent', at, results: [{ notice: 1, error: 'too late' }] })
  expect([...node.state.notices.values()]).toMatchObject([
    { state: 'delivered', attempts: 1 },
    { state: 'open', attempts: 1, error: 'busy', nextAt: at + 1000 },
    { state: 'failed', attempts: 1, error: 'no such page' },
  ])
})

test('a namespace never has more notices than there is room for; its oldest give way', async () => {
  const { node, job } = await nodeWith({ notify: ['expired'] }, { executors: 0 })
  await node.trigger(job)
  const { state } = node
  const first = { id: 0, job, state: 'open' } as Notice
  const { namespace = 0 } = state.jobs.get(job) ?? {}
  keepNotice(state, { ...first, id: -2 * NOTICES_MAX, namespace: namespace + 1 })
  for (let id = -NOTICES_MAX; id < 0; id++) keepNotice(state, { ...first, id, namespace })
  await node.commit({
    kind: 'runs-expired',
    at: node.clock.now(),
    runs: [{ id: [...state.runs.keys()][0] ?? '', why: 'queue-ttl' }],
  })
  expect(state.noticesOf.get(namespace)?.size).toBe(NOTICES_MAX)
  expect(state.notices.has(-NOTICES_MAX)).toBe(false)
  // Another namespace's stays.
  expect(state.notices.has(-2 * NOTICES_MAX)).toBe(true)
  expect([...state.notices.values()].at(-1)).toMatchObject({ reason: 'expired' })
})
