import { Cron } from 'croner'
import { compileSchedule, nextFire, type CompiledSchedule } from '../../control-plane/src/jobs/schedule.ts'

/** Expressions that croner reads as we do; each stands for a way in which a clock change can touch a schedule. */
export const EXPRESSIONS = [
  // Elapsed time: hour field a star or a step.
  '* * * * *',
  '*/5 * * * *',
  '*/15 * * * *',
  '7 * * * *',
  '0 * * * *',
  '30 * * * *',
  '0 */2 * * *',
  '30 */3 * * *',
  '0 1-23/2 * * *',
  '*/10 * * * * *',
  '15,45 * * * MON',
  // One time a day, in and around the hours at which clocks change.
  '0 0 * * *',
  '30 0 * * *',
  '0 1 * * *',
  '30 1 * * *',
  '59 1 * * *',
  '0 2 * * *',
  '15 2 * * *',
  '30 2 * * *',
  '59 2 * * *',
  '0 3 * * *',
  '30 3 * * *',
  '0 4 * * *',
  '59 23 * * *',
  '0 9 * * 1-5',
  '0 12 * * *',
  // Lists and ranges: several times may meet in one gap, or repeat in one fold.
  '0,30 2 * * *',
  '15,45 1 * * *',
  '0 1-3 * * *',
  '30 0-4 * * *',
  '0 0,1,2,3 * * *',
  '20,40 0-23 * * *',
  '10 30 2 * * *',
  '0-5 0 2 * * *',
  // Minutes that step in a fixed hour.
  '*/20 2 * * *',
  '*/15 1 * * *',
  '* 0 * * *',
  '*/10 * 3 * * *',
  // Days.
  '30 2 * * SUN',
  '30 1 * * 6,7',
  '0 0 1 * *',
  '0 2 L * *',
  '0 3 1,L * *',
  '30 2 * * 7L',
  '30 2 * * SUN#2',
  '30 1 * * SUN#1,SUN#3',
  '0 2 15W * *',
  '0 2 LW * *',
  '0 0 29 2 *',
  '30 2 8-14 3 *',
  '0 0 13 * 5',
  '0 1 */2 * 1',
  '0 30 2 ? * SUN 2024-2027',
] as const

/** A clock change: the zone's offset before and after it, in milliseconds. */
export interface Change {
  at: number
  before: number
  after: number
}

/** One question to which the two gave different answers; -1 is none. */
export interface Difference {
  zone: string
  expression: string
  probe: number
  ours: number
  theirs: number
}

/** The reason for a difference that is meant, by rule: it knows expression and clock change, never a zone or a date. */
export interface Reason {
  name: string
  why: string
  explains(difference: Difference, changes: readonly Change[]): boolean
}

/** What we decided otherwise than croner. docs/schedules.md says why, under the same names. */
export const REASONS: readonly Reason[] = [
  {
    name: 'stepped-star-day',
    why: 'a day field that begins with a star, such as */2, narrows the other one (Vixie cron); croner widens it',
    explains: ({ expression, zone, probe, ours }) => {
      const [day = '', , weekday = ''] = fieldsOf(expression).slice(3)
      if (!(day.startsWith('*/') && weekday !== '*') && !(weekday.startsWith('*/') && day !== '*')) return false
      return bothDays(expression, zone).nextRun(new Date(probe))?.getTime() === ours
    },
  },
  {
    name: 'stepped-minute-in-a-fixed-hour',
    why: 'whether an expression follows elapsed time is told by its hour field alone; croner looks at minute and second too',
    explains: ({ expression, ours, theirs }, changes) => {
      const [second = '', minute = '', hour = ''] = fieldsOf(expression)
      if (/[*?/]/.test(hour) || !/[*?/]/.test(second + minute)) return false
      return changes.some(({ at, before, after }) => {
        if (after > before) return ours === at && isEarlier(ours, theirs)
        return theirs >= at && theirs < at + before - after && isEarlier(theirs, ours)
      })
    },
  },
  {
    name: 'gap-over-midnight',
    why: 'a fixed time in a gap falls on the first instant after it, also when that is on another day; croner drops it then',
    explains: ({ expression, ours, theirs }, changes) =>
      !/[*?/]/.test(fieldsOf(expression)[2] as string) &&
      isEarlier(ours, theirs) &&
      changes.some(({ at, before, after }) => after > before && ours === at && dayOf(at + before) < dayOf(at + after)),
  },
]

