/**
 * Writes signatures.json: the contract of wire.md "Signatures" as data, for SDKs in any language. Deliberately on
 * node:crypto alone, with no code of the product: `npx tsx test/vectors/make-signatures.ts > test/vectors/signatures.json`
 */
import { createHash, createHmac, hkdfSync } from 'node:crypto'
import type { Vector } from './vector.ts'

const NOW_S = 1_800_000_000
const OLD = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const NEW = `whsec_${Buffer.alloc(32, 2).toString('base64')}`
const SHORT = `whsec_${Buffer.alloc(24, 3).toString('base64')}`
const LONG = `whsec_${Buffer.alloc(64, 4).toString('base64')}`
const FOREIGN = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
const ID = 'r8Jw2c0yTqyb1C3mJcXh1w-0-1'
const BODY = '{"type":"ping","timestamp":"2027-01-15T08:00:00.000Z","data":{"challenge":"天津 😀"}}'

interface Call {
  id: string
  timestamp: string
  method: string
  path: string
  body: string
  headers: Record<string, string>
}

const keyOf = (secret: string) => Buffer.from(secret.slice('whsec_'.length), 'base64')
const hmac = (key: Buffer, text: string) => `v1,${createHmac('sha256', key).update(text).digest('base64')}`

function webhookSignature(secret: string, id: string, timestamp: string, body: string): string {
  return hmac(keyOf(secret), `${id}.${timestamp}.${body}`)
}

function requestSignature(secret: string, { id, timestamp, method, path, body, headers }: Call): string {
  const key = Buffer.from(hkdfSync('sha256', keyOf(secret), '', 'cronclave-request-v1', 32))
  const hash = createHash('sha256').update(body).digest('hex')
  const own = Object.entries(headers).map(([name, value]) => `${name.toLowerCase()}:${value}`)
  return hmac(key, ['request', id, timestamp, method, path, hash, ...own.sort()].join('\n'))
}

const base: Call = { id: ID, timestamp: String(NOW_S), method: 'POST', path: '/jobs', body: BODY, headers: {} }

function call(name: string, secrets: string[], signedWith: string[], change: Partial<Call> = {}): Vector {
  const made = { ...base, ...change }
  const headers = {
    'webhook-id': made.id,
    'webhook-timestamp': made.timestamp,
    'webhook-signature': signedWith.map((s) => webhookSignature(s, made.id, made.timestamp, made.body)).join(' '),
    ...made.headers,
    'cronclave-signature': signedWith.map((s) => requestSignature(s, made)).join(' '),
  }
  const { method, path, body } = made
  const verdicts = { verdict: 'accepted', requestVerdict: 'accepted' } as const
  return { name, direction: 'call', secrets, signedWith, nowMs: NOW_S * 1000, method, path, headers, body, ...verdicts }
}

function refused(vector: Vector, reason: string, change: Partial<Vector> = {}): Vector {
  const { signedWith: _, ...rest } = vector
  return { ...rest, verdict: 'refused', requestVerdict: 'refused', reason, ...change }
}

/** The same call with some headers changed after signing; `undefined` removes one. */
function withHeaders(vector: Vector, change: Record<string, string | undefined>): Partial<Vector> {
  const entries = Object.entries({ ...vector.headers, ...change })
  return { headers: Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined)) }
}

function reply(
  name: string,
  secrets: string[],
  signedWith: string,
  change: { id?: string; body?: string } = {},
): Vector {
  const { id = `re_${ID}`, body = '{"type":"run.result"}' } = change
  const timestamp = String(NOW_S)
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': webhookSignature(signedWith, id, timestamp, body),
  }
  const fixed = {
    direction: 'reply',
    attemptId: ID,
    nowMs: NOW_S * 1000,
    method: '',
    path: '',
    verdict: 'accepted',
  } as const
  return { name, ...fixed, secrets, headers, body }
}

function refusedReply(vector: Vector, reason: string, change: Partial<Vector> = {}): Vector {
  return { ...vector, verdict: 'refused', reason, ...change }
}

/** The same 32 bytes to whoever does not look at the two bits that base64 leaves over. */
function respelt(signature: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  return `${signature.slice(0, -2)}${alphabet[alphabet.indexOf(signature.at(-2) ?? '') + 1]}=`
}

const good = call('a call', [NEW], [NEW])
const own = { 'cronclave-run-id': 'r1', 'cronclave-attempt': '2' }
const target = call('a call with a query, and cronclave headers in any order', [NEW], [NEW], {
  method: 'GET',
  path: '/report?city=%E5%A4%A9%E6%B4%A5&n=1',
  body: '',
  headers: own,
})
const goodReply = reply('a reply', [NEW], NEW)
const reflected = { 'webhook-id': ID, 'webhook-signature': webhookSignature(NEW, ID, String(NOW_S), BODY) }

