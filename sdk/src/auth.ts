import type { ExecutorClock } from './clock.ts'
import type { Hmac } from './hmac.ts'
import type { Env } from './keys.ts'
import type { Verdict } from './signature.ts'

/** A way to know the control plane without a secret: `jwt({ issuer })` of `@cronclave/sdk/jwt`. */
export interface Auth {
  /** Used by executors and verifiers. */
  bind(whom: Bound): CheckCall
}

/** Whose calls are checked. */
export interface Bound {
  service: string
  clock: ExecutorClock
  /** @default globalThis.fetch */
  fetch?: typeof fetch | undefined
  /** There must be none besides. */
  secret?: unknown
  /** Bodies need not be messages that name their job, as an executor's are. @default false */
  anyBody?: boolean | undefined
}

/** What of a call is looked at before its body is read. */
export interface Unchecked {
  method?: string | undefined
  /** The value of a header, by its lower-case name. */
  header(name: string): string | null | undefined
  /** What an adapter verifies and signs with. @default WebCrypto */
  hmac?: Hmac | undefined
}

/** Whether the control plane made a call, and with what its answer is signed. */
export type CheckCall = (call: Unchecked, body: Uint8Array, env: Env) => Promise<Verdict>
