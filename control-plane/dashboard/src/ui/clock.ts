import { useSyncExternalStore } from 'react'

/** Milliseconds by which the server's clock is ahead of the browser's, as far as replies tell. */
let skewMs = 0

/** The present moment by the server's clock, in epoch milliseconds. The only place that asks the browser for the time. */
export function now(): number {
  return Date.now() + skewMs
}

/** Learns the server's clock from a reply's Date header; small differences are the network's and are left alone. */
export function learnServerTime(dateHeader: string | null): void {
  const at = dateHeader === null ? Number.NaN : Date.parse(dateHeader)
  if (Number.isNaN(at)) return
  const skew = at + 500 - Date.now()
  skewMs = Math.abs(skew) > 2_000 ? skew : 0
}

/** The present second, as a number that changes once a second while the page is visible. */
export function useSecond(): number {
  return useSyncExternalStore(subscribe, second)
}

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function second(): number {
  return Math.floor(now() / 1000) * 1000
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(tick, 1000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0 || timer === undefined) return
    clearInterval(timer)
    timer = undefined
  }
}

function tick(): void {
  if (document.hidden) return
  for (const listener of listeners) listener()
}
