import { formatBytes, parseBytes } from '../runtime/bytes.ts'
import { formatDuration, parseDuration } from '../runtime/duration.ts'

export type Read<T> = { ok: true; value: T } | { ok: false; fault: string }

/** How one setting is read from YAML (typed) or from text (environment, flags), and how it is shown again. */
export interface Kind<T> {
  /** For help texts: `<duration>`, `stdout|file`. */
  hint: string
  read(raw: unknown): Read<T>
  show(value: T): string
}

export interface Bounds {
  min?: number
  max?: number
}

export function integer(bounds: Bounds = {}): Kind<number> {
  return {
    hint: '<integer>',
    read(raw) {
      const value = typeof raw === 'string' && /^-?\d{1,15}$/.test(raw) ? Number(raw) : raw
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) return fault(`${quote(raw)} is not a whole number`)
      return within(value, bounds, String)
    },
    show: String,
  }
}

/** Milliseconds, written as `90s` or `10m`. */
export function duration(bounds: Bounds = {}): Kind<number> {
  return {
    hint: '<duration>',
    read(raw) {
      const value = typeof raw === 'string' ? parseDuration(raw) : undefined
      if (value === undefined) return fault(`${quote(raw)} is not a duration such as 90s, 10m or 1h30m`)
      return within(value, bounds, formatDuration)
    },
    show: formatDuration,
  }
}

/** Bytes, written as `64KiB` or `10MiB`. */
export function bytes(bounds: Bounds = {}): Kind<number> {
  return {
    hint: '<size>',
    read(raw) {
      const value = typeof raw === 'string' || typeof raw === 'number' ? parseBytes(String(raw)) : undefined
      if (value === undefined) return fault(`${quote(raw)} is not a size such as 64KiB or 10MiB`)
      return within(value, bounds, formatBytes)
    },
    show: formatBytes,
  }
}

export function boolean(): Kind<boolean> {
  return {
    hint: 'true|false',
    read(raw) {
      if (raw === true || raw === 'true' || raw === '1') return { ok: true, value: true }
      if (raw === false || raw === 'false' || raw === '0') return { ok: true, value: false }
      return fault(`${quote(raw)} is neither true nor false`)
    },
    show: String,
  }
}

export function choice<const T extends string>(...values: readonly T[]): Kind<T> {
  return {
    hint: values.join('|'),
    read(raw) {
      const value = values.find((known) => known === raw)
      return value === undefined ? fault(`${quote(raw)} is none of ${values.join(', ')}`) : { ok: true, value }
    },
    show: String,
  }
}

/** Text that `check` does not object to. */
export function text(hint: string, check?: (value: string) => string | undefined): Kind<string> {
  return {
    hint,
    read(raw) {
      if (typeof raw !== 'string' || raw === '') return fault(`${quote(raw)} is not ${article(hint)}`)
      const objection = check?.(raw)
      return objection === undefined ? { ok: true, value: raw } : fault(objection)
    },
    show: String,
  }
}

/** Several texts: a YAML list, or separated by commas. */
export function list(hint: string, check?: (value: string) => string | undefined): Kind<string[]> {
  return {
    hint: `${hint},…`,
    read(raw) {
      const parts = typeof raw === 'string' ? raw.split(',').map((part) => part.trim()) : raw
      if (!Array.isArray(parts)) return fault(`${quote(raw)} is not a list`)
      const value: string[] = []
      for (const part of parts) {
        if (part === '' && parts.length === 1) break
        if (typeof part !== 'string' || part === '') return fault(`${quote(part)} is not ${article(hint)}`)
        const objection = check?.(part)
        if (objection !== undefined) return fault(objection)
        value.push(part)
      }
      return { ok: true, value }
    },
    show: (value) => value.join(','),
  }
}

function within(value: number, { min, max }: Bounds, show: (value: number) => string): Read<number> {
  if (min !== undefined && value < min) return fault(`${show(value)} is less than ${show(min)}`)
  if (max !== undefined && value > max) return fault(`${show(value)} is more than ${show(max)}`)
  return { ok: true, value }
}

function fault(detail: string): { ok: false; fault: string } {
  return { ok: false, fault: detail }
}

function article(hint: string): string {
  const word = hint.replace(/[<>]/g, '')
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`
}

/** A value as it was written, cut to what fits on a line. */
function quote(raw: unknown): string {
  const written = JSON.stringify(raw) ?? String(raw)
  return written.length > 60 ? `${written.slice(0, 57)}…` : written
}
