import type { ClaimState } from './applied.ts'
import { type Claim, type Holder, type Lease, type Lock, lockId } from './kv-types.ts'
import type { Turn } from './turn.ts'

/** What a new claim is to. */
export type Wanted = Pick<Lock, 'kind' | 'namespace' | 'name'>

/** Adds a claim at the end of the queue; it holds the lock at once when nobody else does. */
export function addClaim(turn: Turn, wanted: Wanted, lease: Lease, claim: Claim): Lock {
  const id = lockId(wanted.namespace, wanted.kind, wanted.name)
  const lock = turn.state.locks.get(id)
  lease.claims.add(id)
  if (lock) {
    lock.queue.push(claim)
    changed(turn, lock)
    return lock
  }
  const made: Lock = {
    kind: wanted.kind,
    namespace: wanted.namespace,
    name: wanted.name,
    holder: hold(turn, claim),
    queue: [],
    modIndex: turn.index,
  }
  turn.state.locks.set(id, made)
  changed(turn, made)
  return made
}

/** Takes the claim of a lease out of a lock: the longest waiting one holds it next, with the next fencing token. */
export function dropClaim(turn: Turn, lock: Lock, lease: string): void {
  const id = lockId(lock.namespace, lock.kind, lock.name)
  turn.state.leases.get(lease)?.claims.delete(id)
  if (lock.holder.lease !== lease) {
    lock.queue = lock.queue.filter((claim) => claim.lease !== lease)
    changed(turn, lock)
    return
  }
  const next = lock.queue.shift()
  if (next) lock.holder = hold(turn, next)
  else turn.state.locks.delete(id)
  changed(turn, lock, next === undefined)
}

/** What the claimant is told: its token when it holds the lock, else how many are before it. */
export function claimOf(lock: Lock | undefined, lease: string): ClaimState | undefined {
  if (!lock) return undefined
  if (lock.holder.lease === lease) return { held: true, fencingToken: lock.holder.fencingToken }
  const before = lock.queue.findIndex((claim) => claim.lease === lease)
  return before < 0 ? undefined : { held: false, before: before + 1 }
}

function hold(turn: Turn, claim: Claim): Holder {
  turn.state.fencingToken += 1
  return { ...claim, fencingToken: turn.state.fencingToken, heldSince: turn.at }
}

function changed(turn: Turn, lock: Lock, gone = false): void {
  lock.modIndex = turn.index
  const id = lockId(lock.namespace, lock.kind, lock.name)
  turn.changes.push({ kind: 'lock', id })
  const { kind, namespace, name, holder } = lock
  turn.events.push({
    type: 'lock-changed',
    lock: { kind, namespace, name },
    index: turn.index,
    ...(gone ? {} : { holder }),
  })
}
