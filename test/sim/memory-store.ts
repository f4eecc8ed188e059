import { decodeValue, encodeValue } from '../../control-plane/src/store/codec.ts'
import type { Membership } from '../../control-plane/src/raft/types.ts'
import { MEMBERSHIP_KEY } from '../../control-plane/src/store/keys.ts'
import type {
  AppliedPosition,
  Gathered,
  RangeOptions,
  StatePosition,
  Store,
  StoreView,
  Write,
} from '../../control-plane/src/store/store.ts'

/** A store in memory: what was gathered stays when the process dies, in the bytes in which it lies on disk. */
export class MemoryStore implements Store {
  applied: AppliedPosition = { index: 0, term: 0 }
  membership: Membership | undefined
  readonly #values: Map<string, Uint8Array>
  #staged: Write[] = []
  #isDead = false
  #gather: () => Gathered = () => ({ writes: [], applied: this.applied })

  constructor(values = new Map<string, Uint8Array>(), position?: StatePosition) {
    this.#values = values
    if (!position) return
    this.applied = { index: position.index, term: position.term }
    this.membership = position.membership
  }

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

  /** The process has died: what it had still in hand is not written any more. */
  die(): void {
    this.#isDead = true
  }

  /** One batch becomes durable. */
  flush(): Promise<void> {
    if (this.#isDead) return Promise.resolve()
    const { writes, applied, membership } = this.#gather()
    put(this.#values, [...this.#staged, ...writes])
    this.#staged = []
    this.applied = applied
    if (membership && membership !== this.membership) {
      this.membership = membership
      put(this.#values, [{ type: 'put', key: MEMBERSHIP_KEY, value: membership }])
    }
    return Promise.resolve()
  }

  durableView(): Promise<StoreView> {
    return Promise.resolve(new MemoryView(new Map(this.#values), { ...this.applied, ...member(this.membership) }))
  }

  presentView(): StoreView {
    const { writes, applied, membership = this.membership } = this.#gather()
    this.#staged.push(...writes)
    const values = new Map(this.#values)
    put(values, this.#staged)
    if (membership) put(values, [{ type: 'put', key: MEMBERSHIP_KEY, value: membership }])
    return new MemoryView(values, { ...applied, ...member(membership) })
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
    return this.flush()
  }

  /** Another store has taken over: what waits is dropped. */
  abandon(): Promise<void> {
    this.#staged = []
    return Promise.resolve()
  }
}

class MemoryView implements StoreView {
  readonly position: StatePosition
  readonly #values: ReadonlyMap<string, Uint8Array>

  constructor(values: ReadonlyMap<string, Uint8Array>, position: StatePosition) {
    this.#values = values
    this.position = position
  }

  get<T>(key: string): Promise<T | undefined> {
    const bytes = this.#values.get(key)
    return Promise.resolve(bytes && (decodeValue(key, bytes)?.value as T))
  }

  async *entries(): AsyncIterable<readonly (readonly [key: string, value: Uint8Array])[]> {
    yield [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

function put(values: Map<string, Uint8Array>, writes: readonly Write[]): void {
  for (const write of writes) {
    if (write.type === 'del') values.delete(write.key)
    else values.set(write.key, encodeValue(write.key, write.value))
  }
}

function member(membership: Membership | undefined): { membership?: Membership } {
  return membership ? { membership } : {}
}
