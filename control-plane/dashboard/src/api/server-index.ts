import { useSyncExternalStore } from 'react'

let index = 0
const listeners = new Set<() => void>()

/** Remembers the newest log index that a reply reflected. */
export function learnIndex(header: string | null): void {
  const seen = header === null ? 0 : Number(header)
  if (!(seen > index)) return
  index = seen
  for (const listener of listeners) listener()
}

/** The newest log index that any reply reflected; 0 before the first. */
export function useServerIndex(): number {
  return useSyncExternalStore(subscribe, () => index)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
