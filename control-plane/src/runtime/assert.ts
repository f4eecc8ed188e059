/** Stops the node when something is true that cannot be. Never for a caller's fault: that is a `Problem`. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`)
}

/** Marks the branch that a closed set leaves over; a new member is then a type error here. */
export function unreachable(value: never): never {
  throw new Error(`invariant broken: unexpected ${JSON.stringify(value)}`)
}
