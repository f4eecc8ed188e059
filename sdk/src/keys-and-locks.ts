import type { Json } from './json.ts'

/** A value and where it stands. */
export interface KvEntry {
  readonly key: string
  readonly value: Uint8Array
  readonly contentType: string
  /** Log index of the last put: what `ifIndex` takes. */
  readonly index: number
  /** Log index at which the key came into being. */
  readonly createIndex: number
  /** Puts since the key came into being. */
  readonly version: number
  readonly lease?: string
  text(): string
  /** Throws a `SyntaxError` when it is not JSON. */
  json(): Json
}

/** Bytes, text, or anything else as JSON. */
export type KvValue = Uint8Array | Json

export interface PutOptions {
  /** Only if nobody has changed it since; 0 is only if there is no such key. */
  ifIndex?: number
  /** The lease that the key goes with. */
  lease?: string
  /** @default `application/octet-stream` for bytes, `text/plain` for text, else `application/json` */
  contentType?: string
}

export interface LockOptions {
  /** How soon others get it when this process dies: 1 s to a day. @default 15_000 */
  ttlMs?: number | undefined
  /** How long to wait for it. @default 0 */
  waitMs?: number | undefined
  /** Gives up waiting, and aborts the signal of what is done under the lock. */
  signal?: AbortSignal | undefined
}

/** What is done under a lock gets this. */
export interface Held {
  readonly name: string
  /** Higher than that of any holder before, over the whole cluster. */
  readonly fencingToken: bigint
  /** Aborts when the lock is lost, with `LeaseLostError`, and with the signal of the options. */
  readonly signal: AbortSignal
}

/** How new a read has to be. Without, it is answered from what the node that is asked knows. */
export interface ReadOptions {
  /** At least as new as this index: one that `put` answered, or a `KvEntry` has. */
  minIndex?: number
  /** Everything that was stored before is seen, whichever node was asked. Costs a round trip between nodes. */
  linearizable?: boolean
}

/** Keys and locks of the namespace, kept by the control plane. */
export interface Kv {
  /** `undefined` when there is no such key. */
  get(key: string, options?: ReadOptions): Promise<KvEntry | undefined>
  /** Stores a value, at most 64 KiB, and answers its index. Rejects with code `version-mismatch` when a condition fails. */
  put(key: string, value: KvValue, options?: PutOptions): Promise<number>
  /** Whether there was such a key. */
  delete(key: string, options?: { ifIndex?: number }): Promise<boolean>
  /** The keys that begin with a prefix, in order. Later ones show what has changed while one reads. */
  range(prefix?: string, options?: { from?: string; to?: string }): AsyncIterable<KvEntry>
  /** Stores a value if the key is still at `index` (0: not there) and answers its new index; `undefined` when it is not. */
  compareAndSet(key: string, index: number, value: KvValue): Promise<number | undefined>
  /** Does something while holding a lock, and lets go of it. Rejects with code `lock-held` when it is not to be had. */
  lock<Result>(name: string, options: LockOptions, work: (held: Held) => Result | Promise<Result>): Promise<Result>
}
