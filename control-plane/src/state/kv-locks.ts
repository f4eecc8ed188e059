import type { CommandOf } from './commands.ts'
import { addClaim, claimOf, dropClaim } from './kv-claims.ts'
import { endLease, makeLease } from './kv-leases.ts'
import { LEASE_CLAIMS_MAX, type Lease, LOCK_QUEUE_MAX, lockId } from './kv-types.ts'
import { type Answer, refuse, type Turn } from './turn.ts'

/**
 * Claims a lock, or to lead, for a lease. Who has a claim already keeps it, so that a request can be repeated: the place
 * in the queue and the token stay.
 */
export function claimLock(turn: Turn, command: CommandOf<'lock-claim'>): Answer {
  const { state, at, index } = turn
  const { namespace, lock: kind, name, lease: leaseId, value = '', by, wait } = command
  const present = state.locks.get(lockId(namespace, kind, name))
  const known = claimOf(present, leaseId)
  if (known) return { claim: known }
  if (present && !wait) return refuse('lock-held', `${name} is held by ${present.holder.by}`)
  if (present && present.queue.length >= LOCK_QUEUE_MAX) {
    return refuse('lock-queue-full', `at most ${LOCK_QUEUE_MAX} wait for ${name}`)
  }
  const lease = leaseFor(turn, command)
  if ('rejection' in lease) return lease
  const lock = addClaim(turn, { kind, namespace, name }, lease, { lease: leaseId, value, by, since: at, index })
  const claim = claimOf(lock, leaseId)
  return claim && { claim }
}

/** Gives a lock back, or gives up waiting for it. A lease that was made for the claim goes with it. */
export function releaseLock(turn: Turn, command: CommandOf<'lock-release'>): Answer {
  const { state } = turn
  const lock = state.locks.get(lockId(command.namespace, command.lock, command.name))
  const claim = claimOf(lock, command.lease)
  if (!lock || !claim) {
    return refuse('lock-not-held', `lease ${command.lease} has no claim to ${command.name}`)
  }
  // Who gave up waiting, and was given the lock in the same moment, is told so and keeps it.
  if (command.onlyWaiting && claim.held) return { claim }
  dropClaim(turn, lock, command.lease)
  const lease = state.leases.get(command.lease)
  if (lease?.ofClaim) endLease(turn, lease)
  return {}
}

function leaseFor(turn: Turn, { namespace, lease: id, ttlMs, by }: CommandOf<'lock-claim'>) {
  if (ttlMs !== undefined) return makeLease(turn, { namespace, id, ttlMs, by, ofClaim: true })
  const lease: Lease | undefined = turn.state.leases.get(id)
  if (lease?.namespace !== namespace) return refuse('lease-not-found', `there is no lease ${id}`)
  if (lease.claims.size < LEASE_CLAIMS_MAX) return lease
  return refuse('lock-queue-full', `a lease has at most ${LEASE_CLAIMS_MAX} claims`)
}
