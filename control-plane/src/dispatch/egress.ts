import type { LookupFunction } from 'node:net'
import type { Fault } from '../problems.ts'

export interface EgressOptions {
  /** Loopback addresses may be called. @default false */
  allowLoopback?: boolean
  /** Private ranges (RFC 1918, fc00::/7, carrier-grade NAT) may be called. @default true */
  allowPrivate?: boolean
  /** Where this cluster itself listens; `0.0.0.0` and `::` mean the port on any loopback address. */
  ownListeners?: { host: string; port: number }[]
}

export type EgressVerdict = { allowed: true } | { allowed: false; why: string }

export interface EgressPolicy {
  /** Whether a connection to this address (not a name) may be made. */
  judge(address: string, port: number): EgressVerdict
  /** What is wrong with a URL that someone wants to save, or nothing. Names are judged again when connecting. */
  checkUrl(url: string): Fault | undefined
  /** A DNS lookup that fails with `EgressRefused` unless every address found may be called at `port`. */
  lookup(port: number): LookupFunction
}

export class EgressRefused extends Error {
  override name = 'EgressRefused'
  readonly code = 'EGRESS_REFUSED'
}

export function createEgressPolicy(_options: EgressOptions = {}): EgressPolicy {
  throw new EgressRefused('not ready')
}
