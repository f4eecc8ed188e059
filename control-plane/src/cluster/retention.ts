/** How much of the log is kept for members that lag behind. */
export interface Retention {
  /** Entries before what is applied. */
  entriesKeep: number
  /** Bytes, whichever of the two is reached first. */
  bytesKeep: number
  /** Bytes beyond which nothing is spared, not even for a member that is being sent a state. */
  bytesMax: number
}

export const RETENTION: Retention = {
  entriesKeep: 1_000_000,
  bytesKeep: 512 * 1024 * 1024,
  bytesMax: 4 * 1024 * 1024 * 1024,
}

export interface LogExtent {
  firstIndex: number
  lastIndex: number
  bytes: number
  /** First index of the newest part of the log that has at least so many bytes. */
  indexOfLast(bytes: number): number
}

/**
 * The index below which the log may go: never what the store does not have, nothing that a member needs who is being
 * sent a state, and a stretch for those that are only a little behind. A cluster of one keeps nothing for others.
 */
export function compactTo(
  log: LogExtent,
  store: { index: number },
  pinned: number | undefined,
  alone: boolean,
  retention: Retention,
): number {
  if (alone) return store.index
  const { entriesKeep, bytesKeep, bytesMax } = retention
  const kept = Math.max(store.index - entriesKeep, log.indexOfLast(bytesKeep))
  const spared = pinned === undefined || log.bytes > bytesMax ? kept : Math.min(kept, pinned)
  return Math.min(store.index, spared)
}
