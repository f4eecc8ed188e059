import type { Millis } from '../runtime/clock.ts'

/**
 * `joining`: registered, and has yet to prove that it holds the secret; `suspect`: its connection broke, and it did not
 * answer when it was asked.
 */
export type ExecutorStatus = 'online' | 'offline' | 'draining' | 'joining' | 'suspect'

/** One running instance of a service that takes work. */
export interface Executor {
  id: string
  /** Uid of its service. */
  service: number
  namespace: number
  /** `static`: listed by a person; `registered`: announced itself with the SDK. */
  kind: 'static' | 'registered'
  /** Of its process; of registered ones only. */
  bootId?: string
  /** What it said of itself when it registered. */
  manifest?: ExecutorManifest
  /** It went offline because nothing was heard of it, not by anybody's order. */
  expired?: true
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
  /** Connection failures in a row, and the ids of the nodes that had them. */
  failures: number
  failedFrom?: string[]
  /** Passive circuit breaker; absent while it is closed. */
  breaker?: Breaker
  /** What the service's health check found; absent while it is well, or when there is no check. */
  health?: 'unhealthy'
  /** Fencing token of its last attempt for a job under `least-recently-used`: the order in which executors were used. */
  lastToken?: number
  /** Shards placed on it; derived, not stored. */
  held: number
}

/** What a registered executor can do. */
export interface ExecutorManifest {
  revision?: string
  /** Names, sorted as it gave them. */
  handlers?: string[]
  /** Differs when the others do. */
  hash?: string
}

/**
 * Open: nothing new is placed until then. Half open: one attempt may try, `trial`, and how it ends decides. `openings`:
 * how often it opened in a row.
 */
export type Breaker =
  | { state: 'open'; until: Millis; openings: number }
  | { state: 'half-open'; openings: number; trial?: string }

/** How the leader asks the executors of a service whether they are well. */
export interface HealthCheck {
  /** Asked with GET at the executor's origin; any 2xx is well. */
  path: string
  intervalMs: number
  timeoutMs: number
  /** Answers in a row that change what is thought of an executor. */
  unhealthyAfter: number
  healthyAfter: number
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
  healthCheck?: HealthCheck
  /** How calls are signed; absent: by HMAC under the secrets. */
  signing?: ServiceSigning
  createdAt: Millis
  updatedAt: Millis
}

/**
 * `jwt`: by a key of the cluster. `legacy-gojob`: `http` targets get the weak signature of that system, under a secret of
 * its own, and handlers are not called.
 */
export type ServiceSigning = { scheme: 'jwt'; alg: TokenAlgorithm } | { scheme: 'legacy-gojob'; secret: SealedSecret }

export type TokenAlgorithm = 'EdDSA' | 'ES256'

/** AES-256-GCM under the cluster key: `<key id>.<nonce>.<ciphertext and tag>`, base64url each. */
export type SealedSecret = string
