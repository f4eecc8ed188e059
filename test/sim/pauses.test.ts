import { describe, expect, test } from 'vitest'
import { unservedFires } from '../../control-plane/src/api/job-resume.ts'
import type { Job } from '../../control-plane/src/jobs/job.ts'
import { schedule } from './jobs.ts'
import { SmallNode } from './small-node.ts'

const everySecond = { schedules: [schedule({ everyMs: 1000 })], overlap: 'allow' as const }

async function ticking(definition: object = {}) {
  const node = await SmallNode.start()
  const uid = await node.job('tick', { ...everySecond, ...definition })
  const job = () => node.state.jobs.get(uid) as Job
  const setNamespace = (paused: boolean) =>
    node.commit({ kind: 'namespace-pause', at: node.clock.now(), name: 'default', by: 'ann', paused })
  const setAll = (paused: boolean) => node.commit({ kind: 'scheduler-pause', at: node.clock.now(), by: 'ann', paused })
  const skipped = () => node.state.counters.get(uid)?.skippedFires ?? 0
  const started = () => job().progress.startedRuns
  /** Every fire that was decided is a run or lies in a stretch, once. */
  const balance = () => {
    const runs = Object.values<number>(node.state.counters.get(uid)?.runs ?? {})
    const ended = runs.reduce((sum, count) => sum + count, 0)
    expect(ended + job().openRuns.length + skipped()).toBe(job().progress.fireCount)
    const first = job().since
    expect(job().progress.fireCount).toBe(Math.floor((job().progress.decidedUpTo - first) / 1000))
  }
  return { node, job, setNamespace, setAll, skipped, started, balance }
}

describe('a pause of the namespace', () => {
  test('is recorded fire by fire as paused while it lasts, in one stretch, and nothing is caught up', async () => {
    const { node, job, setNamespace, skipped, started, balance } = await ticking()
    await node.run(5500)
    const before = started()
    await setNamespace(true)
    await node.run(10_000)
    expect(started()).toBe(before)
    expect(job()).toMatchObject({ state: 'active', progress: { stretch: { reason: 'paused', count: 10 } } })
    expect(skipped()).toBe(10)
    await setNamespace(false)
    await node.run(5000)
    expect(started()).toBe(before + 5)
    expect(skipped()).toBe(10)
    balance()
  })

  test('that outlives its leader still covers what fell due while nobody was there', async () => {
    const { node, setNamespace, skipped, started, balance } = await ticking()
    await node.run(5500)
    const before = started()
    await setNamespace(true)
    await node.run(2000)
    await node.restart(60_000)
    await node.run(2000)
    expect(started()).toBe(before)
    expect(skipped()).toBeGreaterThanOrEqual(63)
    balance()
  })

  test('that was over before anybody decided covers what fell due in it, and nothing else', async () => {
    const { node, job, setNamespace, started, balance } = await ticking({
      misfire: { policy: 'run-all', thresholdMs: 600_000, max: 100 },
    })
    await node.run(5500)
    await setNamespace(true)
    node.scheduler?.stop()
    await node.run(20_000)
    await setNamespace(false)
    await node.run(3000)
    const before = started() + job().openRuns.filter((id) => node.state.runs.get(id)?.state === 'queued').length
    node.scheduler?.start()
    await node.run(2000)
    // Three that nobody was there for after the pause, and those of the last two seconds.
    expect(started() - before).toBeLessThanOrEqual(6)
    expect(started() - before).toBeGreaterThanOrEqual(4)
    balance()
  })

  test('covers what fell due in it also when another one has begun before anybody decided', async () => {
    const { node, setNamespace, started, balance } = await ticking({
      misfire: { policy: 'run-all', thresholdMs: 600_000, max: 100 },
    })
    await node.run(5500)
    await setNamespace(true)
    node.scheduler?.stop()
    await node.run(20_000)
    await setNamespace(false)
    await node.run(1000)
    await setNamespace(true)
    const before = started()
    node.scheduler?.start()
    await node.run(2000)
    // The one between the two pauses, which nobody was there for.
    expect(started() - before).toBeLessThanOrEqual(2)
    balance()
  })

  test('leaves queued and running runs alone, and whoever asks for a run gets one', async () => {
    const { node, job, setNamespace } = await ticking({ schedules: [] })
    await setNamespace(true)
    const run = await node.trigger(job().uid)
    await node.run(100)
    expect(node.state.runs.get(run)?.state).toBe('running')
  })

  test('stays when the namespace is changed', async () => {
    const { node, setNamespace } = await ticking()
    await setNamespace(true)
    const change = { description: 'x', slots: 5, queuedRunsMax: 5 }
    await node.commit({ kind: 'namespace-put', at: node.clock.now(), name: 'default', change })
    expect(node.state.namespaces.get(node.namespace)?.pause).toMatchObject({ by: 'ann' })
  })

  test('of a fixed delay counts each delay from the skip before', async () => {
    const { node, job, setNamespace, started } = await ticking({ schedules: [schedule({ afterMs: 1000 })] })
    await setNamespace(true)
    await node.run(5500)
    expect(started()).toBe(0)
    expect(job().progress.stretch).toMatchObject({ reason: 'paused', count: 5 })
    await setNamespace(false)
    await node.run(1500)
    expect(started()).toBe(1)
  })
})

