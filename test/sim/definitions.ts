import type { ChildSpec, HttpTarget, JobSpec, ScheduleSpec, Target } from '../../control-plane/src/jobs/job.ts'
import { schedule, spec } from './jobs.ts'
import type { SeededRandom } from './seeded-random.ts'

/** Services whose executors have the same names. */
export const SERVICES = ['work', 'other'] as const
/** Executors of each, by the zone that they are labelled with. */
export const EXECUTORS = { e0: 'a', e1: 'b', e2: 'b' } as const
export type ExecutorId = keyof typeof EXECUTORS
export const EXECUTOR_IDS = Object.keys(EXECUTORS) as ExecutorId[]

/** What may be drawn. */
export interface Drawing {
  /** Jobs that may be children of this one, so that no chain comes back to where it began. @default none */
  children?: readonly string[]
  /** Whether plain HTTP endpoints are called as well. @default false */
  http?: boolean
}

/** How often a job whose runs are of one part calls a URL of its own. */
const OWN_URLS = 0.1

/** A definition drawn at random: every policy comes up; most runs are of one part. */
export function randomSpec(random: SeededRandom, { children = [], http = false }: Drawing = {}): JobSpec {
  const drawn = spec({
    schedules: random
      .pick([[0], [0], [0], [0, 1], [0, 1, 2]])
      .map((place) => schedule({ ...rule(random), ...window(random), id: `s${place}` })),
    target: target(random, http),
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
    ...(random.chance(0.3) ? splitting(random) : { routing: { ...placing(random), labels: labels(random) } }),
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
    children: random.chance(0.4) ? someChildren(random, children) : [],
    pauseAfterFailures: random.pick([0, 0, 0, 0, 1, 3]),
  })
  const { strategy } = drawn.routing
  if (strategy === 'sharded' || strategy === 'broadcast' || !random.chance(OWN_URLS)) return drawn
  return { ...drawn, target: ownUrl(random) }
}

function rule(random: SeededRandom): Partial<ScheduleSpec> {
  return random.pick([
    { cron: `*/${random.integer(1, 20)} * * * * *` },
    { everyMs: random.integer(1, 30) * 1000 },
    {
      cron: `${random.integer(0, 59)} */${random.integer(1, 3)} * * * *`,
      zone: 'America/New_York',
      jitterMs: random.pick([0, 5000]),
    },
    { afterMs: random.integer(1, 10) * 1000 },
  ])
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

function placing(random: SeededRandom): Omit<JobSpec['routing'], 'labels'> {
  const strategy = random.pick([
    'round-robin',
    'random',
    'weighted-round-robin',
    'weighted-random',
    'least-loaded',
    'consistent-hash',
    'first',
    'last',
    'least-recently-used',
  ] as const)
  return strategy === 'consistent-hash' && random.chance(0.5) ? { strategy, key: '{{fireTime}}' } : { strategy }
}

/** Parts by number, by name, or one for each executor. */
function splitting(random: SeededRandom): Pick<JobSpec, 'routing' | 'sharding' | 'placement'> {
  const placement = random.pick(['partial', 'partial', 'all'] as const)
  if (random.chance(0.3)) return { placement, routing: { strategy: 'broadcast', labels: labels(random) } }
  const mode = random.pick(['grouped', 'grouped', 'per-item'] as const)
  const items = ['a', 'b', 'c', 'd', 'e'].slice(0, random.integer(1, 5))
  const sharding = random.chance(0.5) ? { count: random.integer(1, 8), mode } : { items, mode }
  return { placement, routing: { strategy: 'sharded', labels: labels(random) }, sharding }
}

function labels(random: SeededRandom): Record<string, string> {
  return random.chance(0.15) ? { zone: random.pick(['a', 'b']) } : {}
}

function someChildren(random: SeededRandom, jobs: readonly string[]): ChildSpec[] {
  if (jobs.length === 0) return []
  const children = new Map<string, ChildSpec>()
  for (let left = random.integer(1, 2); left > 0; left--) {
    const child: ChildSpec = { job: random.pick(jobs), on: random.pick(['success', 'failure', 'completion']) }
    children.set(`${child.job}/${child.on}`, child)
  }
  return [...children.values()]
}

function target(random: SeededRandom, http: boolean): Target {
  const service = random.pick(SERVICES)
  if (!http || random.chance(0.85)) return { kind: 'handler', service, handler: 'work' }
  const endpoint: HttpTarget = { ...called(), service, path: '/work' }
  return random.chance(0.5) ? { ...endpoint, async: true } : endpoint
}

/** A URL of its own; a service may lend its secret, and has nothing else to do with it. */
function ownUrl(random: SeededRandom): HttpTarget {
  const endpoint: HttpTarget = { ...called(), url: 'http://web.own.test/work' }
  return random.chance(0.5) ? { ...endpoint, service: random.pick(SERVICES) } : endpoint
}

function called(): HttpTarget {
  return { kind: 'http', method: 'POST', query: {}, headers: {}, successStatuses: [], redirectMax: 0 }
}
