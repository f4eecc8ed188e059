import { compileSchedule, countFires, nextFire } from '../../control-plane/src/jobs/schedule.ts'
import { originOf } from '../../control-plane/src/jobs/upcoming.ts'
import type { Job, JobSpec, ScheduleSpec } from '../../control-plane/src/jobs/job.ts'
import type { Millis } from '../../control-plane/src/runtime/clock.ts'
import type { CommandOf } from '../../control-plane/src/state/commands.ts'

/** A complete definition, with what a test cares about on top. */
export function spec(changes: Partial<JobSpec> = {}): JobSpec {
  return {
    description: '',
    labels: {},
    schedules: [],
    target: { kind: 'handler', service: 'work', handler: 'work' },
    params: {},
    misfire: { policy: 'run-once', thresholdMs: 600_000, max: 100 },
    overlap: 'skip',
    maxConcurrentRuns: 0,
    queueMax: 10,
    queueTtlMs: 600_000,
    whenFull: 'queue',
    priority: 50,
    routing: { strategy: 'round-robin', labels: {} },
    retry: { max: 0, delayMs: 1000, backoff: 'fixed', maxDelayMs: 300_000, jitter: 0 },
    failover: true,
    timeoutMs: 60_000,
    runTimeoutMs: 86_400_000,
    onUncertain: 'redispatch',
    placement: 'partial',
    children: [],
    notify: [],
    pauseAfterFailures: 0,
    ...changes,
  }
}

export function schedule(changes: Partial<ScheduleSpec>): ScheduleSpec {
  return { id: 'main', zone: 'UTC', gap: 'next', fold: 'first', jitterMs: 0, ...changes }
}

/** The command that creates or replaces a job in namespace `namespace`, as the API would propose it. */
export function jobPut(
  namespace: number,
  name: string,
  definition: JobSpec,
  at: Millis,
  spread = 7,
  present?: Job,
): CommandOf<'job-put'> {
  const schedules = definition.schedules.map((one) => compileSchedule(one, spread))
  const next = nextFire(schedules, {
    after: at,
    spread,
    fireCount: present?.progress.fireCount ?? 0,
    createdAt: present?.createdAt ?? at,
    ...(present?.progress.lastEnd === undefined ? {} : { lastEnd: present.progress.lastEnd }),
  })
  return {
    kind: 'job-put',
    at,
    namespace,
    name,
    spec: definition,
    schedules,
    spread,
    by: 'test',
    ...(next ? { next } : {}),
  }
}

/** The fires that a paused job has missed up to an instant. */
export function pausedFires(job: Job, to: number): { from: number; to: number; count: number } | undefined {
  const origin = { ...originOf(job, job.progress.decidedUpTo, false), paused: true }
  const { count, first, last } = countFires(job.schedules, origin, to, 1_000_000)
  return first === undefined || last === undefined ? undefined : { from: first, to: last, count }
}
