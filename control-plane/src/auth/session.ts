import { hkdfSync } from 'node:crypto'
import type { Millis } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import { createSealer, type Sealer } from '../signing/seal.ts'
import { isLoopbackHost } from './host.ts'

/** How long a session lasts at most, in milliseconds. */
export const SESSION_MS = 12 * 3_600_000
const COOKIE = 'cronclave-session'
const COOKIE_LENGTH_MAX = 1000

/** The key of a cluster's sessions, from the cluster key: every node has it, and it opens nothing else. */
export function deriveSessionKey(clusterKey: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', clusterKey, '', 'cronclave-session-v1', 32))
}

/** What a session cookie says, sealed: the token it stands for and when it ends. */
export interface SessionClaims {
  token: string
  expiresAt: Millis
}

/** Stateless sessions: sealed under a key that every node has, so any node reads them and a failover keeps them. */
export class Sessions {
  readonly #sealer: Sealer

  constructor(key: Buffer, random: Random) {
    this.#sealer = createSealer(key, random)
  }

  /** The `Set-Cookie` that opens a session on a host. */
  open(claims: SessionClaims, host: string, now: Millis): string {
    const value = this.#sealer.seal(JSON.stringify(['session', claims.token, claims.expiresAt]))
    const seconds = Math.max(0, Math.floor((claims.expiresAt - now) / 1000))
    return `${cookieName(host)}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secureOn(host)}`
  }

  /** The `Set-Cookie` that ends a session on a host. */
  close(host: string): string {
    return `${cookieName(host)}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict${secureOn(host)}`
  }

  /** What the cookie header holds for us, or undefined when it is absent, foreign, altered or over. */
  read(cookies: string | undefined, host: string, now: Millis): SessionClaims | undefined {
    const value = cookieValue(cookies, cookieName(host))
    if (value === undefined || value.length > COOKIE_LENGTH_MAX) return undefined
    const claims = this.#unseal(value)
    return claims && now < claims.expiresAt ? claims : undefined
  }

  #unseal(value: string): SessionClaims | undefined {
    try {
      const claims: unknown = JSON.parse(this.#sealer.open(value))
      if (!Array.isArray(claims)) return undefined
      const [purpose, token, expiresAt]: unknown[] = claims
      if (purpose !== 'session' || typeof token !== 'string' || typeof expiresAt !== 'number') return undefined
      return { token, expiresAt }
    } catch {
      return undefined
    }
  }
}

/** Browsers keep `__Host-` cookies to one host over TLS; on loopback there is no TLS. */
function cookieName(host: string): string {
  return isLoopbackHost(host) ? COOKIE : `__Host-${COOKIE}`
}

function secureOn(host: string): string {
  return isLoopbackHost(host) ? '' : '; Secure'
}

function cookieValue(cookies: string | undefined, name: string): string | undefined {
  if (cookies === undefined) return undefined
  for (const pair of cookies.split(';')) {
    const text = pair.trim()
    if (text.startsWith(`${name}=`)) return text.slice(name.length + 1)
  }
  return undefined
}
