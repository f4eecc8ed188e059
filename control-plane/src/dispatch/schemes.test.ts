import { createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { createExecutor, type ExecutorOptions } from '../../../sdk/src/index.ts'
import { jwt } from '../../../sdk/src/jwt.ts'
import { node } from '../../../sdk/src/node.ts'
import type { ServiceSigning } from '../discovery/executor.ts'
import { deriveCallbackKey } from '../signing/callback-token.ts'
import { generateKeys, publicJwk } from '../signing/token.ts'
import type { KeyPair } from '../state/signing-keys.ts'
import { callbacksAt } from './callback.ts'
import { type Bench, benchWith, bodyOf, closeAll, httpTarget, SECRET } from './fixtures.ts'

const ISSUER = 'https://cron.example.com'
const GOJOB_SECRET = 'a-secret-of-its-own'
const handler = { kind: 'handler', service: 'billing', handler: 'report' } as const
const callbackOf = callbacksAt(ISSUER, deriveCallbackKey(Buffer.alloc(32, 3)))

afterEach(closeAll)

function keyPair(alg: 'EdDSA' | 'ES256' = 'EdDSA'): KeyPair {
  const { secret, ...pair } = generateKeys(alg)
  return { ...pair, issuer: ISSUER, sealed: `sealed ${secret}`, state: 'active', createdAt: 1 }
}

function sign(bench: Bench, signing: ServiceSigning, ...pairs: KeyPair[]): void {
  const service = bench.state.services.get(2)
  if (service) bench.state.services.set(2, { ...service, signing })
  for (const pair of pairs) bench.state.signingKeys.set(pair.id, pair)
}

function executorOf(pairs: readonly KeyPair[], options: Partial<ExecutorOptions> = {}) {
  const auth = jwt({ issuer: ISSUER, jwks: { keys: pairs.map(publicJwk) }, cluster: 'c1' })
  return createExecutor({ service: 'billing', auth, logger: false, ...options }).job('report', () => ({ ok: true }))
}

test.each([
  'EdDSA',
  'ES256',
] as const)('a call under %s runs in an executor that holds no secret, and its answer counts', async (alg) => {
  const pair = keyPair(alg)
  const bench = await benchWith(node(executorOf([pair])))
  sign(bench, { scheme: 'jwt', alg }, pair)
  expect(await bench.end(bench.start(handler, 'e1'))).toMatchObject({ outcome: 'succeeded', result: { ok: true } })
})

test('an answer that is not signed under the token of its call is nobody’s word', async () => {
  const pair = keyPair()
  const executor = executorOf([pair])
  let token = ''
  const bench = await benchWith((request, response) => {
    const given = request.headers.authorization ?? ''
    void bodyOf(request).then(async (body) => {
      const headers: Record<string, unknown> = { ...request.headers, authorization: given }
      const reply = await executor.receive({
        method: 'POST',
        header: (name) => headers[name]?.toString(),
        body: Buffer.from(body),
      })
      const id = reply.headers['webhook-id'] ?? ''
      const text = `${id}.${reply.headers['webhook-timestamp']}.${reply.body}`
      // As if the call before were answered again, and as if it were signed by the service's secret.
      const key = token === '' ? Buffer.from(SECRET.slice(6), 'base64') : token
      const signature = `v1,${createHmac('sha256', key).update(text).digest('base64')}`
      token = given.slice('Bearer '.length)
      response.writeHead(200, { ...reply.headers, 'webhook-signature': signature }).end(reply.body)
    })
  })
  sign(bench, { scheme: 'jwt', alg: 'EdDSA' }, pair)
  for (const _ of [1, 2])
    expect(await bench.end(bench.start(handler, 'e1'))).toMatchObject({
      outcome: 'uncertain',
      error: { code: 'reply-signature-invalid' },
    })
})

test('neither scheme is taken for the other: an executor with a secret refuses tokens, one with keys refuses secrets', async () => {
  const pair = keyPair()
  const withSecret = createExecutor({ service: 'billing', secret: SECRET, logger: false }).job('report', () => 1)
  const tokens = await benchWith(node(withSecret))
  sign(tokens, { scheme: 'jwt', alg: 'EdDSA' }, pair)
  const secrets = await benchWith(node(executorOf([pair])))
  for (const bench of [tokens, secrets])
    expect(await bench.end(bench.start(handler, 'e1'))).toMatchObject({
      outcome: 'failed',
      error: { code: 'signature-refused' },
    })
})

test('a key that signs from now on is one that executors knew before, and the one before still fits', async () => {
  const [first, second] = [keyPair(), keyPair()]
  const bench = await benchWith(node(executorOf([first, second])))
  sign(bench, { scheme: 'jwt', alg: 'EdDSA' }, first, { ...second, state: 'next' })
  expect(await bench.end(bench.start(handler, 'e1'))).toMatchObject({ outcome: 'succeeded' })
  sign(bench, { scheme: 'jwt', alg: 'EdDSA' }, { ...first, state: 'retired' }, second)
  expect(await bench.end(bench.start(handler, 'e1'))).toMatchObject({ outcome: 'succeeded' })
})

test('without a key, or with one that does not open, nothing leaves', async () => {
  let calls = 0
  const bench = await benchWith((_, response) => void response.writeHead(200).end(String(calls++)))
  sign(bench, { scheme: 'jwt', alg: 'EdDSA' })
  const ends = [await bench.end(bench.start(handler, 'e1'))]
  sign(bench, { scheme: 'jwt', alg: 'EdDSA' }, { ...keyPair(), sealed: 'rubbish' })
  ends.push(await bench.end(bench.start(handler, 'e1')))
  for (const end of ends) expect(end).toMatchObject({ outcome: 'failed', error: { code: 'secret-unreadable' } })
  expect(calls).toBe(0)
})

test('an http target gets the token of its own request, and may not set its header itself', async () => {
  const got: IncomingHttpHeaders[] = []
  const bench = await benchWith((request, response) => {
    got.push(request.headers)
    response.writeHead(204).end()
  })
  sign(bench, { scheme: 'jwt', alg: 'EdDSA' }, keyPair())
  expect(await bench.end(bench.start(httpTarget({ service: 'billing' }), 'e1'))).toMatchObject({ outcome: 'succeeded' })
  expect(got[0]?.authorization).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/)
  expect(got[0]?.['webhook-signature']).toBeUndefined()
  const own = httpTarget({ service: 'billing', headers: { authorization: 'Basic eDp5' } })
  expect(await bench.end(bench.start(own, 'e1'))).toMatchObject({
    outcome: 'failed',
    error: { code: 'template-unresolved' },
  })
})

