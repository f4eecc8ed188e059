import { expect, test } from 'vitest'
import type { Job } from '../../control-plane/src/jobs/job.ts'
import { OutboxReader } from '../../control-plane/src/logs/outbox-reader.ts'
import { LEDGER_OPTIONS } from '../../control-plane/src/scheduler/ledger-keeper.ts'
import { loadState } from '../../control-plane/src/state/image.ts'
import { indexOfOutboxKey } from '../../control-plane/src/store/outbox-rows.ts'
import { LedgerWorld } from './ledger-world.ts'

const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 24 * HOUR

function ended(world: LedgerWorld, job: Job, count: number): string[] {
  return Array.from({ length: count }, () => {
    const run = world.start(job)
    world.end(run, 'succeeded')
    return run
  })
}

test('rows beyond their number wait for the sink that is furthest behind, and go once it has them', async () => {
  const world = new LedgerWorld(LEDGER_OPTIONS)
  const job = world.job('job', { maxRuns: 3 })
  const far = world.sink('far')
  const near = world.sink('near')
  const runs = ended(world, job, 10)
  world.deliver(near, [world.state.index, 9])
  await world.keep()
  expect(await world.kept(job)).toEqual(runs)
  const fourth = world.rows[3]?.sequence as [number, number]
  world.deliver(far, fourth)
  await world.keep()
  expect(await world.kept(job)).toEqual(runs.slice(4))
  world.deliver(far, [world.state.index, 9])
  await world.keep()
  expect(await world.kept(job)).toEqual(runs.slice(7))
  expect(world.state.sinks.get(far)?.gaps).toEqual([])
})

test('nobody waits beyond the age of rows: they go, and each sink that misses them says which and how many', async () => {
  const world = new LedgerWorld(LEDGER_OPTIONS)
  const job = world.job('job', { maxAgeMs: DAY })
  const down = world.sink('down')
  const well = world.sink('well')
  const old = ended(world, job, 5)
  const last = world.rows[4]?.sequence as [number, number]
  world.deliver(well, last)
  await world.clock.pass(DAY + HOUR)
  const young = ended(world, job, 2)
  await world.keep()
  expect(await world.kept(job)).toEqual(young)
  expect(old).toHaveLength(5)
  // A run and its attempt, each.
  expect(world.state.sinks.get(down)?.gaps).toMatchObject([{ to: last, count: 10 }])
  expect(world.state.sinks.get(well)?.gaps).toEqual([])
})

test('what a sink was given and has not said yet is no gap when its time is over, and what it is being given waits', async () => {
  const world = new LedgerWorld(LEDGER_OPTIONS)
  const job = world.job('job', { maxAgeMs: DAY })
  const sink = world.sink('archive')
  const { since = 0 } = world.state.sinks.get(sink) ?? {}
  const runs = ended(world, job, 5)
  const place = (at: number) => world.rows[at]?.sequence as [number, number]
  const given = { sink, since, cursor: place(2), position: 6, rows: 6 }
  world.standings = [{ ...given, underWayTo: place(3) }]
  await world.clock.pass(DAY + HOUR)
  await world.round()
  expect(await world.kept(job)).toEqual([runs[3]])
  // The last one has been given to nobody: a run and its attempt.
  const gaps = [{ to: place(4), count: 2 }]
  expect(world.state.sinks.get(sink)).toMatchObject({ cursor: place(2), position: 6, gaps })
  world.standings = [{ ...given, cursor: place(3), position: 8, rows: 8 }]
  await world.clock.pass(HOUR)
  await world.round()
  expect(await world.kept(job)).toEqual([])
  expect(world.state.sinks.get(sink)).toMatchObject({ cursor: place(3), position: 8, gaps })
})

test('nor beyond the space that there is: the oldest of what is waited for go first, and what is young enough stays', async () => {
  const world = new LedgerWorld({ ...LEDGER_OPTIONS, bytesMax: 1000 })
  const job = world.job('job', { maxRuns: 3 })
  const down = world.sink('down')
  const runs = ended(world, job, 40)
  world.space = { ledgerBytes: 999, diskBytes: 1_000_000 }
  await world.keep()
  expect(await world.kept(job)).toEqual(runs)
  world.space = { ledgerBytes: 1101, diskBytes: 1_000_000 }
  for (let step = 0; step < 3; step++) {
    await world.round()
    await world.clock.pass(MINUTE)
  }
  const kept = await world.kept(job)
  expect(kept.length).toBeLessThan(40)
  expect(kept.length).toBeGreaterThan(3)
  expect(kept).toEqual(runs.slice(-kept.length))
  const missed = world.state.sinks.get(down)?.gaps.reduce((sum, { count }) => sum + count, 0)
  expect(missed).toBe((40 - kept.length) * 2)
  // The store gives back the room of what has gone little by little: while it does, no more goes.
  for (let bytes = 1100; bytes > 1000; bytes -= 10) {
    world.space = { ...world.space, ledgerBytes: bytes }
    await world.round()
    await world.clock.pass(MINUTE)
  }
  expect(await world.kept(job)).toEqual(kept)
  for (let minute = 0; minute < 16; minute++) {
    await world.clock.pass(MINUTE)
    await world.round()
  }
  expect(await world.kept(job)).toEqual(runs.slice(-3))
})

