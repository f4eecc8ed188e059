import { decodeValue, encodeValue } from '../../control-plane/src/store/codec.ts'
import type { AppliedPosition, Gathered, RangeOptions, Store, Write } from '../../control-plane/src/store/store.ts'

/** A store in memory: what was gathered stays when the process dies, in the bytes in which it lies on disk. */
export class MemoryStore implements Store {
  applied: AppliedPosition = { index: 0, term: 0 }
  readonly #values = new Map<string, Uint8Array>()
  #staged: Write[] = []
  #gather: () => Gathered = () => ({ writes: [], applied: this.applied })

  gatherFrom(gather: () => Gathered): void {
    this.#gather = gather
    this.#staged = []
  }

  requestWrite(): void {
    // The simulation says when a batch is written.
  }

  stage(write: Write): void {
    this.#staged.push(write)
  }

  /** One batch becomes durable. */
  flush(): Promise<void> {
    const { writes, applied } = this.#gather()
    for (const write of [...this.#staged, ...writes]) {
      if (write.type === 'del') this.#values.delete(write.key)
      else this.#values.set(write.key, encodeValue(write.key, write.value))
    }
    this.#staged = []
    this.applied = applied
    return Promise.resolve()
  }

  get<T>(key: string): Promise<T | undefined> {
    const bytes = this.#values.get(key)
    return Promise.resolve(bytes && (decodeValue(key, bytes)?.value as T))
  }

  async *range<T>({ gte = '', lt = '~' }: RangeOptions): AsyncIterable<[key: string, value: T]> {
    for (const key of [...this.#values.keys()].filter((one) => one >= gte && one < lt).sort())
      yield [key, (await this.get<T>(key)) as T]
  }

  room(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
