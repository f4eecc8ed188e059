import { RULE } from '../cron/compiled.ts'
import { CronFault } from '../cron/fault.ts'
import { type CronFields, readFields, splitExpression } from '../cron/parse.ts'
import { findZone, HORIZON_END } from '../cron/zone.ts'
import { formatDuration, parseDuration } from '../runtime/duration.ts'
import type { ScheduleSpec } from './job.ts'
import type { CompiledSchedule } from './schedule.ts'
import { suggest } from '../runtime/suggest.ts'
import { ScheduleFault } from './schedule-fault.ts'

/** A fixed rate or delay is at least this long. */
const INTERVAL_MS_MIN = 1000
/** A fixed rate, a delay or a jitter is at most this long: ten years. */
const INTERVAL_MS_MAX = 3652 * 86_400_000
/** Ids of schedules that are kept once for all who bear them. */
const IDS_SHARED_MAX = 1000

const ids = new Map<string, string>()

/** The form of a schedule that `nextFire` reads. `spread` is the job's seed for `H`. Throws `ScheduleFault`. */
export function compileSchedule(spec: ScheduleSpec, spread: number): CompiledSchedule {
  checkKind(spec)
  const zone = findZone(spec.zone)
  if (zone === undefined) throw new ScheduleFault('/zone', unknownZone(spec.zone))
  const compiled = compileKind(spec, zone, spread)
  addWindow(spec, compiled)
  if (spec.jitterMs !== 0) compiled.jitterMs = checkInterval('/jitter', spec.jitterMs, 0)
  if (spec.maxFires !== undefined) {
    if (!Number.isSafeInteger(spec.maxFires) || spec.maxFires < 1) {
      throw new ScheduleFault('/maxFires', 'maxFires is a whole number of at least 1')
    }
    compiled.maxFires = spec.maxFires
  }
  return compiled
}

/** A schedule in words: `cron 0 9 * * 1-5 in Europe/Berlin`. */
export function describeSchedule(spec: ScheduleSpec): string {
  if (spec.cron !== undefined) return `cron ${spec.cron} in ${spec.zone}`
  if (spec.everyMs !== undefined) return `every ${formatDuration(spec.everyMs)}`
  if (spec.afterMs !== undefined) return `${formatDuration(spec.afterMs)} after the last end`
  if (spec.at !== undefined) return `at ${new Date(spec.at).toISOString()}`
  return 'by hand only'
}

function checkKind(spec: ScheduleSpec): void {
  const given = [
    ['cron', spec.cron],
    ['every', spec.everyMs],
    ['after', spec.afterMs],
    ['at', spec.at],
  ].filter(([, value]) => value !== undefined)
  if (given.length < 2) return
  throw new ScheduleFault(`/${given[1]?.[0]}`, `only one of ${given.map(([name]) => name).join(' and ')} may be given`)
}

function compileKind(spec: ScheduleSpec, zone: string, spread: number): CompiledSchedule {
  const { id } = spec
  if (spec.cron !== undefined) return compileCron(spec, spec.cron, zone, spread)
  if (spec.everyMs !== undefined) {
    return { kind: 'every', id, everyMs: checkInterval('/every', spec.everyMs, INTERVAL_MS_MIN) }
  }
  if (spec.afterMs !== undefined) {
    return { kind: 'after', id, afterMs: checkInterval('/after', spec.afterMs, INTERVAL_MS_MIN) }
  }
  if (spec.at !== undefined) return { kind: 'at', id, at: checkInstant('/at', spec.at) }
  return { kind: 'manual', id }
}

function compileCron(spec: ScheduleSpec, expression: string, zone: string, spread: number): CompiledSchedule {
  try {
    const parts = splitExpression(expression)
    const cronZone = parts.zone === undefined ? zone : prefixZone(parts.zone.text, parts.zone.position, zone)
    if ('fields' in parts) {
      const fields = readFields(parts.fields, spread, spec.quartzWeekdays === true)
      return layOut(spec.id, cronZone, fields, fields.rules | policyRules(spec))
    }
    const everyMs = parseDuration(parts.every.text)
    if (everyMs === undefined) {
      throw new CronFault(`"${parts.every.text.slice(0, 40)}" is not a duration such as 1h30m`, parts.every.position)
    }
    return { kind: 'every', id: spec.id, everyMs: checkInterval('/cron', everyMs, INTERVAL_MS_MIN) }
  } catch (error) {
    if (error instanceof CronFault) throw new ScheduleFault('/cron', error.message)
    throw error
  }
}

