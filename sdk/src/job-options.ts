import type { Duration } from './duration.ts'
import type { JsonObject } from './json.ts'

/** A rule that says when a job is due. One of `cron`, `every`, `after`, `at`. */
export interface Schedule {
  /** Unique in the job. @default its position, from `0` */
  id?: string | undefined
  /** Five fields, six with seconds first; names, ranges, steps, `L W # H`, `@hourly` and its kin. */
  cron?: string | undefined
  /** Weekday numbers as Quartz has them: 1 is Sunday. @default false */
  quartzWeekdays?: boolean | undefined
  /** Fixed rate, at least 1 s. */
  every?: Duration | undefined
  /** Fixed delay from the end of the last scheduled run, at least 1 s. */
  after?: Duration | undefined
  /** Once. */
  at?: Date | string | undefined
  /** IANA name. @default 'UTC' */
  zone?: string | undefined
  /** A wall time that daylight saving leaves out: at the first instant after the gap, or not at all. @default 'next' */
  gap?: 'next' | 'skip' | undefined
  /** A wall time that daylight saving has twice. @default 'first' */
  fold?: 'first' | 'last' | 'both' | undefined
  startAt?: Date | string | undefined
  endAt?: Date | string | undefined
  /** Spread of the due time, stable per job. @default 0 */
  jitter?: Duration | undefined
  maxFires?: number | undefined
}

/**
 * The job that Cronclave keeps for a handler. Any of these makes one; what is left out has its default. Pausing, labels,
 * priority, alerts and retention are for people to decide, and stay as they are.
 */
export interface KeptJobOptions {
  /** @default the handler's name */
  jobName?: string | undefined
  /** A cron expression in UTC, `@every 10m`, or a rule in full. */
  schedule?: string | Schedule | undefined
  /** Several of them; `[]` for a job that runs by hand, API or parent only. */
  schedules?: readonly (string | Schedule)[] | undefined
  /** What scheduled runs are given. */
  defaultParams?: JsonObject | undefined
  /** How many parts a run has, or what each is for; they go to all executors that are online. */
  shards?:
    | number
    | readonly string[]
    | { count?: number | undefined; items?: readonly string[] | undefined; mode?: 'grouped' | 'per-item' | undefined }
    | undefined
  /** How often it is tried again on one executor, or in full. @default 0 */
  retry?:
    | number
    | {
        max?: number | undefined
        delay?: Duration | undefined
        backoff?: 'fixed' | 'exponential' | undefined
        maxDelay?: Duration | undefined
        jitter?: number | undefined
      }
    | undefined
  /** Of one attempt. @default '60s' */
  timeout?: Duration | undefined
  /** Of the whole run. @default '24h' */
  runTimeout?: Duration | undefined
  /** When a run of it is still open. @default 'skip' */
  overlap?: 'skip' | 'allow' | 'queue' | 'cancel-running' | undefined
  /** What becomes of fires that were due while nobody was scheduling. @default 'run-once' */
  misfire?:
    | MisfirePolicy
    | { policy?: MisfirePolicy | undefined; threshold?: Duration | undefined; max?: number | undefined }
    | undefined
  maxConcurrentRuns?: number | undefined
  queueMax?: number | undefined
  queueTtl?: Duration | undefined
  whenFull?: 'queue' | 'fail' | undefined
  routing?:
    | { strategy?: RoutingStrategy | undefined; labels?: Record<string, string> | undefined; key?: string | undefined }
    | RoutingStrategy
    | undefined
  placement?: 'partial' | 'all' | undefined
  failover?: boolean | undefined
  /** When nobody can know how an attempt ended: ask again, or end the run `lost`. @default 'redispatch' */
  onUncertain?: 'redispatch' | 'fail' | undefined
  /** Jobs that start when a run of this one ends; a name alone: after success. */
  children?: readonly (string | { job: string; on?: 'success' | 'failure' | 'completion' | undefined })[] | undefined
}

export type MisfirePolicy = 'run-once' | 'skip' | 'run-all'

export type RoutingStrategy =
  | 'round-robin'
  | 'random'
  | 'weighted-round-robin'
  | 'weighted-random'
  | 'least-loaded'
  | 'consistent-hash'
  | 'first'
  | 'last'
  | 'least-recently-used'
  | 'broadcast'
  | 'sharded'
