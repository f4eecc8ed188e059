import type { Attempt } from './attempt.ts'
import { backoffMs, ControlPlane, isFinal, pause } from './control-plane.ts'
import { deliver, type DeliveryPort } from './delivery.ts'
import type { Callback, Dispatch } from './envelope.ts'
import { Lease, LEASE_TTL_MS, type Outcome, reportable } from './lease.ts'
import { messageOf } from './message-of.ts'
import type { OutboxEntry } from './outbox.ts'

/** How long results may take to be acknowledged once an executor is drained, in milliseconds. */
const DRAIN_GRACE_MS = 5000
/** The longest time that the control plane takes, in milliseconds; it grants up to `runTimeout`. */
const EXTEND_MS_MAX = 31_536_000_000
/** Outcomes of an earlier process that are reported, and in memory, at a time. */
const RESUMED_MAX = 16

/** What reporting takes. */
export interface ReportPort extends DeliveryPort {
  fetch: typeof fetch
  /** Nodes that are tried when the one that called cannot be reached. */
  controlPlane: readonly string[]
  /** They are tried before it. */
  nodesFirst?: boolean | undefined
}

/** The attempt that is reported of. */
export type Reportable = Pick<OutboxEntry, 'runId' | 'attemptId' | 'callback'>

/** What is reported of attempts beside the replies to their calls. Loaded when the first one outlives its call. */
export class Reports {
  /** The reply to a call whose handler goes on. */
  readonly accepted = JSON.stringify({ accepted: true, leaseTtlMs: LEASE_TTL_MS })
  readonly #port: ReportPort
  readonly #leases = new Map<Lease, Promise<void>>()
  readonly #deliveries = new Map<Promise<void>, AbortController>()
  #resumed: Promise<unknown> | undefined
  #isStopped = false

  constructor(port: ReportPort) {
    this.#port = port
  }

  /** Keeps the lease of an attempt that is answered 202. Resolves when its outcome is acknowledged or beyond hope. */
  async take(attempt: Attempt, dispatch: Dispatch): Promise<void> {
    const lease = this.#leaseOf(attempt, dispatch)
    if (!lease) return
    const kept = lease.keep().finally(() => this.#leases.delete(lease))
    this.#leases.set(lease, kept)
    await kept
  }

  /**
   * Asks for time until some node answers or the attempt is over; rejects with the reason of its signal then, and when it is
   * refused. Asked for is what the call that joined last stands for. A caller that gave no callback grants nothing.
   */
  async extend(attempt: Attempt, ms: number): Promise<void> {
    const { signal } = attempt
    const extendMs = Math.min(Math.max(1, Math.ceil(ms)), EXTEND_MS_MAX)
    for (let failures = 0; ; failures++) {
      signal.throwIfAborted()
      const lease = this.#leaseOf(attempt, attempt.dispatch)
      if (!lease) return
      const reply = await lease.extend(extendMs)
      // What becomes of one that was joined meanwhile is nothing to the handler any more.
      if (lease !== this.#leaseOf(attempt, attempt.dispatch)) continue
      const { answer, code } = reply?.body ?? {}
      if (answer === 'continue') return
      if (answer === 'lease-lost') attempt.lose()
      else if (reply && reply.status >= 400 && isFinal(reply))
        throw new Error(`the control plane grants no time: ${reply.status} ${String(code)}`)
      else await pause(this.#port.clock, backoffMs(failures), signal)
    }
  }

  /** Reports what an attempt came to whose call had no connection to answer. */
  report({ runId, attemptId, callback }: Reportable, outcome: Record<string, unknown> & Outcome): Promise<void> {
    return this.#send({ runId, attemptId, callback, body: reportable(outcome) })
  }

  /** Reports what an earlier process left in the outbox, until all of it is acknowledged. Never rejects. */
  async resume(): Promise<void> {
    const { logger, outbox } = this.#port
    if (!outbox) return
    try {
      const entries = outbox.entries()[Symbol.asyncIterator]()
      await (this.#resumed = Promise.all(Array.from({ length: RESUMED_MAX }, () => this.#sendAll(entries))))
    } catch (error) {
      logger.error({ error: messageOf(error) }, 'the outbox could not be read')
    }
  }

  /** Waits for results to be acknowledged, for a while; what is left then is given up. */
  async drain(): Promise<void> {
    const stopTimer = this.#port.clock.after(DRAIN_GRACE_MS, () => {
      this.#isStopped = true
      for (const lease of this.#leases.keys()) lease.stop()
      for (const stopped of this.#deliveries.values()) stopped.abort()
    })
    await Promise.all([this.#resumed?.catch(() => {}), ...this.#leases.values(), ...this.#deliveries.keys()])
    stopTimer()
  }

  /** There is one for each call, however often that comes. */
  #leaseOf(attempt: Attempt, dispatch: Dispatch | undefined): Lease | undefined {
    if (!dispatch?.callback) return undefined
    let lease = attempt.leases.get(dispatch.attemptId)
    if (!lease) {
      lease = new Lease(this.#port, this.#nodes(dispatch.callback), attempt, dispatch, dispatch.callback)
      attempt.leases.set(dispatch.attemptId, lease)
    }
    return lease
  }

  async #sendAll(entries: AsyncIterator<OutboxEntry>): Promise<void> {
    while (!this.#isStopped) {
      const { done, value } = await entries.next()
      if (done) return
      await this.#send(value)
    }
  }

  #send(entry: OutboxEntry): Promise<void> {
    const { attemptId, body, callback } = entry
    const stopped = new AbortController()
    if (this.#isStopped) stopped.abort()
    const { signal } = stopped
    const nodes = this.#nodes(callback)
    const { token } = callback
    const post = () =>
      nodes.ask(`/v1/attempts/${attemptId}/result`, { method: 'POST', token, body: JSON.stringify(body), signal })
    const sent = deliver(this.#port, entry, post, signal).finally(() => this.#deliveries.delete(sent))
    this.#deliveries.set(sent, stopped)
    return sent
  }

  #nodes({ url }: Pick<Callback, 'url'>): ControlPlane {
    const { clock, controlPlane, fetch: send, nodesFirst } = this.#port
    const [base = ''] = url.split('/v1/attempts/', 1)
    const nodes = nodesFirst ? [...controlPlane, base] : [base, ...controlPlane]
    return new ControlPlane(nodes.filter(Boolean), clock, send)
  }
}
