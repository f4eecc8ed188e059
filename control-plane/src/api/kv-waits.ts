import type { ClaimState } from '../state/applied.ts'
import { claimOf } from '../state/kv-claims.ts'
import { type Lock, lockId } from '../state/kv-types.ts'
import type { ApiContext } from './context.ts'

/** A lease that a waiting request keeps alive hears of it so many times in its time to live. */
const KEEPS_PER_TTL = 3

export interface Wait {
  waitMs: number
  /** Whether the lease lives by this request alone. */
  keepAlive: boolean
  signal: AbortSignal
}

/**
 * Waits until a claim is served, the time is over, the lease has ended or the caller has gone. Answers where the claim
 * stands then; undefined when there is none any more.
 */
export async function awaitClaim(
  context: ApiContext,
  lock: Pick<Lock, 'kind' | 'namespace' | 'name'>,
  lease: string,
  { waitMs, keepAlive, signal }: Wait,
): Promise<ClaimState | undefined> {
  const { clock, state } = context
  const id = lockId(lock.namespace, lock.kind, lock.name)
  const standing = () => claimOf(state().locks.get(id), lease)
  const stopKeeping = keepAlive ? keepRegularly(context, lease) : () => undefined
  await new Promise<void>((resolve) => {
    const settle = () => {
      cancelTimer()
      stopListening()
      stopKeeping()
      signal.removeEventListener('abort', settle)
      resolve()
    }
    const cancelTimer = clock.after(waitMs, settle)
    const stopListening = context.feed.kv.onLock(id, () => {
      if (standing()?.held !== false) settle()
    })
    signal.addEventListener('abort', settle, { once: true })
    if (signal.aborted || standing()?.held !== false) settle()
  })
  // Whoever waited begins with the whole time to live of its lease.
  if (keepAlive && standing()?.held) await context.keepLease(lease)
  return standing()
}

function keepRegularly({ clock, state, keepLease }: ApiContext, lease: string): () => void {
  const everyMs = Math.ceil((state().leases.get(lease)?.ttlMs ?? 0) / KEEPS_PER_TTL)
  let cancel = clock.after(everyMs, keep)
  function keep(): void {
    // A lease that cannot be kept alive has ended, or will: the claim says so.
    keepLease(lease).catch(() => undefined)
    cancel = clock.after(everyMs, keep)
  }
  return () => cancel()
}
