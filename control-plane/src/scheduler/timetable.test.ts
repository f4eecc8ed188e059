import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Timetable } from './timetable.ts'

const operations = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('set' as const),
      job: fc.integer({ min: 1, max: 40 }),
      time: fc.integer({ min: 0, max: 1000 }),
    }),
    fc.record({ kind: fc.constant('remove' as const), job: fc.integer({ min: 1, max: 40 }), time: fc.constant(0) }),
    fc.record({
      kind: fc.constant('take' as const),
      job: fc.integer({ min: 1, max: 5 }),
      time: fc.integer({ min: 0, max: 1000 }),
    }),
  ),
  { maxLength: 300 },
)

function take(timetable: Timetable, now: number, limit: number): number[] {
  const due: number[] = []
  while (due.length < limit) {
    const job = timetable.takeDue(now)
    if (job === undefined) break
    due.push(job)
  }
  return due
}

test('a timetable answers as a sorted list would', () => {
  fc.assert(
    fc.property(operations, (steps) => {
      const timetable = new Timetable()
      const twin = new Map<number, number>()
      for (const { kind, job, time } of steps) {
        if (kind === 'set') {
          timetable.set(job, time)
          twin.set(job, time)
        } else if (kind === 'remove') {
          timetable.remove(job)
          twin.delete(job)
        } else {
          const sorted = [...twin].sort(([a, x], [b, y]) => x - y || a - b)
          const due = sorted
            .filter(([, at]) => at <= time)
            .slice(0, job)
            .map(([uid]) => uid)
          expect(take(timetable, time, job)).toEqual(due)
          for (const uid of due) twin.delete(uid)
        }
        expect(timetable.size).toBe(twin.size)
        expect(timetable.earliest).toBe(twin.size === 0 ? undefined : Math.min(...twin.values()))
      }
    }),
  )
})

test('it grows beyond its first size and keeps the order', () => {
  const timetable = new Timetable()
  for (let job = 5000; job > 0; job--) timetable.set(job, (job * 7919) % 5000)
  const due = take(timetable, 10_000, 5000)
  expect(due).toHaveLength(5000)
  expect(due.map((job) => (job * 7919) % 5000)).toEqual(
    [...due].map((job) => (job * 7919) % 5000).sort((a, b) => a - b),
  )
})
