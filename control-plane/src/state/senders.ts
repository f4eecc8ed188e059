import type { Turn } from './turn.ts'

/**
 * Whether a node that planned something is still the process that it was, and has not been given up: what it is to send
 * starts only then, else nobody would.
 */
export function isPresent({ state }: Pick<Turn, 'state'>, by: { node: string; incarnation?: number }): boolean {
  if (by.incarnation === undefined) return true
  const known = state.nodes.get(by.node)
  return known?.incarnation === by.incarnation && known.down !== true
}
