import { expect, test } from 'vitest'
import type { Job } from '../jobs/job.ts'
import { compileSchedule } from '../jobs/schedule.ts'
import { explain, type Past } from './explain.ts'

const T = Date.UTC(2026, 10, 20, 10)
const SECOND = 1000

function job(schedule: object, progress: Partial<Job['progress']>): Job {
  const spec = { id: 'main', zone: 'UTC', gap: 'next' as const, fold: 'first' as const, jitterMs: 0, ...schedule }
  return {
    uid: 7,
    state: 'active',
    schedules: [compileSchedule(spec, 0)],
    spread: 0,
    since: T,
    createdAt: T,
    openRuns: [],
    progress: { decidedUpTo: T, fireCount: 0, startedRuns: 0, failuresInARow: 0, ...progress },
  } as unknown as Job
}

const past: Past = {
  openRun: () => undefined,
  endedRun: () => Promise.resolve(undefined),
  coveringStretch: () => Promise.resolve(undefined),
  isPausedAbove: () => false,
  executorsOf: () => new Map(),
}

test('a fire of a job that has had its maxFires since is found in its stretch', async () => {
  const stretch = { reason: 'overlap' as const, from: T + SECOND, to: T + 3 * SECOND, count: 3 }
  const ended = job({ everyMs: SECOND, maxFires: 3 }, { decidedUpTo: T + 3 * SECOND, fireCount: 3, stretch })
  expect(await explain(ended, T + 2 * SECOND, T + 60 * SECOND, past)).toMatchObject({ reason: 'overlap' })
  expect(await explain(ended, T + 2 * SECOND + 1, T + 60 * SECOND, past)).toMatchObject({ verdict: 'not-due' })
})

test('so is a fixed delay that was skipped', async () => {
  const stretch = { reason: 'misfire-threshold' as const, from: T + 1234, to: T + 1234, count: 1 }
  const lastEnd = T + 9 * SECOND
  const delayed = job({ afterMs: 5 * SECOND }, { decidedUpTo: T + 1234, fireCount: 1, lastEnd, stretch })
  expect(await explain(delayed, T + 1234, T + 60 * SECOND, past)).toMatchObject({ reason: 'misfire-threshold' })
})

test('a fire that waits out its jitter after an edit is not denied', async () => {
  const nextFire = { fireTime: T - SECOND, dueTime: T + 60 * SECOND, schedules: ['old'] }
  const edited = job({ everyMs: SECOND }, { decidedUpTo: T - 2 * SECOND, nextFire })
  expect(await explain(edited, T - SECOND, T, past)).toMatchObject({ verdict: 'undecided', schedules: ['old'] })
})

test('a run whose parts wait says how many, and for what', async () => {
  const part = (index: number, state: string, placedOn?: string) => ({
    index,
    state,
    ...(placedOn ? { placedOn } : {}),
  })
  const shards = [part(0, 'running', 'a'), part(1, 'waiting'), part(2, 'waiting', 'a'), part(3, 'failed')]
  const run = { state: 'running', fireTime: T, schedules: ['main'], id: 'r', sequence: 9, shards, partsLeft: 3 }
  const open = { ...past, openRun: () => run as never }
  const { detail } = await explain(job({ everyMs: SECOND }, {}), T, T, open)
  expect(detail).toBe(
    'It is running: 3 of 4 shards are left, 1 wait for an executor with a free slot, 1 wait for a retry, 1 failed.',
  )
})