test('stretches and late results wait as well', async () => {
  const world = new LedgerWorld(LEDGER_OPTIONS)
  const job = world.job('job', { maxRuns: 2 })
  const down = world.sink('down')
  for (const reason of ['overlap', 'paused', 'overlap', 'paused', 'overlap', 'paused']) world.skip(job, reason)
  await world.keep()
  expect(await world.keys('S/')).toHaveLength(5)
  world.deliver(down, [world.state.index, 9])
  await world.keep()
  expect(await world.keys('S/')).toHaveLength(2)
  expect(world.state.sinks.get(down)?.gaps).toEqual([])
})

test('rows of a job that is deleted have its name as long as there are any, also after a restart', async () => {
  const world = new LedgerWorld(LEDGER_OPTIONS)
  const job = world.job('nightly', { maxAgeMs: DAY })
  const idle = world.job('idle')
  ended(world, job, 2)
  world.skip(job, 'overlap')
  world.skip(job, 'paused')
  for (const { uid } of [job, idle]) world.do({ kind: 'job-delete', job: uid, force: true })
  const namesIn = async (state: typeof world.state) => {
    const reader = new OutboxReader({ state: () => state, store: world.store })
    const { rows } = await reader.read({ cursor: [0, 0], position: 0 }, { rows: 100, bytes: 1_000_000 })
    return rows.map((row) => [row.kind, 'jobName' in row ? row.jobName : row.row.jobName, row.namespaceName])
  }
  const named = await namesIn(world.state)
  expect(new Set(named.map(([kind]) => kind))).toEqual(new Set(['run', 'attempt', 'stretch']))
  expect(new Set(named.map((row) => row.slice(1).join('/')))).toEqual(new Set(['nightly/default']))
  await world.store.flush()
  expect(await namesIn(await loadState(world.store))).toEqual(named)
  // One without rows has nothing to be remembered for.
  expect([...world.state.formerJobs.keys()]).toEqual([job.uid])
  await world.keep()
  expect(world.state.formerJobs.size).toBe(1)
  await world.clock.pass(32 * DAY)
  await world.keep()
  expect(await world.keys('S/')).toEqual([])
  // The walk that removed the last rows saw them: the next one does not.
  await world.clock.pass(HOUR)
  await world.keep()
  expect(world.state.formerJobs.size).toBe(0)
  await world.store.flush()
  expect(await world.keys('d/')).toEqual([])
})

test('also when all that is left is a result that came too late, and only just', async () => {
  const world = new LedgerWorld(LEDGER_OPTIONS)
  const job = world.job('nightly')
  const [id = ''] = ended(world, job, 1)
  const finish = { job: job.uid, outcome: 'succeeded', endedAt: 0, retryable: false, chance: 0 }
  world.do({ kind: 'attempts-finished', finishes: [{ attempt: `${id}-7-7`, ...finish }] })
  world.do({ kind: 'job-delete', job: job.uid, force: true })
  const run = { id, state: 'succeeded', fireTime: world.rows[0]?.fireTime, sequence: world.rows[0]?.sequence }
  const runs = [{ ...run, attempts: [1] }]
  const jobs = [{ job: job.uid, namespace: world.namespace, runs, stretches: [] }]
  world.do({ kind: 'ledger-trim', asOf: world.state.index, jobs })
  await world.keep()
  expect([(await world.keys('R/')).length, (await world.keys('L/')).length]).toEqual([0, 1])
  expect([...world.state.formerJobs.keys()]).toEqual([job.uid])
  await world.clock.pass(3 * HOUR)
  await world.keep()
  await world.clock.pass(HOUR)
  await world.keep()
  expect(await world.keys('L/')).toEqual([])
  expect(world.state.formerJobs.size).toBe(0)
})

test('the outbox forgets an entry when all its rows have gone, and not before', async () => {
  const world = new LedgerWorld(LEDGER_OPTIONS)
  const job = world.job('job', { maxRuns: 2 })
  const other = world.job('other', { maxRuns: 100 })
  ended(world, other, 1)
  ended(world, job, 30)
  await world.keep()
  await world.clock.pass(2 * HOUR)
  await world.keep()
  const indexes = (await world.keys('O/')).map(indexOfOutboxKey)
  expect(indexes).toEqual([world.rows[0], ...world.rows.slice(-2)].map((row) => row?.sequence[0]))
  expect(world.state.ledgerRows - world.state.ledgerGone).toBe(6)
})

test('a sink that never comes back fills nothing: the outbox forgets what it has missed', async () => {
  const world = new LedgerWorld(LEDGER_OPTIONS)
  const job = world.job('job', { maxAgeMs: DAY })
  const down = world.sink('down')
  ended(world, job, 30)
  await world.clock.pass(DAY + HOUR)
  const young = ended(world, job, 2)
  await world.keep()
  await world.clock.pass(2 * HOUR)
  await world.keep()
  expect(await world.kept(job)).toEqual(young)
  const indexes = (await world.keys('O/')).map(indexOfOutboxKey)
  expect(indexes).toEqual(world.rows.slice(-2).map((row) => row?.sequence[0]))
  expect(world.state.sinks.get(down)?.gaps).toMatchObject([{ count: 60 }])
})
