import { describe, expect, test } from 'vitest'
import { jitterOf } from '../jobs/jitter.ts'
import { compileSchedule } from '../jobs/schedule.ts'
import { resolveJob } from '../jobs/definition.ts'
import type { Job } from '../jobs/job.ts'
import { decideDue } from './due.ts'
import { CAUGHT_UP_MAX, MISSED_FIRES_MAX } from './misfire.ts'
import { scheduledRunId } from '../runs/ids.ts'

const at = (time: string) => Date.parse(`2026-11-20T${time}Z`)
const OFFICE = { lateAfterMs: 1000 }

function hourly(misfire: object, decidedUpTo: number, cron = '0 * * * *'): Job {
  const resolved = resolveJob({
    target: { kind: 'handler', service: 'a', handler: 'b' },
    schedules: [{ cron }],
    misfire,
  })
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.faults))
  const { spec } = resolved
  return {
    uid: 7,
    namespace: 1,
    name: 'hourly',
    version: 1,
    definitions: 1,
    state: 'active',
    stateEntry: 7,
    spec,
    spread: 0,
    since: at('00:00:00'),
    sinceEntry: 7,
    schedules: spec.schedules.map((schedule) => compileSchedule(schedule, 0)),
    createdBy: '',
    updatedBy: '',
    createdAt: at('00:00:00'),
    updatedAt: at('00:00:00'),
    openRuns: [],
    progress: { decidedUpTo, fireCount: 0, startedRuns: 0, failuresInARow: 0 },
  }
}

function decide(job: Job, now: string, next: string, since = now) {
  const fireTime = at(next)
  return decideDue(job, { fireTime, dueTime: fireTime, schedules: ['cron'] }, at(now), { ...OFFICE, since: at(since) })
}

