import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, type KeyObject, sign } from 'node:crypto'
import type { TokenAlgorithm } from '../discovery/executor.ts'
import type { KeyPair } from '../state/signing-keys.ts'
import { assert } from '../runtime/assert.ts'
import type { Millis } from '../runtime/clock.ts'

/** How long a token is good, in seconds. */
export const TOKEN_LIFE_S = 300
const TYPE = 'run+jwt'
/** ES256 in a token is both halves, one after the other. */
const HALVES = 'ieee-p1363'

/** A new pair of keys, the private one in clear: PKCS #8 in base64. */
export interface NewKeyPair extends Pick<KeyPair, 'id' | 'alg' | 'x' | 'y'> {
  secret: string
}

/** A key ready to sign with. Made once per pair, then kept. */
export interface TokenKey {
  id: string
  alg: TokenAlgorithm
  /** `iss` of its tokens. */
  issuer: string
  privateKey: KeyObject
  /** The header of its tokens, encoded. */
  head: string
}

/** A call that a token is for. */
export interface TokenCall {
  /** The attempt, or whatever else names this call alone. */
  id: string
  audience: string
  /** The job; of calls that are about none, what they are. */
  subject: string
  method: string
  /** `http://host:port` */
  origin: string
  /** With query. */
  path: string
  body: Buffer
  now: Millis
}

/** A pair of keys for an algorithm, by the machine's own chance. */
export function generateKeys(alg: TokenAlgorithm): NewKeyPair {
  const { privateKey, publicKey } =
    alg === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x, y } = publicKey.export({ format: 'jwk' })
  assert(typeof x === 'string', 'a public key of these kinds has an x')
  const point = { x, ...(typeof y === 'string' ? { y } : {}) }
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
  return { id: thumbprint({ alg, ...point }), alg, ...point, secret }
}

/** A key from its unsealed text. Throws an `Error` that never quotes it. */
export function tokenKey(
  { id, alg, x, issuer }: Pick<KeyPair, 'id' | 'alg' | 'x' | 'issuer'>,
  secret: string,
): TokenKey {
  const privateKey = readKey(secret)
  const found = createPublicKey(privateKey).export({ format: 'jwk' })
  if (found.x !== x) throw new Error(`the private key of ${id} does not belong to its public key`)
  const head = encode(JSON.stringify({ alg, kid: id, typ: TYPE }))
  return { id, alg, issuer, privateKey, head }
}

/** A token for one call: who calls whom, when, and with which bytes. */
export function signToken(key: TokenKey, call: TokenCall): string {
  const issuedAt = Math.floor(call.now / 1000)
  const query = call.path.indexOf('?')
  const claims = {
    iss: key.issuer,
    aud: call.audience,
    sub: call.subject,
    jti: call.id,
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + TOKEN_LIFE_S,
    htm: call.method,
    htu: call.origin + (query < 0 ? call.path : call.path.slice(0, query)),
    bsh: hash('sha256', call.body, 'base64url'),
  }
  const text = `${key.head}.${encode(JSON.stringify(claims))}`
  const bytes = Buffer.from(text, 'latin1')
  const signature =
    key.alg === 'EdDSA'
      ? sign(null, bytes, key.privateKey)
      : sign('sha256', bytes, { key: key.privateKey, dsaEncoding: HALVES })
  return `${text}.${signature.toString('base64url')}`
}

/** `aud` of the tokens for a service. */
export function audienceOf(cluster: string, namespace: number, service: string): string {
  return `cronclave:${cluster}/${namespace}/${service}`
}

/** A public key as RFC 7517 has it. Without `alg`, so that it fits whatever its algorithm is called. */
export interface PublicJwk {
  kty: 'OKP' | 'EC'
  crv: 'Ed25519' | 'P-256'
  x: string
  y?: string
  kid: string
  use: 'sig'
}

export function publicJwk({ id, alg, x, y }: Pick<KeyPair, 'id' | 'alg' | 'x' | 'y'>): PublicJwk {
  const kind = alg === 'EdDSA' ? ({ kty: 'OKP', crv: 'Ed25519' } as const) : ({ kty: 'EC', crv: 'P-256' } as const)
  return { ...kind, x, ...(y === undefined ? {} : { y }), kid: id, use: 'sig' }
}

/** RFC 7638: of the members that a key needs, in the order of their names. */
function thumbprint({ alg, x, y }: Pick<KeyPair, 'alg' | 'x' | 'y'>): string {
  const needed = alg === 'EdDSA' ? { crv: 'Ed25519', kty: 'OKP', x } : { crv: 'P-256', kty: 'EC', x, y }
  return hash('sha256', JSON.stringify(needed), 'base64url')
}

function readKey(secret: string): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(secret, 'base64'), format: 'der', type: 'pkcs8' })
  } catch {
    throw new Error('a private key cannot be read')
  }
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}
