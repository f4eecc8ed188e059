import type { Call, Subject } from './caller.ts'
import { accepted, type Check, expectEqual, refused } from './check.ts'
import { dispatch, ECHO } from './messages.ts'
import type { TokenChange, TokenIssuer } from './token-signer.ts'

/** Long over, or long to come, with room for clocks that differ a little. */
const TOO_FAR_MS = 4_000_000
const EVIL = 'https://evil.example'

/** What an executor does with tokens: right ones are accepted, and those that the issuer has not made for this call are not. */
export function tokenChecks(issuer: TokenIssuer): readonly Check[] {
  const foreign = issuer.foreignKey()
  const { kid } = issuer.key('EdDSA').jwk
  const forged = (what: string, change: TokenChange, level: Check['level'] = 'must') =>
    refusal(what, (subject) => ({ ...dispatch(subject, ECHO), as: issuer.signer(change) }), level)
  return [
    ...(['EdDSA', 'ES256'] as const).map((alg) => acceptance(issuer, alg)),
    refusal('a call without a token', (subject) => spoilt(subject, () => undefined)),
    refusal('another kind of credential', (subject) => spoilt(subject, () => 'Basic eDp5')),
    refusal('a token that was cut', (subject) => spoilt(subject, (token) => token.slice(0, -4))),
    refusal('claims that were put under the signature of others', (subject) => spoilt(subject, withOtherClaims)),
    refusal('a token for another body', (subject) => ({
      ...dispatch(subject, ECHO),
      spoil: (_, body) => ({ body: Buffer.concat([body, Buffer.from(' ')]) }),
    })),
    refusal('a token that is over', (subject) => ({ ...dispatch(subject, ECHO), shiftMs: -TOO_FAR_MS })),
    refusal('a token of the future', (subject) => ({ ...dispatch(subject, ECHO), shiftMs: TOO_FAR_MS })),
    forged('a token without a signature, alg none', { header: { alg: 'none' }, signature: 'none' }),
    forged('the public key as a secret, alg HS256', { header: { alg: 'HS256' }, signature: 'public' }),
    forged('a foreign key under a known name', { key: foreign, header: { kid } }),
    forged('a key that the token brings along', { key: foreign, header: { kid, jwk: foreign.jwk } }),
    forged('the address of keys that the token brings along', { key: foreign, header: { jku: `${EVIL}/jwks.json` } }),
    forged('an unknown key', { key: foreign }),
    forged('a token that names no key', { header: { kid: undefined } }),
    forged('a token of another type', { header: { typ: 'JWT' } }),
    forged('a token of another issuer', { claims: { iss: EVIL } }),
    forged('a token for another service', { claims: { aud: 'cronclave:conformance/1/somebody-else' } }),
    forged('a token for another method', { claims: { htm: 'PUT' } }),
    forged('a token for another job', { claims: { sub: 'somebody-elses' } }),
    forged('a token with the hash of another body', { claims: { bsh: 'A'.repeat(43) } }),
    ...['aud', 'exp', 'jti', 'bsh'].map((claim) =>
      forged(`a token without ${claim}`, { claims: { [claim]: undefined } }),
    ),
    forged('a token for another URL', { claims: { htu: `${EVIL}/jobs` } }, 'should'),
  ]
}

function acceptance(issuer: TokenIssuer, alg: 'EdDSA' | 'ES256'): Check {
  return {
    name: `accepts a token under ${alg}`,
    async run(subject) {
      const call = { ...dispatch(subject, ECHO), as: issuer.signer({ key: issuer.key(alg) }) }
      expectEqual('outcome', (await accepted(subject, call, 'run.result'))['outcome'], 'succeeded')
    },
  }
}

function refusal(what: string, call: (subject: Subject) => Call, level: Check['level'] = 'must'): Check {
  return { name: `refuses ${what}`, level, run: (subject) => refused(subject, call(subject), 401) }
}

function spoilt(subject: Subject, change: (credential: string) => string | undefined): Call {
  return {
    ...dispatch(subject, ECHO),
    spoil: (headers) => {
      headers['authorization'] = change(headers['authorization'] ?? '')
      return undefined
    },
  }
}

function withOtherClaims(credential: string): string {
  const [head = '', claims = '', signature = ''] = credential.split('.')
  const changed = {
    ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object),
    htm: 'POST',
    sub: 'another',
  }
  return [head, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.')
}
