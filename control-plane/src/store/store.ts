/** One change of a key. Keys are ASCII strings that sort; values are plain data. */
export type Write = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string }

/** Bytes that may wait in memory for the disk before `room` makes the log wait. */
export const BACKLOG_BYTES_MAX = 64 * 1024 * 1024

export interface AppliedPosition {
  index: number
  term: number
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

/** What a batch is made of: live keys as they stand, and the applied position that they and all staged rows reflect. */
export interface Gathered {
  writes: Iterable<Write>
  applied: AppliedPosition
}

/**
 * The durable, lagging image of memory, and the ledger. Writes gather while one batch is in flight; each batch is one
 * synced LevelDB batch that also carries the applied position. What is not durable yet is served from memory.
 */
export interface Store {
  /** What the last durable batch reflects; {0, 0} for a new store. */
  readonly applied: AppliedPosition
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
  /** Key and value in key order (or reverse), staged writes included. */
  range<T>(options: RangeOptions): AsyncIterable<[key: string, value: T]>
  /** Resolves at once, or when the disk has caught up to `BACKLOG_BYTES_MAX`: await it before applying more. */
  room(): Promise<void>
  /** Resolves when everything staged or asked for so far is durable. */
  flush(): Promise<void>
  close(): Promise<void>
}
