import { createHash } from 'node:crypto'
import { nat, sample, tuple } from 'fast-check'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { createExecutor, type Executor } from './executor.ts'
import { jwt } from './jwt.ts'
import type { RawReply } from './problem.ts'
import { dispatchBody, NOW, VirtualClock } from './test-kit.ts'

/** A signature takes ten times as long as a MAC, so there are fewer of them; `CRONCLAVE_FUZZ` sets another number. */
const REQUESTS = Number(process.env['CRONCLAVE_FUZZ'] ?? 100_000) / 10
const SEED = Number(process.env['CRONCLAVE_FUZZ_SEED'] ?? 1)
const ISSUER = 'https://cron.example.com'
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const ALGORITHMS = ['none', 'HS256', 'RS256', 'ES256', 'EdDSA', 'Ed448', '', 'NONE']

interface Call {
  token: string
  body: Buffer
}
type Mutation = (call: Call, at: number, byte: number) => Call

let originals: Call[]
let executor: Executor
let handled = 0
let failures = 0

beforeAll(async () => {
  const nothing = () => undefined
  const signers = await Promise.all((['EdDSA', 'ES256'] as const).map(signer))
  executor = createExecutor({
    service: 'billing',
    auth: jwt({ issuer: ISSUER, jwks: { keys: signers.map(({ jwk }) => jwk) } }),
    clock: new VirtualClock(),
    logger: { debug: nothing, info: nothing, warn: nothing, error: () => failures++ },
  }).job('report', () => ++handled)
  originals = await Promise.all(signers.flatMap(({ sign }, at) => [sign(`run${at}-0-1`), sign(`run${at}-0-2`)]))
})

/** What is done to a call after it was signed: none of them means the same, or is spelt the same, as what was. */
const MUTATIONS: Record<string, Mutation> = {
  'a character of the token': (call, at, byte) => withToken(call, (token) => changeText(token, at, byte)),
  'the last character of the signature': (call, at) =>
    withToken(call, (token) => changeText(token, token.length - 1, at)),
  'a character less': (call, at) => withToken(call, (token) => cut(token, at % token.length, 1)),
  'a character more': (call, at, byte) =>
    withToken(call, (token) => insert(token, at % (token.length + 1), ALPHABET[byte % 64] ?? 'A')),
  'white space within': (call, at, byte) =>
    withToken(call, (token) => insert(token, at % (token.length + 1), ['\t', '\n', '\r', '\f', ' '][byte % 5] ?? ' ')),
  padding: (call, at) => withToken(call, (token) => `${token}${'='.repeat((at % 3) + 1)}`),
  'another alphabet': (call) => withToken(call, otherAlphabet),
  'the token cut': (call, at) => withToken(call, (token) => token.slice(0, at % token.length)),
  'a part of another token': (call, at) =>
    withToken(call, (token) => grafted(token, otherThan(call, at).token, at % 3)),
  'another algorithm': (call, at) =>
    withToken(call, (token) => withJson(token, 0, (header) => ({ ...header, alg: otherAlgorithm(header, at) }))),
  'no signature': (call, at) =>
    withToken(call, (token) =>
      withJson(token, 0, (header) => ({ ...header, alg: ALGORITHMS[at % 2] })).replace(/[^.]*$/, ''),
    ),
  'another claim': (call, at) => withToken(call, (token) => withJson(token, 1, (claims) => withOtherClaim(claims, at))),
  'a byte of the body': (call, at, byte) => ({ ...call, body: changeByte(call.body, at, byte) }),
  'the body of another call': (call, at) => ({ ...call, body: otherThan(call, at).body }),
  'a body cut': (call, at) => ({ ...call, body: call.body.subarray(0, at % call.body.length) }),
}

test(`of ${REQUESTS} mutated calls with tokens none is accepted, and none is more than the executor can bear`, {
  timeout: 120_000,
}, async () => {
  const names = Object.keys(MUTATIONS)
  const taken: string[] = []
  let refused = 0
  const numbers = tuple(nat(1000), nat(1_000_000), nat(255), nat(names.length - 1))
  for (const [which, at, byte, name] of sample(numbers, { numRuns: REQUESTS, seed: SEED })) {
    const mutation = names[name] ?? ''
    const call = (MUTATIONS[mutation] as Mutation)(originals[which % originals.length] as Call, at, byte)
    const { status } = await deliver(call)
    if (status === 401) refused++
    else taken.push(`${mutation} ${which}/${at}/${byte}: ${status}`)
  }
  expect(taken).toEqual([])
  expect([refused, handled, failures]).toEqual([REQUESTS, 0, 0])
})

