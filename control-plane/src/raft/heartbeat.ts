import { type RaftState, send } from './raft-state.ts'

/**
 * Tells every other member that this leader lives, and how far it may commit: never beyond what its log is known
 * to hold, because a heartbeat, unlike an append, does not check that the logs agree.
 */
export function sendHeartbeats(state: RaftState, context: string): void {
  const { id, term, log } = state
  for (const peer of state.peers) {
    if (peer.id === id) continue
    const commit = Math.min(peer.match, log.committed)
    send(state, { type: 'heartbeat', from: id, to: peer.id, term, commit, context })
    peer.sentCommit(commit)
  }
}
