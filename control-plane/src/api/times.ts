import { segmentAt, zoneTable } from '../cron/zone.ts'
import { Problem } from '../problems.ts'
import type { Millis } from '../runtime/clock.ts'
import { formatInstant, parseInstant } from '../runtime/instant.ts'

export { formatInstant as timeText }

/** The instant that a validated `date-time` names, or a Problem that points at the field. */
export function instantOf(text: string, pointer: string): Millis {
  const at = parseInstant(text)
  if (at === undefined || Number.isNaN(at)) throw invalid(pointer, 'is not a time that exists')
  if (at < 0) throw invalid(pointer, 'must not be before 1970')
  return at
}

/** The same, absent when the field is. */
export function optionalInstant(text: string | undefined, pointer: string): Millis | undefined {
  return text === undefined ? undefined : instantOf(text, pointer)
}

/** Wall time of a zone with its offset, RFC 3339: `2027-03-14T03:00:00-04:00`. */
export function localText(at: Millis, zone: string): string {
  const table = zoneTable(zone)
  const offsetMs = table.offsets[segmentAt(table, at)] ?? 0
  const wall = formatInstant(at + offsetMs).replace(/\.000Z$|Z$/, '')
  return wall + offsetText(offsetMs)
}

function offsetText(offsetMs: number): string {
  const minutes = Math.abs(Math.trunc(offsetMs / 60_000))
  const two = (value: number) => String(value).padStart(2, '0')
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

function invalid(pointer: string, detail: string): Problem {
  return new Problem('invalid-request', undefined, [{ pointer, detail }])
}
