import { createHmac, hash, type KeyObject, sign } from 'node:crypto'
import { audienceOf, generateKeys, publicJwk, type PublicJwk, TOKEN_LIFE_S, tokenKey } from '../../signing/token.ts'
import type { Signer, Unsigned } from './signer.ts'

const ALGORITHMS = ['EdDSA', 'ES256'] as const
type Algorithm = (typeof ALGORITHMS)[number]

/** A key of the kit; `jwk` is its public part. */
export interface KitKey {
  alg: Algorithm
  jwk: PublicJwk
  privateKey: KeyObject
}

/** What a token says that a right one does not; what is undefined is left out. */
export interface TokenChange {
  key?: KitKey
  header?: Record<string, unknown>
  claims?: Record<string, unknown>
  /** `none`: no signature. `public`: the public key is taken for a secret, as verifiers do that believe `alg`. */
  signature?: 'none' | 'public'
}

/** The kit as an issuer of tokens, with keys that are made for one run of it. */
export class TokenIssuer {
  readonly issuer: string
  readonly #service: string
  readonly #keys: Record<Algorithm, KitKey>

  constructor(issuer: string, service: string) {
    this.issuer = issuer
    this.#service = service
    this.#keys = { EdDSA: newKey('EdDSA', issuer), ES256: newKey('ES256', issuer) }
  }

  /** What it publishes. */
  get jwks(): { keys: PublicJwk[] } {
    return { keys: ALGORITHMS.map((alg) => this.#keys[alg].jwk) }
  }

  key(alg: Algorithm): KitKey {
    return this.#keys[alg]
  }

  /** A key that nobody has published. */
  foreignKey(): KitKey {
    return newKey('EdDSA', this.issuer)
  }

  /** Signs every call with a token, rightly but for what is changed. */
  signer(change: TokenChange = {}): Signer {
    return {
      headers: (call) => ({ authorization: `Bearer ${this.#token(call, change)}` }),
      replyKeys: ({ authorization = '' }) => [{ secret: Buffer.from(authorization.slice('Bearer '.length)) }],
    }
  }

  #token(call: Unsigned, { key = this.#keys.EdDSA, header = {}, claims = {}, signature }: TokenChange): string {
    const head = { alg: key.alg, kid: key.jwk.kid, typ: 'run+jwt', ...header }
    const text = `${encode(head)}.${encode({ ...this.#claims(call), ...claims })}`
    if (signature === 'none') return `${text}.`
    if (signature === 'public') {
      const mac = createHmac('sha256', Buffer.from(key.jwk.x, 'base64url')).update(text)
      return `${text}.${mac.digest('base64url')}`
    }
    const bytes = Buffer.from(text)
    const { alg, privateKey } = key
    const signed =
      alg === 'EdDSA'
        ? sign(null, bytes, privateKey)
        : sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' })
    return `${text}.${signed.toString('base64url')}`
  }

  #claims({ id, timestampMs, method, url, body }: Unsigned): Record<string, unknown> {
    const issuedAt = Math.floor(timestampMs / 1000)
    return {
      iss: this.issuer,
      aud: audienceOf('conformance', 1, this.#service),
      sub: subjectOf(body),
      jti: id,
      iat: issuedAt,
      nbf: issuedAt,
      exp: issuedAt + TOKEN_LIFE_S,
      htm: method,
      htu: url.origin + url.pathname,
      bsh: hash('sha256', body, 'base64url'),
    }
  }
}

function newKey(alg: Algorithm, issuer: string): KitKey {
  const pair = generateKeys(alg)
  return { alg, jwk: publicJwk(pair), privateKey: tokenKey({ ...pair, issuer }, pair.secret).privateKey }
}

/** The job of a message; of one that is about none, its type. */
function subjectOf(body: Buffer): string {
  try {
    const { type, data } = JSON.parse(body.toString()) as { type?: unknown; data?: { job?: unknown } }
    return String(data?.job ?? type)
  } catch {
    return 'none'
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
