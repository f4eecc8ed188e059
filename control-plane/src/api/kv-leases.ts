import type { Lease as LeaseView } from '@cronclave/openapi'
import { type Fault, Problem } from '../problems.ts'
import { parseDuration } from '../runtime/duration.ts'
import type { Random } from '../runtime/random.ts'
import { LEASE_TTL_MS_MAX, LEASE_TTL_MS_MIN, type Lease } from '../state/kv-types.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { namespaceNamed } from './lookup.ts'
import { submit } from './outcome.ts'
import { type Order, pageOf } from './pages.ts'
import { timeText } from './times.ts'

type Operations = 'listLeases' | 'grantLease' | 'getLease' | 'keepLease' | 'revokeLease'

const OLDEST_FIRST: Order<Lease> = { name: 'leases:ns', key: ({ createdAt, id }) => [createdAt, id] }

export function leaseHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock, random } = context

  function leaseAt(path: { namespace: string; lease: string }): Lease {
    const { uid } = namespaceNamed(state(), path.namespace)
    const lease = state().leases.get(path.lease)
    if (lease?.namespace !== uid) throw new Problem('lease-not-found', `there is no lease ${path.lease}`)
    return lease
  }

  return {
    async listLeases({ path, query }) {
      const { uid } = namespaceNamed(state(), path.namespace)
      const page = await pageOf(state().leases.values(), ({ namespace }) => namespace === uid, OLDEST_FIRST, query)
      return { status: 200, body: { ...page, items: page.items.map(leaseView) } }
    },

    async grantLease({ path, body, principal }) {
      const { uid } = namespaceNamed(state(), path.namespace)
      const ttlMs = ttlOf(body.ttl)
      const lease = newLeaseId(random)
      await submit(context, { kind: 'lease-grant', at: clock.now(), namespace: uid, lease, ttlMs, by: principal.name })
      return { status: 201, body: leaseView(leaseAt({ namespace: path.namespace, lease })) }
    },

    getLease: ({ path }) => ({ status: 200, body: leaseView(leaseAt(path)) }),

    async keepLease({ path }) {
      const { id } = leaseAt(path)
      await context.keepLease(id)
      return { status: 204 }
    },

    async revokeLease({ path }) {
      const { namespace, id } = leaseAt(path)
      await submit(context, { kind: 'lease-revoke', at: clock.now(), namespace, lease: id })
      return { status: 204 }
    },
  }
}

export function newLeaseId(random: Random): string {
  return `lse_${Buffer.from(random.bytes(9)).toString('base64url')}`
}

/** The time to live that a request asks for, within its bounds. */
export function ttlOf(text: string): number {
  const ttlMs = parseDuration(text)
  if (ttlMs !== undefined && ttlMs >= LEASE_TTL_MS_MIN && ttlMs <= LEASE_TTL_MS_MAX) return ttlMs
  const fault: Fault = { pointer: '/ttl', detail: 'must be from 1s to 1d' }
  throw new Problem('invalid-request', undefined, [fault])
}

function leaseView({ id, ttlMs, createdAt, by, keys, claims }: Lease): LeaseView {
  return { id, ttlMs, createdAt: timeText(createdAt), createdBy: by, keys: keys.size, claims: claims.size }
}
