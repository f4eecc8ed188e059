import { describe, expect, test } from 'vitest'
import type { AlertCondition } from '../alerts/rule.ts'
import type { Job } from '../jobs/job.ts'
import { AlertWorld } from './alert-world.test-helper.ts'

type Step = (world: AlertWorld, job: Job) => void

const ok: Step = (world, job) => void world.ends(job, 'succeeded')
const bad: Step = (world, job) => void world.ends(job, 'failed')
const slow: Step = (world, job) => void world.ends(job, 'succeeded', 90_000)
const late: Step = (world, job) => {
  world.pass(60_000)
  world.finish(world.start(job, 30_000), 'succeeded')
}
const wait: Step = (world) => world.pass(3_600_000)
const cancel: Step = (world, job) => {
  world.pass(1000)
  world.run({ kind: 'run-cancel', run: world.start(job), by: 't' })
}
const missed: Step = (world, job) => world.skip(job, 'misfire-threshold')
const paused: Step = (world, job) => world.skip(job, 'paused')
const many: Step = (world, job) => world.skip(job, 'misfire-threshold', 50)

const ended = (count: number, windowMs = 60_000): AlertCondition => ({
  kind: 'run-ended',
  states: ['failed', 'timed-out', 'lost'],
  count,
  windowMs,
})
const inRow: AlertCondition = { kind: 'failures-in-row', count: 3 }
const missing = (count: number): AlertCondition => ({
  kind: 'missed',
  reasons: ['misfire-threshold'],
  count,
  windowMs: 60_000,
})
const takes: AlertCondition = { kind: 'slow', durationMs: 60_000 }
const delayed: AlertCondition = { kind: 'late', latenessMs: 10_000 }

