import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Job, RetentionRule } from '../../control-plane/src/jobs/job.ts'
import { isFailure, keepsFailures, maxAgeOf, retentionOf } from '../../control-plane/src/jobs/retention.ts'
import type { EndedRunState } from '../../control-plane/src/runs/run.ts'
import { LEDGER_OPTIONS } from '../../control-plane/src/scheduler/ledger-keeper.ts'
import { LedgerWorld, type Outcomes } from './ledger-world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('S097 finished runs go by age, by count and by how they ended', () => {
  test('a run stays for its time, and then goes with everything that belongs to it', async () => {
    const world = new LedgerWorld(LEDGER_OPTIONS)
    const job = world.job('job', { maxAgeMs: HOUR })
    world.end(world.start(job), 'succeeded')
    await world.clock.pass(HOUR / 2)
    const young = world.start(job)
    world.end(young, 'failed')
    await world.clock.pass(HOUR / 2)
    await world.keep()
    expect(await world.kept()).toEqual([young])
    for (const prefix of ['R/', 'N/', 'X/', 'A/']) expect(await world.keys(prefix)).toHaveLength(1)
    expect(job.progress.ledger).toMatchObject({ runs: 1, failed: 1 })
  })

  test('of more than may be kept the newest stay, however many there are', async () => {
    const world = new LedgerWorld(LEDGER_OPTIONS)
    const job = world.job('job', { maxRuns: 30 })
    const runs = Array.from({ length: 400 }, () => world.start(job))
    for (const run of runs) world.end(run, 'succeeded')
    await world.keep()
    expect(await world.kept(job)).toEqual(runs.slice(-30))
    expect(await world.keys('A/')).toHaveLength(30)
    const trims = world.log.flatMap((command) => (command.kind === 'ledger-trim' ? command.jobs : []))
    expect(trims.length).toBeGreaterThan(1)
    for (const { runs: named } of trims) expect(named.length).toBeLessThanOrEqual(128)
  })

  test('a job is trimmed while its ledger grows', async () => {
    const world = new LedgerWorld(LEDGER_OPTIONS)
    const job = world.job('job', { maxRuns: 10 })
    for (let round = 0; round < 5; round++) {
      for (let at = 0; at < 40; at++) world.end(world.start(job), 'succeeded')
      for (let turn = 0; turn < 15; turn++) {
        world.end(world.start(job), 'succeeded')
        await world.clock.pass(10)
      }
      await world.keep()
    }
    expect(await world.kept(job)).toEqual(world.rows.slice(-10).map(({ id }) => id))
  })

  test('failures that are kept longer are counted by themselves', async () => {
    const world = new LedgerWorld(LEDGER_OPTIONS)
    const job = world.job('job', { maxRuns: 2, maxAgeMs: HOUR, failedMaxAgeMs: DAY })
    const outcomes: Outcomes[] = ['failed', 'failed', 'failed', 'succeeded', 'succeeded', 'succeeded']
    const runs = outcomes.map((outcome) => {
      const run = world.start(job)
      world.end(run, outcome)
      return run
    })
    await world.keep()
    expect(await world.kept(job)).toEqual([runs[1], runs[2], runs[4], runs[5]])
    await world.clock.pass(HOUR)
    await world.keep()
    expect(await world.kept(job)).toEqual([runs[1], runs[2]])
  })

  test('what a job does not say its namespace does, then the cluster', async () => {
    const world = new LedgerWorld({ ...LEDGER_OPTIONS, retention: { maxAgeMs: DAY, maxRuns: 5 } })
    const named = world.job('named', { maxRuns: 3 })
    const other = world.job('other')
    const put = (job: Job) => Array.from({ length: 9 }, () => world.end(world.start(job), 'succeeded'))
    put(named)
    put(other)
    await world.keep()
    expect([(await world.kept(named)).length, (await world.kept(other)).length]).toEqual([3, 5])
    const change = { description: '', slots: 10, queuedRunsMax: 10, retention: { maxRuns: 4 } }
    world.do({ kind: 'namespace-put', name: 'default', change })
    await world.keep()
    expect([(await world.kept(named)).length, (await world.kept(other)).length]).toEqual([3, 4])
  })

  test('the runs of a job that is gone stay for the time that its namespace says', async () => {
    const world = new LedgerWorld({ ...LEDGER_OPTIONS, retention: { maxAgeMs: HOUR, maxRuns: 5 } })
    const job = world.job('job', { maxAgeMs: MINUTE })
    world.end(world.start(job), 'succeeded')
    world.do({ kind: 'job-delete', job: job.uid, force: true })
    await world.clock.pass(HOUR / 2)
    await world.keep()
    expect(await world.kept()).toHaveLength(1)
    await world.clock.pass(HOUR / 2)
    await world.keep()
    expect(await world.kept()).toHaveLength(0)
    expect(await world.keys('A/')).toEqual([])
  })

  test('stretches of skipped fires go with the runs of their time', async () => {
    const world = new LedgerWorld(LEDGER_OPTIONS)
    const job = world.job('job', { maxAgeMs: DAY, maxRuns: 3 })
    for (let at = 0; at < 10; at++) world.skip(job, at % 2 === 0 ? 'overlap' : 'paused')
    expect(job.progress.ledger?.stretches).toBe(9)
    await world.keep()
    expect(await world.keys('S/')).toHaveLength(3)
    await world.clock.pass(DAY + MINUTE)
    await world.keep()
    expect(await world.keys('S/')).toHaveLength(0)
    expect(job.progress.ledger?.stretches).toBe(0)
  })

  test('a late result goes after its run, and stays while that is open or in the ledger', async () => {
    const world = new LedgerWorld(LEDGER_OPTIONS)
    const job = world.job('job', { maxAgeMs: 3 * HOUR })
    const [gone, open] = [world.start(job), world.start(job)]
    world.end(gone, 'succeeded')
    const late = (run: string) => {
      const finish = { job: job.uid, outcome: 'succeeded', endedAt: 0, retryable: false, chance: 0 }
      world.do({ kind: 'attempts-finished', finishes: [{ attempt: `${run}-7-7`, ...finish }] })
    }
    late(gone)
    late(open)
    await world.clock.pass(2 * HOUR)
    await world.keep()
    expect(await world.keys('L/')).toHaveLength(2)
    await world.clock.pass(HOUR)
    await world.keep()
    expect(await world.keys('L/')).toEqual([expect.stringContaining(open)])
  })

  test('counters of an hour go when it is older than they are kept', async () => {
    const world = new LedgerWorld({ ...LEDGER_OPTIONS, countersMaxAgeMs: DAY })
    const job = world.job('job')
    for (let hour = 0; hour < 30; hour++) {
      world.end(world.start(job), 'succeeded')
      await world.clock.pass(HOUR)
    }
    await world.store.flush()
    const before = await world.keys('c/')
    expect(before).toHaveLength(60)
    await world.keep()
    const after = await world.keys('c/')
    expect(after.length).toBeGreaterThanOrEqual(46)
    expect(after).toEqual(before.slice(-after.length))
    expect(after.length).toBeLessThanOrEqual(50)
  })
})

