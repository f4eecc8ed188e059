import { beforeEach, describe, expect, test } from 'vitest'
import { compileDeadline, type Deadline, instantsOf, judgeDeadline } from './deadlines.ts'
import { TALLIES_MAX } from './episode.ts'
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

  test('of a job that was paused until shortly before are not judged: it, its namespace, or the scheduler', async () => {
    const job = watched()
    const orders = [
      [
        { kind: 'job-pause', job: job.uid },
        { kind: 'job-resume', job: job.uid },
      ],
      [
        { kind: 'namespace-pause', name: 'default', paused: true },
        { kind: 'namespace-pause', name: 'default', paused: false },
      ],
      [
        { kind: 'scheduler-pause', paused: true },
        { kind: 'scheduler-pause', paused: false },
      ],
    ]
    for (const [pause, resume] of orders) {
      bench.world.run({ ...pause, by: 't' } as never)
      await bench.pass(HOUR + 30 * MINUTE)
      bench.world.run({ ...resume, by: 't' } as never)
      await bench.pass(HOUR)
      expect(bench.world.summary).toEqual([])
      await bench.pass(21 * HOUR + 30 * MINUTE)
    }
    // Another day, of which it ran all.
    await bench.pass(3 * HOUR)
    expect(bench.world.summary).toEqual(['firing 1'])
  }, 60_000)

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

  test.each([
    ['2026-03-28T12:00:00Z', '2026-03-29T01:00:00.000Z', 'in the gap: the first moment after it'],
    ['2026-10-24T12:00:00Z', '2026-10-25T00:30:00.000Z', 'twice: the first of them'],
    ['2026-07-01T12:00:00Z', '2026-07-02T00:30:00.000Z', 'in summer'],
    ['2026-12-01T12:00:00Z', '2026-12-02T01:30:00.000Z', 'in winter'],
  ])('at half past two in Berlin, after %s: %s, %s', (after, expected) => {
    const schedule = compileDeadline({ ...BY_FIVE, cron: '30 2 * * *', zone: 'Europe/Berlin' })
    const since = Date.parse(after)
    const { next, last } = instantsOf(schedule, since, since)
    expect([last, new Date(next ?? 0).toISOString()]).toEqual([undefined, expected])
    expect(instantsOf(schedule, since, (next ?? 0) + HOUR / 2).last).toBe(next)
  })

  test('the ledger is asked where no more can be remembered', () => {
    const { world } = bench
    const job = world.job()
    const uid = world.rule(BY_FIVE)
    const rule = world.state.alertRules.get(uid)
    if (!rule) throw new Error('no rule')
    const judge = () => judgeDeadline(rule, BY_FIVE, world.state, job, bench.clock.now() + 2 * HOUR)
    expect(judge()).toBe('missed')
    for (let at = 0; at < TALLIES_MAX; at++)
      world.state.alertTallies.set(`${at}`, { rule: 0, kind: 'job', subject: '0' })
    expect(judge()).toBe('unknown')
  })
})
