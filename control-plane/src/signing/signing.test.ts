import { createHash, createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { systemRandom } from '../runtime/random.ts'
import { verifyReply } from './reply.ts'
import { signRequest } from './request.ts'
import { createSealer } from './seal.ts'
import { generateSecret, parseSecret, signingKey } from './secret.ts'

const oldSecret = generateSecret(systemRandom)
const newSecret = generateSecret(systemRandom)
const [oldKey, newKey] = [signingKey(oldSecret), signingKey(newSecret)]
const call = {
  keys: [newKey],
  id: 'run1-0-1',
  timestampMs: Date.now(),
  method: 'POST',
  path: '/jobs?a=1',
  body: Buffer.from('{"type":"ping"}'),
  headers: {},
}

test('every call that we sign is verified by the reference library', () => {
  fc.assert(
    fc.property(fc.json(), fc.stringMatching(/^[A-Za-z0-9_-]{1,60}$/), fc.boolean(), (json, id, rotating) => {
      const signed = signRequest({
        ...call,
        id,
        body: Buffer.from(json),
        timestampMs: Date.now(),
        keys: rotating ? [oldKey, newKey] : [newKey],
      })
      expect(new Webhook(newSecret).verify(json, signed, { jsonParse: false })).toBeUndefined()
      if (rotating) new Webhook(oldSecret).verify(json, signed, { jsonParse: false })
      else expect(() => new Webhook(oldSecret).verify(json, signed)).toThrow('No matching signature')
    }),
  )
})

test('while a secret is rotated a call carries two signatures, the new key last', () => {
  const both = signRequest({ ...call, keys: [oldKey, newKey] })
  for (const name of ['webhook-signature', 'cronclave-signature'] as const) {
    const [first, last] = [signRequest({ ...call, keys: [oldKey] })[name], signRequest(call)[name]]
    expect(both[name]).toBe(`${first} ${last}`)
  }
})

test('cronclave-signature covers method, path with query, body and cronclave headers, sorted and in lower case', () => {
  const headers = { 'Cronclave-Run-Id': 'r1', 'cronclave-attempt': ' 2 ', 'x-other': 'no', 'cronclave-signature': 'no' }
  const signed = signRequest({ ...call, headers })
  const hash = createHash('sha256').update(call.body).digest('hex')
  const text = `request\nrun1-0-1\n${signed['webhook-timestamp']}\nPOST\n/jobs?a=1\n${hash}\ncronclave-attempt:2\ncronclave-run-id:r1`
  const expected = createHmac('sha256', newKey.requestKey).update(text).digest('base64')
  expect(signed['cronclave-signature']).toBe(`v1,${expected}`)
})

test('an id with a dot or a header with a line break is a bug, not a call', () => {
  expect(() => signRequest({ ...call, id: 'a.b' })).toThrow('no dot')
  expect(() => signRequest({ ...call, headers: { 'cronclave-x': 'a\ncronclave-y:b' } })).toThrow('printable ASCII')
})

function replyTo(attemptId: string, secret: string, body: string, at = Date.now()): Record<string, string> {
  const date = new Date(at)
  return {
    'webhook-id': `re_${attemptId}`,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': new Webhook(secret).sign(`re_${attemptId}`, date, body),
  }
}

test('a reply is the word of whoever holds one of the keys', () => {
  const reply = { keys: [oldKey, newKey], attemptId: 'a1', body: Buffer.from('{}'), nowMs: Date.now() }
  for (const secret of [oldSecret, newSecret]) {
    expect(verifyReply({ ...reply, headers: replyTo('a1', secret, '{}') })).toEqual({ ok: true })
  }
  const foreign = replyTo('a1', generateSecret(systemRandom), '{}')
  expect(verifyReply({ ...reply, headers: foreign })).toEqual({ ok: false, reason: 'no-match' })
  const altered = { ...reply, body: Buffer.from('{ }'), headers: replyTo('a1', newSecret, '{}') }
  expect(verifyReply(altered)).toEqual({ ok: false, reason: 'no-match' })
})

test('a request reflected as a reply is refused, and so is the reply of another attempt', () => {
  const reply = { keys: [newKey], attemptId: call.id, body: call.body, nowMs: call.timestampMs }
  const reflected = signRequest(call)
  expect(verifyReply({ ...reply, headers: reflected })).toEqual({ ok: false, reason: 'wrong-id' })
  const renamed = { ...reflected, 'webhook-id': `re_${call.id}` }
  expect(verifyReply({ ...reply, headers: renamed })).toEqual({ ok: false, reason: 'no-match' })
  const other = replyTo('a2', newSecret, call.body.toString())
  expect(verifyReply({ ...reply, headers: other })).toEqual({ ok: false, reason: 'wrong-id' })
})

test.each([
  [300, undefined],
  [301, 'too-old'],
  [-300, undefined],
  [-301, 'too-new'],
])('a reply written %i s ago is judged %s', (ageS, reason) => {
  const nowMs = 1_800_000_000_000
  const headers = replyTo('a1', newSecret, '{}', nowMs - ageS * 1000)
  const verdict = verifyReply({ keys: [newKey], attemptId: 'a1', headers, body: Buffer.from('{}'), nowMs })
  expect(verdict).toEqual(reason === undefined ? { ok: true } : { ok: false, reason })
})

test('a reply without its headers, or with garbage in them, is refused and never throws', () => {
  const good = replyTo('a1', newSecret, '{}')
  const reply = { keys: [newKey], attemptId: 'a1', body: Buffer.from('{}'), nowMs: Date.now() }
  for (const name of Object.keys(good)) {
    const { [name]: _, ...rest } = good
    expect(verifyReply({ ...reply, headers: rest })).toEqual({ ok: false, reason: 'missing-header' })
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (junk) => {
        fc.pre(junk !== good[name])
        expect(verifyReply({ ...reply, headers: { ...good, [name]: junk } }).ok).toBe(false)
      }),
    )
  }
})