test('the run whose result an open child is given stays, and goes once the child has ended', async () => {
  const world = new LedgerWorld(LEDGER_OPTIONS)
  const [parent, child] = [world.job('parent', { maxRuns: 1 }), world.job('child')]
  const runs = Array.from({ length: 4 }, () => world.start(parent))
  for (const run of runs) world.end(run, 'succeeded')
  const open = world.start(child)
  Object.assign(world.state.runs.get(open) ?? {}, { parent: { run: runs[1], moment: 'success' } })
  await world.keep()
  expect(await world.kept(parent)).toEqual([runs[1], runs[3]])
  world.end(open, 'succeeded')
  await world.keep()
  expect(await world.kept(parent)).toEqual([runs[3]])
})

test('rows that others trimmed since they were read are not counted twice', () => {
  const world = new LedgerWorld(LEDGER_OPTIONS)
  const job = world.job('job')
  for (let at = 0; at < 3; at++) world.end(world.start(job), 'succeeded')
  const asOf = world.state.index
  const runs = world.rows
    .slice(0, 1)
    .map(({ id, state, fireTime, sequence }) => ({ id, state, fireTime, sequence, attempts: [1] }))
  const jobs = [{ job: job.uid, namespace: world.namespace, runs, stretches: [] }]
  const trim = () => world.do({ kind: 'ledger-trim', asOf, jobs })
  expect(trim()).toMatchObject({ value: { trimmed: { runs: 1, spared: 0 } } })
  expect(trim()).toMatchObject({ value: { trimmed: { runs: 0, spared: 1 } } })
  expect(job.progress.ledger?.runs).toBe(2)
})

test('an executor that announced itself is removed when it was offline for long; others never are', async () => {
  const world = new LedgerWorld({ ...LEDGER_OPTIONS, goneAfterMs: HOUR })
  world.executor('offline', { kind: 'registered', status: 'offline' })
  world.executor('back', { kind: 'registered', status: 'offline' })
  world.executor('draining', { kind: 'registered', status: 'draining' })
  world.executor('static', { status: 'offline' })
  await world.clock.pass(HOUR / 2)
  world.executor('back', { kind: 'registered' })
  await world.keep()
  const ids = () => [...(world.state.executors.get(world.service)?.keys() ?? [])].sort()
  expect(ids()).toEqual(['back', 'draining', 'e1', 'offline', 'static'])
  await world.clock.pass(HOUR / 2)
  await world.keep()
  expect(ids()).toEqual(['back', 'draining', 'e1', 'static'])
})

