import type { ExecutorClock } from './clock.ts'
import { LeaseLostError } from './errors.ts'
import type { Held, LockOptions } from './keys-and-locks.ts'

/** One request to the namespace. Rejects with a `KvError` unless the answer is a good one. */
export type Ask = (
  method: string,
  path: string,
  init?: { headers?: Record<string, string>; body?: BodyInit; signal?: AbortSignal },
) => Promise<Response>

const TTL_MS = 15_000
/** Signs of life in the time that a lease lives without one. */
const KEEPS_PER_TTL = 3
/** How long one request waits; the place in the queue stays from one to the next. */
const REQUEST_MS = 30_000

/** Holds a lock by a lease of its own while `work` goes on. What cannot be let go of at the end goes with the lease. */
export async function lockWith<Result>(
  ask: Ask,
  clock: ExecutorClock,
  name: string,
  { ttlMs = TTL_MS, waitMs = 0, signal }: LockOptions,
  work: (held: Held) => Result | Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted()
  const reply = await ask('POST', 'leases', json({ ttl: `${ttlMs}ms` }))
  const { id } = (await reply.json()) as { id: string }
  const lost = new AbortController()
  const stopKeeping = keepAlive(ask, clock, id, ttlMs, () => lost.abort(new LeaseLostError('the lock was lost')))
  const either = signal ? AbortSignal.any([signal, lost.signal]) : lost.signal
  try {
    const fencingToken = await claim(ask, clock, name, id, waitMs, either)
    const result = await work({ name, fencingToken, signal: either })
    lost.signal.throwIfAborted()
    return result
  } finally {
    stopKeeping()
    await ask('DELETE', `leases/${id}`).catch(() => undefined)
  }
}

async function claim(
  ask: Ask,
  clock: ExecutorClock,
  name: string,
  lease: string,
  waitMs: number,
  signal: AbortSignal,
): Promise<bigint> {
  const until = clock.now() + waitMs
  for (;;) {
    signal.throwIfAborted()
    const leftMs = Math.max(0, Math.ceil(until - clock.now()))
    const body = { lease, wait: `${Math.min(leftMs, REQUEST_MS)}ms`, ...(leftMs > REQUEST_MS && { keepPlace: true }) }
    const reply = await ask('POST', `locks/${encodeURIComponent(name)}`, { ...json(body), signal })
    const { fencingToken } = (await reply.json()) as { fencingToken?: string }
    if (fencingToken !== undefined) return BigInt(fencingToken)
  }
}

/** Calls `lose` when the lease has ended, or may have. */
function keepAlive(ask: Ask, clock: ExecutorClock, id: string, ttlMs: number, lose: () => void): () => void {
  let heard = clock.now()
  let cancel = clock.after(ttlMs / KEEPS_PER_TTL, keep)
  function keep(): void {
    const sent = clock.now()
    ask('POST', `leases/${id}/keepalive`)
      .then(
        () => {
          heard = sent
        },
        (error: { status?: number }) => {
          if (error.status === 404) heard = -Infinity
        },
      )
      .finally(() => {
        if (clock.now() - heard < ttlMs) return
        cancel()
        lose()
      })
      .catch(() => undefined)
    cancel = clock.after(ttlMs / KEEPS_PER_TTL, keep)
  }
  return () => cancel()
}

function json(body: object): { headers: Record<string, string>; body: string } {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
