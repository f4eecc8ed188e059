import type { Fault } from '../problems.ts'
import { present } from '../runtime/present.ts'
import { formatDuration } from '../runtime/duration.ts'
import { DESCRIPTION, JOB_LIMITS, JOB_RULES, LABELS, NAME } from './defaults.ts'
import { Fields, isObject } from './fields.ts'
import { keyFault } from '../routing/key-template.ts'
import type { JobSpec, Json } from './job.ts'
import { checkJson } from './params.ts'
import { readSchedules } from './schedule-definition.ts'
import { readTarget } from './target-definition.ts'

export { readSchedules } from './schedule-definition.ts'
export { describeJob, describeSchedules, type DefinitionExtras } from './describe.ts'

/** A definition as it was sent, with every default filled in; or everything that is wrong with it. */
export type ResolvedJob =
  | {
      ok: true
      spec: JobSpec
      /** As the definition has it; a job is created under it, or under the name in the address. */
      name?: string
      /** State after the change; absent keeps it. */
      paused?: boolean
    }
  | { ok: false; faults: Fault[] }

/** Reads a definition in the API's form: fills every default, checks every bound, reports all faults at once. */
export function resolveJob(definition: unknown): ResolvedJob {
  const faults: Fault[] = []
  const fields = new Fields(definition, '', faults)
  const name = fields.text('name', NAME)
  const paused = fields.boolean('paused')
  const spec = readSpec(fields, faults)
  if (isObject(definition)) fields.close()
  checkTogether(spec, faults)
  if (faults.length > 0 || spec.target === undefined) return { ok: false, faults }
  return {
    ok: true,
    spec: { ...spec, target: spec.target },
    ...(name === undefined ? {} : { name }),
    ...(paused === undefined ? {} : { paused }),
  }
}

type Draft = Omit<JobSpec, 'target'> & { target: JobSpec['target'] | undefined }

function readSpec(fields: Fields, faults: Fault[]): Draft {
  if (!isObject(fields.raw('target'))) fields.fault('target', 'is needed, an object: what the job calls')
  const schedules = fields.list('schedules', JOB_LIMITS.schedules) ?? []
  return {
    description: fields.text('description', DESCRIPTION) ?? '',
    labels: fields.textMap('labels', LABELS) ?? {},
    schedules: readSchedules(schedules, '/schedules', faults),
    target: isObject(fields.raw('target')) ? readTarget(fields.object('target'), faults) : undefined,
    params: readParams(fields),
    misfire: readMisfire(fields.object('misfire')),
    overlap: fields.choice('overlap', ['skip', 'allow', 'queue', 'cancel-running']) ?? JOB_RULES.overlap,
    maxConcurrentRuns: integer(fields, 'maxConcurrentRuns', JOB_RULES.maxConcurrentRuns),
    queueMax: integer(fields, 'queueMax', JOB_RULES.queueMax),
    queueTtlMs: duration(fields, 'queueTtl', JOB_RULES.queueTtlMs),
    whenFull: fields.choice('whenFull', ['queue', 'fail']) ?? JOB_RULES.whenFull,
    priority: integer(fields, 'priority', JOB_RULES.priority),
    routing: readRouting(fields.object('routing')),
    retry: readRetry(fields.object('retry')),
    failover: fields.boolean('failover') ?? JOB_RULES.failover,
    timeoutMs: duration(fields, 'timeout', JOB_RULES.timeoutMs),
    runTimeoutMs: duration(fields, 'runTimeout', JOB_RULES.runTimeoutMs),
    onUncertain: fields.choice('onUncertain', ['redispatch', 'fail']) ?? JOB_RULES.onUncertain,
    placement: fields.choice('placement', ['partial', 'all']) ?? JOB_RULES.placement,
    children: readChildren(fields, faults),
    notify: readNotify(fields),
    pauseAfterFailures: integer(fields, 'pauseAfterFailures', JOB_RULES.pauseAfterFailures),
    ...present({ sharding: readSharding(fields), retention: readRetention(fields) }),
  }
}

function readParams(fields: Fields): JobSpec['params'] {
  const value = fields.raw('params')
  if (value === undefined) return {}
  const objection = isObject(value) ? paramsObjection(value) : 'is not an object'
  if (objection !== undefined) fields.fault('params', objection)
  return value as { [key: string]: Json }
}

function paramsObjection(params: Record<string, unknown>): string | undefined {
  const count = Object.keys(params).length
  if (count > JOB_LIMITS.paramsEntries) return `has ${count} entries, more than ${JOB_LIMITS.paramsEntries}`
  return checkJson(params)
}

function readMisfire(fields: Fields): JobSpec['misfire'] {
  const rules = JOB_RULES.misfire
  const misfire = {
    policy: fields.choice('policy', ['run-once', 'skip', 'run-all']) ?? rules.policy,
    thresholdMs: duration(fields, 'threshold', rules.thresholdMs),
    max: integer(fields, 'max', rules.max),
  }
  fields.close()
  return misfire
}

function readRouting(fields: Fields): JobSpec['routing'] {
  const routing = {
    strategy: fields.choice('strategy', STRATEGIES) ?? JOB_RULES.strategy,
    labels: fields.textMap('labels', LABELS) ?? {},
    ...present({ key: fields.text('key', { max: 1000, pattern: /./ }) }),
  }
  fields.close()
  return routing
}

const STRATEGIES = [
  'round-robin',
  'random',
  'weighted-round-robin',
  'weighted-random',
  'least-loaded',
  'consistent-hash',
  'first',
  'last',
  'least-recently-used',
  'broadcast',
  'sharded',
] as const

