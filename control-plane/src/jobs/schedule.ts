import type { CompiledCron } from '../cron/compiled.ts'
import type { Millis } from '../runtime/clock.ts'

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

/** What every compiled schedule carries; absent fields are absent, never `undefined`. */
interface CompiledCommon {
  id: string
  /** First and last instant at which it may fire, both included. */
  startAt?: Millis
  endAt?: Millis
  jitterMs?: number
  maxFires?: number
}

/** A schedule as the leader evaluates it: plain data, stored beside the job. */
export type CompiledSchedule = CompiledCommon &
  (
    | ({ kind: 'cron' } & CompiledCron)
    | { kind: 'every'; everyMs: number }
    | { kind: 'after'; afterMs: number }
    | { kind: 'at'; at: Millis }
    | { kind: 'manual' }
  )

/** Where a job stands, as far as its schedules need to know. */
export interface FireOrigin {
  /** Fires at or before this instant are of no interest. */
  after: Millis
  /** The job's 32-bit seed, from which its jitter is drawn. */
  spread: number
  /** Scheduled fires of the job that were decided; what `maxFires` is compared with. */
  fireCount: number
  /** When the job's last scheduled fire ended or was skipped. */
  lastEnd?: Millis
  createdAt: Millis
  /** A scheduled fire of the job is still open: a fixed delay has nothing to count from. */
  busy?: boolean
  /** Fires are skipped as they fall due, so that a fixed delay counts from each of them. */
  paused?: boolean
}

/** Fires in a stretch of time. */
export interface FireCount {
  count: number
  first?: Millis
  last?: Millis
}

/** What a schedule has to say about one instant. */
export type FireAt =
  | { kind: 'fire'; fire: NextFire }
  | { kind: 'dst-gap'; fire: NextFire }
  | { kind: 'outside-window'; schedules: string[] }
  | { kind: 'not-a-fire'; before?: Millis; after?: Millis }

/** Why a job has no next fire: nothing to wait for, all over, waiting for an end, or no occasion within 28 years. */
export type NoFire = 'manual' | 'ended' | 'waiting' | 'never'

export { compactSchedule, compileSchedule, describeSchedule } from './compile.ts'
export { countFires, fireAt, latestFireAtOrBefore, nextFire, previewFires, whyNoFire } from './fires.ts'
export { ScheduleFault } from './schedule-fault.ts'
