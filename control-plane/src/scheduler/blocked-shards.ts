import type { Wait } from './waits.ts'

/** Most shards of a line that are woken together. */
const WINDOW_MAX = 256

interface Blocked {
  waits: Wait[]
  /** How many are woken next. */
  window: number
}

/** Parts of running runs for which nothing was free: they sleep until something frees, and then come few at a time. */
export class BlockedShards {
  readonly #lines = new Map<string, Blocked>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** There was no room for it. */
  add(line: string, wait: Wait): void {
    const blocked = this.#lines.get(line) ?? { waits: [], window: 1 }
    this.#lines.set(line, blocked)
    blocked.waits.push(wait)
    blocked.window = 1
    this.#size += 1
  }

  /** One of a line found a place: there may be room for more. */
  placed(line: string): void {
    const blocked = this.#lines.get(line)
    if (blocked) blocked.window = Math.min(WINDOW_MAX, blocked.window * 2)
  }

  /** Takes out what is to be tried again, of one namespace or of all. */
  wake(namespace?: number): Wait[] {
    if (this.#size === 0) return []
    const woken: Wait[] = []
    for (const [line, blocked] of this.#lines) {
      if (namespace !== undefined && !line.startsWith(`${namespace}/`)) continue
      woken.push(...blocked.waits.splice(0, blocked.window))
      if (blocked.waits.length === 0) this.#lines.delete(line)
    }
    this.#size -= woken.length
    return woken
  }

  clear(): void {
    this.#lines.clear()
    this.#size = 0
  }
}
