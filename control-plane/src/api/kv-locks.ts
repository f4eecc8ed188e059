import type { Claim as ClaimView, ClaimRequest } from '@cronclave/openapi'
import type { Principal } from '../auth/authenticator.ts'
import { Problem } from '../problems.ts'
import { parseDuration } from '../runtime/duration.ts'
import type { ClaimState } from '../state/applied.ts'
import type { LockClaim } from '../state/commands.ts'
import { type Lock, type LockKind, lockId } from '../state/kv-types.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import type { Incoming } from './incoming.ts'
import { newLeaseId, ttlOf } from './kv-leases.ts'
import { awaitClaim } from './kv-waits.ts'
import { holderView, waiterView } from './kv-view.ts'
import { namespaceNamed } from './lookup.ts'
import { submit } from './outcome.ts'

/** How long a request may wait for a lock: less than a connection may be silent. */
export const WAIT_MS_MAX = 90_000

type Operations = 'getLock' | 'acquireLock' | 'releaseLock' | 'getElection' | 'campaign' | 'resign'

interface Asked {
  path: { namespace: string; name: string }
  body: ClaimRequest & { value?: string }
  principal: Principal
  request: Incoming
}

export function lockHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock } = context

  function lockAt(kind: LockKind, path: Asked['path']): Lock | undefined {
    const { uid } = namespaceNamed(state(), path.namespace)
    return state().locks.get(lockId(uid, kind, path.name))
  }

  async function release(kind: LockKind, path: Asked['path'], lease: string) {
    const { uid } = namespaceNamed(state(), path.namespace)
    await submit(context, { kind: 'lock-release', at: clock.now(), namespace: uid, lock: kind, name: path.name, lease })
    return { status: 204 } as const
  }

  return {
    getLock({ path }) {
      const lock = lockAt('lock', path)
      const queue = (lock?.queue ?? []).map(waiterView)
      return { status: 200, body: { name: path.name, ...(lock ? { holder: holderView(lock.holder) } : {}), queue } }
    },
    acquireLock: (call) => claim(context, 'lock', call),
    releaseLock: ({ path, query }) => release('lock', path, query.lease),
    getElection({ path }) {
      const lock = lockAt('election', path)
      const queue = (lock?.queue ?? []).map(waiterView)
      return { status: 200, body: { name: path.name, ...(lock ? { leader: holderView(lock.holder) } : {}), queue } }
    },
    campaign: (call) => claim(context, 'election', call),
    resign: ({ path, query }) => release('election', path, query.lease),
  }
}

/** Claims, waits if asked to, and gives the claim up when that was not enough. */
async function claim(context: ApiContext, kind: LockKind, { path, body, principal, request }: Asked) {
  const { state, clock } = context
  const { uid } = namespaceNamed(state(), path.namespace)
  const waitMs = waitOf(body)
  const lease = body.lease ?? newLeaseId(context.random)
  const command: LockClaim = {
    kind: 'lock-claim',
    namespace: uid,
    lock: kind,
    name: path.name,
    lease,
    wait: waitMs > 0 || body.keepPlace === true,
    by: principal.name,
    ...(body.ttl === undefined ? {} : { ttlMs: ttlOf(body.ttl) }),
    ...(body.value === undefined ? {} : { value: body.value }),
  }
  const { claim: asked } = await submit(context, { at: clock.now(), ...command })
  const lock = { kind, namespace: uid, name: path.name }
  const keepAlive = body.ttl !== undefined
  const waited = asked?.held
    ? asked
    : await awaitClaim(context, lock, lease, { waitMs, keepAlive, signal: request.signal() })
  if (waited?.held) return { status: 200 as const, body: view(context, path.name, lease, waited) }
  if (waited && body.keepPlace) return { status: 202 as const, body: view(context, path.name, lease, waited) }
  const given = waited && (await giveUp(context, lock, lease))
  if (given?.held) return { status: 200 as const, body: view(context, path.name, lease, given) }
  const holder = state().locks.get(lockId(uid, kind, path.name))?.holder
  throw new Problem('lock-held', holder ? `${path.name} is held by ${holder.by}` : 'the lease ended while it waited')
}

/** Leaves the queue; the claim when it was granted in the same moment. */
async function giveUp(
  context: ApiContext,
  { kind, namespace, name }: Pick<Lock, 'kind' | 'namespace' | 'name'>,
  lease: string,
): Promise<ClaimState | undefined> {
  const release = { kind: 'lock-release', namespace, lock: kind, name, lease, onlyWaiting: true } as const
  const outcome = await context.submit({ at: context.clock.now(), ...release })
  return outcome.kind === 'applied' ? outcome.value?.claim : undefined
}

function view(context: ApiContext, name: string, lease: string, claim: ClaimState): ClaimView {
  const ttlMs = context.state().leases.get(lease)?.ttlMs ?? 0
  if (claim.held) return { name, lease, ttlMs, held: true, fencingToken: String(claim.fencingToken) }
  return { name, lease, ttlMs, held: false, before: claim.before }
}

function waitOf({ lease, ttl, wait, keepPlace }: ClaimRequest): number {
  const refuse = (pointer: string, detail: string) => new Problem('invalid-request', undefined, [{ pointer, detail }])
  if ((lease === undefined) === (ttl === undefined)) throw refuse('', 'names either a lease or a ttl')
  if (keepPlace && lease === undefined) throw refuse('/keepPlace', 'goes with a lease of your own')
  const waitMs = wait === undefined ? 0 : parseDuration(wait)
  if (waitMs !== undefined && waitMs <= WAIT_MS_MAX) return waitMs
  throw refuse('/wait', `must be at most ${WAIT_MS_MAX / 1000}s`)
}
