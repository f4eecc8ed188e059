import type { Run } from '@cronclave/openapi'
import { expect, test } from 'vitest'
import { FEED_RUNS_MAX, LIVE_SPAN_MS, LiveRuns } from './live-runs.ts'

const T0 = Date.UTC(2026, 10, 21, 12)

function run(id: string, state: Run['state'], atMs: number): Run {
  const at = new Date(T0 + atMs).toISOString()
  const ended = state === 'queued' || state === 'running' ? {} : { endedAt: new Date(T0 + atMs + 500).toISOString() }
  const base = {
    namespace: 'default',
    job: 'a',
    jobUid: 1,
    jobVersion: 1,
    cause: 'schedule' as const,
    params: {},
    schedules: [],
    attempts: 1,
  }
  return { ...base, id, state, fireTime: at, dueTime: at, createdAt: at, startedAt: at, latenessMs: 3, ...ended }
}

test('an event that comes late never takes a run back', () => {
  const live = new LiveRuns()
  live.add(run('r1', 'succeeded', 0))
  live.add(run('r1', 'running', 0))
  expect(live.snapshot(T0).runs.map((each) => each.state)).toEqual(['succeeded'])
})

test('an end that is told twice counts once', () => {
  const live = new LiveRuns()
  live.add(run('r1', 'running', 0))
  live.add(run('r1', 'failed', 0))
  live.add(run('r1', 'failed', 0))
  live.seed([run('r1', 'failed', 0), run('r2', 'succeeded', 100)], true)
  const { buckets, completeSince } = live.snapshot(T0)
  expect(buckets).toHaveLength(1)
  expect(buckets[0]?.counts).toMatchObject({ failed: 1, succeeded: 1 })
  expect(completeSince).toBe(0)
})

test('the newest start comes first, and both feed and buckets are bounded', () => {
  const live = new LiveRuns()
  for (let i = 0; i < FEED_RUNS_MAX + 50; i++) live.add(run(`r${i}`, 'succeeded', i * 1000))
  const late = T0 + LIVE_SPAN_MS + (FEED_RUNS_MAX + 50) * 1000
  const { runs, buckets } = live.snapshot(late)
  expect(runs).toHaveLength(FEED_RUNS_MAX)
  expect(runs[0]?.id).toBe(`r${FEED_RUNS_MAX + 49}`)
  expect(buckets.length).toBeLessThanOrEqual(2)
})

test('a first list that is not whole says since when nothing is missing', () => {
  const live = new LiveRuns()
  live.seed([run('r9', 'succeeded', 9000), run('r8', 'succeeded', 8000)], false)
  expect(live.snapshot(T0).completeSince).toBe(T0 + 8500)
})

test('a page that draws nothing for a while forgets runs, and counts them all the same', () => {
  const live = new LiveRuns()
  for (let i = 0; i < 5000; i++) live.add(run(`r${i}`, 'succeeded', i * 100))
  const { runs, buckets } = live.snapshot(T0 + 500_000)
  expect(runs[0]?.id).toBe('r4999')
  expect(runs).toHaveLength(FEED_RUNS_MAX)
  expect(buckets.reduce((sum, bucket) => sum + bucket.counts.succeeded, 0)).toBe(5000)
})