describe('a rule about outcomes', () => {
  const cases: [name: string, condition: AlertCondition, steps: Step[], episodes: string[], told: string[]][] = [
    ['a run that fails fires it', ended(1), [bad], ['firing 1'], ['firing']],
    ['one that succeeds does not', ended(1), [ok], [], []],
    ['one that was cancelled does not, unless it says so', ended(1), [cancel], [], []],
    ['it fires once, and counts', ended(1), [bad, bad, bad], ['firing 3'], ['firing']],
    ['it is over once one succeeds', ended(1), [bad, bad, ok], ['resolved 2'], ['firing', 'resolved']],
    ['what is over is over once', ended(1), [bad, ok, ok], ['resolved 1'], ['firing', 'resolved']],
    [
      'and fires anew afterwards',
      ended(1),
      [bad, ok, bad],
      ['resolved 1', 'firing 1'],
      ['firing', 'resolved', 'firing'],
    ],
    ['fewer within the window do nothing', ended(3), [bad, bad], [], []],
    ['as many do', ended(3), [bad, bad, bad], ['firing 3'], ['firing']],
    ['those that are too old do not count', ended(3), [bad, bad, wait, bad], [], []],
    ['one that succeeds begins the count anew', ended(3), [bad, bad, ok, bad], [], []],
    ['failures in a row', inRow, [bad, bad, bad, bad], ['firing 2'], ['firing']],
    ['failures that are parted are not in a row', inRow, [bad, bad, ok, bad, bad], [], []],
    ['however long they take', inRow, [bad, wait, bad, wait, bad], ['firing 1'], ['firing']],
    ['a fire that was missed', missing(1), [missed], ['firing 1'], ['firing']],
    ['a fire that was skipped for another reason', missing(1), [paused], [], []],
    ['many at once count as many', missing(40), [many], ['firing 50'], ['firing']],
    ['missed fires are over once one starts', missing(1), [missed, ok], ['resolved 1'], ['firing', 'resolved']],
    ['a run that takes too long', takes, [slow], ['firing 1'], ['firing']],
    ['is over when one takes less', takes, [slow, ok], ['resolved 1'], ['firing', 'resolved']],
    ['but not when one fails soon', takes, [slow, bad], ['firing 1'], ['firing']],
    ['a run that begins late', delayed, [late], ['firing 1'], ['firing']],
    ['is over when one begins in time', delayed, [late, ok], ['resolved 1'], ['firing', 'resolved']],
  ]
  test.each(cases)('%s', (_name, condition, steps, episodes, told) => {
    const world = new AlertWorld()
    const job = world.job()
    world.rule(condition, { channels: [world.channel()] })
    for (const step of steps) step(world, job)
    expect(world.summary).toEqual(episodes)
    expect(world.told).toEqual(told)
  })

  test('says what happened, to which job, and with which run', () => {
    const world = new AlertWorld()
    const job = world.job('nightly')
    world.rule(ended(1), { name: 'failing' })
    const run = world.ends(job, 'failed')
    const next = world.ends(job, 'failed')
    expect(world.episodes).toMatchObject([
      {
        ruleName: 'failing',
        subject: { kind: 'job', id: String(job.uid), name: 'nightly', namespace: 'default' },
        run,
        lastRun: next,
        summary: `Run ${run} failed: it broke`,
      },
    ])
  })

  test('a text of any length is cut where a character ends', () => {
    const world = new AlertWorld()
    const job = world.job()
    world.rule(ended(1))
    world.pass(1000)
    const run = world.start(job)
    world.finish(run, 'failed', { error: { code: 'e', message: '🔥'.repeat(100_000) } })
    const { summary } = world.episodes[0] ?? { summary: '' }
    expect(summary.length).toBeLessThanOrEqual(1000)
    expect(Buffer.from(summary).toString()).toBe(summary)
    expect(summary.endsWith('🔥…')).toBe(true)
  })

  test('runs in time do not make good a slow one that goes on', () => {
    const world = new AlertWorld()
    const job = world.job()
    const rule = world.rule(takes)
    world.pass(1000)
    const hung = world.start(job)
    world.pass(61_000)
    const subject = { kind: 'job', id: String(job.uid), name: job.name } as const
    world.observe({ rule, subject, run: hung })
    for (let time = 0; time < 3; time++) world.ends(job, 'succeeded')
    world.ends(job, 'succeeded', 61_000)
    world.ends(job, 'succeeded')
    expect(world.summary).toEqual(['firing 2'])
    world.finish(hung, 'succeeded')
    world.ends(job, 'succeeded')
    expect(world.summary).toEqual(['resolved 3'])
  })

  test('each job has an episode of its own', () => {
    const world = new AlertWorld()
    const [one, other] = [world.job('one'), world.job('other')]
    world.rule(ended(1))
    world.ends(one, 'failed')
    world.ends(other, 'failed')
    world.ends(one, 'succeeded')
    expect(world.summary).toEqual(['resolved 1', 'firing 1'])
  })

  test('a job that is paused by itself, or quarantined, is told of until it goes on', () => {
    const world = new AlertWorld()
    const job = world.job('job', { pauseAfterFailures: 2 })
    world.rule({ kind: 'stopped' }, { channels: [world.channel()] })
    world.ends(job, 'failed')
    expect(world.summary).toEqual([])
    world.ends(job, 'failed')
    expect(world.episodes).toMatchObject([{ state: 'firing', summary: 'Job job was paused: its last 2 runs failed.' }])
    world.run({ kind: 'job-resume', job: job.uid, by: 't' })
    world.run({ kind: 'job-quarantine', job: job.uid, version: job.version, fault: 'no such zone' })
    world.run({ kind: 'job-pause', job: job.uid, by: 't' })
    expect(world.summary).toEqual(['resolved 1', 'resolved 1'])
    expect(world.told).toEqual(['firing', 'resolved', 'firing', 'resolved'])
  })

  test('what somebody paused is as wanted', () => {
    const world = new AlertWorld()
    const job = world.job()
    world.rule({ kind: 'stopped' })
    world.run({ kind: 'job-pause', job: job.uid, by: 't' })
    expect(world.summary).toEqual([])
  })

  test('a rule that is made finds the jobs that are stopped already', () => {
    const world = new AlertWorld()
    const job = world.job()
    world.run({ kind: 'job-quarantine', job: job.uid, version: job.version, fault: 'no such zone' })
    world.rule({ kind: 'stopped' })
    expect(world.summary).toEqual(['firing 1'])
  })

  test('an executor that refuses the signature, until it answers otherwise', () => {
    const world = new AlertWorld()
    const { namespace } = world
    const change = { description: '', allowedHosts: [] }
    const service = world.run({ kind: 'service-put', namespace, name: 'work', change }).value?.uid ?? 0
    const executor = { kind: 'static', url: 'http://e1', weight: 1, slots: 0, labels: {}, status: 'online' }
    world.run({ kind: 'executor-put', service, id: 'e1', change: executor })
    const job = world.job('job', { target: { kind: 'handler', service: 'work', handler: 'h' } })
    world.rule({ kind: 'signature-refused' })
    const call = (status: number, code: string) => {
      world.pass(1000)
      const run = `r${world.now}`
      world.run({ kind: 'run-request', job: job.uid, run, cause: 'api', by: 't' })
      world.run({ kind: 'place-shards', node: 'n', placements: [{ run, shard: 0, attempts: 0, executor: 'e1' }] })
      world.finish(run, 'failed', { status, error: { code, message: 'm' } })
    }
    call(401, 'signature-refused')
    call(401, 'signature-refused')
    expect(world.episodes).toMatchObject([
      { state: 'firing', count: 2, subject: { kind: 'executor', id: `${service}/e1`, name: 'e1' } },
    ])
    call(500, 'http-500')
    expect(world.summary).toEqual(['resolved 2'])
  })

  test('a fire that finds no room under whenFull fail is missed', () => {
    const world = new AlertWorld()
    const change = { description: '', slots: 1, queuedRunsMax: 10 }
    world.run({ kind: 'namespace-put', name: 'default', change })
    const job = world.job('job', { whenFull: 'fail' })
    world.rule({ kind: 'missed', reasons: ['no-slot'], count: 1, windowMs: 60_000 })
    world.pass(1000)
    world.start(job)
    world.pass(1000)
    world.start(job)
    expect(world.episodes).toMatchObject([{ state: 'firing', summary: 'A fire did not start: no-slot.' }])
  })
})

describe('what a rule watches', () => {
  test('a job, its namespace, or everything; and nothing else', () => {
    const world = new AlertWorld()
    const [one, other] = [world.job('one'), world.job('other')]
    const { namespace } = world
    world.rule(ended(1), { name: 'job', scope: { kind: 'job', namespace, job: one.uid } })
    world.rule(ended(1), { name: 'all' })
    world.rule(ended(1), { name: 'cluster', namespace: 0 })
    world.ends(other, 'failed')
    expect(world.episodes.map(({ ruleName }) => ruleName)).toEqual(['cluster', 'all'])
    world.ends(one, 'failed')
    expect(world.episodes.map(({ ruleName }) => ruleName).slice(2)).toEqual(['cluster', 'all', 'job'])
  })

  test('a rule that is disabled sees nothing', () => {
    const world = new AlertWorld()
    const job = world.job()
    world.rule(ended(1), { enabled: false })
    world.ends(job, 'failed')
    expect(world.summary).toEqual([])
    expect(world.state.alertIndex.moments).toEqual({})
  })
})
