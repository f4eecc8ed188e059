import { expect, test } from 'vitest'
import { compileSchedule } from '../jobs/schedule.ts'
import type { Job } from '../jobs/job.ts'
import { ShardWorld, T0 } from '../state/shard-world.test-helper.ts'
import { decideDue } from './due.ts'

/** Seed under which a jitter of up to 20 s is one of 12.1 s. */
const SPREAD = 3

function scheduled(...schedules: object[]): Job {
  const job = new ShardWorld().job({ schedules, misfire: { policy: 'run-all' } })
  const compiled = job.spec.schedules.map((one) => compileSchedule(one, SPREAD))
  return { ...job, spread: SPREAD, schedules: compiled, progress: { ...job.progress, decidedUpTo: T0 } }
}

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
