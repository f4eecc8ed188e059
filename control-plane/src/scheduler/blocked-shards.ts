import type { Wait } from './waits.ts'

/** Most shards of a group that are woken together, and groups whose shards are. */
const WINDOW_MAX = 256
const GROUPS_MAX = 64

interface Blocked {
  wait: Wait
  sequence: number
}

interface Group {
  /** Ascending by sequence. */
  shards: Blocked[]
  /** How many are woken next. */
  window: number
}

/**
 * Parts of running runs for which nothing was free, in groups for which the same is to become free. They sleep until
 * something does, and then the oldest of a group come, few at a time.
 */
export class BlockedShards {
  readonly #groups = new Map<string, Group>()
  #size = 0

  get size(): number {
    return this.#size
  }

  has(group: string): boolean {
    return this.#groups.has(group)
  }

  /** There was no room for one, or for those before it. `sequence`: of its run, the lower comes first. */
  add(key: string, wait: Wait, sequence: number): void {
    const group = this.#groups.get(key) ?? { shards: [], window: 1 }
    this.#groups.set(key, group)
    const { shards } = group
    let place = shards.length
    while (place > 0 && (shards[place - 1] as Blocked).sequence > sequence) place -= 1
    shards.splice(place, 0, { wait, sequence })
    this.#size += 1
  }

  /** There was no room for the first of a group. */
  full(key: string): void {
    const group = this.#groups.get(key)
    if (group) group.window = 1
  }

  /** One of a group found a place: takes out those that are to be tried next. */
  placed(key: string): Wait[] {
    const group = this.#groups.get(key)
    if (!group) return []
    group.window = Math.min(WINDOW_MAX, group.window * 2)
    return this.#take(key, group)
  }

  /** Something became free, in one namespace or anywhere: takes out what is to be tried again. */
  wake(namespace?: number): Wait[] {
    const woken: Wait[] = []
    if (this.#size === 0) return woken
    const groups: [string, Group][] = []
    for (const entry of this.#groups) {
      if (namespace !== undefined && !entry[0].startsWith(`${namespace}/`)) continue
      groups.push(entry)
      if (groups.length >= GROUPS_MAX) break
    }
    for (const [key, group] of groups) {
      // The others come first next time.
      this.#groups.delete(key)
      this.#groups.set(key, group)
      woken.push(...this.#take(key, group))
    }
    return woken
  }

  clear(): void {
    this.#groups.clear()
    this.#size = 0
  }

  #take(key: string, group: Group): Wait[] {
    const taken = group.shards.splice(0, group.window)
    if (group.shards.length === 0) this.#groups.delete(key)
    this.#size -= taken.length
    return taken.map(({ wait }) => ({ ...wait, at: 0, woken: true as const }))
  }
}
