import { Problem } from '../problems.ts'
import type { Clock, Millis } from '../runtime/clock.ts'
import type { CallbackClaims } from '../signing/callback-token.ts'
import type { Scope, State, Token } from '../state/state.ts'
import { isSameOrigin } from './host.ts'
import type { LoginCodes } from './login-codes.ts'
import { SESSION_MS, type Sessions } from './session.ts'
import { findToken, isLive } from './tokens.ts'

/** Who calls, and until when. */
export interface Principal {
  /** As `createdBy` has it: `token:<name>`. */
  name: string
  scope: Scope
  /** Id of the token, also behind a session. */
  token: string
  by: 'token' | 'session'
  expiresAt?: Millis
  /** The only attempt that the bearer of a callback token may report of. */
  attempt?: CallbackClaims
}

/** What of a request tells who calls. */
export interface Credentials {
  method: string
  host: string
  authorization?: string | undefined
  cookie?: string | undefined
  origin?: string | undefined
  csrf?: string | undefined
}

export interface AuthenticatorOptions {
  clock: Clock
  state(): State
  sessions: Sessions
  codes: LoginCodes
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Finds out who calls. The state decides on every use: a revoked or expired token ends its sessions and streams too. */
export class Authenticator {
  readonly #options: AuthenticatorOptions
  /** Token id to when it was last used here; kept in memory only. */
  readonly #lastUse = new Map<string, Millis>()

  constructor(options: AuthenticatorOptions) {
    this.#options = options
  }

  /** The caller, or a Problem 401 (403 for a change by cookie that another site may have caused). */
  authenticate(credentials: Credentials): Principal {
    const principal =
      credentials.authorization === undefined ? this.#bySession(credentials) : this.#byToken(credentials.authorization)
    this.#lastUse.set(principal.token, this.#options.clock.now())
    return principal
  }

  /** The principal and the cookie of a new session, from a token or a login code. */
  login(
    request: { token?: string; code?: string },
    credentials: Credentials,
  ): { principal: Principal; cookie: string } {
    if (credentials.origin !== undefined && !isSameOrigin(credentials.origin, credentials.host)) {
      throw new Problem('csrf-refused', 'the Origin is another site')
    }
    const { clock, sessions, codes } = this.#options
    const now = clock.now()
    const token =
      request.code === undefined
        ? findToken(this.#options.state(), request.token ?? '', now)
        : this.#liveToken(codes.redeem(request.code) ?? '')
    if (!token) throw new Problem('unauthenticated', 'the token or code is unknown, used up or has expired')
    const expiresAt = Math.min(now + SESSION_MS, token.expiresAt ?? Number.POSITIVE_INFINITY)
    const principal = principalOf(token, 'session', expiresAt)
    return { principal, cookie: sessions.open({ token: token.id, expiresAt }, credentials.host, now) }
  }

  /** The cookie that ends a session. */
  logout(host: string): string {
    return this.#options.sessions.close(host)
  }

  /** Whether the credential behind a principal still stands. */
  isLive(principal: Principal): boolean {
    if (principal.expiresAt !== undefined && this.#options.clock.now() >= principal.expiresAt) return false
    // A token whose namespace was renamed is for another name now: what is open under the old one ends.
    return this.#liveToken(principal.token)?.scope === principal.scope
  }

  lastUse(token: string): Millis | undefined {
    return this.#lastUse.get(token)
  }

  #byToken(authorization: string): Principal {
    const [, text] = /^bearer +([\x21-\x7e]+) *$/i.exec(authorization) ?? []
    const token = text === undefined ? undefined : findToken(this.#options.state(), text, this.#options.clock.now())
    if (!token) throw new Problem('unauthenticated', 'the token is unknown or has expired')
    return principalOf(token, 'token', token.expiresAt)
  }

  #bySession(credentials: Credentials): Principal {
    const claims = this.#options.sessions.read(credentials.cookie, credentials.host, this.#options.clock.now())
    const token = claims && this.#liveToken(claims.token)
    if (!claims || !token) throw new Problem('unauthenticated')
    if (!SAFE_METHODS.has(credentials.method)) {
      if (credentials.origin === undefined || !isSameOrigin(credentials.origin, credentials.host)) {
        throw new Problem('csrf-refused')
      }
      if (credentials.csrf === undefined) throw new Problem('csrf-refused')
    }
    return principalOf(token, 'session', claims.expiresAt)
  }

  #liveToken(id: string): Token | undefined {
    const token = this.#options.state().tokens.get(id)
    return token && isLive(token, this.#options.clock.now()) ? token : undefined
  }
}

function principalOf(token: Token, by: Principal['by'], expiresAt: Millis | undefined): Principal {
  return {
    name: `token:${token.name}`,
    scope: token.scope,
    token: token.id,
    by,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
}
