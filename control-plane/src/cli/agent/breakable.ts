/** Requests that are broken off when the signal aborts, until that is over. */
export function breakable(send: typeof fetch, signal: AbortSignal): { fetch: typeof fetch; over(): void } {
  let isOver = false
  return {
    async fetch(input, init) {
      if (isOver) return send(input, init)
      return send(input, { ...init, signal: AbortSignal.any([signal, ...(init?.signal ? [init.signal] : [])]) })
    },
    over() {
      isOver = true
    },
  }
}
