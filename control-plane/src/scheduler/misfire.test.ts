import { describe, expect, test } from 'vitest'
import { compileSchedule } from '../jobs/schedule.ts'
import { resolveJob } from '../jobs/definition.ts'
import type { Job } from '../jobs/job.ts'
import { decideDue } from './due.ts'
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
    state: 'active',
    spec,
    spread: 0,
    since: at('00:00:00'),
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

  test('run-once runs the latest within the threshold; earlier ones go into it, older ones are too old', () => {
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
    expect(decision?.skipped).toMatchObject([{ reason: 'misfire-threshold', from: first, count: 200_000 }])
    expect(decision?.next?.fireTime).toBe(first + 200_000 * 1000)
  })
})
