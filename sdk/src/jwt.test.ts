import { createHash, createHmac } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT, type JWTHeaderParameters } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Auth } from './auth.ts'
import { createExecutor } from './executor.ts'
import { jwt, type JwtOptions, type JwkSet } from './jwt.ts'
import { callExecutor, dispatchBody, envelope, NOW, SECRET, VirtualClock } from './test-kit.ts'
import { createVerifier } from './verify.ts'

const ISSUER = 'https://cron.example.com'
const JWKS_URL = `${ISSUER}/.well-known/jwks.json`
const AUDIENCE = 'cronclave:c1/1/billing'

interface Signer {
  kid: string
  alg: string
  sign: CryptoKey
  jwk: JwkSet['keys'][number]
}

async function signer(kid: string, alg: 'EdDSA' | 'ES256'): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return {
    kid,
    alg,
    sign: privateKey,
    jwk: { ...(await exportJWK(publicKey)), kty: alg === 'EdDSA' ? 'OKP' : 'EC', kid },
  }
}

let ed: Signer
let es: Signer
let other: Signer

beforeAll(async () => {
  ed = await signer('k1', 'EdDSA')
  es = await signer('k2', 'ES256')
  other = await signer('k1', 'EdDSA')
})

const BODY = dispatchBody()

interface Change {
  by?: Signer
  header?: Record<string, unknown>
  claims?: Record<string, unknown>
  body?: string
}

/** A token as the control plane makes it, but for what is changed; `undefined` takes a claim away. */
function token({ by = ed, header = {}, claims = {}, body = BODY }: Change = {}): Promise<string> {
  const nowS = Math.floor(NOW / 1000)
  const all: Record<string, unknown> = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'nightly',
    jti: 'run1-0-1',
    iat: nowS,
    nbf: nowS,
    exp: nowS + 300,
    htm: 'POST',
    htu: 'https://billing.internal/jobs',
    bsh: createHash('sha256').update(body).digest('base64url'),
    ...claims,
  }
  for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name]
  const protectedHeader = { alg: by.alg, kid: by.kid, typ: 'run+jwt', ...header } as JWTHeaderParameters
  return new SignJWT(all).setProtectedHeader(protectedHeader).sign(by.sign)
}

function world(options: Partial<JwtOptions> = {}) {
  const clock = new VirtualClock()
  const faults: string[] = []
  const fetched: string[] = []
  let published: (() => Response) | undefined = () => Response.json({ keys: [ed.jwk, es.jwk] })
  let runs = 0
  const log = (fields: object) => void faults.push((fields as { fault?: string }).fault ?? 'none')
  const fetcher = (async (url: string) => {
    fetched.push(url)
    await Promise.resolve()
    if (!published) throw new Error('down')
    return published()
  }) as unknown as typeof fetch
  const executor = createExecutor({
    service: 'billing',
    auth: jwt({ issuer: ISSUER, ...options }),
    clock,
    fetch: fetcher,
    logger: { debug: log, info: log, warn: log, error: log },
  }).job('report', () => {
    runs++
    return { done: true }
  })
  return {
    clock,
    faults,
    fetched,
    runs: () => runs,
    publish: (next: (() => Response) | undefined) => {
      published = next
    },
    call: async (bearer: string, body = BODY) =>
      callExecutor(executor, body, { headers: { authorization: `Bearer ${bearer}` } }),
    plain: (headers: Record<string, string> = {}) => callExecutor(executor, BODY, { headers }),
  }
}

