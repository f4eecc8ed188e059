/** Where lines that an attempt logged are kept: outside of the log, on nodes that may lose them. */
export interface KeptOutput {
  /** Ids of the members that were given them. */
  nodes: string[]
  lines: number
}

/** Both together; undefined when there are none at all. */
export function joinedOutput(before: KeptOutput | undefined, more: KeptOutput | undefined): KeptOutput | undefined {
  if (!before || !more) return before ?? more
  return { nodes: [...new Set([...before.nodes, ...more.nodes])], lines: before.lines + more.lines }
}