const vectors: Vector[] = [
  good,
  target,
  call('the body is signed as bytes, not as JSON', [NEW], [NEW], {
    body: '{ "n": 12345678901234567890.0, "\\u00e9": 1e2 }',
  }),
  call('a secret of 24 bytes', [SHORT], [SHORT]),
  call('a secret of 64 bytes', [LONG], [LONG]),
  call('two signatures while a secret is rotated, for a receiver with the old one', [OLD], [OLD, NEW]),
  call('two signatures while a secret is rotated, for a receiver with the new one', [NEW], [OLD, NEW]),
  call('two secrets while one is rotated, for a sender with the old one', [OLD, NEW], [OLD]),
  call('300 s behind the receiver', [NEW], [NEW], { timestamp: String(NOW_S - 300) }),
  call('300 s ahead of the receiver', [NEW], [NEW], { timestamp: String(NOW_S + 300) }),
  {
    ...good,
    name: 'signatures of versions that are not known are passed over',
    ...withHeaders(good, { 'webhook-signature': `v1a,AAAA v2,BBBB ${good.headers['webhook-signature']}` }),
  },
  refused(call('301 s behind the receiver', [NEW], [NEW], { timestamp: String(NOW_S - 301) }), 'too-old'),
  refused(call('301 s ahead of the receiver', [NEW], [NEW], { timestamp: String(NOW_S + 301) }), 'too-new'),
  refused(call('signed with a secret that is not known', [OLD, NEW], [FOREIGN]), 'no-match'),
  refused(good, 'no-match', { name: 'a body that was changed', body: `${BODY} ` }),
  refused(good, 'no-match', { name: 'an id that was changed', ...withHeaders(good, { 'webhook-id': `${ID}1` }) }),
  refused(good, 'no-match', {
    name: 'a timestamp that was changed',
    ...withHeaders(good, { 'webhook-timestamp': String(NOW_S + 1) }),
  }),
  refused(good, 'no-match', {
    name: 'a signature without its version',
    ...withHeaders(good, { 'webhook-signature': good.headers['webhook-signature']?.slice(3) }),
  }),
  refused(good, 'no-match', {
    name: 'a signature that was cut',
    ...withHeaders(good, { 'webhook-signature': good.headers['webhook-signature']?.slice(0, -4) }),
  }),
  refused(good, 'no-match', {
    name: 'a signature whose last bits are not zero',
    ...withHeaders(good, { 'webhook-signature': respelt(good.headers['webhook-signature'] ?? '') }),
  }),
  refused(good, 'no-match', {
    name: 'the right bytes under another version',
    ...withHeaders(good, { 'webhook-signature': good.headers['webhook-signature']?.replace('v1,', 'v2,') }),
  }),
  refused(good, 'no-match', {
    name: 'signed with the key of cronclave-signature',
    ...withHeaders(good, { 'webhook-signature': good.headers['cronclave-signature'] }),
  }),
  refused(good, 'malformed-timestamp', {
    name: 'a timestamp in milliseconds',
    ...withHeaders(good, { 'webhook-timestamp': `${NOW_S}000` }),
  }),
  refused(good, 'malformed-timestamp', {
    name: 'a timestamp with something after it',
    reference: false,
    ...withHeaders(good, { 'webhook-timestamp': `${NOW_S}x` }),
  }),
  ...(['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const).map((header) =>
    refused(good, 'missing-header', { name: `without ${header}`, ...withHeaders(good, { [header]: undefined }) }),
  ),
  { ...target, name: 'another method', method: 'DELETE', requestVerdict: 'refused' },
  { ...target, name: 'another path', path: '/report?city=all', requestVerdict: 'refused' },
  {
    ...target,
    name: 'a cronclave header that was changed',
    ...withHeaders(target, { 'cronclave-attempt': '3' }),
    requestVerdict: 'refused',
  },
  {
    ...target,
    name: 'a cronclave header that was added',
    ...withHeaders(target, { 'cronclave-x': '1' }),
    requestVerdict: 'refused',
  },
  {
    ...target,
    name: 'a cronclave header that was removed',
    ...withHeaders(target, { 'cronclave-attempt': undefined }),
    requestVerdict: 'refused',
  },
  {
    ...target,
    name: 'without cronclave-signature',
    ...withHeaders(target, { 'cronclave-signature': undefined }),
    requestVerdict: 'refused',
  },
  goodReply,
  reply('a reply by the old secret while it is rotated', [OLD, NEW], OLD),
  refusedReply(reply('a reply by a secret that is not known', [NEW], FOREIGN), 'no-match'),
  refusedReply(reply('a reply to another attempt', [NEW], NEW, { id: `re_${ID}2` }), 'wrong-id', { reference: false }),
  refusedReply(goodReply, 'wrong-id', {
    name: 'a call reflected as a reply',
    body: BODY,
    reference: false,
    ...withHeaders(goodReply, reflected),
  }),
  refusedReply(goodReply, 'no-match', {
    name: 'a call reflected as a reply under the id of one',
    body: BODY,
    ...withHeaders(goodReply, { ...reflected, 'webhook-id': `re_${ID}` }),
  }),
  refusedReply(goodReply, 'no-match', { name: 'a reply whose body was changed', body: '{"type":"run.result" }' }),
  refusedReply(goodReply, 'too-old', { name: 'a reply of long ago', nowMs: (NOW_S + 301) * 1000 }),
  ...(['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const).map((header) =>
    refusedReply(goodReply, 'missing-header', {
      name: `a reply without ${header}`,
      ...withHeaders(goodReply, { [header]: undefined }),
    }),
  ),
]

const changed = vectors.map(({ signedWith, ...vector }) =>
  signedWith &&
  vector.requestVerdict === 'accepted' &&
  vector.name !== 'signatures of versions that are not known are passed over'
    ? { ...vector, signedWith }
    : vector,
)
console.log(
  JSON.stringify(
    { description: 'Signatures between control plane and executors: docs/signatures.md', vectors: changed },
    undefined,
    2,
  ),
)
