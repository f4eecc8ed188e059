import type { Attempt, Run } from '@cronclave/openapi'
import { expect, test } from 'vitest'
import { LANES_MAX, STEPS_MAX, stepsOf, ticksOf, timelineOf } from './timeline.ts'

const T0 = Date.UTC(2026, 10, 21)
const time = (ms: number) => new Date(T0 + ms).toISOString()

function run(change: Partial<Run> = {}): Run {
  return {
    id: 'r',
    namespace: 'default',
    job: 'j',
    jobUid: 7,
    jobVersion: 1,
    cause: 'schedule',
    state: 'failed',
    fireTime: time(0),
    dueTime: time(0),
    createdAt: time(100),
    endedAt: time(1100),
    endIndex: 42,
    schedules: ['0'],
    attempts: 2,
    ...change,
  }
}

function attempt(ordinal: number, from: number, to: number | undefined, change: Partial<Attempt> = {}): Attempt {
  const shard = change.shard ?? 0
  return {
    id: `r-${shard}-${ordinal}`,
    run: 'r',
    shard,
    ordinal,
    fencingToken: '9',
    executor: 'one',
    node: 'n1',
    state: to === undefined ? 'running' : 'ended',
    startedAt: time(from),
    ...(to === undefined ? {} : { endedAt: time(to), outcome: 'failed', next: 'retry', endIndex: 40 + ordinal }),
    ...change,
  }
}

const spans = (segments: { kind: string; from: number; to: number }[]) =>
  segments.map(({ kind, from, to }) => [kind, from - T0, to - T0])

test('a lane is the queue, the attempts and what is waited for between them', () => {
  const attempts = [
    attempt(1, 300, 400, { sentAt: time(310) }),
    attempt(2, 900, 1100, { next: 'done', outcome: 'timed-out' }),
  ]
  const { lanes, from, to } = timelineOf(run(), attempts, 0)
  expect([from - T0, to - T0]).toEqual([100, 1100])
  expect(spans(lanes[0]?.segments ?? [])).toEqual([
    ['queued', 100, 300],
    ['attempt', 300, 400],
    ['wait', 400, 900],
    ['attempt', 900, 1100],
  ])
  expect(lanes[0]?.segments[2]?.words).toBe('Waits for its retry')
})

test('what is open reaches to the present, and a run without attempts is its time in the queue', () => {
  const { endedAt: _end, endIndex: _index, ...open } = run({ state: 'running' })
  expect(spans(timelineOf(open, [attempt(1, 300, undefined)], T0 + 5000).lanes[0]?.segments ?? [])).toEqual([
    ['queued', 100, 300],
    ['attempt', 300, 5000],
  ])
  const waiting = timelineOf(open, [attempt(1, 300, 400)], T0 + 5000)
  expect(spans(waiting.lanes[0]?.segments ?? []).at(-1)).toEqual(['wait', 400, 5000])
  expect(spans(timelineOf(run(), [], 0).lanes[0]?.segments ?? [])).toEqual([['queued', 100, 1100]])
})

test('lanes and steps are bounded, and the end of the run is always told', () => {
  const attempts = Array.from({ length: 300 }, (_, shard) => attempt(1, 200, 300, { shard, next: 'done' }))
  const shardCounts = { total: 300, waiting: 0, running: 0, succeeded: 0, failed: 300 }
  const timeline = timelineOf(run({ shardCounts }), attempts, 0)
  expect([timeline.lanes.length, timeline.more]).toEqual([LANES_MAX, 300 - LANES_MAX])
  const { steps, more } = stepsOf(run({ shardCounts }), attempts)
  expect(steps).toHaveLength(STEPS_MAX + 1)
  expect(more).toBe(601 - STEPS_MAX)
  expect(steps.at(-1)).toMatchObject({ words: 'The run ended', index: 42 })
})

test('steps say what decided them', () => {
  const error = { code: 'boom', message: 'it broke' }
  const attempts = [attempt(1, 300, 400, { sentAt: time(310), status: 500, error })]
  const { steps } = stepsOf(run({ error }), attempts)
  expect(steps.map(({ words }) => words)).toEqual([
    'The run was made',
    'Attempt 1 was placed on one',
    'The request was sent',
    'Attempt 1 ended',
    'The run ended',
  ])
  expect(steps[3]).toMatchObject({ detail: 'HTTP 500; it broke; waits for its retry', index: 41 })
})

test.each([
  [0, [0]],
  [1000, [0, 200, 400, 600, 800, 1000]],
  [86_400_000, [0, 18_000_000, 36_000_000, 54_000_000, 72_000_000]],
])('an axis of %s ms is marked evenly', (length, ticks) => {
  expect(ticksOf(length, 5)).toEqual(ticks)
})
