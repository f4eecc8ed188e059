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
    if (this.#texts.size < DISTINCT_MAX) this.#texts.set(value, value)
    return value
  }

  /** For small plain data: it is compared as JSON. */
  object<T>(value: T): T {
    const text = JSON.stringify(value)
    const known = this.#objects.get(text)
    if (known !== undefined) return known as T
    if (this.#objects.size < DISTINCT_MAX) this.#objects.set(text, value)
    return value
  }
}
