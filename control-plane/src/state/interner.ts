/** Distinct values that one interner remembers; what comes later is passed through as it is. */
const DISTINCT_MAX = 50_000

/**
 * Gives equal values one object while many are loaded: a million jobs share a few hundred targets, policies and zones.
 * What it returns must be treated as immutable. To be dropped after the load.
 */
export class Interner {
  readonly #texts = new Map<string, string>()
  readonly #objects = new Map<string, unknown>()
  readonly #recent = new Map<string, unknown>()

  text<T extends string>(value: T): T {
    const known = this.#texts.get(value)
    if (known !== undefined) return known as T
    const own = ownText(value)
    if (this.#texts.size < DISTINCT_MAX) this.#texts.set(own, own)
    return own
  }

  /**
   * For small plain data, compared and copied as JSON; first with what came last for the same `field`, which is most
   * often the same and six times as fast.
   */
  object<T>(field: string, value: T): T {
    const recent = this.#recent.get(field)
    if (recent !== undefined && sameJson(recent, value)) return recent as T
    const text = JSON.stringify(value)
    let shared = this.#objects.get(text)
    if (shared === undefined) {
      shared = JSON.parse(text)
      if (this.#objects.size < DISTINCT_MAX) this.#objects.set(text, shared)
    }
    this.#recent.set(field, shared)
    return shared as T
  }
}

/** Equal as JSON, the order of fields included. */
function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  const others = Object.keys(b)
  if (keys.length !== others.length) return false
  return keys.every((key, at) => key === others[at] && sameJson(Reflect.get(a, key), Reflect.get(b, key)))
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
