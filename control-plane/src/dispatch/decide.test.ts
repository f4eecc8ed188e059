import { describe, expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'
import { BUSY_DELAY_MS, decideNext, type Ended, REDISPATCHES_MAX } from './decide.ts'

const policy = {
  retry: { max: 2, delayMs: 1000, backoff: 'exponential' as const, maxDelayMs: 10_000, jitter: 0 },
  failover: true,
  onUncertain: 'redispatch' as const,
}
const never = { ...policy, retry: { ...policy.retry, max: 0 }, failover: false }
const fresh = { retries: 0, redispatches: 0 }
const ended = (outcome: Ended['outcome'], more: Partial<Ended> = {}): Ended => ({
  outcome,
  retryable: true,
  busy: false,
  chance: 0,
  ...more,
})

describe('what is done when an attempt ends', () => {
  test.each([
    ['success is success', policy, fresh, ended('succeeded'), true, { next: 'done', state: 'succeeded' }],
    [
      'a failure is retried on the same executor after its delay',
      policy,
      fresh,
      ended('failed'),
      true,
      { next: 'retry', delayMs: 1000 },
    ],
    [
      'the second retry waits longer',
      policy,
      { ...fresh, retries: 1 },
      ended('failed'),
      true,
      { next: 'retry', delayMs: 2000 },
    ],
    [
      'with no retries left it moves to another executor',
      policy,
      { ...fresh, retries: 2 },
      ended('failed'),
      true,
      { next: 'failover' },
    ],
    [
      'what its node did not send goes to another node at once, and uses nothing up',
      never,
      fresh,
      ended('refused', { unsent: true }),
      false,
      { next: 'queued', delayMs: 0 },
    ],
    [
      'with nobody left it fails',
      policy,
      { ...fresh, retries: 2 },
      ended('failed'),
      false,
      { next: 'done', state: 'failed' },
    ],
    ['without failover it fails where it is', never, fresh, ended('failed'), true, { next: 'done', state: 'failed' }],
    [
      'what is not retryable ends it',
      policy,
      fresh,
      ended('failed', { retryable: false }),
      true,
      { next: 'done', state: 'failed' },
    ],
    [
      'a refusal moves on at once and uses no retry',
      policy,
      { ...fresh, retries: 2 },
      ended('refused'),
      true,
      { next: 'failover' },
    ],
    [
      'a refusal moves on even when failover is off: nothing was started',
      never,
      fresh,
      ended('refused'),
      true,
      { next: 'failover' },
    ],
    [
      'when everybody is busy it waits',
      policy,
      fresh,
      ended('refused', { busy: true }),
      false,
      { next: 'queued', delayMs: BUSY_DELAY_MS },
    ],
    [
      'busy ones are asked again when they said',
      policy,
      fresh,
      ended('refused', { busy: true, retryAfterMs: 4000 }),
      false,
      { next: 'queued', delayMs: 4000 },
    ],
    [
      'when nobody can be reached it is retried',
      policy,
      fresh,
      ended('refused'),
      false,
      { next: 'retry', delayMs: 1000 },
    ],
    [
      'but in no more rounds than there are retries',
      policy,
      { ...fresh, refusals: 2 },
      ended('refused'),
      false,
      { next: 'done', state: 'failed' },
    ],
    ['and then fails', never, fresh, ended('refused'), false, { next: 'done', state: 'failed' }],
    ['a timeout is retried', policy, fresh, ended('timed-out'), true, { next: 'retry', delayMs: 1000 }],
    ['at last it has timed out', never, fresh, ended('timed-out'), true, { next: 'done', state: 'timed-out' }],
    [
      'an uncertain outcome asks the same instance at once',
      never,
      fresh,
      ended('uncertain'),
      true,
      { next: 'redispatch', delayMs: 0 },
    ],
    [
      'a second one waits first',
      never,
      { ...fresh, redispatches: 1 },
      ended('uncertain'),
      true,
      { next: 'redispatch', delayMs: 2000 },
    ],
    [
      'too many in a row count as a failure',
      policy,
      { retries: 0, redispatches: REDISPATCHES_MAX },
      ended('uncertain'),
      true,
      { next: 'retry', delayMs: 1000 },
    ],
    [
      'and in the end nobody knows',
      never,
      { retries: 0, redispatches: REDISPATCHES_MAX },
      ended('uncertain'),
      true,
      { next: 'done', state: 'lost' },
    ],
    [
      'onUncertain: fail never asks again',
      { ...policy, onUncertain: 'fail' as const },
      fresh,
      ended('uncertain'),
      true,
      { next: 'done', state: 'lost' },
    ],
    [
      'not after a timeout either',
      { ...policy, onUncertain: 'fail' as const },
      fresh,
      ended('timed-out'),
      true,
      { next: 'done', state: 'lost' },
    ],
    ['a handler that skips has skipped', policy, fresh, ended('skipped'), true, { next: 'done', state: 'skipped' }],
  ])('%s', (_rule, rules, shard, end, untried, expected) => {
    expect(decideNext(rules, shard, end, untried)).toEqual(expected)
  })
})

describe('the wait before a retry', () => {
  test('S066 fixed stays the same, exponential doubles up to maxDelay', () => {
    const fixed = { delayMs: 500, backoff: 'fixed' as const, maxDelayMs: 10_000, jitter: 0 }
    expect([0, 1, 9].map((retry) => backoffMs(fixed, retry, 0))).toEqual([500, 500, 500])
    expect([0, 1, 2, 9, 1000].map((retry) => backoffMs(policy.retry, retry, 0))).toEqual([
      1000, 2000, 4000, 10_000, 10_000,
    ])
  })

  test('chance takes away at most the share that jitter says', () => {
    const jittered = { ...policy.retry, jitter: 0.5 }
    expect(backoffMs(jittered, 0, 0)).toBe(1000)
    expect(backoffMs(jittered, 0, 0.99)).toBe(505)
  })

  test('Retry-After is honoured up to maxDelay and never shortened by chance', () => {
    expect(backoffMs(policy.retry, 0, 0, 3000)).toBe(3000)
    expect(backoffMs({ ...policy.retry, jitter: 1 }, 0, 0.9, 3000)).toBe(3000)
    expect(backoffMs(policy.retry, 0, 0, 99_000)).toBe(10_000)
  })
})
