import type { KeptJobOptions } from './job-options.ts'
import type { JsonObject } from './json.ts'

/** Names of durations, wherever they stand. */
const DURATIONS = new Set(['every', 'after', 'delay', 'maxDelay', 'timeout', 'runTimeout', 'threshold', 'queueTtl'])

/**
 * The job that the options of a handler ask for, as the API has it; undefined when they ask for none. What is not known
 * here goes along: the control plane says what is wrong with it.
 */
export function describeJob(
  options: KeptJobOptions & { params?: unknown; description?: unknown },
): JsonObject | undefined {
  const { params: _params, description: _description, ...given } = options
  if (Object.values(given).every((value) => value === undefined)) return undefined
  const { jobName, schedule, schedules, defaultParams, shards, retry, misfire, routing, children, ...others } = given
  const isSharded = shards !== undefined
  const job = {
    ...others,
    name: jobName,
    schedules:
      schedules || schedule ? [...(schedule ? [schedule] : []), ...(schedules ?? [])].map(scheduleOf) : undefined,
    sharding: shardingOf(shards),
    retry: typeof retry === 'number' ? { max: retry } : retry,
    misfire: typeof misfire === 'string' ? { policy: misfire } : misfire,
    routing: routingOf(routing, isSharded),
    children: children?.map((child) => (typeof child === 'string' ? { job: child } : child)),
  }
  return plain({ ...(plain(job, inWords) as object), params: defaultParams }) as JsonObject
}

/** As it is sent: without what is `undefined`. */
function plain(value: object, replace?: (name: string, value: unknown) => unknown): unknown {
  return JSON.parse(JSON.stringify(value, replace))
}

function scheduleOf(schedule: NonNullable<KeptJobOptions['schedule']>): object {
  if (typeof schedule === 'string') return { cron: schedule }
  const { jitter } = schedule
  return { ...schedule, jitter: typeof jitter === 'number' ? `${jitter}ms` : jitter }
}

function shardingOf(shards: KeptJobOptions['shards']): object | undefined {
  if (typeof shards === 'number') return { count: shards }
  return Array.isArray(shards) ? { items: shards } : shards
}

function routingOf(routing: KeptJobOptions['routing'], isSharded: boolean): object | undefined {
  const said = typeof routing === 'string' ? { strategy: routing } : routing
  return isSharded ? { strategy: 'sharded', ...said } : said
}

/** Milliseconds are written with their unit. */
function inWords(name: string, value: unknown): unknown {
  return typeof value === 'number' && DURATIONS.has(name) ? `${value}ms` : value
}
