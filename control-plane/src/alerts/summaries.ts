import type { Millis } from '../runtime/clock.ts'
import type { Channel } from './channel.ts'

/** Channels whose window is over and that owe a summary, and when the next one will. */
export function summariesDue(channels: Iterable<Channel>, now: Millis): { due: number[]; nextAt?: Millis } {
  const due: number[] = []
  let nextAt = Number.POSITIVE_INFINITY
  for (const { uid, window, windowMs } of channels) {
    if (!window || window.firing + window.resolved === 0) continue
    const at = window.from + windowMs
    if (at <= now) due.push(uid)
    else nextAt = Math.min(nextAt, at)
  }
  return { due, ...(Number.isFinite(nextAt) ? { nextAt } : {}) }
}
