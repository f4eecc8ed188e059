import type { JWTPayload } from 'jose'
import { errors, jwtVerify } from 'jose'
import type { Auth, Bound, CheckCall, Unchecked } from './auth.ts'
import { durationMs, type Duration } from './duration.ts'
import { ConfigError, type SignatureFault } from './errors.ts'
import { webKey } from './hmac.ts'
import { isObject } from './json.ts'
import { KeySet, KeysFault, type JwkSet } from './jwks.ts'
import type { Verdict } from './signature.ts'

export type { Auth } from './auth.ts'
export type { Jwk, JwkSet } from './jwks.ts'

/** How tokens of the control plane are verified. */
export interface JwtOptions {
  /** `iss` of its tokens, as `cronclave service get` shows it: the address under which executors know the cluster. */
  issuer: string
  /** Where the public keys are, https off loopback, or the keys themselves. Nothing in a call ever says where keys are. @default '<issuer>/.well-known/jwks.json' */
  jwks?: string | URL | JwkSet | undefined
  /** Id of the cluster; when absent, whichever signs with these keys. */
  cluster?: string | undefined
  /** All of `aud`, as `cronclave service get` shows it. @default any namespace's service of the executor's name */
  audience?: string | undefined
  /** @default ['EdDSA', 'ES256'] */
  algorithms?: readonly TokenAlgorithm[] | undefined
  /** How far the clocks may be apart. @default '30s' */
  clockTolerance?: Duration | undefined
  /** @default '6m' */
  maxTokenAge?: Duration | undefined
  /** Where the token is, when something on the way moves it. @default 'authorization' */
  header?: string | undefined
  /** `htu`, when this endpoint is called under one URL that nothing on the way rewrites. @default it is not looked at */
  url?: string | undefined
}

export type TokenAlgorithm = 'EdDSA' | 'ES256'

const ALGORITHMS: readonly TokenAlgorithm[] = ['EdDSA', 'ES256']
const REQUIRED_CLAIMS = ['iss', 'aud', 'sub', 'jti', 'iat', 'nbf', 'exp', 'htm', 'htu', 'bsh']
/** Characters of a token. */
const TOKEN_LENGTH_MAX = 4096
const ID = /^[A-Za-z0-9_-]{1,128}$/
/** How 64 bytes of a signature are spelt: decoders let white space, padding and other last characters through. */
const SPELLING = /\.[\w-]{85}[AQgw]$/

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * Calls are tokens of the control plane: the executor holds no secret, and cannot forge what it verifies. An executor that
 * is set up so takes nothing else. Throws a `ConfigError` that names what is wrong.
 * @example
 * createExecutor({ service: 'billing', auth: jwt({ issuer: 'https://cron.example.com' }) })
 */
export function jwt(options: JwtOptions): Auth {
  const { issuer, algorithms = ALGORITHMS, jwks = `${issuer}/.well-known/jwks.json` } = options
  if (typeof issuer !== 'string' || issuer === '') throw new ConfigError('`issuer` is missing: `iss` of the tokens')
  if (algorithms.length === 0 || !algorithms.every((alg) => ALGORITHMS.includes(alg)))
    throw new ConfigError('`algorithms` is a list of EdDSA and ES256')
  const checks = {
    issuer,
    typ: 'run+jwt',
    // RFC 9864 has another name for EdDSA with this curve.
    algorithms: algorithms.flatMap((alg) => (alg === 'EdDSA' ? [alg, 'Ed25519'] : [alg])),
    clockTolerance: durationMs(options.clockTolerance ?? '30s') / 1000,
    maxTokenAge: durationMs(options.maxTokenAge ?? '6m') / 1000,
    requiredClaims: REQUIRED_CLAIMS,
  }
  KeySet.check(jwks)
  return {
    bind(bound) {
      if (bound.secret !== undefined)
        throw new ConfigError('there are `secret` and `auth`: an executor has one of them')
      const keys = new KeySet(jwks, bound)
      return check(options, bound, async (token, currentDate) => {
        const { payload } = await jwtVerify(token, (header) => keys.find(header), { ...checks, currentDate })
        return payload
      })
    },
  }
}

