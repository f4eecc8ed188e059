import type { CommandOf } from './commands.ts'
import { makeUncertain } from './attempts.ts'
import { type Answer, refuse, type Turn } from './turn.ts'

/**
 * A node begins. Whatever its earlier incarnation had open is uncertain from now on, in this same entry, except what
 * an executor accepted: that depends on the executor alone.
 */
export function nodeUp(turn: Turn, command: CommandOf<'node-up'>): Answer {
  const { state } = turn
  const known = state.nodes.get(command.node)
  if (known && known.incarnation >= command.incarnation) {
    return refuse('already-exists', `node ${command.node} is at incarnation ${known.incarnation} already`)
  }
  state.nodes.set(command.node, { incarnation: command.incarnation })
  turn.changes.push({ kind: 'node', id: command.node })
  for (const run of runsInOrder(turn)) {
    for (const shard of run.shards) {
      const { attempt } = shard
      if (attempt && attempt.node === command.node && attempt.acceptedAt === undefined)
        makeUncertain(turn, attempt, run.job)
    }
  }
  return {}
}

/** Open runs by the order in which they were made, so that every node visits them alike. */
function runsInOrder({ state }: Turn) {
  return [...state.runs.values()].sort((a, b) => a.sequence - b.sequence || (a.id < b.id ? -1 : 1))
}
