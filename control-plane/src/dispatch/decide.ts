import type { JobSpec } from '../jobs/job.ts'
import type { AttemptOutcome, EndedRunState, Shard } from '../runs/run.ts'
import { backoffMs } from './backoff.ts'

/** Uncertain outcomes in a row after which one executor is not asked about the same work again. */
export const REDISPATCHES_MAX = 3
/** How long a shard that every executor refused as too busy waits before it asks again, in milliseconds. */
export const BUSY_DELAY_MS = 1000

/** What is done about a shard whose attempt has ended. */
export type NextStep =
  | { next: 'done'; state: EndedRunState }
  /** The same executor, after a wait. */
  | { next: 'retry'; delayMs: number }
  /** The same executor instance, told which attempts this one stands for. */
  | { next: 'redispatch'; delayMs: number }
  /** An executor that has not been tried yet, at once. */
  | { next: 'failover' }
  /** Everybody refused: wait, then ask all of them again. Or nobody was asked: another node does at once. */
  | { next: 'queued'; delayMs: number }

export interface Ended {
  outcome: AttemptOutcome
  retryable: boolean
  /** 429 or 503: nothing was started, because there was no room. */
  busy: boolean
  /** The node that was to send it did not, for reasons of its own: the executor has no part in it. @default false */
  unsent?: boolean
  retryAfterMs?: number
  chance: number
}

type Policy = Pick<JobSpec, 'retry' | 'failover' | 'onUncertain'>

/** Decides between done, retry, failover and redispatch. `untried`: whether another executor is online that has not been tried. */
export function decideNext(
  policy: Policy,
  shard: Pick<Shard, 'retries' | 'redispatches' | 'refusals'>,
  ended: Ended,
  untried: boolean,
): NextStep {
  switch (ended.outcome) {
    case 'succeeded':
    case 'skipped':
    case 'cancelled':
      return { next: 'done', state: ended.outcome }
    case 'refused':
      if (ended.unsent) return { next: 'queued', delayMs: 0 }
      return afterRefusal(policy, shard, ended, untried)
    case 'failed':
      return ended.retryable ? tryOn(policy, shard, ended, untried, 'failed') : { next: 'done', state: 'failed' }
    case 'timed-out':
      if (policy.onUncertain === 'fail') return { next: 'done', state: 'lost' }
      return tryOn(policy, shard, ended, untried, 'timed-out')
    case 'uncertain':
      return afterUncertainty(policy, shard, ended, untried)
  }
}

/**
 * Nothing was started: another executor at once, no retry used; with nobody left, busy ones are asked again later. All
 * of them begin anew in each round, so rounds are counted too: executors that all refuse would be gone round for ever.
 */
function afterRefusal(
  policy: Policy,
  { retries, refusals = 0 }: Pick<Shard, 'retries' | 'refusals'>,
  ended: Ended,
  untried: boolean,
): NextStep {
  if (!ended.retryable) return { next: 'done', state: 'failed' }
  if (untried) return { next: 'failover' }
  if (ended.busy)
    return {
      next: 'queued',
      delayMs: Math.max(BUSY_DELAY_MS, Math.min(ended.retryAfterMs ?? 0, policy.retry.maxDelayMs)),
    }
  const used = Math.max(retries, refusals)
  return used < policy.retry.max
    ? { next: 'retry', delayMs: delay(policy, used, ended) }
    : { next: 'done', state: 'failed' }
}

function afterUncertainty(
  policy: Policy,
  shard: Pick<Shard, 'retries' | 'redispatches'>,
  ended: Ended,
  untried: boolean,
): NextStep {
  if (policy.onUncertain === 'fail') return { next: 'done', state: 'lost' }
  if (shard.redispatches < REDISPATCHES_MAX) {
    // The first goes out at once: a broken connection says nothing about the executor. Further ones wait.
    return { next: 'redispatch', delayMs: shard.redispatches === 0 ? 0 : delay(policy, shard.redispatches, ended) }
  }
  return tryOn(policy, shard, ended, untried, 'lost')
}

/** Retries on this executor, then failover to one not yet tried, then the end. */
function tryOn(
  policy: Policy,
  shard: Pick<Shard, 'retries'>,
  ended: Ended,
  untried: boolean,
  state: EndedRunState,
): NextStep {
  if (shard.retries < policy.retry.max) return { next: 'retry', delayMs: delay(policy, shard.retries, ended) }
  if (policy.failover && untried) return { next: 'failover' }
  return { next: 'done', state }
}

function delay(policy: Policy, count: number, ended: Ended): number {
  return backoffMs(policy.retry, count, ended.chance, ended.retryAfterMs)
}