describe('a pause of the whole scheduler', () => {
  test('stops every namespace, and ends where it began', async () => {
    const { node, setAll, skipped, started, balance } = await ticking()
    await node.run(3500)
    const before = started()
    await setAll(true)
    await setAll(true)
    await node.run(4000)
    expect([started(), skipped()]).toEqual([before, 4])
    await setAll(false)
    await node.run(2000)
    expect(started()).toBe(before + 2)
    balance()
  })

  test('outlives the process that was told', async () => {
    const { node, setAll, started, balance } = await ticking()
    await node.run(2500)
    await setAll(true)
    await node.restart(30_000)
    const before = started()
    await node.run(3000)
    expect(node.state.pause).toMatchObject({ by: 'ann' })
    expect(started()).toBe(before)
    balance()
  })

  test('covers a namespace that is resumed meanwhile', async () => {
    const { node, setNamespace, setAll, started } = await ticking()
    await setAll(true)
    await setNamespace(true)
    await setNamespace(false)
    await node.run(3500)
    expect(started()).toBe(0)
  })
})

describe('failures in a row', () => {
  async function failing(pauseAfterFailures: number) {
    const world = await ticking({ schedules: [], pauseAfterFailures, overlap: 'allow' })
    const { node, job } = world
    const end = async (outcome: 'failed' | 'succeeded') => {
      await node.trigger(job().uid)
      await node.run(100)
      await node.finish(node.attempts()[0]?.attempt.id ?? '', outcome)
    }
    return { ...world, end }
  }

  test('as many as the job allows pause it, in the entry that ends the last of them, and say why', async () => {
    const { job, end } = await failing(3)
    for (const outcome of ['failed', 'failed', 'succeeded', 'failed', 'failed'] as const) await end(outcome)
    expect(job().state).toBe('active')
    const { version } = job()
    await end('failed')
    expect(job()).toMatchObject({
      state: 'paused',
      pausedBy: 'cronclave',
      pausedWhy: 'its last 3 runs failed',
      version: version + 1,
    })
  })

  test('are counted from nought again after a resume', async () => {
    const { node, job, end } = await failing(2)
    await end('failed')
    await end('failed')
    await node.commit({ kind: 'job-resume', at: node.clock.now(), job: job().uid, by: 'ann' })
    expect(job()).toMatchObject({ state: 'active', progress: { failuresInARow: 0 } })
    expect(job()).not.toHaveProperty('pausedWhy')
    await end('failed')
    expect(job().state).toBe('active')
    await end('failed')
    expect(job().state).toBe('paused')
  })

  test('stop a job that fires by itself, and its fires are recorded as paused from then on', async () => {
    const { node, job, started } = await ticking({ pauseAfterFailures: 1 })
    await node.run(1500)
    for (const { attempt } of node.attempts()) await node.finish(attempt.id, 'failed')
    expect(job().state).toBe('paused')
    const before = started()
    await node.run(5000)
    expect(started()).toBe(before)
    expect(job().progress.nextFire).toBeUndefined()
  })

  test('leave no fire behind that starts: what was due and not decided yet is recorded as paused too', async () => {
    const { node, job, started, skipped } = await ticking({ pauseAfterFailures: 1 })
    await node.run(1500)
    const [open] = node.attempts()
    node.refuse = ({ kind }) => kind === 'decide-fires'
    await node.run(3000)
    expect(job()).toMatchObject({ state: 'active', progress: { fireCount: 1 } })
    await node.finish(open?.attempt.id ?? '', 'failed')
    node.refuse = () => false
    await node.run(2000)
    const at = node.clock.now()
    const fires = await unservedFires(job(), at)
    await node.commit({ kind: 'job-resume', at, job: job().uid, by: 'ann', ...(fires ? { fires } : {}) })
    expect([started(), skipped(), job().progress.fireCount]).toEqual([1, 5, 6])
  })

  test('of no number never pause a job', async () => {
    const { job, end } = await failing(0)
    for (let i = 0; i < 5; i++) await end('failed')
    expect(job()).toMatchObject({ state: 'active', progress: { failuresInARow: 5 } })
  })
})
