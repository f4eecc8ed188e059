import type { Executor } from '../discovery/executor.ts'
import { pulls } from '../discovery/pull.ts'
import type { Turn } from './turn.ts'

/** Who sends what starts. */
export interface Senders {
  /** The node that planned it. */
  node: string
  /** The node that hands out what executors poll for: the one that led when it was proposed. */
  desk?: string
}

/** The node that sends to an executor. */
export function senderTo(executor: Executor | undefined, { node, desk }: Senders): string {
  return desk !== undefined && executor !== undefined && pulls(executor) ? desk : node
}

/**
 * Whether a node that planned something is still the process that it was, and has not been given up: what it is to send
 * starts only then, else nobody would.
 */
export function isPresent({ state }: Pick<Turn, 'state'>, by: { node: string; incarnation?: number }): boolean {
  if (by.incarnation === undefined) return true
  const known = state.nodes.get(by.node)
  return known?.incarnation === by.incarnation && known.down !== true
}
