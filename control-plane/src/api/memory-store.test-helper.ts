import { encodeValue } from '../store/codec.ts'
import type { Gathered, RangeOptions, Sized, Store, StoreView, Write } from '../store/store.ts'

/** A store in memory, written at once. */
export class MemoryStore implements Store {
  readonly applied = { index: 0, term: 0 }
  readonly membership = undefined
  readonly #values = new Map<string, unknown>()
  #gather: () => Gathered = () => ({ writes: [], applied: this.applied })

  gatherFrom(gather: () => Gathered): void {
    this.#gather = gather
  }
  requestWrite(): void {
    for (const write of this.#gather().writes) this.stage(write)
  }
  stage(write: Write): void {
    if (write.type === 'put') this.#values.set(write.key, structuredClone(write.value))
    else this.#values.delete(write.key)
  }
  get<T>(key: string): Promise<T | undefined> {
    return Promise.resolve(this.#values.get(key) as T | undefined)
  }
  getMany<T>(keys: readonly string[]): Promise<(Sized<T> | undefined)[]> {
    const found = keys.map((key) => this.#values.get(key) as T | undefined)
    return Promise.resolve(found.map((value) => (value === undefined ? undefined : { value, bytes: 0 })))
  }
  async *range<T>({ gte, gt, lt, lte, reverse, limit }: RangeOptions): AsyncIterable<[string, T]> {
    const keys = [...this.#values.keys()]
      .filter((key) => (gte === undefined || key >= gte) && (gt === undefined || key > gt))
      .filter((key) => (lt === undefined || key < lt) && (lte === undefined || key <= lte))
      .sort()
    if (reverse) keys.reverse()
    for (const key of keys.slice(0, limit)) yield [key, this.#values.get(key) as T]
    await Promise.resolve()
  }
  room(): Promise<void> {
    return Promise.resolve()
  }
  flush(): Promise<void> {
    return Promise.resolve()
  }
  durableView(): Promise<StoreView> {
    return Promise.resolve(this.presentView())
  }
  presentView(): StoreView {
    const values = new Map(this.#values)
    const rows = [...values.keys()].sort().map((key) => [key, encodeValue(key, values.get(key))] as const)
    return {
      position: this.applied,
      get: <T>(key: string) => Promise.resolve(values.get(key) as T | undefined),
      async *entries() {
        yield rows
        await Promise.resolve()
      },
      close: () => Promise.resolve(),
    }
  }
  close(): Promise<void> {
    return Promise.resolve()
  }
}
