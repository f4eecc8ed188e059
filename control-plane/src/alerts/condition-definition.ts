import { Fields } from '../jobs/fields.ts'
import { compileSchedule, ScheduleFault } from '../jobs/schedule.ts'
import type { Fault } from '../problems.ts'
import type { SkipReason } from '../runs/run.ts'
import { formatDuration } from '../runtime/duration.ts'
import { type AlertCondition, CONDITION_KINDS, COUNT_MAX } from './rule.ts'

const SECOND = 1000
const DAY = 86_400_000
const WINDOW = { min: SECOND, max: 31 * DAY }
const FOR = { min: SECOND, max: 7 * DAY }
const LIMIT = { min: SECOND, max: 31 * DAY }
const COUNT = { min: 1, max: COUNT_MAX }

const BAD_ENDS = ['failed', 'timed-out', 'cancelled', 'lost'] as const
const SKIPS: readonly SkipReason[] = [
  'misfire-threshold',
  'coalesced',
  'overlap',
  'max-concurrent',
  'paused',
  'outside-window',
  'dst-gap',
  'no-slot',
  'no-executor',
  'expired',
  'quarantined',
]
/** What nobody asked for: a pause, a window and overlap that is skipped are as wanted. */
const MISSED: readonly SkipReason[] = ['misfire-threshold', 'no-slot', 'no-executor', 'expired', 'quarantined']

/** Conditions that are about something of the cluster as a whole, and so of its own rules only. */
export const SYSTEM_KINDS: ReadonlySet<AlertCondition['kind']> = new Set([
  'node-gone',
  'no-leader',
  'sink-gone',
  'sink-gap',
  'channel-failing',
  'disk-full',
  'clock-skew',
  'certificate-ends',
  'token-ends',
])
/** Conditions about executors, of which a job has none to itself. */
export const SERVICE_KINDS: ReadonlySet<AlertCondition['kind']> = new Set(['executor-gone', 'service-gone'])

/** Reads when a rule fires, with every fault by its place; undefined when there are any. */
export function readCondition(value: unknown, pointer: string, faults: Fault[]): AlertCondition | undefined {
  const before = faults.length
  const fields = new Fields(value, pointer, faults)
  if (!fields.has('kind')) fields.fault('kind', 'is missing')
  const kind = fields.choice('kind', CONDITION_KINDS)
  const condition = kind && read(kind, fields)
  if (kind) fields.close()
  return faults.length === before ? condition : undefined
}

function read(kind: AlertCondition['kind'], fields: Fields): AlertCondition {
  switch (kind) {
    case 'run-ended':
      return {
        kind,
        states: listed(fields, 'states', BAD_ENDS) ?? ['failed', 'timed-out', 'lost'],
        ...repeated(fields),
      }
    case 'failures-in-row':
      return { kind, count: fields.integer('count', COUNT) ?? 3 }
    case 'missed':
      return { kind, reasons: listed(fields, 'reasons', SKIPS) ?? [...MISSED], ...repeated(fields) }
    case 'not-started':
    case 'not-finished':
      return { kind, ...deadline(fields) }
    case 'slow':
      return { kind, durationMs: needed(fields, 'duration', LIMIT) }
    case 'late':
      return { kind, latenessMs: needed(fields, 'lateness', LIMIT) }
    case 'executor-gone':
    case 'service-gone':
    case 'node-gone':
    case 'no-leader':
    case 'sink-gone':
    case 'channel-failing':
      return { kind, forMs: fields.duration('for', FOR) ?? 60_000 }
    case 'certificate-ends':
    case 'token-ends':
      return { kind, beforeMs: fields.duration('before', { min: SECOND, max: 365 * DAY }) ?? 14 * DAY }
    default:
      return { kind }
  }
}

/** A condition as people write it. */
export function describeCondition(condition: AlertCondition) {
  const { kind } = condition
  switch (kind) {
    case 'run-ended':
      return {
        kind,
        states: condition.states,
        count: condition.count,
        window: formatDuration(condition.windowMs),
      }
    case 'failures-in-row':
      return { kind, count: condition.count }
    case 'missed':
      return { kind, reasons: condition.reasons, count: condition.count, window: formatDuration(condition.windowMs) }
    case 'not-started':
    case 'not-finished':
      return { kind, cron: condition.cron, zone: condition.zone, within: formatDuration(condition.withinMs) }
    case 'slow':
      return { kind, duration: formatDuration(condition.durationMs) }
    case 'late':
      return { kind, lateness: formatDuration(condition.latenessMs) }
    case 'executor-gone':
    case 'service-gone':
    case 'node-gone':
    case 'no-leader':
    case 'sink-gone':
    case 'channel-failing':
      return { kind, for: formatDuration(condition.forMs) }
    case 'certificate-ends':
    case 'token-ends':
      return { kind, before: formatDuration(condition.beforeMs) }
    default:
      return { kind }
  }
}

function repeated(fields: Fields): { count: number; windowMs: number } {
  return { count: fields.integer('count', COUNT) ?? 1, windowMs: fields.duration('window', WINDOW) ?? 3_600_000 }
}

function deadline(fields: Fields): { cron: string; zone: string; withinMs: number } {
  if (!fields.has('cron')) fields.fault('cron', 'is missing')
  const cron = fields.text('cron', { max: 200, pattern: /./, wants: 'an expression' }) ?? ''
  const zone = fields.text('zone', { max: 64 }) ?? 'UTC'
  const withinMs = fields.duration('within', { min: SECOND, max: 366 * DAY }) ?? DAY
  if (cron === '') return { cron, zone, withinMs }
  try {
    compileSchedule({ id: 'deadline', cron, zone, gap: 'next', fold: 'first', jitterMs: 0 }, 0)
  } catch (fault) {
    if (!(fault instanceof ScheduleFault)) throw fault
    fields.fault(fault.pointer === '/zone' ? 'zone' : 'cron', fault.detail)
  }
  return { cron, zone, withinMs }
}

function needed(fields: Fields, name: string, range: { min: number; max: number }): number {
  if (!fields.has(name)) fields.fault(name, 'is missing')
  return fields.duration(name, range) ?? range.min
}

function listed<T extends string>(fields: Fields, name: string, known: readonly T[]): T[] | undefined {
  const list = fields.list(name, known.length)
  if (list === undefined) return undefined
  const found = known.filter((one) => list.includes(one))
  if (found.length !== list.length || found.length === 0) fields.fault(name, `is no list of ${known.join(', ')}`)
  return found
}
