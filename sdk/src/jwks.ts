import { importJWK } from 'jose'
import type { Bound } from './auth.ts'
import { ConfigError } from './errors.ts'
import { isObject } from './json.ts'

/** A public key as RFC 7517 has it. */
export interface Jwk {
  kty: string
  kid?: string
  crv?: string
  x?: string
  y?: string
  use?: string
  alg?: string
}

/** Public keys. */
export interface JwkSet {
  keys: readonly Jwk[]
}

/** How long keys are taken to be up to date, and for how long they still do when no newer ones can be had. */
const FRESH_MS = 600_000
const STALE_MS = 3_600_000
/** How often somebody who names a key that is not known can have the keys fetched. */
const UNKNOWN_KEY_MS = 30_000
/** How soon keys that could not be fetched are asked for again. */
const AGAIN_MS = 1000
const FETCH_TIMEOUT_MS = 5000
const LIST_LENGTH_MAX = 65_536
const KEYS_MAX = 100
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** No key fits, or there are none to be had. */
export class KeysFault extends Error {
  readonly fault: 'unknown-key' | 'keys-unavailable'
  constructor(fault: KeysFault['fault']) {
    super(fault)
    this.fault = fault
  }
}

type Keys = ReadonlyMap<string, Jwk>

/** The keys of an issuer: given outright, or kept from its address. A call decides neither where they are nor which they are. */
export class KeySet {
  readonly #url: string | undefined
  readonly #bound: Pick<Bound, 'fetch' | 'clock'>
  readonly #imported = new Map<string, Promise<CryptoKey>>()
  #keys: Keys | undefined
  #keptAt = 0
  #triedAt = Number.NEGATIVE_INFINITY
  #fetching: Promise<void> | undefined

  constructor(source: string | URL | JwkSet, bound: Pick<Bound, 'fetch' | 'clock'>) {
    this.#bound = bound
    if (typeof source === 'string' || source instanceof URL) this.#url = String(source)
    else this.#keys = byId(source.keys)
  }

  /** Throws a `ConfigError` for a source that cannot be one. */
  static check(source: string | URL | JwkSet): void {
    if (typeof source === 'object' && !(source instanceof URL)) {
      if (byId(source.keys).size === 0) throw new ConfigError('`jwks` holds no key with a `kid`')
      return
    }
    const url = URL.canParse(String(source)) ? new URL(String(source)) : undefined
    const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname))
    if (!isSafe) throw new ConfigError('`jwks` is an https URL (http on loopback alone), or the keys themselves')
  }

  /** The key that a token's header names, if it is one for the token's algorithm. Throws a `KeysFault`. */
  async find({ kid = '', alg = '' }: { kid?: string; alg?: string }): Promise<CryptoKey> {
    const keys = await this.#current(kid)
    const jwk = keys.get(kid)
    const [kty, crv] = alg === 'ES256' ? ['EC', 'P-256'] : ['OKP', 'Ed25519']
    if (!jwk || jwk.kty !== kty || jwk.crv !== crv || (jwk.use ?? 'sig') !== 'sig') throw new KeysFault('unknown-key')
    const name = `${alg} ${kid}`
    let key = this.#imported.get(name)
    if (!key) {
      // The private part of a key is nothing that a verifier has, and `alg` goes by two names.
      const { x = '', y } = jwk
      key = importJWK({ kty, crv, x, ...(y !== undefined && { y }) }, alg) as Promise<CryptoKey>
      this.#imported.set(name, key)
    }
    return key
  }

  async #current(kid: string): Promise<Keys> {
    if (this.#url === undefined) return this.#keys as Keys
    const now = this.#bound.clock.now()
    const age = now - this.#keptAt
    const isOld = !this.#keys || age >= FRESH_MS || age < 0
    const waitMs = isOld ? AGAIN_MS : UNKNOWN_KEY_MS
    if ((isOld || !this.#keys?.has(kid)) && (this.#fetching || Math.abs(now - this.#triedAt) >= waitMs)) {
      await (this.#fetching ??= this.#fetch(this.#url).finally(() => (this.#fetching = undefined)))
    }
    if (!this.#keys || this.#bound.clock.now() - this.#keptAt >= STALE_MS) throw new KeysFault('keys-unavailable')
    return this.#keys
  }

  /** What cannot be had leaves the keys as they are. */
  async #fetch(url: string): Promise<void> {
    this.#triedAt = this.#bound.clock.now()
    try {
      const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS)
      const { fetch: fetcher = fetch } = this.#bound
      const reply = await fetcher(url, {
        redirect: 'manual',
        signal,
        headers: { accept: 'application/json' },
      })
      if (reply.status !== 200 || Number(reply.headers.get('content-length')) > LIST_LENGTH_MAX) return
      const text = await reply.text()
      const list: unknown = text.length > LIST_LENGTH_MAX ? undefined : JSON.parse(text)
      if (!isObject(list) || !Array.isArray(list['keys'])) return
      this.#keys = byId(list['keys'])
      this.#keptAt = this.#bound.clock.now()
      this.#imported.clear()
    } catch {
      // Whoever asked finds the keys as they were, or none.
    }
  }
}

function byId(keys: readonly unknown[] | undefined): Keys {
  const found = new Map<string, Jwk>()
  for (const key of (keys ?? []).slice(0, KEYS_MAX)) {
    if (isObject(key) && typeof key['kid'] === 'string' && typeof key['kty'] === 'string')
      found.set(key['kid'], key as unknown as Jwk)
  }
  return found
}
