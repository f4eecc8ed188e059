import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { failureVerdict } from './failure.ts'
import { handlerVerdict } from './handler-outcome.ts'
import { codeOf, errorOf, parseJson, retryAfterMs, textWithin } from './outcome.ts'
import { redirected } from './redirect.ts'

const now = Date.UTC(2026, 10, 20, 15)

test.each([
  ['7', 7000],
  [' 0 ', 0],
  ['Fri, 20 Nov 2026 15:00:30 GMT', 30_000],
  ['Fri, 20 Nov 2026 14:00:00 GMT', 0],
  ['-5', undefined],
  ['1.5', undefined],
  ['9999999999999', undefined],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('Retry-After %j is %j ms', (header, expected) => {
  expect(retryAfterMs(header, now)).toBe(expected)
})

test.each([
  ['ECONNRESET', 'econnreset'],
  ['TooFar Away', 'too-far-away'],
  ['--', 'otherwise'],
  [42, 'otherwise'],
  ['x'.repeat(100), 'x'.repeat(64)],
])('the code %j becomes %s', (given, expected) => {
  expect(codeOf(given, 'otherwise')).toBe(expected)
})

test('no text of an error ends with half a character', () => {
  for (const before of ['', 'x']) {
    const { message, name } = errorOf('broken', `${before}${'😀'.repeat(3000)}`, `${before}${'😀'.repeat(60)}`)
    expect([message, name]).toEqual([
      before + '😀'.repeat(before ? 2047 : 2048),
      before + '😀'.repeat(before ? 49 : 50),
    ])
  }
})

test('JSON of an executor is taken as it can be kept', () => {
  expect(JSON.stringify(parseJson('{"a":"\\ud83d","__proto__":{"b":1}}'))).toBe('{"a":"\ufffd","__proto_":{"b":1}}')
})

test('a text is cut on a character boundary', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(50), (text, max) => {
      const body = Buffer.from(text)
      const cut = textWithin(body, max)
      expect(body.subarray(0, Buffer.byteLength(cut)).toString()).toBe(cut)
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(max)
      if (body.length <= max) expect(cut).toBe(text)
      else expect(Buffer.byteLength(cut)).toBeGreaterThan(max - 4)
    }),
  )
})

test('JSON that is nested too deeply is not taken apart', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  expect(parseJson(nested(64))).toBeDefined()
  expect(parseJson(nested(65))).toBeUndefined()
  expect(parseJson(`"${nested(65)}"`)).toBe(nested(65))
  expect(parseJson('{"a\\"[":1}')).toEqual({ 'a"[': 1 })
  expect(parseJson('{')).toBeUndefined()
})

test('S070 any status has an outcome, a stable code and a sentence that names the executor', () => {
  const called = { who: 'executor e1 at http://h', runId: 'r', attemptId: 'r-0-1', now, keys: [], strict: false }
  for (let status = 200; status < 600; status++) {
    const verdict = handlerVerdict({ status, headers: {}, body: Buffer.from('<junk>'), bytes: 6 }, called)
    if (verdict.kind === 'accepted') expect([202, 409]).toContain(status)
    else {
      expect(verdict.finish.outcome).not.toBe('succeeded')
      expect(verdict.finish.error?.code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      expect(verdict.finish.error?.message).toContain('executor e1 at http://h')
    }
  }
})

test.each([
  ['ECONNREFUSED', false, 'refused', 'connection-refused', true],
  ['EHOSTUNREACH', false, 'refused', 'connection-failed', true],
  ['UND_ERR_CONNECT_TIMEOUT', false, 'refused', 'connection-timeout', true],
  ['ENOTFOUND', false, 'refused', 'dns-failed', true],
  ['CERT_HAS_EXPIRED', false, 'refused', 'tls-failed', true],
  ['ERR_TLS_CERT_ALTNAME_INVALID', false, 'refused', 'tls-failed', true],
  ['EGRESS_REFUSED', false, 'refused', 'egress-refused', undefined],
  ['EWHATEVER', false, 'refused', 'connection-failed', true],
  ['UND_ERR_INVALID_ARG', false, 'failed', 'request-invalid', undefined],
  ['ECONNRESET', true, 'uncertain', 'connection-lost', undefined],
  ['EPIPE', true, 'uncertain', 'connection-lost', undefined],
  ['UND_ERR_HEADERS_TIMEOUT', true, 'uncertain', 'reply-timeout', undefined],
  ['HPE_INVALID_CONSTANT', true, 'uncertain', 'reply-garbled', undefined],
])('%s with sent=%s is %s', (code, sent, outcome, expected, connectionFailed) => {
  const verdict = failureVerdict({ error: Object.assign(new Error('x'), { code }), sent }, 'executor e1', false)
  expect(verdict).toMatchObject({ finish: { outcome, error: { code: expected } } })
  expect(verdict.kind === 'finished' && verdict.finish.connectionFailed).toBe(connectionFailed)
})

test('the first of several failed attempts to connect gives the reason', () => {
  const error = new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })])
  expect(failureVerdict({ error, sent: false }, 'executor e1', false)).toMatchObject({
    finish: { error: { code: 'connection-refused' } },
  })
})

describe('a redirect', () => {
  const headers = [
    'authorization',
    'x',
    'content-type',
    'a/b',
    'accept',
    '*/*',
    'webhook-id',
    'i',
    'cronclave-run-id',
    'r',
    'cronclave-signature',
    's',
  ]
  const from = { origin: 'http://a.test', method: 'POST', path: '/x?y', headers, body: Buffer.from('b') }

  test('to the same origin keeps credentials but not the signature', () => {
    const next = redirected(from, 307, '/z?q')
    expect(next).toMatchObject({ origin: 'http://a.test', method: 'POST', path: '/z?q', body: from.body })
    expect(next).toMatchObject({
      headers: ['authorization', 'x', 'content-type', 'a/b', 'accept', '*/*', 'cronclave-run-id', 'r'],
    })
  })

  test.each(['http://b.test/', 'https://a.test/', 'http://a.test:81/', '//b.test'])('to %s drops them', (location) => {
    expect(redirected(from, 308, location)).toMatchObject({ headers: ['content-type', 'a/b', 'accept', '*/*'] })
  })

  test.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'PUT', 'PUT'],
    [307, 'POST', 'POST'],
  ])('%i turns %s into %s', (status, method, expected) => {
    const next = redirected({ ...from, method }, status, '/z')
    expect(next).toMatchObject({
      method: expected,
      body: expected === method && method !== 'HEAD' ? from.body : method === 'HEAD' ? from.body : undefined,
    })
  })

  test.each([
    [undefined, 'no valid location'],
    ['http://', 'no valid location'],
    ['file:///etc/passwd', 'leads to file:'],
    ['http://u:p@b.test/', 'credentials'],
  ])('to %s is not followed', (location, why) => {
    expect(redirected(from, 302, location)).toContain(why)
  })
})
