import { assert } from '../runtime/assert.ts'
import { entryBytes, payloadBytes, sumBytes } from './log.ts'
import { type Progress, peerOf } from './progress.ts'
import { committedIndex } from './quorum.ts'
import { type RaftState, send, sendAfterAppend } from './raft-state.ts'
import { sendSnapshot } from './snapshot.ts'
import type { Entry, Index } from './types.ts'

/** An entry that a leader is asked to place: everything but where. */
export type Draft = Pick<Entry, 'kind' | 'data' | 'change'>

/**
 * Puts entries at the end of the leader's log. Its own acknowledgement waits until they are durable here, like
 * a follower's, while they are on their way to the others already (dissertation §10.2.1).
 * False when too much is not committed yet.
 */
export function appendOwn(state: RaftState, drafts: readonly Draft[]): boolean {
  const { log, term } = state
  const first = log.lastIndex() + 1
  const entries = drafts.map((draft, i) => place(draft, first + i, term))
  if (!takeRoom(state, sumBytes(entries, payloadBytes))) return false
  log.append(entries)
  sendAfterAppend(state, acknowledgement(state, state.id, first + entries.length - 1))
  return true
}

/** An entry with its place, in an object of its own: drafts may be anybody's. */
function place(draft: Draft, index: Index, term: number): Entry {
  const { kind, data, change } = draft
  return change === undefined ? { index, term, kind, data } : { index, term, kind, data, change }
}

/** Any size is taken while nothing waits, and what weighs nothing always. */
function takeRoom(state: RaftState, bytes: number): boolean {
  const total = state.uncommittedBytes + bytes
  if (bytes > 0 && state.uncommittedBytes > 0 && total > state.settings.uncommittedBytesMax) return false
  state.uncommittedBytes = total
  return true
}

export function acknowledgement(state: RaftState, to: number, index: Index) {
  const { id, term } = state
  return { type: 'append-response', from: id, to, term, index, rejected: false, rejectHint: 0, logTerm: 0 } as const
}

/** Sends every other member what it lacks, or, where it lacks nothing, the commit index. */
export function sendAppendToAll(state: RaftState): void {
  for (const peer of state.peers) if (peer.id !== state.id) sendAppend(state, peer)
}

/** Sends what the member lacks if its flow allows; when it lacks nothing, an empty append unless told otherwise. */
export function sendAppend(state: RaftState, peer: Progress, evenEmpty = true): boolean {
  if (peer.paused) return false
  const { log } = state
  const index = peer.next - 1
  const logTerm = log.term(index)
  if (logTerm === 'fetching') return awaitFetch(peer)
  if (typeof logTerm !== 'number') return sendSnapshot(state, peer)
  const entries = entriesFor(state, peer)
  if (entries === 'fetching') return awaitFetch(peer)
  if (!Array.isArray(entries)) return sendSnapshot(state, peer)
  if (entries.length === 0 && !evenEmpty) return false
  const { id, term } = state
  send(state, { type: 'append', from: id, to: peer.id, term, index, logTerm, entries, commit: log.committed })
  peer.sentEntries(entries.length, entries.length === 0 ? 0 : sumBytes(entries, entryBytes))
  peer.sentCommit(log.committed)
  return true
}

/** Sends on as long as there are entries and the window has room. */
export function sendAllEntries(state: RaftState, peer: Progress): void {
  while (sendAppend(state, peer, false));
}

/** Goes on with the members that waited for entries from the disk. */
export function resumeAfterFetch(state: RaftState): void {
  state.log.awaitsFetch = false
  for (const peer of state.peers) {
    if (!peer.awaitsFetch) continue
    peer.awaitsFetch = false
    if (state.role === 'leader') sendAllEntries(state, peer)
  }
}

/**
 * Moves the commit index to what a majority holds, counting only entries of the leader's own term: an older one
 * may be on a majority and still be lost (§5.4.2 of the paper). True when it moved.
 */
export function advanceCommit(state: RaftState): boolean {
  const { membership, peers, log } = state
  const index = committedIndex(membership.voters, membership.votersOutgoing, (id) => peerOf(peers, id)?.match)
  if (index <= log.committed || index < state.termStart || index > log.lastIndex()) return false
  log.commitTo(index)
  return true
}

/** Through a full window goes only an empty append: should all in it be lost, its answer clears the window. */
function entriesFor(state: RaftState, peer: Progress) {
  const { log, settings } = state
  if (peer.state === 'replicate' && peer.inflights.full) return []
  return log.slice(peer.next, log.lastIndex() + 1, settings.appendBytesMax)
}

function awaitFetch(peer: Progress): false {
  peer.awaitsFetch = true
  return false
}

export function selfProgress(state: RaftState): Progress {
  const self = peerOf(state.peers, state.id)
  assert(self !== undefined, 'a leader tracks itself')
  return self
}
