import type { MapRule, TextRule } from './fields.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The longest that one timer of the machine can wait is 24.8 days; what is bounded by it never needs two. */
const TIMER_MAX = 24 * DAY

/**
 * What a definition says when it says nothing, and what it may say: the only place where a job's defaults and bounds
 * stand. Durations in milliseconds.
 */
export const JOB_RULES = Object.freeze({
  misfire: {
    policy: 'run-once',
    /** How late a missed fire may still start. */
    thresholdMs: { default: 10 * MINUTE, min: 0, max: 3650 * DAY },
    /** Missed fires that `run-all` starts; the rest is coalesced. */
    max: { default: 100, min: 1, max: 10_000 },
  },
  overlap: 'skip',
  /** Open runs at most; 0 is no limit. */
  maxConcurrentRuns: { default: 0, min: 0, max: 1_000_000 },
  /** Runs that wait under `overlap: queue`. */
  queueMax: { default: 10, min: 0, max: 100_000 },
  /** How long a run may wait before it ends `expired`. */
  queueTtlMs: { default: 10 * MINUTE, min: 1, max: TIMER_MAX },
  whenFull: 'queue',
  /** The higher leaves a queue first. */
  priority: { default: 50, min: 0, max: 100 },
  strategy: 'round-robin',
  retry: {
    /** Retries on one executor, after the first attempt. */
    max: { default: 0, min: 0, max: 100 },
    delayMs: { default: SECOND, min: 0, max: DAY },
    backoff: 'exponential',
    /** Bound of the delay and of `Retry-After`. */
    maxDelayMs: { default: 5 * MINUTE, min: 0, max: DAY },
    /** Share of the delay that chance may take off. */
    jitter: { default: 0, min: 0, max: 1 },
  },
  failover: true,
  /** Of one attempt. */
  timeoutMs: { default: MINUTE, min: 1, max: TIMER_MAX },
  /** Of the whole run, from its first start. */
  runTimeoutMs: { default: DAY, min: 1, max: TIMER_MAX },
  onUncertain: 'redispatch',
  placement: 'partial',
  sharding: {
    /** Parts that a run is split into at most. */
    count: { min: 1, max: 10_000 },
    mode: 'grouped',
  },
  /** Failures in a row after which a job is paused; 0 never. */
  pauseAfterFailures: { default: 0, min: 0, max: 10_000 },
  retention: {
    ageMs: { min: MINUTE, max: 3652 * DAY },
    maxRuns: { min: 1, max: 10_000_000 },
  },
  schedule: {
    zone: 'UTC',
    gap: 'next',
    fold: 'first',
    jitterMs: { default: 0, min: 0, max: 3652 * DAY },
    /** Shortest fixed rate and fixed delay, and longest. */
    intervalMs: { min: SECOND, max: 3652 * DAY },
    maxFires: { min: 1, max: Number.MAX_SAFE_INTEGER },
  },
  http: {
    method: 'GET',
    redirectMax: { default: 0, min: 0, max: 5 },
  },
} as const)

/** How many of a thing a definition may hold, and how long each may be. */
export const JOB_LIMITS = Object.freeze({
  schedules: 20,
  successStatuses: 50,
  acceptStatuses: 50,
  children: 20,
  shardItems: 10_000,
  /** Of `sharding.items` as JSON: they may all go to one executor. */
  shardItemsBytes: 512 * 1024,
  /** Of `params` as JSON. */
  paramsBytes: 64 * 1024,
  paramsDepth: 32,
  paramsEntries: 100,
})

/** Names of jobs, services, executors, namespaces and schedules. */
export const NAME: TextRule = {
  max: 100,
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
  wants: 'a name: letters, digits and . _ -, beginning with a letter or digit',
}

export const HANDLER: TextRule = {
  max: 200,
  pattern: /^[A-Za-z0-9][A-Za-z0-9._:/-]*$/,
  wants: 'the name of a handler: letters, digits and . _ : / -, beginning with a letter or digit',
}

export const DESCRIPTION: TextRule = { max: 1000 }

export const LABELS: MapRule = {
  max: 32,
  key: {
    max: 63,
    pattern: /^[A-Za-z0-9][A-Za-z0-9._/-]*$/,
    wants: 'the name of a label: letters, digits and . _ / -, beginning with a letter or digit',
  },
  valueLengthMax: 200,
}

/** Query parameters and headers of an `http` target. */
export const HTTP_FIELDS: MapRule = { max: 100, key: { max: 200, pattern: /./, wants: 'a name' }, valueLengthMax: 4000 }
