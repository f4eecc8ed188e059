import type { Millis } from '../runtime/clock.ts'

export type ExecutorStatus = 'online' | 'offline' | 'draining'

/** One running instance of a service that takes work. */
export interface Executor {
  id: string
  /** Uid of its service. */
  service: number
  namespace: number
  /** `static`: listed by a person; `registered`: announced itself with the SDK. */
  kind: 'static' | 'registered'
  bootId?: string
  /** Base URL; handler targets are posted to it as it is. */
  url: string
  /** 0 takes no traffic. @default 1 @maximum 10000 */
  weight: number
  /** Shards it holds at once; 0 is unlimited. @default 0 */
  slots: number
  labels: Record<string, string>
  status: ExecutorStatus
  version: number
  createdAt: Millis
  updatedAt: Millis
  /** Passive circuit breaker: connection failures in a row, and until when it takes no traffic. */
  failures: number
  openUntil?: Millis
  /** Fencing token of the last attempt that it was given: the order in which executors were used. */
  lastToken?: number
  /** Shards placed on it; derived, not stored. */
  held: number
}

/** A group of interchangeable executors. Owns the signing secrets. */
export interface Service {
  uid: number
  namespace: number
  name: string
  description: string
  version: number
  /** Sealed under the cluster key, the newest last; never returned by the API. At most two while a secret is rotated. */
  secrets: SealedSecret[]
  /** Hosts an executor's URL may name; empty is any that the egress policy allows. */
  allowedHosts: string[]
  createdAt: Millis
  updatedAt: Millis
}

/** AES-256-GCM under the cluster key: `<key id>.<nonce>.<ciphertext and tag>`, base64url each. */
export type SealedSecret = string
