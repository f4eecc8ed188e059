import { assert } from '../runtime/assert.ts'
import { isVoter } from './membership.ts'
import type { Progress } from './progress.ts'
import { type RaftState, send } from './raft-state.ts'
import type { Snapshot } from './types.ts'

/** Sends a member the newest state instead of entries that are gone. Not to one that is silent, and not while there is none. */
export function sendSnapshot(state: RaftState, peer: Progress): boolean {
  if (!peer.recentlyActive) return false
  const snapshot = state.log.unstable.snapshot ?? state.log.storage.snapshot()
  if (snapshot === 'fetching') {
    peer.awaitsFetch = true
    return false
  }
  assert(snapshot.index > 0, 'a snapshot stands for something')
  peer.becomeSnapshot(snapshot.index)
  send(state, { type: 'snapshot', from: state.id, to: peer.id, term: state.term, snapshot })
  return true
}

/** Takes in how sending a snapshot ended. Either way the next append waits: for the member's answer, or for a heartbeat. */
export function snapshotReported(peer: Progress, failed: boolean): void {
  if (peer.state !== 'snapshot') return
  if (failed) peer.pendingSnapshot = 0
  peer.becomeProbe()
  peer.flowPaused = true
}

/**
 * Whether a snapshot is to replace the log. Not when it is older than what is committed (it never moves anything
 * back), does not know this member, or when the log has that entry already: then it only moves the commit on.
 */
export function acceptSnapshot(state: RaftState, snapshot: Snapshot): boolean {
  const { log, id } = state
  if (snapshot.index <= log.committed) return false
  const { membership } = snapshot
  if (!isVoter(membership, id) && !membership.learners.includes(id)) return false
  if (log.matches(snapshot.index, snapshot.term)) {
    log.commitTo(snapshot.index)
    return false
  }
  log.restore(snapshot)
  return true
}
