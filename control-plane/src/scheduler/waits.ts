import type { Millis } from '../runtime/clock.ts'
import { Heap } from './heap.ts'

/** A shard that may be placed again from an instant on. */
export interface Wait {
  run: string
  shard: number
  at: Millis
  /** Something became free for it. */
  woken?: true
}

/** Shards that wait for a retry, a failover or a redispatch, the earliest first. Stale ones are the taker's to skip. */
export class Waits {
  readonly #heap = new Heap<Wait>((a, b) => a.at < b.at)

  get earliest(): Millis | undefined {
    return this.#heap.first?.at
  }

  add(wait: Wait): void {
    this.#heap.add(wait)
  }

  /** Takes up to `limit` waits that are over at `now`. */
  takeDue(now: Millis, limit: number): Wait[] {
    const due: Wait[] = []
    while (due.length < limit) {
      const { first } = this.#heap
      if (!first || first.at > now) break
      due.push(first)
      this.#heap.take()
    }
    return due
  }

  clear(): void {
    this.#heap.clear()
  }
}
