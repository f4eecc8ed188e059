import type { Fault } from '../problems.ts'
import { formatDuration, parseDuration } from '../runtime/duration.ts'
import { parseInstant } from '../runtime/instant.ts'
import { unknownName } from '../runtime/suggest.ts'
import type { Millis } from '../runtime/clock.ts'

export interface Range {
  min: number
  max: number
}

export interface TextRule {
  max: number
  pattern?: RegExp
  /** What the pattern wants, in words: `letters, digits and . _ -`. */
  wants?: string
}

export interface MapRule {
  max: number
  key: TextRule
  valueLengthMax: number
}

/**
 * Reads an object of unknown shape field by field and notes every fault with its JSON pointer instead of stopping at the
 * first. A field that is absent or wrong reads as `undefined`. `close` reports the fields that nobody asked for.
 */
export class Fields {
  readonly pointer: string
  readonly #source: Record<string, unknown>
  readonly #faults: Fault[]
  readonly #asked: Set<string> = new Set()

  constructor(value: unknown, pointer: string, faults: Fault[]) {
    this.pointer = pointer
    this.#faults = faults
    this.#source = isObject(value) ? value : {}
    if (!isObject(value)) faults.push({ pointer, detail: 'is not an object' })
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined
  }

  /** The value as it was sent. */
  raw(name: string): unknown {
    this.#asked.add(name)
    return Object.hasOwn(this.#source, name) ? this.#source[name] : undefined
  }

  fault(name: string, detail: string): undefined {
    this.#faults.push({ pointer: `${this.pointer}/${escapePointer(name)}`, detail })
    return undefined
  }

  text(name: string, rule: TextRule): string | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    const objection = textObjection(value, rule)
    return objection === undefined ? (value as string) : this.fault(name, objection)
  }

  boolean(name: string): boolean | undefined {
    const value = this.raw(name)
    return value === undefined || typeof value === 'boolean' ? value : this.fault(name, 'is neither true nor false')
  }

  integer(name: string, range: Range): number | undefined {
    const value = this.raw(name)
    if (value !== undefined && !Number.isSafeInteger(value)) return this.fault(name, 'is not a whole number')
    return this.number(name, range)
  }

  number(name: string, { min, max }: Range): number | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    if (typeof value !== 'number' || !Number.isFinite(value)) return this.fault(name, 'is not a number')
    return value >= min && value <= max ? value : this.fault(name, `${value} is outside ${min} to ${max}`)
  }

  /** Milliseconds. */
  duration(name: string, { min, max }: Range): number | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    const ms = typeof value === 'string' && value.length <= 32 ? parseDuration(value) : undefined
    if (ms === undefined) return this.fault(name, 'is not a duration such as 90s, 10m or 1h30m')
    if (ms >= min && ms <= max) return ms
    return this.fault(name, `${formatDuration(ms)} is outside ${formatDuration(min)} to ${formatDuration(max)}`)
  }

  instant(name: string): Millis | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    const instant = typeof value === 'string' && value.length <= 40 ? parseInstant(value) : undefined
    return instant ?? this.fault(name, 'is not a time such as 2026-11-20T15:00:00Z')
  }

  choice<const T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    return values.find((known) => known === value) ?? this.fault(name, `is none of ${values.join(', ')}`)
  }

  /** The fields of an object within; an absent one reads as empty. */
  object(name: string): Fields {
    const value = this.raw(name)
    return new Fields(value === undefined ? {} : value, `${this.pointer}/${name}`, this.#faults)
  }

  list(name: string, max: number): unknown[] | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    if (!Array.isArray(value)) return this.fault(name, 'is not a list')
    return value.length <= max ? value : this.fault(name, `has ${value.length} items, more than ${max}`)
  }

  textMap(name: string, rule: MapRule): Record<string, string> | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    if (!isObject(value)) return this.fault(name, 'is not an object')
    const entries = Object.entries(value)
    if (entries.length > rule.max) return this.fault(name, `has ${entries.length} entries, more than ${rule.max}`)
    const map = new Fields(value, `${this.pointer}/${name}`, this.#faults)
    for (const [key] of entries) {
      const objection = key === '__proto__' ? 'may not be used as a name' : textObjection(key, rule.key)
      if (objection === undefined) map.text(key, { max: rule.valueLengthMax })
      else map.fault(key, objection)
    }
    return value as Record<string, string>
  }

  /** Notes every field that was not asked for. */
  close(): void {
    for (const name of Object.keys(this.#source)) {
      if (!this.#asked.has(name)) this.fault(name, unknownName(name, this.#asked))
    }
  }
}

function textObjection(value: unknown, { max, pattern, wants }: TextRule): string | undefined {
  if (typeof value !== 'string') return 'is not a text'
  if (value.length > max) return `has ${value.length} characters, more than ${max}`
  if (pattern === undefined || pattern.test(value)) return undefined
  return value === '' ? 'is empty' : `${JSON.stringify(value.slice(0, 60))} is not ${wants ?? `like ${pattern.source}`}`
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
