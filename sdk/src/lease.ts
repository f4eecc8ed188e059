import type { Attempt, Leave, Settled } from './attempt.ts'
import { type ControlPlane, isFinal, type NodeReply, pause } from './control-plane.ts'
import { deliver, type DeliveryPort } from './delivery.ts'
import type { Callback, Dispatch } from './envelope.ts'
import type { OutboxEntry } from './outbox.ts'
import type { LogLine } from './run-log.ts'

/** How long an accepted attempt lives without a heartbeat, in milliseconds, until the control plane says otherwise. */
export const LEASE_TTL_MS = 30_000
/** Heartbeats in the time that a lease lives without one. */
const BEATS_PER_TTL = 3
/** How often lines and progress are passed on at most, in milliseconds. */
const NEWS_MS = 3000
/** The longest wait of a retry that the control plane takes, in milliseconds. */
const RETRY_AFTER_MS_MAX = 86_400_000

/**
 * Reports of one attempt, with the newest token. Once it is answered 202 it is kept: heartbeats with progress, log lines,
 * and in the end its outcome, until that is acknowledged. A control plane that cannot be reached ends no lease: the handler
 * goes on until its deadline.
 */
export class Lease {
  readonly #port: DeliveryPort
  readonly #nodes: ControlPlane
  readonly #attempt: Attempt
  readonly #dispatch: Dispatch
  /** With the newest token. */
  #callback: OutboxEntry['callback']
  readonly #stopped = new AbortController()
  #ttlMs = LEASE_TTL_MS
  #beatAtMs = 0
  /** Lines that the control plane has. */
  #linesKept = 0
  #progressKept: unknown
  #leave: Leave | undefined
  #kept: Promise<void> | undefined

  constructor(port: DeliveryPort, nodes: ControlPlane, attempt: Attempt, dispatch: Dispatch, callback: Callback) {
    this.#port = port
    this.#nodes = nodes
    this.#attempt = attempt
    this.#dispatch = dispatch
    const { url, token, expiresAtMs } = callback
    this.#callback = { url, token, expiresAt: new Date(expiresAtMs).toISOString() }
  }

  /** Gives up what is not acknowledged yet. */
  stop(): void {
    this.#stopped.abort()
  }

  /** Asks for time, so long from now. */
  extend(extendMs: number): Promise<NodeReply | undefined> {
    return this.#post('heartbeat', { extendMs }, this.#attempt.signal)
  }

  /** Resolves when the outcome is acknowledged, or it was stopped. Never rejects. */
  keep(): Promise<void> {
    if (!this.#kept) {
      this.#leave = this.#attempt.join()
      this.#kept = this.#keep()
    }
    return this.#kept
  }

  async #keep(): Promise<void> {
    const { clock } = this.#port
    this.#beatAtMs = clock.now() + this.#ttlMs / BEATS_PER_TTL
    const over = new AbortController()
    let settled: Settled | undefined
    const end = (how?: Settled) => {
      settled = how
      over.abort()
    }
    void this.#attempt.settled.then(end)
    this.#stopped.signal.addEventListener('abort', () => end(settled))
    while (!over.signal.aborted) {
      await pause(clock, Math.min(NEWS_MS, this.#ttlMs / BEATS_PER_TTL), over.signal, true)
      if (this.#leave && !over.signal.aborted) await this.#tell(over.signal)
    }
    if (settled && settled.kind !== 'abandoned') await this.#deliver(outcomeOf(settled))
  }

  /** Passes on what is new; a heartbeat when it is time for one. */
  async #tell(signal: AbortSignal): Promise<void> {
    const from = this.#linesKept
    const lines = this.#attempt.log?.after(from) ?? []
    if (lines.length > 0) {
      const reply = await this.#post('logs', { lines, from }, signal)
      if (reply && isFinal(reply)) this.#linesKept += lines.length
    }
    const { progress } = this.#attempt
    const isNews = progress !== this.#progressKept
    if (!this.#leave || (!isNews && this.#port.clock.now() < this.#beatAtMs)) return
    const reply = await this.#post('heartbeat', isNews ? { progress } : {}, signal)
    if (reply?.status === 200) this.#progressKept = progress
  }

  #deliver(outcome: Outcome): Promise<void> {
    const { signal } = this.#stopped
    const { runId, attemptId } = this.#dispatch
    const logsFrom = this.#linesKept
    const logs = outcome.logs?.slice(logsFrom)
    // Of lines that nobody acknowledged some may have got through.
    const body = logs && logs.length > 0 ? { ...outcome, logs, logsFrom } : { ...outcome, logs: undefined }
    const entry = { runId, attemptId, callback: this.#callback, body }
    return deliver(this.#port, entry, () => this.#post('result', body, signal), signal)
  }

  async #post(verb: string, body: object, signal: AbortSignal): Promise<NodeReply | undefined> {
    const path = `/v1/attempts/${this.#dispatch.attemptId}/${verb}`
    const asking = { method: 'POST', token: this.#callback.token, body: JSON.stringify(body), signal }
    const reply = await this.#nodes.ask(path, asking)
    if (reply?.status === 200) this.#obey(reply.body)
    return reply
  }

  #obey({ answer, callback, deadline, leaseTtlMs }: NodeReply['body']): void {
    if (answer === 'cancel') this.#attempt.cancel()
    if (answer === 'lease-lost') this.#leave?.(0)
    if (answer !== 'continue') this.#leave = undefined
    if (typeof leaseTtlMs === 'number' && leaseTtlMs > 0) this.#ttlMs = leaseTtlMs
    this.#beatAtMs = this.#port.clock.now() + this.#ttlMs / BEATS_PER_TTL
    if (typeof deadline === 'string') this.#attempt.allowUntil(Date.parse(deadline))
    const { token, expiresAt } = (callback ?? {}) as Record<string, unknown>
    if (typeof token !== 'string' || typeof expiresAt !== 'string') return
    this.#callback = { ...this.#callback, token, expiresAt }
  }
}

/** The body of a result, as far as it is looked into here. */
export interface Outcome {
  error?: { retryAfterMs?: number; [field: string]: unknown }
  logs?: LogLine[]
}

function outcomeOf(settled: Exclude<Settled, { kind: 'abandoned' }>): Outcome {
  if (settled.kind === 'refused') {
    const { code, detail = code } = settled.problem
    // What a call that still waits is answered with 422.
    const how = code === 'invalid-params' ? { outcome: 'refused', status: 422 } : { outcome: 'failed' }
    return { ...how, error: { message: detail, code, retryable: false } }
  }
  return reportable(JSON.parse(`{${settled.text}`) as Outcome)
}

/** An outcome as the control plane takes it. */
export function reportable<Said extends Outcome>(outcome: Said): Said {
  const { error } = outcome
  if (error?.retryAfterMs !== undefined) error.retryAfterMs = Math.min(error.retryAfterMs, RETRY_AFTER_MS_MAX)
  return outcome
}
