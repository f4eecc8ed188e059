import { describe, expect, test } from 'vitest'
import type { AlertCondition } from '../alerts/rule.ts'
import { AlertWorld } from './alert-world.test-helper.ts'

const GONE: AlertCondition = { kind: 'node-gone', forMs: 60_000 }
const BY_NINE: AlertCondition = { kind: 'not-finished', cron: '0 9 * * *', zone: 'UTC', withinMs: 3_600_000 }
const node = { kind: 'node', id: 'n2', name: 'n2' } as const

describe('what is observed', () => {
  test('counts once, however often and by whomever it is seen', () => {
    const world = new AlertWorld()
    const rule = world.rule(GONE, { namespace: 0, channels: [world.channel('ops', 10, 0)] })
    for (let time = 0; time < 3; time++) world.observe({ rule })
    for (let time = 0; time < 3; time++) world.observe({ rule, firing: false })
    expect(world.summary).toEqual(['resolved 1'])
    expect(world.told).toEqual(['firing', 'resolved'])
  })

  test('by a rule that has gone, or is disabled, is nothing', () => {
    const world = new AlertWorld()
    const rule = world.rule(GONE, { namespace: 0, enabled: false })
    world.observe({ rule })
    world.observe({ rule: 99 })
    expect(world.summary).toEqual([])
  })

  test('began when it is said to have begun, never later than it was seen', () => {
    const world = new AlertWorld()
    const rule = world.rule(GONE, { namespace: 0 })
    world.pass(60_000)
    world.observe({ rule, since: world.now - 60_000 })
    world.observe({ rule, subject: { ...node, id: 'n3' }, since: world.now + 60_000 })
    expect(world.episodes.map(({ since }) => since - world.now)).toEqual([-60_000, 0])
  })

  test('and was over when it was seen is told of once, also by a rule that tells beginnings alone', () => {
    const world = new AlertWorld()
    const rule = world.rule(
      { kind: 'no-leader', forMs: 1000 },
      { namespace: 0, channels: [world.channel('ops', 10, 0)], notifyResolved: false },
    )
    const subject = { kind: 'cluster', id: 'c', name: 'cluster' } as const
    world.pass(60_000)
    world.observe({ rule, subject, since: world.now - 30_000, until: world.now - 1000 })
    expect(world.episodes).toMatchObject([{ state: 'resolved', resolvedAt: world.now - 1000 }])
    expect(world.told).toEqual(['resolved'])
  })

  test('of what has gone is closed', () => {
    const world = new AlertWorld()
    const rule = world.rule(GONE, { namespace: 0 })
    world.observe({ rule })
    world.observe({ rule, firing: false, gone: true })
    expect(world.summary).toEqual(['resolved 1 subject-gone'])
  })

  test('a run that is slow is told of while it is open, and counts once when it ends', () => {
    const world = new AlertWorld()
    const job = world.job()
    const rule = world.rule({ kind: 'slow', durationMs: 60_000 })
    const subject = { kind: 'job', id: String(job.uid), name: 'job' } as const
    world.pass(1000)
    const run = world.start(job)
    world.pass(90_000)
    world.observe({ rule, subject, run })
    world.finish(run, 'succeeded')
    expect(world.summary).toEqual(['firing 1'])
    // It ended before it was recorded.
    const other = world.ends(job, 'succeeded')
    expect(world.summary).toEqual(['resolved 1'])
    world.observe({ rule, subject, run: other })
    expect(world.summary).toEqual(['resolved 1'])
  })
})

describe('a deadline', () => {
  function watched() {
    const world = new AlertWorld()
    const job = world.job()
    const rule = world.rule(BY_NINE, { channels: [world.channel()] })
    const subject = { kind: 'job', id: String(job.uid), name: 'job' } as const
    const miss = (instant: number) => world.observe({ rule, subject, instant })
    return { world, job, miss }
  }

  test('that is missed is judged once, by the next leader too', () => {
    const { world, miss } = watched()
    world.pass(7_200_000)
    const instant = world.now
    for (let time = 0; time < 3; time++) miss(instant)
    expect(world.summary).toEqual(['firing 1'])
    expect(world.told).toEqual(['firing'])
  })

  test('each further one counts, and the next success is the end', () => {
    const { world, job, miss } = watched()
    world.pass(7_200_000)
    miss(world.now)
    world.pass(7_200_000)
    miss(world.now)
    world.ends(job, 'failed')
    expect(world.summary).toEqual(['firing 2'])
    world.ends(job, 'succeeded')
    expect(world.summary).toEqual(['resolved 2'])
    miss(world.now - 5000)
    expect(world.told).toEqual(['firing', 'resolved'])
  })

  test('that was kept at the last moment is not missed, whatever the leader saw', () => {
    const { world, job, miss } = watched()
    world.pass(7_200_000)
    world.ends(job, 'succeeded')
    miss(world.now - 500)
    expect(world.summary).toEqual([])
  })
})