test('one that holds a run, or came back while it was to be removed, stays', () => {
  const world = new LedgerWorld(LEDGER_OPTIONS)
  const job = world.job('job')
  world.start(job)
  world.executor('e1', { kind: 'registered', status: 'offline' })
  world.executor('e2', { kind: 'registered', status: 'offline' })
  world.executor('e2', { kind: 'registered', status: 'offline', weight: 2 })
  const service = world.service
  const executors = [
    { service, id: 'e1', version: 2 },
    { service, id: 'e2', version: 1 },
    { service, id: 'unknown', version: 1 },
  ]
  world.do({ kind: 'executors-gone', executors })
  expect([...(world.state.executors.get(service)?.keys() ?? [])]).toEqual(['e1', 'e2'])
})

const rule = fc.record(
  {
    maxAgeMs: fc.constantFrom(5 * MINUTE, 30 * MINUTE, 2 * HOUR),
    failedMaxAgeMs: fc.constantFrom(2 * MINUTE, HOUR, 4 * HOUR),
    maxRuns: fc.integer({ min: 1, max: 12 }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<RetentionRule>

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('run'), job: fc.nat(2), failed: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('skip'), job: fc.nat(2), failed: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('pass'), job: fc.nat(60), failed: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('keep'), job: fc.constant(0), failed: fc.boolean() }) },
  ),
  { minLength: 20, maxLength: 90 },
)

test('whatever the rules, what is younger or needed stays, what is due goes, and every node has the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(rule, rule, rule), steps, async (rules, story) => {
      const world = new LedgerWorld(LEDGER_OPTIONS)
      const jobs = rules.map((retention, at) => world.job(`job${at}`, retention))
      for (const { do: what, job, failed } of story) {
        const one = jobs[job % 3] as Job
        if (what === 'run') world.end(world.start(one), failed ? 'failed' : 'succeeded')
        else if (what === 'skip') world.skip(one, failed ? 'overlap' : 'paused')
        else if (what === 'pass') await world.clock.pass(job * MINUTE)
        else await world.keep()
      }
      const at = world.clock.now()
      await world.keep()
      for (const job of jobs) {
        const kept = await world.kept(job)
        // The keeper looked at some time in between: only what was due before it began must have gone.
        expect(kept).toEqual(expect.arrayContaining(mustStay(world, job, world.clock.now())))
        expect(kept.filter((id) => mustGo(world, job, at).includes(id))).toEqual([])
        const { failed, others } = ofClasses(world, job, kept)
        const { maxRuns } = inForce(job)
        expect(Math.max(failed, others)).toBeLessThanOrEqual(maxRuns)
        expect(job.progress.ledger?.runs ?? 0).toBe(kept.length)
      }
      expect(await world.keys('A/')).toHaveLength((await world.kept()).length)
      const { own, other } = await world.replica(Math.floor(world.log.length / 2))
      expect(other).toBe(own)
    }),
    { numRuns: 40 },
  )
}, 60_000)

function inForce(job: Job) {
  return retentionOf([job.spec.retention], LEDGER_OPTIONS.retention)
}

/** Rows of a job, from the list of all, that nothing may remove up to `now`: young, and among the newest. */
function mustStay(world: LedgerWorld, job: Job, now: number): string[] {
  const seen = { failed: 0, others: 0 }
  return world.rows
    .filter((row) => row.job === job.uid)
    .reverse()
    .filter(({ state }) => ++seen[classOf(job, state)] <= inForce(job).maxRuns)
    .filter(({ state, endedAt }) => endedAt >= now - maxAgeOf(state, inForce(job)))
    .map(({ id }) => id)
}

/** Those whose time is over at `now`. */
function mustGo(world: LedgerWorld, job: Job, now: number): string[] {
  // The age of rows is looked at now and then.
  const old = world.rows.filter(({ state, endedAt }) => endedAt < now - 1.01 * maxAgeOf(state, inForce(job)))
  return old.map(({ id }) => id)
}

function ofClasses(world: LedgerWorld, job: Job, ids: readonly string[]): Record<'failed' | 'others', number> {
  const counts = { failed: 0, others: 0 }
  for (const { id, state } of world.rows) if (ids.includes(id)) counts[classOf(job, state)] += 1
  return counts
}

function classOf(job: Job, state: EndedRunState): 'failed' | 'others' {
  return keepsFailures(inForce(job)) && isFailure(state) ? 'failed' : 'others'
}
