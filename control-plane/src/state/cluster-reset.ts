import { makeUncertain } from './attempts.ts'
import type { CommandOf } from './commands.ts'
import { runsInOrder } from './nodes.ts'
import type { Answer, Turn } from './turn.ts'

/** By how much a restore, or a recovery without a quorum, raises the fencing tokens: more than were given since. */
export const FENCING_RAISE = 2 ** 40

/**
 * The state goes on as another cluster, with one member: after a restore, or when the quorum was lost. Whoever still
 * holds a token of the old cluster has a lower one than any that is given from now on. What its nodes had open is
 * uncertain, except what an executor accepted.
 */
export function resetCluster(turn: Turn, { cluster, member, fencingRaise }: CommandOf<'cluster-reset'>): Answer {
  const { state, changes } = turn
  state.cluster = cluster
  state.fencingToken += fencingRaise
  changes.push({ kind: 'meta', id: 'cluster' })
  for (const node of state.nodes.keys()) {
    // Its own incarnations go on, so that none is used twice.
    if (node === member.id) continue
    state.nodes.delete(node)
    changes.push({ kind: 'node', id: node })
  }
  for (const id of state.members.keys()) {
    if (id === member.id) continue
    state.members.delete(id)
    changes.push({ kind: 'member', id })
  }
  state.members.set(member.id, member)
  changes.push({ kind: 'member', id: member.id })
  for (const run of runsInOrder(turn)) {
    for (const { attempt } of run.shards)
      if (attempt && attempt.acceptedAt === undefined) makeUncertain(turn, attempt, run.job)
  }
  turn.events.push({ type: 'members-changed' })
  return {}
}
