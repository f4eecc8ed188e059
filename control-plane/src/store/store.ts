/** One change of a key. Keys are ASCII strings that sort; values are plain data. */
export type Write = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string }

export interface AppliedPosition {
  index: number
  term: number
}

export interface RangeOptions {
  gte?: string
  gt?: string
  lt?: string
  lte?: string
  reverse?: boolean
  limit?: number
}

/**
 * The durable, lagging image of memory, and the ledger. Writes gather while one batch is in flight; each batch is one
 * synced LevelDB batch that also carries the applied position. What is not durable yet is served from memory.
 */
export interface Store {
  /** What the last durable batch reflects; {0, 0} for a new store. */
  readonly applied: AppliedPosition
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
  /** Resolves when everything gathered so far is durable. */
  flush(): Promise<void>
  close(): Promise<void>
}
