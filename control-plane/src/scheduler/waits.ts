import type { Millis } from '../runtime/clock.ts'

/** A shard that may be placed again from an instant on. */
export interface Wait {
  run: string
  shard: number
  at: Millis
}

/** Shards that wait for a retry, a failover or a redispatch, the earliest first: a binary heap. Stale ones are the taker's to skip. */
export class Waits {
  #heap: Wait[] = []

  get earliest(): Millis | undefined {
    return this.#heap[0]?.at
  }

  get size(): number {
    return this.#heap.length
  }

  add(wait: Wait): void {
    const heap = this.#heap
    heap.push(wait)
    let place = heap.length - 1
    while (place > 0) {
      const parent = (place - 1) >> 1
      if ((heap[parent] as Wait).at <= wait.at) break
      heap[place] = heap[parent] as Wait
      place = parent
    }
    heap[place] = wait
  }

  /** Takes up to `limit` waits that are over at `now`. */
  takeDue(now: Millis, limit: number): Wait[] {
    const due: Wait[] = []
    while (due.length < limit && this.#heap.length > 0 && (this.#heap[0] as Wait).at <= now) due.push(this.#take())
    return due
  }

  clear(): void {
    this.#heap = []
  }

  #take(): Wait {
    const heap = this.#heap
    const first = heap[0] as Wait
    const last = heap.pop() as Wait
    if (heap.length === 0) return first
    let place = 0
    for (;;) {
      const left = 2 * place + 1
      if (left >= heap.length) break
      const right = left + 1
      const least = right < heap.length && (heap[right] as Wait).at < (heap[left] as Wait).at ? right : left
      if ((heap[least] as Wait).at >= last.at) break
      heap[place] = heap[least] as Wait
      place = least
    }
    heap[place] = last
    return first
  }
}