test('the calls that are mutated are good ones', async () => {
  for (const original of originals) expect((await deliver(original)).status).toBe(200)
  expect(handled).toBe(originals.length)
})

async function signer(alg: 'EdDSA' | 'ES256') {
  const { privateKey, publicKey } = await generateKeyPair(alg)
  const jwk = { ...(await exportJWK(publicKey)), kty: alg === 'EdDSA' ? 'OKP' : 'EC', kid: alg }
  const sign = async (attemptId: string): Promise<Call> => {
    const body = Buffer.from(dispatchBody({ attemptId, params: { city: '天津' } }))
    const claims = { sub: 'nightly', jti: attemptId, htm: 'POST', htu: 'https://billing.internal/jobs' }
    const times = { iat: NOW / 1000, nbf: NOW / 1000, exp: NOW / 1000 + 300 }
    const bsh = createHash('sha256').update(body).digest('base64url')
    const token = await new SignJWT({ iss: ISSUER, aud: 'cronclave:c1/1/billing', ...claims, ...times, bsh })
      .setProtectedHeader({ alg, kid: alg, typ: 'run+jwt' })
      .sign(privateKey)
    return { token, body }
  }
  return { jwk, sign }
}

function deliver({ token, body }: Call): Promise<RawReply> {
  const header = (name: string) => (name === 'authorization' ? `Bearer ${token}` : undefined)
  return executor.receive({ method: 'POST', body, header })
}

function withToken(call: Call, change: (token: string) => string): Call {
  return { ...call, token: change(call.token) }
}

/** Never leaves the character as it was. */
function changeText(text: string, at: number, byte: number): string {
  const place = at % text.length
  const index = ALPHABET.indexOf(text[place] ?? 'A')
  return text.slice(0, place) + ALPHABET[(index + 1 + (byte % 63)) % 64] + text.slice(place + 1)
}

function cut(text: string, at: number, count: number): string {
  return text.slice(0, at) + text.slice(at + count)
}

function insert(text: string, at: number, more: string): string {
  return text.slice(0, at) + more + text.slice(at)
}

/** The signature as plain base64 has it; where that is the same, with a character of it gone. */
function otherAlphabet(token: string): string {
  const [head, claims, signature = ''] = token.split('.')
  const plain = Buffer.from(signature, 'base64url').toString('base64').replaceAll('=', '')
  return [head, claims, plain === signature ? plain.slice(1) : plain].join('.')
}

function grafted(token: string, other: string, part: number): string {
  const [parts, others] = [token.split('.'), other.split('.')]
  // Headers of tokens under one key are the same.
  const taken = parts[part] === others[part] ? 2 : part
  parts[taken] = others[taken] ?? ''
  return parts.join('.')
}

function withJson(token: string, part: number, change: (json: Record<string, unknown>) => object): string {
  const parts = token.split('.')
  const json = JSON.parse(Buffer.from(parts[part] ?? '', 'base64url').toString()) as Record<string, unknown>
  parts[part] = Buffer.from(JSON.stringify(change(json))).toString('base64url')
  return parts.join('.')
}

function otherAlgorithm({ alg }: Record<string, unknown>, at: number): string {
  const others = ALGORITHMS.filter((name) => name !== alg)
  return others[at % others.length] ?? 'none'
}

function withOtherClaim(claims: Record<string, unknown>, at: number): object {
  const names = Object.keys(claims)
  const name = names[at % names.length] ?? 'sub'
  const value = claims[name]
  return { ...claims, [name]: typeof value === 'number' ? value + (at % 100) + 1 : `${String(value)}x` }
}

function otherThan(call: Call, at: number): Call {
  const others = originals.filter((other) => !other.body.equals(call.body))
  return others[at % others.length] as Call
}

function changeByte(body: Buffer, at: number, byte: number): Buffer {
  const changed = Buffer.from(body)
  const place = at % body.length
  changed[place] = (body[place] ?? 0) ^ (byte || 1)
  return changed
}