test.each([
  ['', 'starts with whsec_'],
  ['c2VjcmV0', 'starts with whsec_'],
  ['whsec_!!!', 'padded standard base64'],
  [`whsec_${'a'.repeat(31)}`, 'padded standard base64'],
  [`whsec_${Buffer.alloc(23).toString('base64')}`, '24 to 64 bytes'],
  [`whsec_${Buffer.alloc(65).toString('base64')}`, '24 to 64 bytes'],
])('the secret %j is refused', (text, why) => {
  expect(() => parseSecret(text)).toThrow(why)
})

test('a generated secret has 32 bytes', () => {
  expect(parseSecret(newSecret)).toHaveLength(32)
  expect(newSecret).not.toBe(oldSecret)
})

test('what was sealed opens under the same key, twice sealed differs, and nothing readable stands in it', () => {
  const sealer = createSealer(Buffer.alloc(32, 1), systemRandom)
  const sealed = sealer.seal(newSecret)
  expect(sealed).toMatch(/^[\w-]{8}\.[\w-]{16}\.[\w-]+$/)
  expect(sealer.seal(newSecret)).not.toBe(sealed)
  expect(sealer.open(sealed)).toBe(newSecret)
  expect(sealed).not.toContain(newSecret.slice(6, 20))
})

test('a sealed secret that was altered, cut or sealed under another key does not open', () => {
  const sealer = createSealer(Buffer.alloc(32, 1), systemRandom)
  const sealed = sealer.seal(newSecret)
  for (const at of [9, 20, 27, sealed.length - 2]) {
    const flipped = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
    expect(() => sealer.open(flipped)).toThrow('altered')
  }
  for (const cut of [sealed.slice(0, 30), sealed.slice(0, 9), `${sealer.keyId}..`]) {
    expect(() => sealer.open(cut)).toThrow('altered')
  }
  expect(() => createSealer(Buffer.alloc(32, 2), systemRandom).open(sealed)).toThrow('not known here')
  expect(createSealer(Buffer.alloc(32, 2), systemRandom, [Buffer.alloc(32, 1)]).open(sealed)).toBe(newSecret)
})
