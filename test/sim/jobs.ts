import { compileSchedule, countFires, nextFire } from '../../control-plane/src/jobs/schedule.ts'
import { originOf } from '../../control-plane/src/jobs/upcoming.ts'
import type { Job, JobSpec, ScheduleSpec } from '../../control-plane/src/jobs/job.ts'
import type { Millis } from '../../control-plane/src/runtime/clock.ts'
import type { CommandOf } from '../../control-plane/src/state/commands.ts'
import type { SeededRandom } from './seeded-random.ts'

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

/** Most schedules have no end. */
function window(random: SeededRandom): Partial<ScheduleSpec> {
  return random.pick([
    {},
    {},
    {},
    { maxFires: random.integer(1, 30) },
    { endAt: Date.UTC(2026, 9, 31, 22, 0, random.integer(20, 150)) },
    { jitterMs: random.pick([700, 20_000]) },
  ])
}

/** Services whose executors have the same names. */
export const SERVICES = ['work', 'other'] as const

/** A definition drawn at random: every policy comes up. */
export function randomSpec(random: SeededRandom): JobSpec {
  const rules: Partial<ScheduleSpec>[] = [
    { cron: `*/${random.integer(1, 20)} * * * * *` },
    { everyMs: random.integer(1, 30) * 1000 },
    {
      cron: `${random.integer(0, 59)} */${random.integer(1, 3)} * * * *`,
      zone: 'America/New_York',
      jitterMs: random.pick([0, 5000]),
    },
    { afterMs: random.integer(1, 10) * 1000 },
  ]
  return spec({
    schedules: random
      .pick([[0], [0], [0], [0, 1], [0, 1, 2]])
      .map((place) => schedule({ ...random.pick(rules), ...window(random), id: `s${place}` })),
    target: { kind: 'handler', service: random.pick(SERVICES), handler: 'work' },
    misfire: {
      policy: random.pick(['run-once', 'skip', 'run-all']),
      thresholdMs: random.pick([5000, 60_000, 600_000]),
      max: random.integer(1, 10),
    },
    overlap: random.pick(['skip', 'allow', 'queue', 'cancel-running']),
    maxConcurrentRuns: random.pick([0, 0, 1, 2]),
    queueMax: random.integer(0, 5),
    queueTtlMs: random.pick([10_000, 600_000]),
    whenFull: random.pick(['queue', 'queue', 'fail']),
    priority: random.integer(0, 100),
    routing: {
      strategy: random.pick(['round-robin', 'random', 'weighted-round-robin', 'weighted-random', 'least-loaded']),
      labels: {},
    },
    retry: {
      max: random.integer(0, 3),
      delayMs: random.integer(1, 20) * 500,
      backoff: random.pick(['fixed', 'exponential']),
      maxDelayMs: 30_000,
      jitter: 0.2,
    },
    failover: random.chance(0.7),
    timeoutMs: random.pick([2000, 20_000]),
    runTimeoutMs: random.pick([60_000, 3_600_000]),
    onUncertain: random.pick(['redispatch', 'redispatch', 'fail']),
  })
}

/** The fires that a paused job has missed up to an instant. */
export function pausedFires(job: Job, to: number): { from: number; to: number; count: number } | undefined {
  const origin = { ...originOf(job, job.progress.decidedUpTo, false), paused: true }
  const { count, first, last } = countFires(job.schedules, origin, to, 1_000_000)
  return first === undefined || last === undefined ? undefined : { from: first, to: last, count }
}
