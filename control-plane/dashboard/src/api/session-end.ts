const listeners = new Set<() => void>()

/** Tells the page that the server no longer knows the session. */
export function sessionEnded(): void {
  for (const listener of listeners) listener()
}

export function onSessionEnded(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
