import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Auth } from './auth.ts'
import { isObject } from './json.ts'
import { type Jwk, jwt, type TokenAlgorithm } from './jwt.ts'

const ISSUER = 'https://issuer.test'
const LIFE_S = 300

/** A call that a token is for. */
export interface TokenCall {
  id: string
  service: string
  body: string
  url: string
  nowMs: number
}

/** An issuer of tokens whose keys exist for one test run. */
export interface TestTokens {
  /** Give it to `createExecutor`, in place of a secret. */
  readonly auth: Auth
  /** The token of a call. The harness asks for it. */
  sign(call: TokenCall): Promise<string>
}

/**
 * An issuer for an executor and its harness, in place of `testSecret()`.
 * @example
 * const tokens = await testTokens()
 * const billing = createExecutor({ service: 'billing', auth: tokens.auth }).job('report', (ctx) => ({ day: ctx.fireTime }))
 * const { status } = await harness(billing, { service: 'billing', tokens }).run('report')
 */
export async function testTokens({ alg = 'EdDSA' }: { alg?: TokenAlgorithm } = {}): Promise<TestTokens> {
  const { privateKey, publicKey } = await generateKeyPair(alg)
  const kid = crypto.randomUUID()
  const jwk = { ...(await exportJWK(publicKey)), kid, use: 'sig' } as Jwk
  return {
    auth: jwt({ issuer: ISSUER, jwks: { keys: [jwk] } }),
    async sign({ id, service, body, url, nowMs }) {
      const issuedAt = Math.floor(nowMs / 1000)
      const { origin, pathname } = new URL(url)
      const claims = { htm: 'POST', htu: origin + pathname, bsh: await hashOf(body) }
      return new SignJWT(claims)
        .setProtectedHeader({ alg, kid, typ: 'run+jwt' })
        .setIssuer(ISSUER)
        .setAudience(`cronclave:test/1/${service}`)
        .setSubject(subjectOf(body))
        .setJti(id)
        .setIssuedAt(issuedAt)
        .setNotBefore(issuedAt)
        .setExpirationTime(issuedAt + LIFE_S)
        .sign(privateKey)
    },
  }
}

async function hashOf(body: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body)))
  const text = btoa(String.fromCharCode(...digest))
  return text.replaceAll('+', '-').replaceAll('/', '_').replace('=', '')
}

/** The job of a message; of one that is about none, its type. */
function subjectOf(body: string): string {
  const { type, data } = JSON.parse(body) as { type: string; data: unknown }
  return isObject(data) && typeof data['job'] === 'string' ? data['job'] : type
}
