import type { Millis } from '../runtime/clock.ts'

/** How long something must be well before it is said to be over, in milliseconds, unless it is told of sooner than that. */
const CALM_MS = 10_000

/** Since when things are wrong, or well again, in the memory of whoever looks. Times are those of one monotonic clock. */
export class Patience {
  readonly #wrong = new Map<string, number>()
  readonly #well = new Map<string, number>()

  /** How long this has been wrong without a break, this look included. */
  wrongFor(key: string, now: number): number {
    this.#well.delete(key)
    const since = this.#wrong.get(key)
    if (since !== undefined) return now - since
    this.#wrong.set(key, now)
    return 0
  }

  /** Whether something that fires has been well for long enough to say so. */
  isCalm(key: string, now: number, forMs: number): boolean {
    this.#wrong.delete(key)
    const since = this.#well.get(key)
    if (since === undefined) this.#well.set(key, now)
    return now - (since ?? now) >= (forMs === 0 ? CALM_MS : Math.min(CALM_MS, forMs))
  }

  /** Forgets what is neither wrong nor firing any more. */
  keep(keys: ReadonlySet<string>): void {
    for (const map of [this.#wrong, this.#well]) for (const key of map.keys()) if (!keys.has(key)) map.delete(key)
  }

  clear(): void {
    this.#wrong.clear()
    this.#well.clear()
  }
}

/** How long a rule waits: what it finds counts at once where it says nothing of that. */
export function forMsOf(condition: { kind: string; forMs?: Millis }): Millis {
  return condition.forMs ?? 0
}
