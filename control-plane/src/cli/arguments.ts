import { InvalidArgumentError } from 'commander'
import { formatDuration, parseDuration } from '../runtime/duration.ts'
import { parseInstant } from '../runtime/instant.ts'

/** Readers for option values; what they throw is shown as a fault of usage. */

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`It is a whole number from ${min} to ${max}.`)
  }
}

/** A duration such as `90s`, in milliseconds. */
export function duration(minMs: number, maxMs: number): (text: string) => number {
  return (text) => {
    const ms = parseDuration(text)
    if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms
    throw new InvalidArgumentError(`It is a duration such as 90s, of at most ${formatDuration(maxMs)}.`)
  }
}

/** A time as RFC 3339, or how long ago: `2h`. */
export function timeOrAge(now: () => number): (text: string) => number {
  return (text) => {
    const age = parseDuration(text)
    const at = age === undefined ? parseInstant(text) : now() - age
    if (at !== undefined) return at
    throw new InvalidArgumentError('It is a time such as 2026-11-20T15:00:00Z, or an age such as 2h.')
  }
}

/** `key=value`, several of them. */
export function pair(text: string, before: Record<string, string> = {}): Record<string, string> {
  const mark = text.indexOf('=')
  if (mark < 1) throw new InvalidArgumentError('It is key=value.')
  return { ...before, [text.slice(0, mark)]: text.slice(mark + 1) }
}
