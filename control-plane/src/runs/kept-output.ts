/** Where lines that an attempt logged are kept: outside of the log, on nodes that may lose them. */
export interface KeptOutput {
  /** Ids of the members that were given them. */
  nodes: string[]
  lines: number
}

/** Both together; undefined when there are none at all. `from`: how many lines came before `more`, where that is known. */
export function joinedOutput(
  before: KeptOutput | undefined,
  more: KeptOutput | undefined,
  from: number | undefined,
): KeptOutput | undefined {
  if (!before || !more) return before ?? more
  const lines = from === undefined ? before.lines + more.lines : Math.max(before.lines, from + more.lines)
  return { nodes: [...new Set([...before.nodes, ...more.nodes])], lines }
}
