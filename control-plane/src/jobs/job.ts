import type { Millis } from '../runtime/clock.ts'
import type { RunState, SkipReason } from '../runs/run.ts'
import type { CompiledSchedule, NextFire } from './schedule.ts'

/** A value as JSON has it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

export type MisfirePolicy = 'run-once' | 'skip' | 'run-all'
export type OverlapPolicy = 'skip' | 'allow' | 'queue' | 'cancel-running'
export type BackoffKind = 'fixed' | 'exponential'
export type UncertainPolicy = 'redispatch' | 'fail'
export type FullPolicy = 'queue' | 'fail'
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
/** Whether a run whose shards find no place all at once begins with those that do. */
export type PlacementPolicy = 'partial' | 'all'
/** The end of a run at which a child starts. */
export type ChildMoment = 'success' | 'failure' | 'completion'
/** What a service that asked for it is told of, although nothing runs. */
export type NotifyReason = 'skipped' | 'no-slot' | 'expired'

/** A job of the same namespace that starts when a run of this one ends. */
export interface ChildSpec {
  job: string
  on: ChildMoment
}

/** What a run under `routing: sharded` is split into. */
export interface ShardingSpec {
  /** Items 0 … count − 1. Exactly one of `count` and `items` is given. */
  count?: number
  items?: string[]
  /** `grouped`: one request per executor that has items. `per-item`: one per item. */
  mode: 'grouped' | 'per-item'
}

/** How long the ledger keeps what ended; what is absent is the namespace's, or the cluster's. */
export interface RetentionRule {
  maxAgeMs?: number
  /** Of runs that failed, timed out or were lost. */
  failedMaxAgeMs?: number
  maxRuns?: number
}

/** Calls a named handler of a service that has the SDK. */
export interface HandlerTarget {
  kind: 'handler'
  service: string
  handler: string
}

/** Calls any HTTP endpoint; strings may hold `{{placeholders}}`, none in scheme, host or port. */
export interface HttpTarget {
  kind: 'http'
  /** Executors of this service are called at `path`; with `url` the service only lends its signing secret. */
  service?: string
  method: string
  /** Joined to the executor's base URL. Exactly one of `path` and `url` is given. */
  path?: string
  url?: string
  query: Record<string, string>
  headers: Record<string, string>
  body?: string
  /** Statuses that mean success. Empty: any 2xx. */
  successStatuses: number[]
  /** A field that the JSON reply must hold, and its value. */
  expect?: { field: string; equals: Json }
  /** Redirects followed, 0 to 5. */
  redirectMax: number
  /** An accepting reply means that the outcome comes later, by the callback. */
  async?: boolean
  /** Statuses that accept. Empty: 202. */
  acceptStatuses?: number[]
}

export type Target = HandlerTarget | HttpTarget

/** What a person asked for, every field present, durations in milliseconds. The API's form is `describeJob(spec)`. */
export interface JobSpec {
  description: string
  labels: Record<string, string>
  schedules: ScheduleSpec[]
  target: Target
  params: { [key: string]: Json }
  misfire: { policy: MisfirePolicy; thresholdMs: number; max: number }
  overlap: OverlapPolicy
  /** Open runs of this job at most; 0 is no limit. */
  maxConcurrentRuns: number
  queueMax: number
  queueTtlMs: number
  whenFull: FullPolicy
  /** 0 to 100; the higher leaves a queue first. */
  priority: number
  /** `key`: template for `consistent-hash`; absent is the job's uid. */
  routing: { strategy: RoutingStrategy; labels: Record<string, string>; key?: string }
  sharding?: ShardingSpec
  placement: PlacementPolicy
  retry: { max: number; delayMs: number; backoff: BackoffKind; maxDelayMs: number; jitter: number }
  failover: boolean
  timeoutMs: number
  runTimeoutMs: number
  onUncertain: UncertainPolicy
  children: ChildSpec[]
  notify: NotifyReason[]
  /** Failures in a row after which the job is paused; 0 never. */
  pauseAfterFailures: number
  retention?: RetentionRule
}

