/** What a meter has shown. */
export interface Reading {
  id: number
  meter: string
  value: number
}

/** Whatever rows come from, in the order of their ids. */
export interface Source {
  readonly total: number
  /** The rows after an id, at most so many; none at the end. */
  read(after: number, limit: number, signal: AbortSignal): Promise<Reading[]>
}

/** Stands for a slow API with so many readings. */
export function readings(total: number): Source {
  return {
    total,
    async read(after, limit, signal) {
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
      const count = Math.max(0, Math.min(limit, total - after))
      return Array.from({ length: count }, (_, n) => {
        const id = after + n + 1
        return { id, meter: `meter-${id % 50}`, value: id / 8 }
      })
    },
  }
}
