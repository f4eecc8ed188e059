import { calculateJwkThumbprint, type JWK } from 'jose'
import { beforeEach, expect, test } from 'vitest'
import { type Bench, createBench } from './fixtures.ts'

const SERVICES = '/v1/namespaces/default/services'
const JWKS = '/.well-known/jwks.json'
const GOJOB_SECRET = 'a-secret-of-its-own'

let api: Bench

beforeEach(() => {
  api = createBench()
})

const put = (signing?: object) =>
  api.ok(`${SERVICES}/billing`, { method: 'PUT', body: signing === undefined ? {} : { signing } })
const keys = async () => (await api.ok('/v1/signing-keys')).body.items as { id: string; state: string }[]

test('the first service that asks for tokens has a key made, and the next ones share it', async () => {
  const { body } = await put({ scheme: 'jwt' })
  expect(body.service).toMatchObject({
    signing: {
      scheme: 'jwt',
      alg: 'EdDSA',
      issuer: 'https://scheduler.example.com',
      audience: `cronclave:${api.state.cluster}/1/billing`,
      weak: false,
    },
  })
  await api.ok(`${SERVICES}/other`, { method: 'PUT', body: { signing: { scheme: 'jwt' } } })
  expect(await keys()).toMatchObject([{ alg: 'EdDSA', state: 'active', services: 2 }])
  await put({ scheme: 'jwt', alg: 'ES256' })
  expect(await keys()).toHaveLength(2)
})

test('a change that does not mention it leaves it, and `hmac` takes it back', async () => {
  await put({ scheme: 'jwt' })
  expect((await put()).body.service).toMatchObject({ signing: { scheme: 'jwt' } })
  await api.ok(`${SERVICES}/billing/rotate-secret`, { method: 'POST' })
  expect((await api.ok(`${SERVICES}/billing`)).body).toMatchObject({ signing: { scheme: 'jwt' } })
  expect((await put({ scheme: 'hmac' })).body.service).toMatchObject({ signing: { scheme: 'hmac', weak: false } })
})

test('public keys need no credential, may be kept for five minutes, and hold nothing secret and no algorithm', async () => {
  await put({ scheme: 'jwt' })
  await put({ scheme: 'jwt', alg: 'ES256' })
  const { status, headers, body } = await api.send(JWKS)
  expect([status, headers.get('cache-control')]).toEqual([200, 'max-age=300'])
  const published = (body as unknown as { keys: JWK[] }).keys
  expect(published).toMatchObject([
    { kty: 'OKP', crv: 'Ed25519', use: 'sig' },
    { kty: 'EC', crv: 'P-256', use: 'sig' },
  ])
  for (const jwk of published) {
    expect(Object.keys(jwk).filter((name) => name === 'alg' || name === 'd')).toEqual([])
    expect(await calculateJwkThumbprint(jwk)).toBe(jwk.kid)
  }
})

test('a key is prepared, published, activated and removed, each in its time', async () => {
  await put({ scheme: 'jwt' })
  const [first] = await keys()
  const made = await api.ok('/v1/signing-keys', { method: 'POST', body: { alg: 'EdDSA' } })
  expect(made.body).toMatchObject({ state: 'next', issuer: 'https://scheduler.example.com' })
  const id = made.body.id as string
  expect((await api.send(JWKS)).body).toMatchObject({ keys: [{ kid: first?.id }, { kid: id }] })
  const activate = (query = '') => api.ok(`/v1/signing-keys/${id}/activate${query}`, { method: 'POST' })
  expect((await activate()).body.code).toBe('in-use')
  api.clock.pass(3_600_000)
  expect((await activate()).body).toMatchObject({ state: 'active' })
  const remove = (query = '') => api.ok(`/v1/signing-keys/${first?.id}${query}`, { method: 'DELETE' })
  expect((await remove()).body.code).toBe('in-use')
  expect((await remove('?force=true')).status).toBe(204)
  expect((await remove()).body.code).toBe('signing-key-not-found')
  expect((await api.send(JWKS)).body).toMatchObject({ keys: [{ kid: id }] })
})

test('private keys are never returned, and enter the log sealed', async () => {
  await put({ scheme: 'jwt' })
  const sealed = [...api.state.signingKeys.values()][0]?.sealed ?? ''
  const secret = api.context.sealer.open(sealed)
  const shown = [(await api.ok('/v1/signing-keys')).body, (await api.send(JWKS)).body, api.commands]
  expect(JSON.stringify(shown)).not.toContain(secret.slice(-40))
  expect(JSON.stringify(shown.slice(0, 2))).not.toContain(sealed)
})

test.each([
  'read',
  'namespace:default',
] as const)('a token of scope %s makes, activates and removes no key', async (scope) => {
  const token = api.token(scope)
  const id = 'k'.repeat(43)
  const tries = [
    ['/v1/signing-keys', 'POST', { alg: 'EdDSA' }],
    [`/v1/signing-keys/${id}/activate`, 'POST', undefined],
    [`/v1/signing-keys/${id}`, 'DELETE', undefined],
  ] as const
  for (const [path, method, body] of tries)
    expect((await api.send(path, { token, method, ...(body && { body }) })).status).toBe(403)
})

test('S057 the signature of gojob needs a secret of its own, is shown as weak, and never its secret', async () => {
  for (const secret of [undefined, 'gojobgojobgojobgojob', 'Go-Job-KeyGo-Job-Key'])
    expect((await put({ scheme: 'legacy-gojob', ...(secret && { secret }) })).body.errors).toMatchObject([
      { pointer: '/signing/secret' },
    ])
  const { body } = await put({ scheme: 'legacy-gojob', secret: GOJOB_SECRET })
  expect(body.service).toMatchObject({ signing: { scheme: 'legacy-gojob', weak: true } })
  expect((await put({ scheme: 'legacy-gojob' })).status).toBe(200)
  expect(JSON.stringify([(await api.ok(SERVICES)).body, api.commands])).not.toContain(GOJOB_SECRET)
})

test.each([
  [{ scheme: 'hmac', alg: 'EdDSA' }, '/signing/alg'],
  [{ scheme: 'jwt', secret: GOJOB_SECRET }, '/signing/secret'],
  [{ scheme: 'jwt', alg: 'HS256' }, '/signing/alg'],
  [{ scheme: 'none' }, '/signing/scheme'],
])('%j is refused', async (signing, pointer) => {
  expect((await put(signing)).body.errors).toMatchObject([{ pointer }])
})
