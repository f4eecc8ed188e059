import { expect, test } from 'vitest'
import { resolveJob } from '../jobs/definition.ts'
import type { Job } from '../jobs/job.ts'
import { compileSchedule } from '../jobs/schedule.ts'
import type { EndedRun } from '../runs/run.ts'
import { explain, type Explanation, type Past } from './explain.ts'

const T = Date.UTC(2026, 10, 20, 10)
const SECOND = 1000
const MINUTE = 60 * SECOND

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
  pauseAbove: () => undefined,
  executorsOf: () => new Map(),
}

test('a fire of a job that has had its maxFires since is found in its stretch', async () => {
  const stretch = {
    reason: 'overlap' as const,
    from: T + SECOND,
    to: T + 3 * SECOND,
    count: 3,
    entries: [4, 8] as [number, number],
  }
  const ended = job({ everyMs: SECOND, maxFires: 3 }, { decidedUpTo: T + 3 * SECOND, fireCount: 3, stretch })
  expect(await explain(ended, T + 2 * SECOND, T + 60 * SECOND, past)).toMatchObject({ reason: 'overlap' })
  expect(await explain(ended, T + 2 * SECOND + 1, T + 60 * SECOND, past)).toMatchObject({ verdict: 'not-due' })
})

test('so is a fixed delay that was skipped', async () => {
  const stretch = {
    reason: 'misfire-threshold' as const,
    from: T + 1234,
    to: T + 1234,
    count: 1,
    entries: [4, 4] as [number, number],
  }
  const lastEnd = T + 9 * SECOND
  const delayed = job({ afterMs: 5 * SECOND }, { decidedUpTo: T + 1234, fireCount: 1, lastEnd, stretch })
  expect(await explain(delayed, T + 1234, T + 60 * SECOND, past)).toMatchObject({ reason: 'misfire-threshold' })
})

test('a fire that waits out its jitter after an edit is not denied', async () => {
  const nextFire = { fireTime: T - SECOND, dueTime: T + 60 * SECOND, schedules: ['old'] }
  const edited = job({ everyMs: SECOND }, { decidedUpTo: T - 2 * SECOND, nextFire })
  expect(await explain(edited, T - SECOND, T, past)).toMatchObject({ verdict: 'undecided', schedules: ['old'] })
})

test.each([
  ['is still to come', T, T + 10 * MINUTE, 'will-skip'],
  ['is past', T, T + 40 * MINUTE, 'skipped'],
  ['lies before what was decided since', T + 35 * MINUTE, T + 40 * MINUTE, 'skipped'],
])('an instant outside the time of its schedule is skipped for that, when it %s', async (_, decidedUpTo, now, verdict) => {
  const bounded = { ...job({ cron: '* * * * *', startAt: T + 60 * MINUTE }, { decidedUpTo }), sinceEntry: 5 }
  const reason = 'outside-window'
  expect(await explain(bounded, T + 30 * MINUTE, now, past)).toMatchObject({ verdict, reason, entry: 5 })
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

const ended = { fireTime: T, schedules: ['main'], id: 'r', cause: 'schedule', sequence: [9, 0] }

function rowOf(row: object): Promise<Explanation> {
  const endedRun = () => Promise.resolve({ ...ended, ...row } as unknown as EndedRun)
  return explain(job({ everyMs: SECOND }, {}), T, T, { ...past, endedRun })
}

test('a run that ended is explained by the entry that made it, and one that was skipped in the queue by what ended it', async () => {
  expect(await rowOf({ state: 'succeeded', startedAt: T, entry: 4 })).toMatchObject({ verdict: 'ran', entry: 4 })
  expect(await rowOf({ state: 'succeeded', startedAt: T })).toMatchObject({ verdict: 'ran', entry: 9 })
  const expired = await rowOf({ state: 'skipped', reason: 'expired', entry: 4 })
  expect(expired).toMatchObject({ verdict: 'skipped', rule: 'queueTtl', entry: 9 })
})

test('one that ended before it began is not said to have run', async () => {
  const full = { code: 'no-slot', message: 'no slot is free' }
  const failed = await rowOf({ state: 'failed', error: full })
  expect(failed).toMatchObject({ verdict: 'not-started', rule: 'whenFull', entry: 9 })
  expect(failed.detail).toBe('It did not start, and ended failed: no slot is free')
  const error = { code: 'cancelled', message: 'Cancelled by ada.' }
  expect(await rowOf({ state: 'cancelled', error, entry: 4 })).toMatchObject({ verdict: 'not-started', entry: 9 })
})

test('one that waits is explained by the first rule that does not let it start', async () => {
  const url = { kind: 'http', url: 'https://a.example.com/' }
  const rule = async (definition: object, { cause = 'schedule', others = [] as string[] } = {}) => {
    const resolved = resolveJob({ target: url, ...definition })
    if (!resolved.ok) throw new Error('not a job')
    const waiting = { ...ended, state: 'queued', cause, sequence: 5, shards: [] }
    const asked = { ...job({ everyMs: SECOND }, {}), spec: resolved.spec, openRuns: [...others, 'r'] }
    const openRun = (id: string) => (id === 'other' ? { state: 'running' } : waiting) as never
    const { rule, entry, verdict } = await explain(asked, T, T, { ...past, openRun })
    expect([verdict, entry]).toEqual(['queued', 5])
    return rule
  }
  const others = ['other']
  expect(await rule({ overlap: 'queue' }, { others })).toBe('overlap')
  expect(await rule({ overlap: 'allow', maxConcurrentRuns: 1 }, { others })).toBe('maxConcurrentRuns')
  expect(await rule({ overlap: 'allow' }, { others })).toBe('slots')
  expect(await rule({ target: { kind: 'handler', service: 'none', handler: 'h' } })).toBe('target.service')
  expect(await rule({}, { cause: 'misfire' })).toBe('misfire.policy')
  expect(await rule({})).toBe('slots')
})
