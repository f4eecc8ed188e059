import type { Turn } from './turn.ts'

/** A run of a namespace waits no more. Whoever found no place in a full queue is looked for when the entry is done. */
export function leaveQueue(turn: Turn, uid: number): void {
  const namespace = turn.state.namespaces.get(uid)
  if (!namespace) return
  namespace.queued -= 1
  if (namespace.queued === namespace.queuedRunsMax - 1) turn.roomyQueues.push(uid)
}
