import { expect, test } from 'vitest'
import type { Job } from '../jobs/job.ts'
import { compileSchedule, nextFire, type NextFire } from '../jobs/schedule.ts'
import { originOf } from '../jobs/upcoming.ts'
import { ShardWorld, T0 } from '../state/shard-world.test-helper.ts'
import { decideDue } from './due.ts'

/** Seed under which a jitter of up to 20 s is one of 12.1 s, and one of up to 20 min one of 12.4 min. */
const SPREAD = 3
const MINUTE = 60_000

function scheduled(...schedules: object[]): Job {
  return misfiring({ policy: 'run-all' }, ...schedules)
}

function misfiring(misfire: object, ...schedules: object[]): Job {
  const job = new ShardWorld().job({ schedules, misfire })
  const compiled = job.spec.schedules.map((one) => compileSchedule(one, SPREAD))
  return { ...job, spread: SPREAD, schedules: compiled, progress: { ...job.progress, decidedUpTo: T0 } }
}

/** What is decided of a job by somebody who comes after so many minutes, until nothing is due; instants in minutes. */
function decided(job: Job, minutes: number) {
  const now = T0 + minutes * MINUTE
  const past = { runs: [] as number[], 'misfire-threshold': [] as number[], coalesced: [] as number[] }
  const into = new Set<string>()
  const made = new Set<string>()
  let next: NextFire | undefined = nextFire(job.schedules, originOf(job, T0, false))
  while (next) {
    const decision = decideDue(job, next, now, { since: now, lateAfterMs: 1000 })
    if (!decision) break
    for (const { reason, from, to, ...skipped } of decision.skipped ?? []) {
      past[reason as 'coalesced'].push((from - T0) / MINUTE, (to - T0) / MINUTE)
      if (skipped.into !== undefined) into.add(skipped.into)
    }
    for (const { fireTime, run } of decision.fires) {
      past.runs.push((fireTime - T0) / MINUTE)
      made.add(run)
    }
    job.progress.decidedUpTo = (decision.next?.fireTime ?? now) - 1
    next = decision.next
  }
  expect([...into].filter((run) => !made.has(run))).toEqual([])
  return past
}

const PROMPT = { id: 'prompt', every: '5m' }
const SPREAD_OUT = { id: 'spread', every: '10m', startAt: new Date(T0 + MINUTE).toISOString(), jitter: '20m' }

test('whether a missed fire is too old is judged by the jitter of its own schedules', () => {
  // By then what was due before 50 is too old: of the spread ones what was fired before 37.6. What was due after 59.98 waits.
  const all = decided(misfiring({ policy: 'run-all' }, PROMPT, SPREAD_OUT), 60)
  expect(all.runs).toEqual([41, 50])
  expect(all['misfire-threshold']).toEqual([1, 35, 40, 40, 45, 45])
})

test('a fire that schedules share is missed with the one that is due first: run-once runs one', () => {
  const shared = { ...SPREAD_OUT, startAt: new Date(T0).toISOString() }
  const { runs, coalesced } = decided(misfiring({ policy: 'run-once', threshold: '1d' }, PROMPT, shared), 31)
  expect(runs).toEqual([30])
  expect(coalesced).toEqual([5, 25])
})

test('a fire waits out its jitter although a schedule that has ended would have shared it', () => {
  const ended = { ...PROMPT, maxFires: 3 }
  const shared = { ...SPREAD_OUT, startAt: new Date(T0).toISOString() }
  const { runs } = decided(misfiring({ policy: 'run-all', threshold: '1d' }, ended, shared), 31)
  // What was fired at 20 and 30 is due at 32.4 and 42.4.
  expect(runs).toEqual([5, 10, 15])
})

test('what was missed is judged as such when it had to wait for an earlier fire that was not', () => {
  const job = misfiring({ policy: 'skip' }, PROMPT, SPREAD_OUT)
  const due = { fireTime: T0 + MINUTE, dueTime: T0 + MINUTE + 742_615, schedules: ['spread'] }
  const decision = decideDue(job, due, T0 + 14 * MINUTE, { since: T0 + 12 * MINUTE, lateAfterMs: 1000 })
  expect(decision?.fires).toMatchObject([{ fireTime: due.fireTime, cause: 'schedule' }])
  expect(decision?.next?.fireTime).toBe(T0 + 5 * MINUTE)
})

test('a fire that waits out the jitter of its schedule is not missed, whatever others of its job were', () => {
  const job = scheduled({ id: 'often', every: '5s' }, { id: 'spread', every: '18s', jitter: '20s' })
  let waited = 0
  for (let now = T0 + 10_000; now < T0 + 200_000; now += 1000) {
    const first = { fireTime: T0 + 5000, dueTime: T0 + 5000, schedules: ['often'] }
    const decision = decideDue(job, first, now, { since: now, lateAfterMs: 1000 })
    for (const { dueTime } of decision?.fires ?? []) expect(dueTime).toBeLessThan(now - 1000)
    if ((decision?.next?.dueTime ?? 0) > now) waited += 1
    // What was missed before it is decided all the same.
    expect(decision?.next?.fireTime).toBeGreaterThan(now - 20_000)
  }
  expect(waited).toBeGreaterThan(0)
})
