import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { generateKeys, publicJwk, signToken, tokenKey } from './token.ts'

const NOW = Date.parse('2026-11-20T15:00:00.700Z')
const issuer = 'https://cron.example.com'
const call = {
  id: 'run1-0-1',
  audience: 'cronclave:c1/1/billing',
  subject: 'nightly',
  method: 'POST',
  origin: 'https://billing.internal:8443',
  path: '/jobs?via=lb',
  body: Buffer.from('{"type":"run.dispatch"}'),
  now: NOW,
}

describe.each(['EdDSA', 'ES256'] as const)('a token under %s', (alg) => {
  const pair = generateKeys(alg)
  const key = tokenKey({ ...pair, issuer }, pair.secret)

  test('is verified by jose with the published key, and says whom it is for and what was sent', async () => {
    const keys = createLocalJWKSet({ keys: [publicJwk(pair)] })
    const { payload, protectedHeader } = await jwtVerify(signToken(key, call), keys, {
      issuer,
      audience: call.audience,
      algorithms: [alg],
      typ: 'run+jwt',
      currentDate: new Date(NOW),
    })
    expect(protectedHeader).toEqual({ alg, kid: pair.id, typ: 'run+jwt' })
    expect(payload).toEqual({
      iss: issuer,
      aud: call.audience,
      sub: 'nightly',
      jti: 'run1-0-1',
      iat: NOW / 1000 - 0.7,
      nbf: NOW / 1000 - 0.7,
      exp: NOW / 1000 - 0.7 + 300,
      htm: 'POST',
      htu: 'https://billing.internal:8443/jobs',
      bsh: createHash('sha256').update(call.body).digest('base64url'),
    })
  })

  test('names its key by the thumbprint of RFC 7638, and the published key names no algorithm', async () => {
    const jwk = publicJwk(pair)
    expect(await calculateJwkThumbprint(jwk)).toBe(pair.id)
    expect(Object.keys(jwk)).not.toContain('alg')
    expect(Object.keys(jwk)).not.toContain('d')
    expect(decodeProtectedHeader(signToken(key, call)).kid).toBe(jwk.kid)
  })

  test('is not made with the private key of another pair, and what is wrong never quotes a key', () => {
    const other = generateKeys(alg)
    expect(() => tokenKey({ ...pair, issuer }, other.secret)).toThrow(/does not belong/)
    expect(() => tokenKey({ ...pair, issuer }, 'rubbish')).toThrow('a private key cannot be read')
  })
})
