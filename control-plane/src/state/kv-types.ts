import type { Millis } from '../runtime/clock.ts'

/** Bytes of a key in UTF-8, at most. */
export const KV_KEY_BYTES_MAX = 512
/** Bytes of a value, at most. */
export const KV_VALUE_BYTES_MAX = 65_536
/** Keys of a namespace, at most. */
export const KV_KEYS_MAX = 100_000
/** Bytes of the keys and values of a namespace, at most. */
export const KV_BYTES_MAX = 64 * 1_048_576
/** Leases of a namespace, at most. */
export const KV_LEASES_MAX = 10_000
/** Bounds of a lease's time to live. */
export const LEASE_TTL_MS_MIN = 1000
export const LEASE_TTL_MS_MAX = 86_400_000
/** Claims that wait for one lock, or stand in one election, at most. */
export const LOCK_QUEUE_MAX = 256
/** Locks and elections that one lease has claims in, at most. */
export const LEASE_CLAIMS_MAX = 1000

/** What a value is when its writer did not say. */
export const OCTETS = 'application/octet-stream'

/** A key's value and where it stands. Never changed: a put makes another one, so that readers may hold it. */
export interface KvEntry {
  readonly value: Uint8Array
  readonly contentType: string
  /** Log index at which the key came into being. */
  readonly createIndex: number
  /** Log index of the last put. */
  readonly modIndex: number
  /** Puts since the key came into being. */
  readonly version: number
  /** Id of the lease that it goes with, or ''. */
  readonly lease: string
}

/** What a namespace keeps under keys. There is one while it holds a key or a lease. */
export interface KvSpace {
  entries: Map<string, KvEntry>
  /** Of keys and values; derived, not stored. */
  bytes: number
  /** Leases of the namespace; derived, not stored. */
  leases: number
}

/** What keys and claims are tied to: they go when it ends. How much time it has left is the leader's to know. */
export interface Lease {
  id: string
  namespace: number
  ttlMs: number
  createdAt: Millis
  by: string
  /** Log index of the last sign of life that went through the log. */
  keptIndex: number
  /** Made by the claim that it holds, and gone with it. */
  ofClaim: boolean
  /** Keys tied to it; derived, not stored. */
  keys: Set<string>
  /** Ids of locks in which it has a claim; derived, not stored. */
  claims: Set<string>
}

export type LockKind = 'lock' | 'election'

/** Somebody's claim to a lock, or to lead. */
export interface Claim {
  lease: string
  /** What a candidate says of itself; '' for a lock. */
  value: string
  by: string
  /** Replicated time and log index of the claim. */
  since: Millis
  index: number
}

export interface Holder extends Claim {
  /** Higher than any that was given before, to anybody. */
  fencingToken: number
  heldSince: Millis
}

/** A lock or an election: who holds it and who waits, the longest first. There is one while somebody does. */
export interface Lock {
  kind: LockKind
  namespace: number
  name: string
  holder: Holder
  queue: Claim[]
  modIndex: number
}

/** The id of a lock in the state. */
export function lockId(namespace: number, kind: LockKind, name: string): string {
  return `${namespace}/${kind}/${name}`
}