test('S057 the signature of gojob is that of the URI as sent and the time, and nothing confidential goes along', async () => {
  const got: { url: string; headers: IncomingHttpHeaders }[] = []
  const bench = await benchWith(
    (request, response) => {
      got.push({ url: request.url ?? '', headers: request.headers })
      response.writeHead(200).end()
    },
    { callbackOf },
  )
  sign(bench, { scheme: 'legacy-gojob', secret: `sealed ${GOJOB_SECRET}` })
  const target = httpTarget({ service: 'billing', path: '/work', query: { shardingIndex: '0' } })
  expect(await bench.end(bench.start(target, 'e1'))).toMatchObject({ outcome: 'succeeded' })
  const [{ url, headers } = { url: '', headers: {} as IncomingHttpHeaders }] = got
  const timestamp = String(headers['x-timestamp'])
  expect(timestamp).toMatch(/^\d{13}$/)
  const expected = createHmac('md5', GOJOB_SECRET)
    .update(url + timestamp)
    .digest('hex')
    .toUpperCase()
  expect(headers['x-sign']).toBe(expected)
  const names = Object.keys(headers).filter((name) => /^webhook-|signature|callback|authorization/.test(name))
  expect(names).toEqual([])
})

test('under the signature of gojob neither handlers nor targets that report later are called', async () => {
  let calls = 0
  const bench = await benchWith((_, response) => void response.writeHead(200).end(String(calls++)), { callbackOf })
  sign(bench, { scheme: 'legacy-gojob', secret: `sealed ${GOJOB_SECRET}` })
  for (const target of [handler, httpTarget({ service: 'billing', async: true })])
    expect(await bench.end(bench.start(target, 'e1'))).toMatchObject({
      outcome: 'failed',
      error: { code: 'signature-too-weak' },
    })
  expect(calls).toBe(0)
})
