import type { ResolvedJobDefinition, ResolvedSchedule } from '@cronclave/openapi'
import { formatDuration } from '../runtime/duration.ts'
import { formatInstant } from '../runtime/instant.ts'
import { present } from '../runtime/present.ts'
import type { JobSpec, RetentionRule, ScheduleSpec } from './job.ts'

/** What a definition says beside the specification. */
export interface DefinitionExtras {
  name?: string
  paused?: boolean
}

/** The definition that resolves to `spec`, in the API's form, every field present. */
export function describeJob(spec: JobSpec, extras: DefinitionExtras = {}): ResolvedJobDefinition {
  const { misfire, retry } = spec
  // A literal that begins with a spread costs thirty times as much, and lists describe hundreds of jobs.
  return Object.assign({}, extras, {
    description: spec.description,
    labels: spec.labels,
    schedules: describeSchedules(spec.schedules),
    target: spec.target as NonNullable<ResolvedJobDefinition['target']>,
    params: spec.params,
    misfire: { policy: misfire.policy, threshold: formatDuration(misfire.thresholdMs), max: misfire.max },
    overlap: spec.overlap,
    maxConcurrentRuns: spec.maxConcurrentRuns,
    queueMax: spec.queueMax,
    queueTtl: formatDuration(spec.queueTtlMs),
    whenFull: spec.whenFull,
    priority: spec.priority,
    routing: spec.routing,
    retry: {
      max: retry.max,
      delay: formatDuration(retry.delayMs),
      backoff: retry.backoff,
      maxDelay: formatDuration(retry.maxDelayMs),
      jitter: retry.jitter,
    },
    failover: spec.failover,
    timeout: formatDuration(spec.timeoutMs),
    runTimeout: formatDuration(spec.runTimeoutMs),
    onUncertain: spec.onUncertain,
    placement: spec.placement,
    children: spec.children,
    notify: spec.notify,
    pauseAfterFailures: spec.pauseAfterFailures,
    ...(spec.sharding === undefined ? {} : { sharding: spec.sharding }),
    ...(spec.retention === undefined ? {} : { retention: describeRetention(spec.retention) }),
  })
}

/** A rule in the API's form. */
export function describeRetention({ maxAgeMs, failedMaxAgeMs, maxRuns }: RetentionRule) {
  return present({
    maxAge: maxAgeMs === undefined ? undefined : formatDuration(maxAgeMs),
    failedMaxAge: failedMaxAgeMs === undefined ? undefined : formatDuration(failedMaxAgeMs),
    maxRuns,
  })
}

export function describeSchedules(schedules: readonly ScheduleSpec[]): ResolvedSchedule[] {
  return schedules.map(describeSchedule)
}

function describeSchedule(spec: ScheduleSpec): ResolvedSchedule {
  const { cron, everyMs, afterMs, at, startAt, endAt, maxFires } = spec
  return {
    id: spec.id,
    ...present({
      cron,
      every: everyMs === undefined ? undefined : formatDuration(everyMs),
      after: afterMs === undefined ? undefined : formatDuration(afterMs),
      at: at === undefined ? undefined : formatInstant(at),
    }),
    quartzWeekdays: spec.quartzWeekdays ?? false,
    zone: spec.zone,
    gap: spec.gap,
    fold: spec.fold,
    ...present({
      startAt: startAt === undefined ? undefined : formatInstant(startAt),
      endAt: endAt === undefined ? undefined : formatInstant(endAt),
    }),
    jitter: formatDuration(spec.jitterMs),
    ...present({ maxFires }),
  }
}
