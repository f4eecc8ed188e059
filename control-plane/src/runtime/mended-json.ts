import { wellFormed } from './characters.ts'

/** What a text of JSON may hold that does not come back from the log as it was: `__proto__` and halves of pairs, as they are or escaped. */
const HAZARDS = /__proto__|\\u00[5-7]|\\u[dD][89a-fA-F]/i

/**
 * The value of a JSON text that tells of work which is done, as it can be kept: it is not refused for half of a
 * surrogate pair, which becomes U+FFFD, nor for a name `__proto__`, which loses its last underscore.
 */
export function mendedJson<T>(text: string, value: T): T {
  return HAZARDS.test(text) ? (mended(value) as T) : value
}

function mended(value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value)
  if (Array.isArray(value)) return value.map(mended)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [nameOf(name), mended(item)]))
}

function nameOf(name: string): string {
  return name === '__proto__' ? '__proto_' : wellFormed(name)
}