/**
 * The same schedule as `compileSchedule` lays it out: a third of the memory that a decoder's object takes. For what was
 * read from the log or the store and stays in memory.
 */
export function compactSchedule(schedule: CompiledSchedule): CompiledSchedule {
  if (schedule.kind !== 'cron') return schedule
  const compact = layOut(schedule.id, findZone(schedule.zone) ?? schedule.zone, schedule, schedule.rules)
  if (schedule.startAt !== undefined) compact.startAt = schedule.startAt
  if (schedule.endAt !== undefined) compact.endAt = schedule.endAt
  if (schedule.jitterMs !== undefined) compact.jitterMs = schedule.jitterMs
  if (schedule.maxFires !== undefined) compact.maxFires = schedule.maxFires
  return compact
}

/**
 * All in one literal: 100,000 of them should have one shape and nothing beside it. The `| 0` make small integers of
 * what a decoder may hand over as boxed numbers.
 */
function layOut(id: string, zone: string, fields: CronFields, rules: number): CompiledSchedule {
  const compiled: CompiledSchedule = {
    kind: 'cron',
    id: sharedId(id),
    zone,
    secondsLow: fields.secondsLow | 0,
    secondsHigh: fields.secondsHigh | 0,
    minutesLow: fields.minutesLow | 0,
    minutesHigh: fields.minutesHigh | 0,
    hours: fields.hours | 0,
    days: fields.days | 0,
    months: fields.months | 0,
    weekdays: fields.weekdays | 0,
    rules: rules | 0,
  }
  if (fields.rare !== undefined) compiled.rare = fields.rare
  return compiled
}

/** One string for all schedules of that id: most jobs have one schedule, of the same few names. */
function sharedId(id: string): string {
  const known = ids.get(id)
  if (known !== undefined) return known
  if (ids.size >= IDS_SHARED_MAX) return id
  ids.set(id, id)
  return id
}

function policyRules({ gap, fold }: ScheduleSpec): number {
  return (gap === 'skip' ? RULE.gapSkip : 0) | (fold === 'both' ? RULE.foldBoth : fold === 'last' ? RULE.foldLast : 0)
}

/** The zone of `CRON_TZ=`. The schedule's own may repeat it or be UTC, the default. */
function prefixZone(name: string, position: number, zone: string): string {
  const found = findZone(name)
  if (found === undefined) throw new CronFault(unknownZone(name), position)
  if (zone !== found && zone !== 'UTC') {
    throw new ScheduleFault('/zone', `the zone ${zone} contradicts the prefix of the expression, ${found}`)
  }
  return found
}

function unknownZone(name: string): string {
  const meant = suggest(name, Intl.supportedValuesOf('timeZone'))
  return `"${name.slice(0, 60)}" is not an IANA time zone${meant === undefined ? '' : `, did you mean ${meant}?`}`
}

function addWindow(spec: ScheduleSpec, compiled: CompiledSchedule): void {
  if (spec.startAt !== undefined) compiled.startAt = checkInstant('/startAt', spec.startAt)
  if (spec.endAt !== undefined) compiled.endAt = checkInstant('/endAt', spec.endAt)
  if (spec.startAt !== undefined && spec.endAt !== undefined && spec.endAt < spec.startAt) {
    throw new ScheduleFault('/endAt', 'endAt is before startAt')
  }
}

function checkInstant(pointer: string, instant: number): number {
  if (Number.isSafeInteger(instant) && instant >= 0 && instant < HORIZON_END) return instant
  throw new ScheduleFault(pointer, `${pointer.slice(1)} is an instant from 1970 to 2199`)
}

function checkInterval(pointer: string, ms: number, min: number): number {
  if (Number.isSafeInteger(ms) && ms >= min && ms <= INTERVAL_MS_MAX) return ms
  throw new ScheduleFault(
    pointer,
    `${formatDuration(ms)} is outside ${formatDuration(min)} to ${formatDuration(INTERVAL_MS_MAX)}`,
  )
}
