import type { CommandOf } from './commands.ts'
import { removeKey, spaceOf, tidySpace } from './kv.ts'
import { dropClaim } from './kv-claims.ts'
import { KV_LEASES_MAX, type Lease } from './kv-types.ts'
import { type Answer, refuse, type Turn } from './turn.ts'

export function grantLease(turn: Turn, command: CommandOf<'lease-grant'>): Answer {
  const { namespace, lease, ttlMs, by } = command
  const made = makeLease(turn, { namespace, id: lease, ttlMs, by, ofClaim: false })
  return 'rejection' in made ? made : {}
}

/** A lease that a claim or a caller asked for, or why there is none. */
export function makeLease(turn: Turn, wanted: Pick<Lease, 'namespace' | 'id' | 'ttlMs' | 'by' | 'ofClaim'>) {
  const { state, index, at } = turn
  const { namespace, id, ttlMs, by, ofClaim } = wanted
  if (!state.namespaces.has(namespace)) return refuse('namespace-not-found', 'the namespace has gone')
  if (state.leases.has(id)) return refuse('already-exists', `lease ${id} exists already`)
  const space = spaceOf(state, namespace)
  if (space.leases >= KV_LEASES_MAX) return refuse('kv-full', `a namespace has at most ${KV_LEASES_MAX} leases`)
  space.leases += 1
  state.kv.set(namespace, space)
  const lease: Lease = {
    id,
    namespace,
    ttlMs,
    createdAt: at,
    by,
    keptIndex: index,
    ofClaim,
    keys: new Set(),
    claims: new Set(),
  }
  state.leases.set(id, lease)
  turn.changes.push({ kind: 'lease', id })
  turn.events.push({ type: 'lease-kept', lease: id, ttlMs })
  return lease
}

/** Signs of life that came by way of the log, because the node that heard them does not lead. */
export function keepLeases(turn: Turn, command: CommandOf<'leases-kept'>): Answer {
  let missing: string | undefined
  for (const id of command.leases) {
    const lease = turn.state.leases.get(id)
    if (!lease) {
      missing = id
      continue
    }
    lease.keptIndex = turn.index
    turn.changes.push({ kind: 'lease', id })
    turn.events.push({ type: 'lease-kept', lease: id, ttlMs: lease.ttlMs })
  }
  return missing === undefined ? {} : refuse('lease-not-found', `there is no lease ${missing}`)
}

export function revokeLease(turn: Turn, command: CommandOf<'lease-revoke'>): Answer {
  const lease = turn.state.leases.get(command.lease)
  if (!lease || lease.namespace !== command.namespace)
    return refuse('lease-not-found', `there is no lease ${command.lease}`)
  endLease(turn, lease)
  return {}
}

/** Ends leases of which the leader heard nothing for their time to live. One that was kept meanwhile goes on. */
export function expireLeases(turn: Turn, command: CommandOf<'leases-expired'>): Answer {
  for (const id of command.leases) {
    const lease = turn.state.leases.get(id)
    if (lease && lease.keptIndex <= command.asOf) endLease(turn, lease)
  }
  return {}
}

/** What is tied to a lease goes in an order that is the same on every node, however the node came to its state. */
export function endLease(turn: Turn, lease: Lease): void {
  const { state } = turn
  for (const key of [...lease.keys].sort()) removeKey(turn, lease.namespace, key)
  for (const id of [...lease.claims].sort()) {
    const lock = state.locks.get(id)
    if (lock) dropClaim(turn, lock, lease.id)
  }
  state.leases.delete(lease.id)
  const space = state.kv.get(lease.namespace)
  if (space) space.leases -= 1
  tidySpace(state, lease.namespace)
  turn.changes.push({ kind: 'lease', id: lease.id })
  turn.events.push({ type: 'lease-ended', lease: lease.id })
}
