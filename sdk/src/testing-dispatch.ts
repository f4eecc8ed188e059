import type { Duration } from './duration.ts'
import { durationMs } from './duration.ts'
import type { JsonObject, Json } from './json.ts'
import { randomId } from './testing-call.ts'

/** Whom calls are for. */
export interface Address {
  service: string
  namespace: string
  executor: string | undefined
}

/** What a call says of the run, where it matters to the test. */
export interface CallOptions {
  params?: JsonObject
  /** The part of the run; `items` as the job would name them. @default the whole run */
  shard?: { index: number; total: number; items?: readonly string[] }
  /** @default now */
  fireTime?: Date | string
  lastFireTime?: Date | string
  /** From 1. @default 1 */
  attempt?: number
  /** Until the handler's signal aborts with `TimeoutError`. @default '1m' */
  timeout?: Duration
  /** @default 'schedule' */
  trigger?: string
  /** @default the handler's name */
  job?: string
  /** The run whose end started this one. */
  parent?: { runId: string; result: Json }
  runId?: string
  /** @default runId, shard and attempt */
  attemptId?: string
  /** Attempts that this one stands for, as after a change of the leader. */
  supersedes?: readonly string[]
  /** @default grows with every call of the process */
  fencingToken?: bigint
}

/** A dispatch as it will be sent. */
export interface Dispatching {
  runId: string
  attemptId: string
  deadlineMs: number
  data: Record<string, unknown>
}

let lastToken = 0n

/** What the control plane would say of one attempt. */
export function dispatchOf(handler: string, options: CallOptions, to: Address, nowMs: number): Dispatching {
  const { params = {}, shard = { index: 0, total: 1 }, attempt = 1, trigger = 'schedule', job = handler } = options
  const { runId = randomId(), supersedes = [], parent, timeout = '1m' } = options
  const { attemptId = `${runId}-${shard.index}-${attempt}`, fencingToken = ++lastToken } = options
  const deadlineMs = nowMs + durationMs(timeout)
  const { lastFireTime } = options
  const data = {
    cluster: 'test',
    ...to,
    job,
    handler,
    runId,
    attemptId,
    supersedes,
    attempt,
    maxAttempts: Math.max(attempt, 1),
    trigger,
    fireTime: iso(options.fireTime ?? nowMs),
    ...(lastFireTime !== undefined && { lastFireTime: iso(lastFireTime) }),
    deadline: iso(deadlineMs),
    shard,
    params,
    ...(parent && { parent }),
    fencingToken: String(fencingToken),
  }
  return { runId, attemptId, deadlineMs, data }
}

/** A message of the control plane as text. */
export function messageText(type: string, data: object, nowMs: number): string {
  return JSON.stringify({ type, timestamp: iso(nowMs), data })
}

function iso(time: Date | string | number): string {
  return new Date(time).toISOString()
}
