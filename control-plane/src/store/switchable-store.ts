import type { Membership } from '../raft/types.ts'
import type { AppliedPosition, Gathered, RangeOptions, Sized, Store, StoreView, Write } from './store.ts'

/** A store that another one can take over from. */
export interface Replaceable extends Store {
  /** Closes without writing what waits. */
  abandon(): Promise<void>
}

interface Holder<S> {
  store: S
  /** Reads under way, views included. */
  readers: number
  retired: (() => void) | undefined
}

/** The store of a node, which can be replaced while the node runs: each read ends on the store that it began on. */
export class SwitchableStore<S extends Replaceable = Replaceable> implements Store {
  #holder: Holder<S>

  constructor(store: S) {
    this.#holder = { store, readers: 0, retired: undefined }
  }

  /** What it stands on now. */
  get current(): S {
    return this.#holder.store
  }

  get applied(): AppliedPosition {
    return this.#holder.store.applied
  }

  get membership(): Membership | undefined {
    return this.#holder.store.membership
  }

  /**
   * Goes on with another store from this moment on; nothing gathers for it before `gatherFrom` is called again. Resolves
   * when all that read the old one have finished and it is closed.
   */
  swap(next: S): Promise<void> {
    const old = this.#holder
    this.#holder = { store: next, readers: 0, retired: undefined }
    // What memory holds from now on is not for the old one.
    old.store.gatherFrom(() => ({ writes: [], applied: old.store.applied }))
    const read = new Promise<void>((resolve) => {
      if (old.readers === 0) resolve()
      else old.retired = resolve
    })
    return read.then(() => old.store.abandon())
  }

  gatherFrom(gather: () => Gathered): void {
    this.#holder.store.gatherFrom(gather)
  }

  requestWrite(): void {
    this.#holder.store.requestWrite()
  }

  stage(write: Write): void {
    this.#holder.store.stage(write)
  }

  get<T>(key: string): Promise<T | undefined> {
    return this.#reading((store) => store.get<T>(key))
  }

  getMany<T>(keys: readonly string[]): Promise<(Sized<T> | undefined)[]> {
    return this.#reading((store) => store.getMany<T>(keys))
  }

  range<T>(options: RangeOptions): AsyncIterable<[key: string, value: T]> {
    return { [Symbol.asyncIterator]: () => this.#iterate<T>(options) }
  }

  room(): Promise<void> {
    return this.#holder.store.room()
  }

  flush(): Promise<void> {
    return this.#holder.store.flush()
  }

  async durableView(): Promise<StoreView> {
    const { store, end } = this.#begin()
    try {
      return held(await store.durableView(), end)
    } catch (error) {
      end()
      throw error
    }
  }

  presentView(): StoreView {
    const { store, end } = this.#begin()
    return held(store.presentView(), end)
  }

  close(): Promise<void> {
    return this.#holder.store.close()
  }

  async #reading<T>(read: (store: S) => Promise<T>): Promise<T> {
    const { store, end } = this.#begin()
    try {
      return await read(store)
    } finally {
      end()
    }
  }

  /** By hand: a generator around a generator costs every row three turns more. */
  #iterate<T>(options: RangeOptions): AsyncIterator<[key: string, value: T]> {
    let begun: { rows: AsyncIterator<[key: string, value: T]>; end: () => void } | undefined
    const rows = () => {
      if (begun) return begun.rows
      const { store, end } = this.#begin()
      begun = { rows: store.range<T>(options)[Symbol.asyncIterator](), end }
      return begun.rows
    }
    return {
      async next() {
        try {
          const result = await rows().next()
          if (result.done) begun?.end()
          return result
        } catch (error) {
          begun?.end()
          throw error
        }
      },
      async return() {
        await begun?.rows.return?.()
        begun?.end()
        return { done: true, value: undefined }
      },
    }
  }

  #begin(): { store: S; end: () => void } {
    const holder = this.#holder
    holder.readers += 1
    let ended = false
    return {
      store: holder.store,
      end: () => {
        if (ended) return
        ended = true
        holder.readers -= 1
        if (holder.readers === 0) holder.retired?.()
      },
    }
  }
}

function held(view: StoreView, end: () => void): StoreView {
  return {
    position: view.position,
    get: (key) => view.get(key),
    entries: () => view.entries(),
    close: () => view.close().finally(end),
  }
}
