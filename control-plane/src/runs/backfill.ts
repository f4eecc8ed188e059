import type { Json } from '../jobs/job.ts'
import type { Millis } from '../runtime/clock.ts'
import type { EndedRunState } from './run.ts'

/** Fires that one backfill covers at most. */
export const BACKFILL_FIRES_MAX = 1000
/** Runs of one backfill that are open at once, at most. */
export const BACKFILL_PARALLEL_MAX = 100
/** Backfills of a namespace that are remembered: the oldest that has ended makes room for a new one. */
export const BACKFILLS_MAX = 100

/** A past range of a job's schedules that is being run again. Its runs are made as those before them end. */
export interface Backfill {
  id: string
  job: number
  namespace: number
  /** First instant that was asked for, included, and last, excluded. */
  from: Millis
  to: Millis
  state: 'active' | 'done' | 'cancelled'
  /** Fires that have no run yet, oldest first. */
  waiting: BackfillFire[]
  /** Fires in all. */
  total: number
  /** How its runs ended. */
  ended: Record<EndedRunState, number>
  /** Runs that may be open at once. */
  parallel: number
  /** Its runs may run beside each other, and beside others of the job, whatever the job says. */
  overlap?: 'allow'
  /** Overrides, merged over the job's own when a run is made. */
  params?: { [key: string]: Json }
  executor?: string
  by: string
  createdAt: Millis
  endedAt?: Millis
  /** Log index of the entry that made it. */
  sequence: number
  /** Ids of its open runs in the order in which they were made; derived, not stored. */
  open: string[]
}

export interface BackfillFire {
  fireTime: Millis
  schedules: string[]
}
