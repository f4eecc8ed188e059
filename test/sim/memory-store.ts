import { decodeValue, encodeValue } from '../../control-plane/src/store/codec.ts'
import type { Membership } from '../../control-plane/src/raft/types.ts'
import { MEMBERSHIP_KEY } from '../../control-plane/src/store/keys.ts'
import type {
  AppliedPosition,
  Gathered,
  RangeOptions,
  Sized,
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
  /** By key; the last write of a key counts. */
  #staged = new Map<string, Write>()
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
    this.#staged.clear()
  }

  requestWrite(): void {
    // The simulation says when a batch is written.
  }

  stage(write: Write): void {
    this.#staged.set(write.key, write)
  }

  /** The process has died: what it had still in hand is not written any more. */
  die(): void {
    this.#isDead = true
  }

  /** One batch becomes durable. */
  flush(): Promise<void> {
    if (this.#isDead) return Promise.resolve()
    const { writes, applied, membership } = this.#gather()
    put(this.#values, [...this.#staged.values(), ...writes])
    this.#staged.clear()
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
    for (const write of writes) this.#staged.set(write.key, write)
    const values = new Map(this.#values)
    put(values, this.#staged.values())
    if (membership) put(values, [{ type: 'put', key: MEMBERSHIP_KEY, value: membership }])
    return new MemoryView(values, { ...applied, ...member(membership) })
  }

  get<T>(key: string): Promise<T | undefined> {
    const staged = this.#staged.get(key)
    const bytes = staged ? bytesOf(staged) : this.#values.get(key)
    return Promise.resolve(bytes && (decodeValue(key, bytes)?.value as T))
  }

  async getMany<T>(keys: readonly string[]): Promise<(Sized<T> | undefined)[]> {
    const values = await Promise.all(keys.map((key) => this.get<T>(key)))
    return values.map((value, at) => (value === undefined ? undefined : { value, bytes: keys[at]?.length ?? 0 }))
  }

  async *range<T>(options: RangeOptions): AsyncIterable<[key: string, value: T]> {
    const { gte = '', gt = '', lt = '~', lte = '~', reverse = false, limit } = options
    const inRange = (key: string) => key >= gte && key > gt && key < lt && key <= lte
    const found = new Map<string, Uint8Array | undefined>()
    for (const [key, bytes] of this.#values) if (inRange(key)) found.set(key, bytes)
    for (const [key, write] of this.#staged) if (inRange(key)) found.set(key, bytesOf(write))
    const rows = [...found].flatMap(([key, bytes]) => (bytes ? [[key, bytes] as const] : []))
    rows.sort(([a], [b]) => (a < b === reverse ? 1 : -1))
    for (const [key, bytes] of rows.slice(0, limit)) yield [key, decodeValue(key, bytes)?.value as T]
    await Promise.resolve()
  }

  room(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return this.flush()
  }

  /** Another store has taken over: what waits is dropped. */
  abandon(): Promise<void> {
    this.#staged.clear()
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

function bytesOf(write: Write): Uint8Array | undefined {
  return write.type === 'del' ? undefined : encodeValue(write.key, write.value)
}

function put(values: Map<string, Uint8Array>, writes: Iterable<Write>): void {
  for (const write of writes) {
    if (write.type === 'del') values.delete(write.key)
    else values.set(write.key, encodeValue(write.key, write.value))
  }
}

function member(membership: Membership | undefined): { membership?: Membership } {
  return membership ? { membership } : {}
}
