import { describe, expect, test } from 'vitest'
import type { EndedRun } from '../runs/run.ts'
import { keysOfGone } from '../state/gone-keys.ts'
import { trimmedRun } from './due-rows.ts'
import { ENDS_INLINE_MAX, storedRun, wholeRun } from './run-rows.ts'

function row(parts: number): EndedRun {
  return {
    id: 'r',
    job: 3,
    jobName: 'j',
    namespace: 1,
    cause: 'schedule',
    state: 'failed',
    fireTime: 5,
    dueTime: 5,
    createdAt: 5,
    endedAt: 9,
    jobVersion: 1,
    params: {},
    schedules: [],
    attempts: parts * 2,
    shardEnds: Array.from({ length: parts }, (_, index) => ({
      index,
      items: [`item ${index}`],
      outcome: index % 10 === 0 ? ('failed' as const) : ('succeeded' as const),
      attempts: 1 + (index % 2),
    })),
    sequence: [7, 0],
  }
}

describe('the row of a run', () => {
  test('of few shards holds how each ended', () => {
    const few = row(ENDS_INLINE_MAX)
    expect(storedRun(few)).toEqual({ row: few, apart: [] })
  })

  test.each([ENDS_INLINE_MAX + 1, 500, 501, 10_000])('of %i shards is small, and is put together again', (parts) => {
    const many = row(parts)
    const { row: small, apart } = storedRun(many)
    expect(JSON.stringify(small).length).toBeLessThan(500 + 2 * parts)
    expect(small.endsApart?.succeeded).toBe(parts - Math.ceil(parts / 10))
    for (const [, ends] of apart) expect(ends.length).toBeLessThanOrEqual(500)
    const again = wholeRun(
      small,
      apart.sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, ends]) => ends),
    )
    expect(again).toEqual(many)
  })

  test.each([1, ENDS_INLINE_MAX, 1234])('of %i shards leaves nothing behind when it goes', (parts) => {
    const { row: small, apart } = storedRun(row(parts))
    const gone = { ...trimmedRun(small), job: 3, namespace: 1 }
    const keys = keysOfGone({ kind: 'run-gone', gone })
    expect(keys).toEqual(expect.arrayContaining(apart.map(([key]) => key)))
    const attempts = row(parts).shardEnds?.reduce((sum, end) => sum + end.attempts, 0) ?? 0
    expect(keys).toHaveLength(3 + apart.length + attempts)
    expect(new Set(keys).size).toBe(keys.length)
  })
})
