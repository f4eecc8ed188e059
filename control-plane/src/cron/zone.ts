import type { Millis } from '../runtime/clock.ts'

/** Instants at and after this one (2200-01-01T00:00:00Z) are not scheduled. */
export const HORIZON_END: Millis = Date.UTC(2200, 0, 1)

/** Tables kept at once; there are about 600 names of zones. */
const ZONES_MAX = 2000
const DAY_MS = 86_400_000
/** Offsets are compared this far apart. Since 1970 no zone changed its clock twice within six days (Recife came close). */
const STRIDE_MS = 3 * DAY_MS
/** Known on both sides of every instant that is answered for: longer than any zone has ever set its clock. */
const MARGIN_MS = 2 * DAY_MS
/** A table grows by this much at a time. */
const GROWTH_MS = 4 * 366 * DAY_MS

/**
 * What a zone's clocks show, as far as it has been asked: from `starts[i]` to the next start, wall time is UTC plus
 * `offsets[i]`. It is found from Intl by bisection, once, shared by all schedules of the zone, and grows at either
 * end as instants are asked for; what it says about an instant never changes.
 */
export interface ZoneTable {
  readonly name: string
  readonly starts: Millis[]
  readonly offsets: number[]
  /** `segmentAt` answers for instants from `from` up to, not including, `to`; the neighbours are known too. */
  from: Millis
  to: Millis
  /** Segment of the last look-up: most come close together. */
  hint: number
}

const tables = new Map<string, ZoneTable>()
const spellings = new Map<string, string>()
const formats = new Map<string, Intl.DateTimeFormat>()
const UTC_NAMES = new Set(['UTC', 'Etc/UTC', 'GMT', 'Etc/GMT'])

let lastTable: ZoneTable | undefined

/** The zone's name in its own spelling, or `undefined` when there is no such IANA zone. */
export function findZone(name: string): string | undefined {
  const known = spellings.get(name)
  if (known !== undefined) return known
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(name)) return undefined
  try {
    const resolved = new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone
    const spelling = resolved.toLowerCase() === name.toLowerCase() ? resolved : name
    if (spellings.size >= ZONES_MAX) spellings.clear()
    spellings.set(name, spelling)
    return spelling
  } catch {
    return undefined
  }
}

/** The table of a zone that `findZone` knows. */
export function zoneTable(name: string): ZoneTable {
  if (lastTable !== undefined && lastTable.name === name) return lastTable
  let table = tables.get(name)
  if (table === undefined) {
    if (tables.size >= ZONES_MAX) tables.clear()
    table = UTC_NAMES.has(name) ? everywhere(name) : { name, starts: [], offsets: [], from: 0, to: 0, hint: 0 }
    tables.set(name, table)
  }
  lastTable = table
  return table
}

/** Index of the segment that holds the instant; the table grows until it has one. */
export function segmentAt(table: ZoneTable, instant: Millis): number {
  if (instant < table.from || instant >= table.to) cover(table, instant)
  const { starts, hint } = table
  if (instant >= (starts[hint] as number)) {
    if (hint + 1 === starts.length || instant < (starts[hint + 1] as number)) return hint
  }
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] as number) <= instant) low = middle
    else high = middle - 1
  }
  table.hint = low
  return low
}

/** Milliseconds to add to UTC to get the wall time of the zone, as Intl has it. */
export function offsetByIntl(name: string, instant: Millis): number {
  let format = formats.get(name)
  if (format === undefined) {
    if (formats.size >= ZONES_MAX) formats.clear()
    format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formats.set(name, format)
  }
  const second = Math.floor(instant / 1000) * 1000
  const part = /(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)/.exec(format.format(second)) as RegExpExecArray
  return Date.UTC(+part[3]!, +part[1]! - 1, +part[2]!, +part[4]!, +part[5]!, +part[6]!) - second
}

function everywhere(name: string): ZoneTable {
  return { name, starts: [-Infinity], offsets: [0], from: -Infinity, to: Infinity, hint: 0 }
}

/** Makes the table answer for an instant, and for some years around it. */
function cover(table: ZoneTable, instant: Millis): void {
  const whole = Math.floor(instant / 1000) * 1000
  if (table.starts.length === 0) scan(table, whole - GROWTH_MS / 4, whole + GROWTH_MS)
  if (whole < table.from) {
    const earlier: ZoneTable = { ...table, starts: [], offsets: [] }
    scan(earlier, whole - GROWTH_MS, table.from - MARGIN_MS)
    prepend(table, earlier)
  }
  if (whole >= table.to) scan(table, table.to + MARGIN_MS, whole + GROWTH_MS)
}

/** Appends the segments from `from` to `to`; `from` is where the table ended, if it has any. */
function scan(table: ZoneTable, from: Millis, to: Millis): void {
  const { starts, offsets, name } = table
  if (starts.length === 0) {
    starts.push(from)
    offsets.push(offsetByIntl(name, from))
    table.from = from + MARGIN_MS
  }
  let known = from
  while (known < to) {
    const probe = Math.min(known + STRIDE_MS, to)
    const offset = offsets[offsets.length - 1] as number
    known = offsetByIntl(name, probe) === offset ? probe : changeBetween(name, known, offset, probe)
    const now = offsetByIntl(name, known)
    if (now === offset) continue
    starts.push(known)
    offsets.push(now)
  }
  table.to = to - MARGIN_MS
}

/** Puts the segments of an earlier table, which ends where this one begins, before this one's. */
function prepend(table: ZoneTable, earlier: ZoneTable): void {
  const seam = table.starts[0] as number
  if (earlier.starts[earlier.starts.length - 1] === seam) {
    earlier.starts.pop()
    earlier.offsets.pop()
  } else {
    table.starts.shift()
    table.offsets.shift()
  }
  table.starts.unshift(...earlier.starts)
  table.offsets.unshift(...earlier.offsets)
  table.from = earlier.from
  table.hint = 0
}

/** The first whole second after `low`, where the offset is `offset`, at which it is another. */
function changeBetween(name: string, low: Millis, offset: number, high: Millis): Millis {
  let known = low
  let changed = high
  while (changed - known > 1000) {
    const middle = known + Math.floor((changed - known) / 2000) * 1000
    if (offsetByIntl(name, middle) === offset) known = middle
    else changed = middle
  }
  return changed
}
