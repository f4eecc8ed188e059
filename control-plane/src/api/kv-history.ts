import type { Event } from '../state/applied.ts'
import { type Holder, type KvEntry, type KvSpace, lockId } from '../state/kv-types.ts'
import type { State } from '../state/state.ts'
import { OrderedKeys } from '../kv/ordered-keys.ts'

/** Changes that a node holds for those who watch. */
export const HISTORY_MAX = 10_000
/** Bytes of values that the held changes have, at most. */
export const HISTORY_BYTES_MAX = 16 * 1_048_576

/** One change. A key without an entry, and a lock without a holder, has gone. */
export interface KvChange {
  index: number
  namespace: number
  of: 'keys' | 'locks' | 'elections'
  name: string
  entry?: KvEntry
  holder?: Holder
}

/**
 * The last changes of keys, locks and elections as they were applied on this node, and the order of the keys. Holding a
 * change costs the same however many watch; a watcher is a position. Positions count changes, indexes those of the log.
 */
export class KvHistory {
  readonly #max: number
  readonly #bytesMax: number
  #held: KvChange[] = []
  /** Position of the first in `#held`, some of which are dead: cut off in bulk. */
  #base = 0
  #dead = 0
  #bytes = 0
  #complete: number
  #waiting: (() => void)[] = []
  readonly #lockListeners = new Map<string, Set<() => void>>()
  #orders = new WeakMap<KvSpace, OrderedKeys>()

  /** `index`: up to which nothing was heard. */
  constructor(index = 0, { max = HISTORY_MAX, bytesMax = HISTORY_BYTES_MAX } = {}) {
    this.#complete = index + 1
    this.#max = max
    this.#bytesMax = bytesMax
  }

  /** The first log index whose changes, and those of all after it, are held. */
  get completeFrom(): number {
    return this.#complete
  }

  /** Position after the newest change. */
  get end(): number {
    return this.#base + this.#held.length
  }

  /** Give it every event of the state, in order, each right after it was applied. */
  onEvent(state: State, event: Event): void {
    if (event.type === 'kv-changed') {
      const { index, namespace, key, entry } = event
      this.#order(state, event)
      this.#hold({ index, namespace, of: 'keys', name: key, ...(entry ? { entry } : {}) })
    } else if (event.type === 'lock-changed') {
      const { index, lock, holder } = event
      const of = lock.kind === 'lock' ? 'locks' : 'elections'
      this.#hold({ index, namespace: lock.namespace, of, name: lock.name, ...(holder ? { holder } : {}) })
      for (const tell of this.#lockListeners.get(lockId(lock.namespace, lock.kind, lock.name)) ?? []) tell()
    } else if (event.type === 'definitions-changed' && event.what === 'token') this.wake()
  }

  /** The whole state was replaced by that at `index`: what led there is not known. */
  reset(index: number): void {
    this.#base = this.end + 1
    this.#held = []
    this.#dead = 0
    this.#bytes = 0
    this.#complete = index + 1
    this.#orders = new WeakMap()
    this.wake()
    for (const listeners of this.#lockListeners.values()) for (const tell of listeners) tell()
  }

  /** Position of the first held change at or after a log index; undefined when some of them may be missing. */
  positionOf(index: number): number | undefined {
    if (index < this.#complete) return undefined
    let low = this.#dead
    let high = this.#held.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#held[middle] as KvChange).index < index) low = middle + 1
      else high = middle
    }
    return this.#base + low
  }

  /** Changes from a position on, at most `max` of them; waits for the first. */
  async read(from: number, max: number): Promise<KvChange[] | 'dropped' | 'woken'> {
    if (from === this.end) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
      if (from === this.end) return 'woken'
    }
    const at = from - this.#base
    return at < this.#dead ? 'dropped' : this.#held.slice(at, at + max)
  }

  /** Makes those who wait look up. */
  wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  /** Calls `tell` after every change of a lock; returns how to stop that. */
  onLock(id: string, tell: () => void): () => void {
    const listeners = this.#lockListeners.get(id) ?? new Set()
    this.#lockListeners.set(id, listeners.add(tell))
    return () => {
      listeners.delete(tell)
      if (listeners.size === 0 && this.#lockListeners.get(id) === listeners) this.#lockListeners.delete(id)
    }
  }

  /** The keys of a namespace in order; made when it is first asked for, kept up from then on. */
  ordered(space: KvSpace): OrderedKeys {
    let order = this.#orders.get(space)
    if (!order) {
      order = new OrderedKeys(space.entries.keys())
      this.#orders.set(space, order)
    }
    return order
  }

  #order(state: State, { namespace, key, entry }: Extract<Event, { type: 'kv-changed' }>): void {
    if (entry !== undefined && entry.version > 1) return
    const space = state.kv.get(namespace)
    const order = space && this.#orders.get(space)
    if (!order) return
    if (entry) order.add(key)
    else order.delete(key)
  }

  #hold(change: KvChange): void {
    this.#held.push(change)
    this.#bytes += change.entry?.value.length ?? 0
    while (this.#held.length - this.#dead > this.#max || this.#bytes > this.#bytesMax) {
      const oldest = this.#held[this.#dead++] as KvChange
      this.#bytes -= oldest.entry?.value.length ?? 0
      this.#complete = oldest.index + 1
      delete oldest.entry
    }
    if (this.#dead >= this.#max) {
      this.#held = this.#held.slice(this.#dead)
      this.#base += this.#dead
      this.#dead = 0
    }
    if (this.#waiting.length > 0) this.wake()
  }
}