/** One rule in a job that says when it is due. Exactly one of cron, everyMs, afterMs, at is given; none of them is `manual`. */
export interface ScheduleSpec {
  id: string
  cron?: string
  /** Weekday numbers as Quartz has them (1 = Sunday). */
  quartzWeekdays?: boolean
  everyMs?: number
  afterMs?: number
  at?: Millis
  zone: string
  gap: 'next' | 'skip'
  fold: 'first' | 'last' | 'both'
  startAt?: Millis
  endAt?: Millis
  jitterMs: number
  maxFires?: number
}

/** The service whose code keeps a job. `detached`: it did, until somebody took the job out of its hands. */
export interface JobKeeping {
  /** Uid. */
  service: number
  detached?: true
}

export type JobState = 'active' | 'paused' | 'ended' | 'quarantined'

/** Consecutive fires that are skipped for one reason. */
export interface SkippedFires {
  reason: SkipReason
  from: Millis
  to: Millis
  count: number
  /** The run into which the fires were coalesced. */
  into?: string
}

/** Fires that were skipped one after the other, and that more may join. */
export interface OpenStretch extends SkippedFires {
  /** Log indexes of the entries that decided the first and the last of them. */
  entries: [first: number, last: number]
  /** How many of them the service was told of. */
  told?: number
}

/** What moves with every fire; kept apart from the definition so that a fire rewrites little on disk. */
export interface JobProgress {
  /** Every scheduled fire at or before it has its record. */
  decidedUpTo: Millis
  nextFire?: NextFire
  fireCount: number
  /** Runs ever started: the turn of the routing strategies. */
  startedRuns: number
  /** Reruns of its runs ever asked for: what their ids are made from. Absent: none. */
  reruns?: number
  /** Runs of this job that failed, timed out or were lost since the last success. */
  failuresInARow: number
  lastFire?: Millis
  /** When the last scheduled fire ended or was skipped: what `after` counts from. */
  lastEnd?: Millis
  lastRun?: { id: string; state: RunState; at: Millis }
  stretch?: OpenStretch
  /** Absent while it has none. */
  ledger?: LedgerCount
}

/** Rows of a job in the ledger. */
export interface LedgerCount {
  runs: number
  /** Those of them that failed, timed out or were lost. */
  failed: number
  stretches: number
  /** Index of the last entry that removed some; 0 when none did. */
  trimmed: number
  /** Every run with a later fire time is still there; absent while none has left. */
  goneUpTo?: Millis
}

/** A definition that a job has, or had: one row per change of it. Immutable. */
export interface DefinitionRow {
  job: number
  /** 1 for the job's first. */
  ordinal: number
  /** Version of the job that it came with. */
  version: number
  at: Millis
  by: string
  /** Of the program whose code brought it. */
  revision?: string
  spec: JobSpec
}

export interface Job {
  /** Made of the index of the log entry that created it; never used again. */
  uid: number
  namespace: number
  name: string
  /** Raised by every change of the definition or of its state; what If-Match compares. */
  version: number
  /** How many different definitions it has had: the ordinal of the present one. */
  definitions: number
  state: JobState
  /** Log index of the entry that gave it that state. */
  stateEntry: number
  /** Why it was quarantined. */
  fault?: string
  /** Who paused it, and why if it was nobody's wish. */
  pausedBy?: string
  pausedWhy?: string
  /** Absent: people made it. */
  keeping?: JobKeeping
  spec: JobSpec
  schedules: CompiledSchedule[]
  /** Seed of `H` fields and of the jitter, drawn once. */
  spread: number
  /** When the present schedules took effect: creation, last change of schedules, or resume. No fire before it is theirs. */
  since: Millis
  /** Log index of the entry from which they count. */
  sinceEntry: number
  createdBy: string
  updatedBy: string
  createdAt: Millis
  updatedAt: Millis
  progress: JobProgress
  /** Ids of its open runs in the order in which they were made; derived, not stored. */
  openRuns: string[]
}
