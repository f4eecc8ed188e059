import { beforeEach, describe, expect, test } from 'vitest'
import type { Deadline } from './deadlines.ts'
import { WatchBench } from './watch-bench.test-helper.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let bench: WatchBench

beforeEach(() => {
  bench = new WatchBench()
})

describe('deadlines', () => {
  const BY_FIVE: Deadline = { kind: 'not-finished', cron: '0 17 * * *', zone: 'UTC', withinMs: HOUR }

  /** The clock stands at 15:00 UTC. */
  const watched = (condition: Deadline = BY_FIVE) => {
    const job = bench.world.job()
    bench.world.rule(condition, { channels: [bench.world.channel()] })
    return job
  }

  test('nothing succeeded by then: told once, and over with the next success', async () => {
    const job = watched()
    await bench.pass(2 * HOUR - 5000)
    bench.world.ends(job, 'failed', 10)
    expect(bench.world.told).toEqual([])
    await bench.pass(10_000)
    expect(bench.world.episodes).toMatchObject([
      { state: 'firing', summary: 'Nothing succeeded within the 1h before 2026-11-20T17:00:00.000Z.' },
    ])
    await bench.pass(MINUTE)
    bench.change()
    await bench.pass(MINUTE)
    expect(bench.world.told).toEqual(['firing'])
    bench.world.ends(job, 'succeeded', 10)
    expect(bench.world.told).toEqual(['firing', 'resolved'])
  }, 20_000)

  test('it succeeded in time: nothing', async () => {
    const job = watched()
    await bench.pass(HOUR + 30 * MINUTE)
    bench.world.ends(job, 'succeeded', 10)
    await bench.pass(HOUR)
    expect(bench.world.summary).toEqual([])
  }, 20_000)

  test('it succeeded too early: missed', async () => {
    const job = watched()
    await bench.pass(30 * MINUTE)
    bench.world.ends(job, 'succeeded', 10)
    await bench.pass(2 * HOUR)
    expect(bench.world.summary).toEqual(['firing 1'])
  }, 20_000)

  test('a new leader judges what passed while nobody led', async () => {
    watched()
    await bench.pass(5000)
    await bench.lead(undefined, false)
    await bench.pass(3 * HOUR)
    expect(bench.world.summary).toEqual([])
    await bench.lead('n1')
    await bench.pass(10_000)
    expect(bench.world.summary).toEqual(['firing 1'])
  }, 20_000)

  test('of a job that somebody paused, or that was made later, are not judged', async () => {
    const job = watched()
    bench.world.run({ kind: 'job-pause', job: job.uid, by: 't' })
    await bench.pass(HOUR + 30 * MINUTE)
    bench.world.job('newer')
    await bench.pass(HOUR)
    expect(bench.world.summary).toEqual([])
  }, 20_000)

  test('a rule that is younger than the time it is about asks the ledger', async () => {
    const job = bench.world.job()
    bench.rows = [{ state: 'succeeded', startedAt: bench.clock.now(), endedAt: bench.clock.now() + HOUR + MINUTE }]
    await bench.pass(HOUR + 30 * MINUTE)
    bench.world.rule(BY_FIVE, { name: 'younger' })
    await bench.pass(HOUR)
    expect(bench.world.summary).toEqual([])
    bench.rows = []
    bench.world.rule({ ...BY_FIVE, cron: '45 17 * * *' }, { name: 'other' })
    await bench.pass(HOUR)
    expect(bench.world.episodes).toMatchObject([{ ruleName: 'other', subject: { id: String(job.uid) } }])
  }, 20_000)

  test('not started counts runs that are open', async () => {
    const job = watched({ ...BY_FIVE, kind: 'not-started' })
    await bench.pass(HOUR + 30 * MINUTE)
    bench.world.start(job)
    await bench.pass(HOUR)
    expect(bench.world.summary).toEqual([])
  }, 20_000)
})
