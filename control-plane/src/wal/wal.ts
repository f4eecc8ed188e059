/** A record of the log. `payload` is opaque here. */
export interface WalRecord {
  index: number
  term: number
  payload: Uint8Array
}

export interface HardState {
  term: number
  vote: string
  commit: number
}

/** The write-ahead log: checksummed segments, durable before `append` answers. One append is in flight at a time. */
export interface Wal {
  readonly firstIndex: number
  readonly lastIndex: number
  readonly hardState: HardState
  /** Bytes that one payload may have. */
  readonly payloadBytesMax: number
  /** Durable when it resolves. Indexes are contiguous with what is there. `hardState` is written in the same write when given. */
  append(records: readonly WalRecord[], hardState?: HardState): Promise<void>
  /** Records with from <= index, in order, up to the last one that is durable. A payload is a view: copy what is to stay. */
  read(from: number): AsyncIterable<WalRecord>
  /** Whole segments below `index` may be dropped or recycled. */
  compact(index: number): Promise<void>
  close(): Promise<void>
}