/** Asks both for the next fire from before, inside and after each change, and at plain times; reports where they differ. */
export function compareZone(
  zone: string,
  expressions: readonly string[],
  probes: readonly number[],
  report: (difference: Difference) => void,
): number {
  for (const expression of expressions) {
    const schedule = compile(expression, zone)
    const mode = `${expression.split(' ').length as 5 | 6 | 7}-part` as const
    const croner = new Cron(expression, { timezone: zone, fixedTimeRule: 'no-wildcard', paused: true, mode })
    for (const probe of probes) {
      const ours = next(schedule, probe)
      const theirs = croner.nextRun(new Date(probe))?.getTime() ?? -1
      if (ours !== theirs) report({ zone, expression, probe, ours, theirs })
    }
    croner.stop()
  }
  return expressions.length * probes.length
}

/** Instants before, inside and after a change. */
export function probesOf({ at, before, after }: Change): number[] {
  const size = Math.abs(after - before)
  const [hour, second] = [3_600_000, 1000]
  return [
    at - 26 * hour,
    at - size - second,
    at - size / 2,
    at - second,
    at - 1,
    at,
    at + second,
    at + size / 4,
    at + size / 2,
    at + size - second,
    at + size,
    at + 3 * hour,
  ]
}

/** All changes of a zone's clock between two instants, by asking Intl every day. */
export function changesOf(zone: string, from: number, to: number): Change[] {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  const offset = (at: number) => {
    const part = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(format.format(at))
    if (part?.[1] === undefined) return 0
    const ms = (Number(part[2]) * 3600 + Number(part[3]) * 60 + Number(part[4] ?? 0)) * 1000
    return part[1] === '-' ? -ms : ms
  }
  const changes: Change[] = []
  let known = offset(from)
  for (let at = from; at < to; at += 86_400_000) {
    const now = offset(at + 86_400_000)
    if (now === known) continue
    let low = at
    let high = at + 86_400_000
    while (high - low > 1000) {
      const middle = low + Math.floor((high - low) / 2000) * 1000
      if (offset(middle) === known) low = middle
      else high = middle
    }
    changes.push({ at: high, before: known, after: now })
    known = now
  }
  return changes
}

function compile(expression: string, zone: string): CompiledSchedule {
  return compileSchedule({ id: 'cron', cron: expression, zone, gap: 'next', fold: 'first', jitterMs: 0 }, 0)
}

function next(schedule: CompiledSchedule, after: number): number {
  return nextFire([schedule], { after, spread: 0, fireCount: 0, createdAt: 0 })?.fireTime ?? -1
}

let narrowed: { key: string; cron: Cron } | undefined

/** The expression as croner writes it when both day fields must match. The last one is kept. */
function bothDays(expression: string, zone: string): Cron {
  const key = `${expression} ${zone}`
  if (narrowed?.key === key) return narrowed.cron
  const pattern = expression.replace(/(\S+)$/, '+$1')
  narrowed = { key, cron: new Cron(pattern, { timezone: zone, fixedTimeRule: 'no-wildcard', paused: true }) }
  return narrowed.cron
}

/** The six fields that both have; seconds are added where they are left out. */
function fieldsOf(expression: string): string[] {
  const fields = expression.split(' ')
  return fields.length === 5 ? ['0', ...fields] : fields
}

function isEarlier(a: number, b: number): boolean {
  return a >= 0 && (b < 0 || a < b)
}

function dayOf(wall: number): number {
  return Math.floor(wall / 86_400_000)
}
