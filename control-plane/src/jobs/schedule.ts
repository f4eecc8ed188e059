import type { Millis } from '../runtime/clock.ts'
import type { ScheduleSpec } from './job.ts'

/** The next occasion on which a job is due. */
export interface NextFire {
  /** Nominal instant. */
  fireTime: Millis
  /** fireTime plus the job's jitter. */
  dueTime: Millis
  /** Ids of the schedules that are due at this instant, sorted. */
  schedules: string[]
  /** Set when the occasion falls in a DST gap and its schedule says `skip`: it is recorded, not run. */
  skip?: 'dst-gap'
  /** Why the wall time differs from what the expression says. */
  moved?: 'gap-next' | 'fold-first' | 'fold-last' | 'fold-both'
}
