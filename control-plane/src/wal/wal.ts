/** A record of the log. `payload` is opaque here. */
export interface WalRecord {
  index: number
  term: number
  payload: Uint8Array
}

/** What a member has promised. The term and the commit never go back; a vote, once given, stays for its term. */
export interface HardState {
  term: number
  /** Text that names a member, at most 64 bytes; empty for nobody. */
  vote: string
  commit: number
}

/** The state that stands for everything before the log. */
export interface WalSnapshot {
  /** Last index that the state has; the log goes on after it. */
  index: number
  term: number
  /** Opaque here. */
  membership: Uint8Array
  /** Name of the folder that holds the state. */
  stateFolder: string
}

/** Whose log it is. */
export interface WalIdentity {
  /** Empty until the member belongs to a cluster. */
  cluster: string
  member: string
}

export interface SnapshotInstall extends WalSnapshot {
  /** Its commit is recorded as `index`, whatever it says: what is beyond is not in the log yet. */
  hardState: HardState
  /** The cluster that the member belongs to from now on. @default the one it belongs to */
  cluster?: string
}

/**
 * The write-ahead log: checksummed segments, durable before `append` answers. One append or install is in flight at a
 * time. Bugs of the caller are broken invariants; the disk's faults are `StorageFailed` and `CorruptLog`.
 */
export interface Wal {
  /** Of the first entry that is there, or of the next one. */
  readonly firstIndex: number
  readonly lastIndex: number
  readonly hardState: HardState
  /** The newest snapshot that was installed; undefined before the first. */
  readonly snapshot: WalSnapshot | undefined
  readonly identity: WalIdentity
  /** Bytes that one payload may have. */
  readonly payloadBytesMax: number
  /** Bytes of all segments, those included that are only kept until they may go. */
  readonly bytes: number
  /** First index of the newest part of the log, in whole segments, that has at least so many bytes, or of all of it. */
  indexOfLast(bytes: number): number
  /** Term of an entry from `firstIndex - 1` to `lastIndex`, without a look at the disk; undefined for any other. */
  termAt(index: number): number | undefined
  /**
   * Durable when it resolves. The first index continues the log, or overwrites it: what is there from that index on is
   * void then. Nothing up to the recorded commit is ever overwritten. `hardState` is written in the same write.
   */
  append(records: readonly WalRecord[], hardState?: HardState): Promise<void>
  /**
   * Voids the log and lets it go on after `index`, in one synced write: after a crash before it the old log and the old
   * state count, after it the new. The state folder must be complete and durable by then.
   */
  installSnapshot(install: SnapshotInstall): Promise<void>
  /**
   * Records with from <= index < to, in order: at least one when there is one, otherwise no more than take `bytesMax` on
   * disk. Shorter, or empty, when the log was overwritten meanwhile or does not have `from`.
   */
  readRange(from: number, to: number, bytesMax: number): Promise<WalRecord[]>
  /** Records with from <= index, in order, up to the last one that is durable. A payload is a view: copy what is to stay. */
  read(from: number): AsyncIterable<WalRecord>
  /** Whole segments below `index` may be dropped or recycled. */
  compact(index: number): Promise<void>
  close(): Promise<void>
}
