import { isPulled } from '../discovery/pull.ts'
import { Queue, type Queued } from './queue.ts'

/** Calls that wait until there is room at their origin, first come, first served at each. */
export class Parked<T extends Queued> {
  readonly #origins = new Map<string, Queue<T>>()

  add(call: T, origin: string): void {
    let queue = this.#origins.get(origin)
    if (!queue) this.#origins.set(origin, (queue = new Queue()))
    queue.push(call)
  }

  has(origin: string): boolean {
    return this.#origins.has(origin)
  }

  /** The one that waited longest. */
  shift(origin: string): T | undefined {
    const queue = this.#origins.get(origin)
    const call = queue?.shift()
    if (queue?.size === 0) this.#origins.delete(origin)
    return call
  }

  /** How many wait for whoever polls. */
  get forPolls(): number {
    let count = 0
    for (const [origin, { size }] of this.#origins) if (isPulled(origin)) count += size
    return count
  }
}
