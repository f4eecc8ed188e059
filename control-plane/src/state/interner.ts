/** Distinct values that one interner remembers; what comes later is passed through as it is. */
const DISTINCT_MAX = 50_000

/**
 * Gives equal values one object while many are loaded: a million jobs share a few hundred targets, policies and zones.
 * What it returns must be treated as immutable. To be dropped after the load.
 */
export class Interner {
  readonly #texts = new Map<string, string>()
  readonly #objects = new Map<string, unknown>()

  text<T extends string>(value: T): T {
    const known = this.#texts.get(value)
    if (known !== undefined) return known as T
    const own = ownText(value)
    if (this.#texts.size < DISTINCT_MAX) this.#texts.set(own, own)
    return own
  }

  /** For small plain data: it is compared, and copied, as JSON. */
  object<T>(value: T): T {
    const text = JSON.stringify(value)
    const known = this.#objects.get(text)
    if (known !== undefined) return known as T
    const own = JSON.parse(text) as T
    if (this.#objects.size < DISTINCT_MAX) this.#objects.set(text, own)
    return own
  }
}

/**
 * A copy of what the store gave that keeps nothing else alive: the strings that msgpackr decodes are slices, each of
 * which holds on to all the text of its record.
 */
export function own<T extends object>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

/** The same for one string. */
export function ownText<T extends string>(text: T): T {
  return Buffer.from(text).toString() as T
}
