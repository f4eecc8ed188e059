const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A length of time in two units at most: `820 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  const length = Math.max(0, ms)
  if (length < SECOND) return `${Math.round(length)} ms`
  if (length < 10 * SECOND) return `${(Math.floor(length / 100) / 10).toFixed(1)} s`
  if (length < MINUTE) return `${Math.floor(length / SECOND)} s`
  if (length < HOUR) return pair(length, MINUTE, 'min', SECOND, 's')
  if (length < DAY) return pair(length, HOUR, 'h', MINUTE, 'min')
  return pair(length, DAY, 'd', HOUR, 'h')
}

function pair(length: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((length % big) / small)
  return `${Math.floor(length / big)} ${bigName}${rest > 0 ? ` ${rest} ${smallName}` : ''}`
}

/** How far an instant is from now, in words: `in 12 s`, `4 min ago`, `now`. */
export function formatRelative(at: number, now: number): string {
  const distance = Math.abs(at - now)
  if (distance < SECOND) return 'now'
  const words = oneUnit(distance)
  return at > now ? `in ${words}` : `${words} ago`
}

function oneUnit(ms: number): string {
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`
  return `${Math.floor(ms / DAY)} d`
}

/** Date, time and zone of an instant, in a zone of its own or the browser's: `Sat 21 Nov 2026, 09:30:00 GMT+8`. */
export function formatExact(at: number, zone?: string): string {
  return formatter('exact', zone, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
    timeZoneName: 'short',
  }).format(at)
}

/** The same without the weekday, where space is short: `21 Nov 2026, 09:30:00 GMT+8`. */
export function formatMoment(at: number, zone?: string): string {
  return formatter('moment', zone, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
    timeZoneName: 'short',
  }).format(at)
}

/** The time of day of an instant with seconds: `09:30:05`. */
export function formatClock(at: number, zone?: string): string {
  return formatter('clock', zone, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }).format(at)
}

/** The short name of a zone at an instant: `CET`, `GMT+8`. */
export function zoneName(at: number, zone?: string): string {
  const parts = formatter('zone', zone, { timeZoneName: 'short' }).formatToParts(at)
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? 'UTC'
}

const formatters = new Map<string, Intl.DateTimeFormat>()

/** Intl formatters take long to make, so one of each kind and zone is kept. */
function formatter(kind: string, zone: string | undefined, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${kind} ${zone ?? ''}`
  let found = formatters.get(key)
  if (found === undefined) {
    found = new Intl.DateTimeFormat('en-GB', zone === undefined ? options : { ...options, timeZone: zone })
    formatters.set(key, found)
  }
  return found
}

const counts = new Intl.NumberFormat('en-GB')
const shortCounts = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })

/** A whole number, with separators, and short from a hundred thousand on: `12,480`, `1.2M`. */
export function formatCount(value: number): string {
  return value < 100_000 ? counts.format(value) : shortCounts.format(value)
}

/** A share as a percentage that reads 100 % only when it is all of them: `99.9 %`. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–'
  if (part === whole) return '100 %'
  return `${Math.min(99.9, Math.round((part / whole) * 1000) / 10)} %`
}
