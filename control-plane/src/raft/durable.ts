import { entryBytes, payloadBytes, sumBytes } from './log.ts'
import { leaveJointWhenDue } from './proposals.ts'
import type { RaftState } from './raft-state.ts'
import type { Entry, Index, MessageOf, Snapshot } from './types.ts'

/** Takes in that the storage has made durable what it was given, in the term in which it was given. */
export function storageAppended(state: RaftState, answer: MessageOf<'storage-append-response'>): void {
  if (answer.index !== 0) state.log.unstable.stableTo(answer.index, answer.logTerm)
  if (answer.snapshot !== undefined) snapshotStored(state, answer.snapshot)
}

/** A snapshot is in force whatever the term is now: what it holds is committed. */
export function snapshotStored(state: RaftState, snapshot: Snapshot): void {
  state.log.unstable.snapshotStable(snapshot.index)
  appliedTo(state, snapshot.index, 0)
}

/** Takes in that the host has applied these entries. */
export function entriesApplied(state: RaftState, entries: readonly Entry[]): void {
  const last = entries[entries.length - 1]
  if (last === undefined) return
  appliedTo(state, last.index, sumBytes(entries, entryBytes))
  state.uncommittedBytes = Math.max(0, state.uncommittedBytes - sumBytes(entries, payloadBytes))
}

function appliedTo(state: RaftState, index: Index, bytes: number): void {
  state.log.appliedTo(Math.max(index, state.log.applied), bytes)
  leaveJointWhenDue(state)
}
