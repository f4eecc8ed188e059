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
  const { incarnation, about } = command
  state.nodes.set(command.node, { incarnation, ...(about ? { about } : {}) })
  return giveUp(turn, command.node)
}

/** The leader has had no word from a node: whatever that incarnation had open is uncertain, as above. */
export function nodeDown(turn: Turn, command: CommandOf<'node-down'>): Answer {
  const { state } = turn
  const known = state.nodes.get(command.node)
  if (!known || known.incarnation !== command.incarnation || known.down) {
    return refuse('already-exists', `node ${command.node} is not up as incarnation ${command.incarnation}`)
  }
  if (state.members.has(command.node)) state.nodes.set(command.node, { ...known, down: true })
  else state.nodes.delete(command.node)
  return giveUp(turn, command.node)
}

function giveUp(turn: Turn, node: string): Answer {
  turn.changes.push({ kind: 'node', id: node })
  turn.events.push({ type: 'node-changed', node })
  for (const run of runsInOrder(turn)) {
    for (const { attempt } of run.shards) {
      if (attempt && attempt.node === node && attempt.acceptedAt === undefined) makeUncertain(turn, attempt, run.job)
    }
  }
  return {}
}

/** Open runs by the order in which they were made, so that every node visits them alike. */
export function runsInOrder({ state }: Turn) {
  return [...state.runs.values()].sort((a, b) => a.sequence - b.sequence || (a.id < b.id ? -1 : 1))
}