describe('fires missed while nobody was scheduling', () => {
  test('a fire found within lateAfter is late, not missed', () => {
    const decision = decide(hourly({}, at('09:00:00')), '10:00:00.900', '10:00:00')
    expect(decision?.fires).toMatchObject([{ cause: 'schedule', fireTime: at('10:00:00') }])
    expect(decision?.next?.fireTime).toBe(at('11:00:00'))
  })

  test('a fire that is late because the loop was busy is never missed, however late', () => {
    const decision = decide(hourly({}, at('09:00:00')), '10:59:00', '10:00:00', '08:00:00')
    expect(decision?.fires).toMatchObject([{ cause: 'schedule' }])
  })

  test('S043 run-once runs the latest within the threshold; earlier ones go into it, older ones are too old', () => {
    const job = hourly({ policy: 'run-once', threshold: '2h' }, at('03:00:00'))
    const decision = decide(job, '10:30:00', '04:00:00')
    const run = scheduledRunId(7, at('10:00:00'))
    expect(decision?.fires).toMatchObject([{ cause: 'misfire', fireTime: at('10:00:00'), run }])
    expect(decision?.skipped).toEqual([
      { reason: 'misfire-threshold', from: at('04:00:00'), to: at('08:00:00'), count: 5 },
      { reason: 'coalesced', from: at('09:00:00'), to: at('09:00:00'), count: 1, into: run },
    ])
    expect(decision?.next?.fireTime).toBe(at('11:00:00'))
  })

  test('skip records every missed fire and runs none', () => {
    const decision = decide(hourly({ policy: 'skip' }, at('03:00:00')), '10:30:00', '04:00:00')
    expect(decision?.fires).toEqual([])
    expect(decision?.skipped).toEqual([
      { reason: 'misfire-threshold', from: at('04:00:00'), to: at('10:00:00'), count: 7 },
    ])
    expect(decision?.next?.fireTime).toBe(at('11:00:00'))
  })

  test('run-all runs the latest `max`, oldest first, the rest go into the first of them', () => {
    const job = hourly({ policy: 'run-all', max: 2, threshold: '1d' }, at('03:00:00'))
    const decision = decide(job, '10:30:00', '04:00:00')
    expect(decision?.fires.map(({ fireTime }) => fireTime)).toEqual([at('09:00:00'), at('10:00:00')])
    expect(decision?.skipped).toMatchObject([
      { reason: 'coalesced', from: at('04:00:00'), to: at('08:00:00'), count: 5 },
    ])
  })

  test('everything older than the threshold: nothing runs, and the next fire is the next', () => {
    const decision = decide(hourly({ threshold: '10m' }, at('03:00:00')), '10:30:00', '04:00:00')
    expect(decision?.fires).toEqual([])
    expect(decision?.skipped).toMatchObject([{ reason: 'misfire-threshold', count: 7 }])
  })

  test('nothing is due before its time', () => {
    expect(decide(hourly({}, at('09:00:00')), '09:59:59.999', '10:00:00')).toBeUndefined()
  })

  test('a job every second that was away for a month is decided in bounded steps', () => {
    const job = hourly({ threshold: '10m' }, at('00:00:00') - 30 * 86_400_000, '* * * * * *')
    job.since = job.createdAt = job.progress.decidedUpTo
    const first = job.progress.decidedUpTo + 1000
    const decision = decideDue(job, { fireTime: first, dueTime: first, schedules: ['cron'] }, at('00:00:00'), {
      ...OFFICE,
      since: at('00:00:00'),
    })
    expect(decision?.fires).toEqual([])
    expect(decision?.skipped).toMatchObject([{ reason: 'misfire-threshold', from: first, count: MISSED_FIRES_MAX }])
    expect(decision?.next?.fireTime).toBe(first + MISSED_FIRES_MAX * 1000)
  })

  test('maxFires counts missed fires, whatever becomes of them', () => {
    const job = hourly({ threshold: '2h' }, at('03:00:00'))
    job.schedules = job.schedules.map((one) => ({ ...one, maxFires: 5 }))
    const all = decide(job, '10:30:00', '04:00:00')
    expect(all?.skipped).toEqual([{ reason: 'misfire-threshold', from: at('04:00:00'), to: at('08:00:00'), count: 5 }])
    expect(all?.fires).toEqual([])
    expect(all).toMatchObject({ ended: true })
    job.progress.fireCount = 3
    const two = decide(job, '05:30:00', '04:00:00')
    expect(two?.fires.map(({ fireTime }) => fireTime)).toEqual([at('05:00:00')])
    expect(two?.skipped).toMatchObject([{ reason: 'coalesced', count: 1 }])
    expect(two).toMatchObject({ ended: true })
  })

  test('coalesced fires without number are decided in bounded steps, and none is left out', () => {
    const start = at('00:00:00') - 86_400_000
    const job = hourly({ threshold: '30d' }, start, '* * * * * *')
    job.since = job.createdAt = start
    let recorded = 0
    for (let step = 0; step < 10; step++) {
      const fireTime = job.progress.decidedUpTo + 1000
      const due = { fireTime, dueTime: fireTime, schedules: ['cron'] }
      const decision = decideDue(job, due, at('00:00:00'), { ...OFFICE, since: at('00:00:00') })
      for (const { from, to, count } of decision?.skipped ?? []) {
        expect(from).toBe(job.progress.decidedUpTo + 1000)
        expect(to - from).toBe((count - 1) * 1000)
        job.progress.decidedUpTo = to
        recorded += count
      }
      if (decision?.fires.length) {
        expect(decision.fires).toMatchObject([{ fireTime: job.progress.decidedUpTo + 1000 }])
        expect(recorded).toBe(86_400 - 3)
        return
      }
    }
    throw new Error('it never came to the fire that runs')
  })

  test('run-all starts what one entry can hold, the oldest first, and goes on from there', () => {
    const job = hourly({ policy: 'run-all', max: 5000, threshold: '1d' }, at('00:00:00'), '* * * * * *')
    const decision = decide(job, '02:00:00', '00:00:01')
    expect(decision?.fires).toHaveLength(CAUGHT_UP_MAX)
    const first = decision?.fires[0]?.fireTime ?? 0
    expect(decision?.skipped?.at(-1)?.to).toBe(first - 1000)
    expect(decision?.next?.fireTime).toBe(first + CAUGHT_UP_MAX * 1000)
  })

  test('a fixed delay that was missed is one fire, however long nobody was there', () => {
    const job = hourly({ threshold: '1h' }, at('03:00:00'))
    job.schedules = [{ id: 'delay', kind: 'after', afterMs: 60_000 }]
    job.progress.lastEnd = at('03:00:00')
    const due = { fireTime: at('03:01:00'), dueTime: at('03:01:00'), schedules: ['delay'] }
    const within = decideDue(job, due, at('03:50:00'), { ...OFFICE, since: at('03:50:00') })
    expect(within).toMatchObject({ fires: [{ fireTime: at('03:01:00'), cause: 'misfire' }] })
    expect(within?.skipped).toBeUndefined()
    const beyond = decideDue(job, due, at('05:00:00'), { ...OFFICE, since: at('05:00:00') })
    expect(beyond?.fires).toEqual([])
    expect(beyond?.skipped).toEqual([
      { reason: 'misfire-threshold', from: at('03:01:00'), to: at('03:01:00'), count: 1 },
    ])
  })

  test('a fire that waited out its jitter when the schedules changed is judged like any other', () => {
    const job = hourly({}, at('09:00:00'))
    job.since = at('10:00:30')
    const due = { fireTime: at('10:00:00'), dueTime: at('10:05:00'), schedules: ['old'] }
    const decision = decideDue(job, due, at('10:10:00'), { ...OFFICE, since: at('10:10:00') })
    expect(decision?.fires).toMatchObject([{ fireTime: at('10:00:00'), cause: 'misfire' }])
    expect(decision?.next?.fireTime).toBe(at('11:00:00'))
  })

  test('how late a fire is counts from when it was due, jitter included', () => {
    const job = hourly({ threshold: '10m' }, at('09:00:00'))
    Object.assign(job, { spread: 3, schedules: job.schedules.map((one) => ({ ...one, jitterMs: 1_200_000 })) })
    const dueTime = at('10:00:00') + jitterOf(3, 1_200_000)
    expect(dueTime).toBeGreaterThan(at('10:12:00'))
    const due = { fireTime: at('10:00:00'), dueTime, schedules: ['cron'] }
    const decision = decideDue(job, due, at('10:22:00'), { ...OFFICE, since: at('10:22:00') })
    expect(decision?.fires).toMatchObject([{ fireTime: at('10:00:00'), cause: 'misfire' }])
  })

  test('a job with a fixed delay ends with its last fire', () => {
    const job = hourly({}, at('09:00:00'))
    job.schedules = [{ id: 'delay', kind: 'after', afterMs: 60_000, maxFires: 3 }]
    const due = { fireTime: at('10:00:00'), dueTime: at('10:00:00'), schedules: ['delay'] }
    const office = { ...OFFICE, since: at('09:00:00') }
    job.progress.fireCount = 1
    expect(decideDue(job, due, at('10:00:00'), office)).not.toHaveProperty('ended')
    job.progress.fireCount = 2
    expect(decideDue(job, due, at('10:00:00'), office)).toMatchObject({ ended: true })
  })
})
