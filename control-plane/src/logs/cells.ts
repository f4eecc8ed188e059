import type { Millis } from '../runtime/clock.ts'

/**
 * A value of a column, as the text that a database makes of it again: numbers in decimal, instants as
 * `2026-11-21 11:00:00.123000`, JSON as JSON. What is written, and what checksums are made of, are so the same.
 */
export type Cell = string | null

/** The first and the last instant that a `DATETIME` can name. */
const INSTANT_MIN = Date.UTC(1000, 0, 1)
const INSTANT_MAX = Date.UTC(10_000, 0, 1) - 1
const LONE_SURROGATE = /\p{Surrogate}/gu
const SECONDS_KNOWN_MAX = 4096

const seconds = new Map<number, string>()

/** Text of so many characters at most. Halves of characters, which no database takes, become U+FFFD. */
export function text(value: string, charactersMax: number): string
export function text(value: string | undefined, charactersMax: number): Cell
export function text(value: string | undefined, charactersMax: number): Cell {
  if (typeof value !== 'string') return null
  return cut(value, charactersMax).replace(LONE_SURROGATE, '\uFFFD')
}

/** A whole number that JavaScript can hold; what is none is null. */
export function whole(value: number | undefined): Cell {
  if (typeof value !== 'number' || Number.isNaN(value)) return null
  const bounded = Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER)
  return String(Math.trunc(bounded) + 0)
}

/** An instant in UTC, to the microsecond. What no calendar of a database has is moved to its nearest end. */
export function instant(at: Millis): string
export function instant(at: Millis | undefined): Cell
export function instant(at: Millis | undefined): Cell {
  if (typeof at !== 'number' || Number.isNaN(at)) return null
  const kept = keptInstant(at)
  const second = Math.floor(kept / 1000)
  const micros = Math.min(999_999, Math.round((kept - second * 1000) * 1000))
  return `${textOfSecond(second)}.${String(micros).padStart(6, '0')}`
}

/** The instant that is kept instead of any other. */
export function keptInstant(at: Millis): Millis {
  return Math.min(Math.max(at, INSTANT_MIN), INSTANT_MAX)
}

/** JSON of so many bytes at most; of what is longer it has the beginning, and says so. */
export function json(value: unknown, bytesMax: number): Cell {
  if (value === undefined) return null
  const whole = jsonText(value)
  if (whole === undefined) return null
  if (whole.length * 3 <= bytesMax) return whole
  const bytes = Buffer.byteLength(whole)
  if (bytes <= bytesMax) return whole
  // A character of JSON within JSON may take six bytes for each of its own.
  return JSON.stringify({ text: cut(whole, Math.floor(bytesMax / 8)), truncated: true, bytes })
}

function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

/** The first characters of a text; never half of one. */
function cut(value: string, charactersMax: number): string {
  if (value.length <= charactersMax) return value
  let end = 0
  for (let left = charactersMax; left > 0 && end < value.length; left--) {
    end += (value.codePointAt(end) as number) > 0xffff ? 2 : 1
  }
  return value.slice(0, end)
}

function textOfSecond(second: number): string {
  const known = seconds.get(second)
  if (known !== undefined) return known
  if (seconds.size === SECONDS_KNOWN_MAX) seconds.clear()
  const made = new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' ')
  seconds.set(second, made)
  return made
}
