import type { Gathered, RangeOptions, Sized, Store, Write } from '../store/store.ts'

/** A store as far as a state is written to it and read from it. */
export class Shelf
  implements Pick<Store, 'get' | 'getMany' | 'range' | 'stage' | 'requestWrite' | 'gatherFrom' | 'applied'>
{
  readonly #values = new Map<string, unknown>()
  #gather: () => Gathered = () => ({ writes: [], applied: { index: 0, term: 0 } })
  applied = { index: 0, term: 0 }

  gatherFrom(gather: () => Gathered): void {
    this.#gather = gather
  }

  requestWrite(): void {
    const { writes, applied } = this.#gather()
    for (const write of writes) this.stage(write)
    this.applied = applied
  }

  stage(write: Write): void {
    if (write.type === 'put') this.#values.set(write.key, structuredClone(write.value))
    else this.#values.delete(write.key)
  }

  get<T>(key: string): Promise<T | undefined> {
    return Promise.resolve(structuredClone(this.#values.get(key)) as T | undefined)
  }

  async getMany<T>(keys: readonly string[]): Promise<(Sized<T> | undefined)[]> {
    const found: (T | undefined)[] = await Promise.all(keys.map((key) => this.get<T>(key)))
    return found.map((value) => (value === undefined ? undefined : { value, bytes: JSON.stringify(value).length }))
  }

  async *range<T>({ gte = '', gt = '', lt = '~', reverse, limit }: RangeOptions): AsyncIterable<[string, T]> {
    const keys = [...this.#values.keys()].filter((key) => key >= gte && (gt === '' || key > gt) && key < lt).sort()
    if (reverse) keys.reverse()
    for (const key of keys.slice(0, limit)) {
      await Promise.resolve()
      yield [key, structuredClone(this.#values.get(key)) as T]
    }
  }
}