function readChildren(fields: Fields, faults: Fault[]): JobSpec['children'] {
  const list = fields.list('children', JOB_LIMITS.children) ?? []
  const children = list.map((raw, place) => {
    const child = new Fields(raw, `/children/${place}`, faults)
    if (isObject(raw) && !child.has('job')) child.fault('job', 'is needed: the name of a job of this namespace')
    const read = {
      job: child.text('job', NAME) ?? '',
      on: child.choice('on', ['success', 'failure', 'completion']) ?? ('success' as const),
    }
    if (isObject(raw)) child.close()
    return read
  })
  const seen = new Set<string>()
  for (const [place, { job, on }] of children.entries()) {
    if (seen.has(`${job}/${on}`))
      faults.push({ pointer: `/children/${place}`, detail: `names ${job} for ${on} a second time` })
    seen.add(`${job}/${on}`)
  }
  return children
}

function readNotify(fields: Fields): JobSpec['notify'] {
  const known = ['skipped', 'no-slot', 'expired'] as const
  const list = fields.list('notify', known.length) ?? []
  const reasons = known.filter((reason) => list.includes(reason))
  if (reasons.length < list.length)
    fields.fault('notify', `holds something else than ${known.join(', ')}, or one twice`)
  return reasons
}

function readSharding(fields: Fields): JobSpec['sharding'] {
  if (!fields.has('sharding')) return undefined
  const sharding = fields.object('sharding')
  const items = sharding.list('items', JOB_LIMITS.shardItems)
  if (items?.some((item) => typeof item !== 'string' || item === '' || item.length > 200)) {
    sharding.fault('items', 'holds something that is not a text of 1 to 200 characters')
  } else if (items && Buffer.byteLength(JSON.stringify(items)) > JOB_LIMITS.shardItemsBytes) {
    sharding.fault(
      'items',
      `is more than ${JOB_LIMITS.shardItemsBytes / 1024} KiB of JSON: one call could not carry it`,
    )
  }
  if (sharding.has('items') === sharding.has('count'))
    sharding.fault('count', 'exactly one of count and items is needed')
  const read = {
    mode: sharding.choice('mode', ['grouped', 'per-item']) ?? JOB_RULES.sharding.mode,
    ...present({ count: sharding.integer('count', JOB_RULES.sharding.count), items: items as string[] | undefined }),
  }
  sharding.close()
  return read
}

/** The field `retention`, of a job or of a namespace. */
export function readRetention(fields: Fields): JobSpec['retention'] {
  if (!fields.has('retention')) return undefined
  const retention = fields.object('retention')
  const { ageMs, maxRuns } = JOB_RULES.retention
  const read = present({
    maxAgeMs: retention.duration('maxAge', ageMs),
    failedMaxAgeMs: retention.duration('failedMaxAge', ageMs),
    maxRuns: retention.integer('maxRuns', maxRuns),
  })
  retention.close()
  return read
}

function readRetry(fields: Fields): JobSpec['retry'] {
  const rules = JOB_RULES.retry
  const retry = {
    max: integer(fields, 'max', rules.max),
    delayMs: duration(fields, 'delay', rules.delayMs),
    backoff: fields.choice('backoff', ['fixed', 'exponential']) ?? rules.backoff,
    maxDelayMs: duration(fields, 'maxDelay', rules.maxDelayMs),
    jitter: fields.number('jitter', rules.jitter) ?? rules.jitter.default,
  }
  fields.close()
  return retry
}

/** What is wrong only in company. */
function checkTogether(spec: Draft, faults: Fault[]): void {
  const { timeoutMs, runTimeoutMs, retry } = spec
  const compare = (pointer: string, shorter: number, name: string, longer: number) => {
    if (shorter >= longer || faults.some((fault) => fault.pointer === pointer)) return
    faults.push({ pointer, detail: `${formatDuration(shorter)} is shorter than ${name}, ${formatDuration(longer)}` })
  }
  compare('/runTimeout', runTimeoutMs, 'timeout', timeoutMs)
  compare('/retry/maxDelay', retry.maxDelayMs, 'delay', retry.delayMs)
  const refuse = (pointer: string, detail: string) => {
    if (!faults.some((fault) => fault.pointer.startsWith(pointer))) faults.push({ pointer, detail })
  }
  const { strategy, key } = spec.routing
  if ((strategy === 'sharded') !== (spec.sharding !== undefined)) {
    refuse('/sharding', 'goes with routing.strategy sharded, and only with it')
  }
  if (key !== undefined && strategy !== 'consistent-hash') refuse('/routing/key', 'is for consistent-hash only')
  const fault = key === undefined ? undefined : keyFault(key)
  if (fault !== undefined) refuse('/routing/key', fault)
  const split = strategy === 'sharded' || strategy === 'broadcast'
  if (split && spec.target?.kind === 'http' && spec.target.url !== undefined) {
    refuse('/routing/strategy', `${strategy} needs executors to split over, and the target has a URL of its own`)
  }
  if (spec.notify.length > 0 && spec.target && spec.target.service === undefined) {
    refuse('/notify', 'needs a target with a service: one of its executors is told, and its secret signs')
  }
}

interface Rule {
  default: number
  min: number
  max: number
}

function integer(fields: Fields, name: string, rule: Rule): number {
  return fields.integer(name, rule) ?? rule.default
}

function duration(fields: Fields, name: string, rule: Rule): number {
  return fields.duration(name, rule) ?? rule.default
}
