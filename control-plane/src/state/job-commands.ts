import type { JobKeeping, JobSpec } from '../jobs/job.ts'
import type { CompiledSchedule, NextFire } from '../jobs/schedule.ts'
import type { Millis } from '../runtime/clock.ts'

/** Fires of a paused job, counted by the leader from the schedule. */
export interface FireCount {
  from: Millis
  to: Millis
  count: number
}

export interface JobPut {
  kind: 'job-put'
  namespace: number
  name: string
  spec: JobSpec
  schedules: CompiledSchedule[]
  /** Seed of `H` fields and of the jitter: drawn once when the job is created, ignored later. */
  spread: number
  next?: NextFire | undefined
  /** After when `next` is: from then on the new schedules count. */
  from?: Millis
  /** Fires of the old schedules up to `from`: those that a paused job missed, or those that go into `waiting`. */
  fires?: FireCount
  /** The last fire of the old schedules that waits out its jitter. */
  waiting?: NextFire
  paused?: boolean
  by: string
  /** Who keeps it from now on; absent: who did before. */
  keeping?: JobKeeping
  /** `new`: refuse when it exists. A number: refuse unless that is its version. Absent: create or replace. */
  ifVersion?: number | 'new'
}
