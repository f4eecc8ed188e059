import type { Claim } from '@cronclave/openapi'
import { formatDuration } from '../runtime/duration.ts'
import type { Session } from './command.ts'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'

/** Signs of life in the time that a lease lives without one. */
const KEEPS_PER_TTL = 3
/** How long one request waits; the place in the queue stays from one to the next. */
const WAIT_MS = 60_000

export interface Wanted {
  kind: 'lock' | 'election'
  name: string
  ttlMs: number
  /** How long to wait for it; 0 is not at all. */
  waitMs: number
  value?: string
}

/**
 * Holds a lock, or leads, while `work` goes on, and lets go at its end whatever came of it. The signal that work is given
 * aborts when the claim is lost, or on Ctrl-C.
 */
export async function holding<T>(
  session: Session,
  io: Io,
  wanted: Wanted,
  work: (claim: Claim, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { client, namespace } = session
  const ttl = formatDuration(wanted.ttlMs)
  const made = client.api.POST('/v1/namespaces/{namespace}/leases', { params: { path: { namespace } }, body: { ttl } })
  const { id } = await client.ask(made)
  const kept = keepAlive(session, io, id, wanted.ttlMs)
  try {
    const claim = await claimed(session, io, wanted, id, kept.lost)
    const result = await work(claim, AbortSignal.any([kept.lost, io.signal]))
    if (kept.lost.aborted) throw kept.lost.reason
    return result
  } finally {
    kept.stop()
    const params = { path: { namespace, lease: id } }
    const fetch = (request: Request) => client.fetch(request, { farewell: true })
    // What cannot be revoked ends by itself.
    await client.api.DELETE('/v1/namespaces/{namespace}/leases/{lease}', { params, fetch }).catch(() => undefined)
  }
}

/** Keeps a lease alive until it is told to stop; `lost` aborts when the lease has ended, or may have. */
export function keepAlive(
  { client, namespace }: Session,
  io: Io,
  id: string,
  ttlMs: number,
): { lost: AbortSignal; stop(): void } {
  const lost = new AbortController()
  const everyMs = Math.ceil(ttlMs / KEEPS_PER_TTL)
  let heard = io.clock.monotonic()
  let cancel = io.clock.after(everyMs, keep)
  function keep(): void {
    const sent = io.clock.monotonic()
    const params = { path: { namespace, lease: id } }
    void client.api
      .POST('/v1/namespaces/{namespace}/leases/{lease}/keepalive', { params })
      .then(({ response }) => {
        if (response.ok) heard = sent
        else if (response.status === 404) lose()
      })
      .catch(() => undefined)
      .finally(() => {
        if (io.clock.monotonic() - heard >= ttlMs) lose()
      })
    cancel = io.clock.after(everyMs, keep)
  }
  function lose(): void {
    cancel()
    lost.abort(new CommandFault(EXIT.refused, `The lease ${id} has ended: what it held may belong to somebody else.`))
  }
  return { lost: lost.signal, stop: () => cancel() }
}

async function claimed(session: Session, io: Io, wanted: Wanted, lease: string, lost: AbortSignal): Promise<Claim> {
  const until = io.clock.monotonic() + wanted.waitMs
  for (;;) {
    io.signal.throwIfAborted()
    lost.throwIfAborted()
    const waitMs = Math.max(0, Math.min(WAIT_MS, Math.ceil(until - io.clock.monotonic())))
    const claim = await claimOnce(session, wanted, lease, waitMs, until - io.clock.monotonic() > WAIT_MS)
    if (claim.held) return claim
  }
}

async function claimOnce(
  { client, namespace }: Session,
  { kind, name, value }: Wanted,
  lease: string,
  waitMs: number,
  keepPlace: boolean,
): Promise<Claim> {
  const params = { path: { namespace, name } }
  const body = { lease, wait: formatDuration(waitMs), ...(keepPlace ? { keepPlace } : {}) }
  // A wait is longer than an endpoint may otherwise take to answer.
  const fetch = (request: Request) => client.fetch(request, { stream: true })
  if (kind === 'lock')
    return client.ask(client.api.POST('/v1/namespaces/{namespace}/locks/{name}', { params, body, fetch }))
  const candidate = { ...body, ...(value === undefined ? {} : { value }) }
  return client.ask(
    client.api.POST('/v1/namespaces/{namespace}/elections/{name}/campaign', { params, body: candidate, fetch }),
  )
}
