/**
 * Writes tokens.json: calls with tokens, good and bad, for executors in any language. Deliberately on node:crypto alone,
 * with no code of the product: `npx tsx test/vectors/make-tokens.ts > test/vectors/tokens.json`
 */
import { createHash, createHmac, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import type { TokenVector } from './vector.ts'

const NOW_S = 1_800_000_000
const ISSUER = 'https://cron.example.com'
const SERVICE = 'billing'
const ID = 'r8Jw2c0yTqyb1C3mJcXh1w-0-1'
const BODY = '{"type":"run.dispatch","timestamp":"2027-01-15T08:00:00.000Z","data":{"job":"nightly","note":"天津 😀"}}'

/** PKCS #8 of an Ed25519 key whose seed is one byte repeated: keys that exist for this file alone. */
function keyOf(byte: number): KeyObject {
  const head = Buffer.from('302e020100300506032b657004220420', 'hex')
  return createPrivateKey({ key: Buffer.concat([head, Buffer.alloc(32, byte)]), format: 'der', type: 'pkcs8' })
}

const point = (key: KeyObject) => createPublicKey(key).export({ format: 'jwk' }).x ?? ''
const hash = (text: string) => createHash('sha256').update(text).digest('base64url')
const kidOf = (key: KeyObject) => hash(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x: point(key) }))
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

const [PRESENT, BEFORE, FOREIGN] = [keyOf(1), keyOf(2), keyOf(9)] as [KeyObject, KeyObject, KeyObject]
const keys = [PRESENT, BEFORE].map((key) => ({
  kty: 'OKP',
  crv: 'Ed25519',
  x: point(key),
  kid: kidOf(key),
  use: 'sig',
}))

const claims = {
  iss: ISSUER,
  aud: `cronclave:c1/1/${SERVICE}`,
  sub: 'nightly',
  jti: ID,
  iat: NOW_S,
  nbf: NOW_S,
  exp: NOW_S + 300,
  htm: 'POST',
  htu: 'https://billing.internal/jobs',
  bsh: hash(BODY),
}

interface Made {
  key?: KeyObject
  header?: object
  claims?: object
}

function token({ key = PRESENT, header = {}, claims: more = {} }: Made = {}): string {
  const text = `${encode({ alg: 'EdDSA', kid: kidOf(PRESENT), typ: 'run+jwt', ...header })}.${encode({ ...claims, ...more })}`
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`
}

function confused(): string {
  const text = `${encode({ alg: 'HS256', kid: kidOf(PRESENT), typ: 'run+jwt' })}.${encode(claims)}`
  return `${text}.${createHmac('sha256', Buffer.from(point(PRESENT), 'base64url'))
    .update(text)
    .digest('base64url')}`
}

function swapped(): string {
  const [head = '', , signature = ''] = token().split('.')
  return `${head}.${encode({ ...claims, exp: NOW_S + 299 })}.${signature}`
}

const none = `${encode({ alg: 'none', kid: kidOf(PRESENT), typ: 'run+jwt' })}.${encode(claims)}.`

function vector(name: string, authorization: string, reason?: string, more: Partial<TokenVector> = {}): TokenVector {
  const base = { issuer: ISSUER, service: SERVICE, keys, nowMs: NOW_S * 1000, method: 'POST', body: BODY }
  const verdict = reason === undefined ? ('accepted' as const) : ('refused' as const)
  return { name, ...base, authorization, verdict, ...(reason === undefined ? {} : { reason }), ...more }
}

const bearer = (made?: Made) => `Bearer ${token(made)}`
const refused = (name: string, reason: string, made: Made) => vector(name, bearer(made), reason)
const at = (offsetS: number) => ({ nowMs: (NOW_S + offsetS) * 1000 })

const vectors: TokenVector[] = [
  vector('a genuine call', bearer(), undefined, { seed: 1 }),
  vector('under the key before, which is still published', bearer({ key: BEFORE, header: { kid: kidOf(BEFORE) } })),
  vector('the last second within the tolerance', bearer(), undefined, at(329)),
  vector('30 s ahead', bearer(), undefined, at(-30)),
  vector('over', bearer(), 'too-old', at(331)),
  vector('of the future', bearer(), 'too-new', at(-31)),
  vector('another body', bearer(), 'wrong-body', { body: BODY.replace('nightly', 'nightlx') }),
  vector('a byte more', bearer(), 'wrong-body', { body: `${BODY} ` }),
  vector('another method', bearer(), 'wrong-claims', { method: 'PUT' }),
  vector('another service', bearer(), 'wrong-audience', { service: 'shipping' }),
  vector('no token', '', 'missing-token'),
  vector('another kind of credential', 'Basic eDp5', 'missing-token'),
  vector('not a token', 'Bearer rubbish', 'malformed-token'),
  vector('without a signature', `Bearer ${none}`, 'malformed-token'),
  vector('the public key as a secret of HS256', `Bearer ${confused()}`, 'malformed-token'),
  vector('claims of another token', `Bearer ${swapped()}`, 'no-match'),
  refused('a foreign key under a known name', 'no-match', { key: FOREIGN }),
  refused('a key in the header', 'no-match', {
    key: FOREIGN,
    header: { jwk: { kty: 'OKP', crv: 'Ed25519', x: point(FOREIGN) } },
  }),
  refused('an unknown key', 'unknown-key', { key: FOREIGN, header: { kid: kidOf(FOREIGN) } }),
  refused('an unknown key with an address', 'unknown-key', {
    key: FOREIGN,
    header: { kid: kidOf(FOREIGN), jku: 'https://evil.example/jwks.json' },
  }),
  refused('no name of a key', 'unknown-key', { header: { kid: undefined } }),
  refused('another type', 'wrong-claims', { header: { typ: 'JWT' } }),
  refused('another issuer', 'wrong-claims', { claims: { iss: 'https://evil.example' } }),
  refused('another job than the body says', 'wrong-claims', { claims: { sub: 'weekly' } }),
  refused('no hash of the body', 'wrong-claims', { claims: { bsh: undefined } }),
  refused('no end', 'wrong-claims', { claims: { exp: undefined } }),
  refused('a longer life than is believed', 'too-old', { claims: { iat: NOW_S - 391, exp: NOW_S + 9999 } }),
]

process.stdout.write(`${JSON.stringify({ vectors }, null, 2)}\n`)