type Verify = (token: string, now: Date) => Promise<JWTPayload>

function check(options: JwtOptions, bound: Bound, verify: Verify): CheckCall {
  const { header = 'authorization' } = options
  return async (call, body) => {
    const [scheme, token = '', more] = (call.header(header.toLowerCase()) ?? '').split(' ')
    if (scheme?.toLowerCase() !== 'bearer' || token === '') return refuse('missing-token')
    if (more !== undefined || token.length > TOKEN_LENGTH_MAX) return refuse('malformed-token')
    try {
      const claims = await verify(token, new Date(bound.clock.now()))
      const fault = SPELLING.test(token)
        ? (claimFault(claims, call, options, bound) ?? (await bodyFault(claims, body, bound)))
        : 'malformed-token'
      return fault ? refuse(fault) : accepted(token, claims, call)
    } catch (error) {
      return refuse(faultOf(error))
    }
  }
}

/** The answer is signed under the token: whoever got the call has it, and nobody beside the way does. */
function accepted(token: string, { jti = '', iat = 0, sub = '' }: JWTPayload, { hmac = webKey }: Unchecked): Verdict {
  return { ok: true, id: jti, timestampS: iat, key: hmac(encoder.encode(token)), job: sub }
}

function claimFault(
  { aud, jti, htm, htu }: JWTPayload,
  { method }: Unchecked,
  { audience, cluster, url }: JwtOptions,
  { service }: Bound,
): SignatureFault | undefined {
  if (typeof jti !== 'string' || !ID.test(jti)) return 'wrong-claims'
  const [, ofCluster, ofService] = /^cronclave:([^/]+)\/\d+\/(.+)$/.exec(typeof aud === 'string' ? aud : '') ?? []
  if (ofService !== service || (cluster !== undefined && ofCluster !== cluster)) return 'wrong-audience'
  if (audience !== undefined && aud !== audience) return 'wrong-audience'
  if (method !== undefined && htm !== method) return 'wrong-claims'
  return url !== undefined && htu !== url ? 'wrong-claims' : undefined
}

/** Every byte of the body is what was signed, and the token is about the job that the body is about. */
async function bodyFault(
  { bsh, sub }: JWTPayload,
  body: Uint8Array,
  { anyBody = false }: Bound,
): Promise<SignatureFault | undefined> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(body)))
  const expected = btoa(String.fromCharCode(...digest))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .slice(0, 43)
  if (typeof bsh !== 'string' || !isSame(bsh, expected)) return 'wrong-body'
  return !anyBody && sub !== subjectOf(body) ? 'wrong-claims' : undefined
}

/** In a time that depends on the length alone. */
function isSame(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length
  for (let at = 0; at < expected.length; at++) difference |= given.charCodeAt(at) ^ expected.charCodeAt(at)
  return difference === 0
}

/** The job of a message; of one that is about none, its type. */
function subjectOf(body: Uint8Array): unknown {
  try {
    const message: unknown = JSON.parse(decoder.decode(body))
    if (!isObject(message)) return undefined
    const { data } = message
    return isObject(data) && data['job'] !== undefined ? data['job'] : message['type']
  } catch {
    return undefined
  }
}

function faultOf(error: unknown): SignatureFault {
  if (error instanceof KeysFault) return error.fault
  if (error instanceof errors.JWTExpired) return 'too-old'
  if (error instanceof errors.JWTClaimValidationFailed) {
    const { claim, reason } = error
    const isTime = (claim === 'nbf' || claim === 'iat') && reason === 'check_failed'
    return isTime ? 'too-new' : 'wrong-claims'
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'no-match'
  return 'malformed-token'
}

function refuse(fault: SignatureFault): Verdict {
  return { ok: false, fault }
}
