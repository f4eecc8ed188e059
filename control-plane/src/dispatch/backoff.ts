import type { Millis } from '../runtime/clock.ts'

export interface BackoffPolicy {
  delayMs: number
  backoff: 'fixed' | 'exponential'
  maxDelayMs: number
  /** Share of the delay that chance may take away, 0 to 1. */
  jitter: number
}

/**
 * How long to wait before retry number `retry` (0 is the first), in milliseconds. `chance` in [0, 1) takes away up to
 * `jitter` of it. What the executor asked for with Retry-After is honoured up to maxDelayMs and never shortened.
 */
export function backoffMs(policy: BackoffPolicy, retry: number, chance: number, retryAfterMs?: Millis): number {
  const grown = policy.backoff === 'exponential' ? policy.delayMs * 2 ** Math.min(retry, 40) : policy.delayMs
  const delay = Math.min(grown, policy.maxDelayMs)
  const spread = Math.round(delay * (1 - policy.jitter * chance))
  return Math.max(spread, Math.min(retryAfterMs ?? 0, policy.maxDelayMs))
}
