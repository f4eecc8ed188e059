import type { ExecutorClock } from './clock.ts'
import { backoffMs, isFinal, type NodeReply, pause } from './control-plane.ts'
import type { Logger } from './logger.ts'
import { messageOf } from './message-of.ts'
import type { Outbox, OutboxEntry } from './outbox.ts'

/** The longest wait between two tries, in milliseconds: an outcome is to arrive within the lease that a new leader grants. */
const RETRY_MS_MAX = 10_000

/** What delivering takes. */
export interface DeliveryPort {
  clock: ExecutorClock
  logger: Logger
  outbox?: Outbox | undefined
}

/**
 * Reports an outcome again and again until it is acknowledged, nobody can take it any more, or `stopped`. It is put into
 * the outbox before, and taken out after; one that was stopped stays there. Never rejects.
 */
export async function deliver(
  { clock, logger, outbox }: DeliveryPort,
  entry: OutboxEntry,
  post: () => Promise<NodeReply | undefined>,
  stopped: AbortSignal,
): Promise<void> {
  const { runId, attemptId, callback } = entry
  const failed = (error: unknown) =>
    logger.error({ runId, attemptId, error: messageOf(error) }, 'the outbox could not be written')
  await outbox?.put(entry).catch(failed)
  const expiresAtMs = Date.parse(callback.expiresAt)
  let status: number | undefined
  for (let failures = 0; !stopped.aborted && clock.now() < expiresAtMs; failures++) {
    const reply = await post()
    if (reply?.status === 200) {
      await outbox?.delete(attemptId).catch(failed)
      return
    }
    status = reply?.status
    if (reply && isFinal(reply)) break
    await pause(clock, backoffMs(failures, RETRY_MS_MAX), stopped)
  }
  if (stopped.aborted && outbox) return
  logger.error({ runId, attemptId, status }, 'the outcome of an attempt could not be reported')
  await outbox?.delete(attemptId).catch(failed)
}
