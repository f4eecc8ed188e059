import type { Membership } from '../raft/types.ts'

/** One change of a key. Keys are ASCII strings that sort; values are plain data. */
export type Write = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string }

/** Bytes that may wait in memory for the disk before `room` makes the log wait. */
export const BACKLOG_BYTES_MAX = 64 * 1024 * 1024

export interface AppliedPosition {
  index: number
  term: number
}

/** A place in the log, with who took part in it there. */
export interface StatePosition extends AppliedPosition {
  /** Absent in a store that never heard of any. */
  membership?: Membership
}

/** The whole content of a store at one moment. Writes go on beside it. */
export interface StoreView {
  readonly position: StatePosition
  /** Value as it was put. */
  get<T>(key: string): Promise<T | undefined>
  /** Keys in order with their values as they lie on disk, some at a time; without the store's own batch marks. */
  entries(): AsyncIterable<readonly (readonly [key: string, value: Uint8Array])[]>
  /** Lets go of it; what `entries` has under way ends with an error. */
  close(): Promise<void>
}

/** One lower and one upper bound at most. */
export interface RangeOptions {
  gte?: string
  gt?: string
  lt?: string
  lte?: string
  reverse?: boolean
  limit?: number
}

/** A value, and how many bytes it takes. */
export interface Sized<T> {
  value: T
  bytes: number
}

/** What a batch is made of: live keys as they stand, and the applied position that they and all staged rows reflect. */
export interface Gathered {
  writes: Iterable<Write>
  applied: AppliedPosition
  /** In force at `applied`; written when it is another object than the last. */
  membership?: Membership | undefined
}

/**
 * The durable, lagging image of memory, and the ledger. Writes gather while one batch is in flight; each batch is one
 * synced LevelDB batch that also carries the applied position. What is not durable yet is served from memory.
 */
export interface Store {
  /** What the last durable batch reflects; {0, 0} for a new store. */
  readonly applied: AppliedPosition
  /** Who took part in the log at `applied`: one unit with it on disk. */
  readonly membership: Membership | undefined
  /** Names the one who says what to write; `Image` does so when it is made. */
  gatherFrom(gather: () => Gathered): void
  /**
   * Asks for a batch. As soon as none is in flight, `gather` is called, synchronously, to say what to write and which
   * applied position that reflects; several requests made meanwhile become one batch.
   */
  requestWrite(): void
  /** Puts a write that must be readable at once (ledger rows), and goes out with the next batch. */
  stage(write: Write): void
  get<T>(key: string): Promise<T | undefined>
  /** Values of many keys, in their order, with their sizes on disk; undefined where there is none. Cheaper than as many `get`s. */
  getMany<T>(keys: readonly string[]): Promise<(Sized<T> | undefined)[]>
  /** Key and value in key order (or reverse), staged writes included. */
  range<T>(options: RangeOptions): AsyncIterable<[key: string, value: T]>
  /** Resolves at once, or when the disk has caught up to `BACKLOG_BYTES_MAX`: await it before applying more. */
  room(): Promise<void>
  /** Resolves when everything staged or asked for so far is durable. */
  flush(): Promise<void>
  /** What a durable batch reflects, the last one or the one before it. */
  durableView(): Promise<StoreView>
  /** What memory reflects at this very moment, durable or not; taken before it returns. */
  presentView(): StoreView
  close(): Promise<void>
}