describe('an executor that takes tokens', () => {
  test.each([
    'EdDSA',
    'ES256',
  ])('runs what a token under %s is for, and signs its answer under that token', async (alg) => {
    const { call, runs } = world()
    const bearer = await token({ by: alg === 'EdDSA' ? ed : es })
    const { status, json, headers, text } = await call(bearer)
    expect([status, json.type, runs()]).toEqual([200, 'run.result', 1])
    expect(headers['webhook-id']).toBe('re_run1-0-1')
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', bearer).update(signed).digest('base64')}`)
  })

  test.each<[string, string, () => Change]>([
    ['another body than was signed', 'wrong-body', () => ({ body: dispatchBody({ params: { a: 1 } }) })],
    ['a hash of the body that is cut short', 'wrong-body', () => ({ claims: { bsh: 'abc' } })],
    ['the key of somebody else under a known name', 'no-match', () => ({ by: other })],
    ['a key that is not published', 'unknown-key', () => ({ header: { kid: 'k9' } })],
    ['no name of a key', 'unknown-key', () => ({ header: { kid: undefined } })],
    ['the name of a key for another algorithm', 'unknown-key', () => ({ header: { kid: 'k2' } })],
    ['a key of its own in the header', 'no-match', () => ({ by: other, header: { jwk: other.jwk } })],
    [
      'an address of keys in the header',
      'unknown-key',
      () => ({ by: other, header: { kid: 'k9', jku: 'https://evil.example/jwks' } }),
    ],
    [
      'a certificate in the header',
      'unknown-key',
      () => ({ by: other, header: { kid: 'k9', x5u: 'https://evil.example/x' } }),
    ],
    ['another type', 'wrong-claims', () => ({ header: { typ: 'JWT' } })],
    ['another issuer', 'wrong-claims', () => ({ claims: { iss: 'https://evil.example' } })],
    ['another service', 'wrong-audience', () => ({ claims: { aud: 'cronclave:c1/1/other' } })],
    ['several audiences', 'wrong-audience', () => ({ claims: { aud: [AUDIENCE, 'x'] } })],
    ['another job', 'wrong-claims', () => ({ claims: { sub: 'other' } })],
    ['another method', 'wrong-claims', () => ({ claims: { htm: 'GET' } })],
    ['an id that cannot be one', 'wrong-claims', () => ({ claims: { jti: 're.x' } })],
    ['a token that is over', 'too-old', () => ({ claims: { exp: NOW / 1000 - 31 } })],
    [
      'a token that is old, whatever it says',
      'too-old',
      () => ({ claims: { iat: NOW / 1000 - 391, exp: NOW / 1000 + 9999 } }),
    ],
    ['a token of the future', 'too-new', () => ({ claims: { iat: NOW / 1000 + 31, nbf: NOW / 1000 + 31 } })],
    ...['iss', 'aud', 'sub', 'jti', 'iat', 'nbf', 'exp', 'htm', 'htu', 'bsh'].map(
      (name): [string, string, () => Change] => [
        `no ${name}`,
        'wrong-claims',
        () => ({ claims: { [name]: undefined } }),
      ],
    ),
  ])('refuses %s', async (_, fault, change) => {
    const { call, runs, faults, fetched } = world()
    const { status, json, headers } = await call(await token(change()))
    expect([status, json.code, runs()]).toEqual([401, 'unauthorized', 0])
    expect(faults).toEqual([fault])
    expect(headers['webhook-signature']).toBeUndefined()
    expect(new Set(fetched)).toEqual(new Set([JWKS_URL]))
  })

  test('refuses a token without a signature, and one under HMAC with the public key for a secret', async () => {
    const { call, runs, faults } = world()
    const [, claims = ''] = (await token()).split('.')
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const none = `${encode({ alg: 'none', kid: 'k1', typ: 'run+jwt' })}.${claims}.`
    const head = `${encode({ alg: 'HS256', kid: 'k1', typ: 'run+jwt' })}.${claims}`
    const confused = `${head}.${createHmac('sha256', Buffer.from(ed.jwk.x ?? '', 'base64url'))
      .update(head)
      .digest('base64url')}`
    for (const bearer of [none, confused, 'rubbish', 'a.b.c', `${await token()}x`, 'x'.repeat(5000)]) {
      expect((await call(bearer)).status).toBe(401)
    }
    expect(runs()).toBe(0)
    expect(new Set(faults)).toEqual(new Set(['malformed-token', 'no-match']))
  })

  test('refuses claims that were changed under the same signature', async () => {
    const { call, runs } = world()
    const [head = '', claims = '', signature = ''] = (await token()).split('.')
    const changed = {
      ...JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')),
      exp: NOW / 1000 + 200,
    } as object
    expect(
      (await call([head, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.'))).status,
    ).toBe(401)
    expect(runs()).toBe(0)
  })

  test('refuses another spelling of the same signature', async () => {
    const bearer = await token()
    const last = 'AQgw'.indexOf(bearer.at(-1) ?? '')
    for (const spelling of [`${bearer}==`, `${bearer}\t`, `${bearer.slice(0, -1)}${'BRhx'[last]}`]) {
      const { call, runs, faults } = world()
      expect([(await call(spelling)).status, runs(), faults]).toEqual([401, 0, ['malformed-token']])
    }
  })

  test('takes nothing else: neither a call that a secret signed, nor one without anything', async () => {
    const { plain, faults, runs } = world()
    expect((await plain()).status).toBe(401)
    expect((await plain({ authorization: 'Basic eDp5' })).status).toBe(401)
    expect([faults, runs()]).toEqual([['missing-token'], 0])
  })

  test('holds to one algorithm, audience, cluster, URL and header when it is told so', async () => {
    const es256 = { algorithms: ['ES256'] as const }
    expect((await world(es256).call(await token())).status).toBe(401)
    expect((await world(es256).call(await token({ by: es }))).status).toBe(200)
    expect((await world({ audience: 'cronclave:c1/2/billing' }).call(await token())).status).toBe(401)
    expect((await world({ cluster: 'c2' }).call(await token())).status).toBe(401)
    expect((await world({ cluster: 'c1' }).call(await token())).status).toBe(200)
    expect((await world({ url: 'https://billing.internal/other' }).call(await token())).status).toBe(401)
    expect((await world({ header: 'x-forwarded-authorization' }).call(await token())).status).toBe(401)
  })

  test('answers pings and other messages that are about no job', async () => {
    const body = envelope('ping', { challenge: 'abc' })
    const { call } = world()
    const bearer = await token({ body, claims: { sub: 'ping', jti: 'ping_1' } })
    expect((await call(bearer, body)).json).toMatchObject({ type: 'pong', data: { challenge: 'abc' } })
  })
})

describe('keys', () => {
  test('are fetched once, and kept', async () => {
    const { call, fetched } = world()
    for (const n of [1, 2, 3]) await call(await token({ claims: { jti: `run1-0-${n}` } }))
    expect(fetched).toEqual([JWKS_URL])
  })

  test('that are not known have the list fetched at most once in 30 s, whoever asks', async () => {
    const { call, fetched, clock, publish } = world()
    await call(await token())
    const unknown = () => token({ header: { kid: 'k9' } })
    for (let n = 0; n < 20; n++) await call(await unknown())
    expect(fetched).toHaveLength(1)
    clock.advance(30_000)
    await Promise.all([call(await unknown()), call(await unknown()), call(await unknown())])
    expect(fetched).toHaveLength(2)
    const next = await signer('k3', 'EdDSA')
    publish(() => Response.json({ keys: [ed.jwk, next.jwk] }))
    clock.advance(30_000)
    expect((await call(await token({ by: next, claims: { iat: NOW / 1000 + 60, jti: 'run1-0-1' } }))).status).toBe(200)
  })

  test('that are gone from the list are refused once it was fetched again', async () => {
    const { call, clock, publish } = world({ maxTokenAge: '1h' })
    expect((await call(await token())).status).toBe(200)
    publish(() => Response.json({ keys: [es.jwk] }))
    clock.advance(600_000)
    expect((await call(await token({ claims: { exp: NOW / 1000 + 9999 } }))).status).toBe(401)
  })

  test('that cannot be had are this side’s fault: nothing is started, and somebody else may be asked', async () => {
    for (const reply of [
      undefined,
      () => new Response('no', { status: 500 }),
      () => new Response('<html>'),
      () => Response.json({ keys: 'x' }),
      () => Response.json({ keys: [], more: 'x'.repeat(70_000) }),
      () => new Response(null, { status: 302, headers: { location: 'https://evil.example' } }),
    ]) {
      const { call, publish, faults, clock, fetched } = world()
      publish(reply)
      const { status, json } = await call(await token())
      expect([status, json.code, faults]).toEqual([503, 'keys-unavailable', ['keys-unavailable']])
      await call(await token())
      expect(fetched).toEqual([JWKS_URL])
      publish(() => Response.json({ keys: [ed.jwk] }))
      clock.advance(1000)
      expect((await call(await token())).status).toBe(200)
    }
  })

  test('are kept for an hour when the list cannot be had, and no longer', async () => {
    const { call, publish, clock } = world({ maxTokenAge: '2h' })
    const lasting = (jti: string) => token({ claims: { exp: NOW / 1000 + 9999, jti } })
    await call(await lasting('run1-0-1'))
    publish(undefined)
    clock.advance(3_599_000)
    expect((await call(await lasting('run1-0-1'))).status).not.toBe(503)
    clock.advance(2000)
    expect((await call(await lasting('run1-0-1'))).status).toBe(503)
  })

  test('may be given outright, and then nobody is asked', async () => {
    const { call, fetched } = world({ jwks: { keys: [ed.jwk] } })
    expect((await call(await token())).status).toBe(200)
    expect((await call(await token({ by: es }))).status).toBe(401)
    expect(fetched).toEqual([])
  })

  test('under another name of the algorithm fit as well', async () => {
    const { call } = world()
    expect((await call(await token({ header: { alg: 'Ed25519' } }))).status).toBe(200)
  })
})

test('what is set up wrongly is said at once', () => {
  expect(() => jwt({ issuer: '' })).toThrow(/issuer/)
  expect(() => jwt({ issuer: ISSUER, jwks: 'http://cron.example.com/jwks' })).toThrow(/https/)
  expect(() => jwt({ issuer: ISSUER, jwks: { keys: [] } })).toThrow(/no key/)
  expect(() => jwt({ issuer: ISSUER, algorithms: ['HS256' as 'EdDSA'] })).toThrow(/algorithms/)
  expect(() => jwt({ issuer: 'http://127.0.0.1:7420' })).not.toThrow()
  const auth: Auth = jwt({ issuer: ISSUER })
  expect(() => createExecutor({ service: 'billing', auth, secret: SECRET })).toThrow(/one of them/)
  expect(() => createExecutor({ service: 'billing' })).toThrow(/no signing secret/)
})

test('an endpoint without an executor verifies tokens, and learns which job calls', async () => {
  const clock = new VirtualClock()
  const auth = jwt({ issuer: ISSUER, jwks: { keys: [ed.jwk] } })
  const verifier = createVerifier({ auth, service: 'billing', clock })
  const body = 'anything'
  const call = (bearer: string, sent = body) =>
    verifier.verify({ headers: { authorization: `Bearer ${bearer}` }, body: Buffer.from(sent), method: 'POST' })
  const bearer = await token({ body })
  expect(await call(bearer)).toEqual({ id: 'run1-0-1', timestamp: new Date(NOW), job: 'nightly' })
  await expect(call(bearer, 'other')).rejects.toMatchObject({ code: 'wrong-body' })
})

test('a token is verified in less than 250 µs', async () => {
  const clock = new VirtualClock()
  const verifier = createVerifier({
    auth: jwt({ issuer: ISSUER, jwks: { keys: [ed.jwk] } }),
    service: 'billing',
    clock,
  })
  const received = { headers: { authorization: `Bearer ${await token()}` }, body: Buffer.from(BODY), method: 'POST' }
  const times: number[] = []
  for (let n = 0; n < 400; n++) {
    const began = performance.now()
    await verifier.verify(received)
    times.push(performance.now() - began)
  }
  times.sort((a, b) => a - b)
  // The fastest tenth: others work on the same machine.
  expect(times[40] ?? 1).toBeLessThan(0.25)
})
