import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RestReply } from './rest-exchange.ts'
import { RESULT_BYTES_MAX, restResult } from './rest-result.ts'

const reply = (body: Buffer, more: Partial<RestReply> = {}): RestReply => ({
  ...{ status: 200, headers: {}, body, bytes: body.length },
  ...more,
})
const JSON_TYPE = { headers: { 'content-type': 'application/json; charset=utf-8' } }

test('a result fits, whatever the reply', () => {
  const pieces = fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    fc.constantFrom('"', '\u0000', '\u{1f600}', 'é', '\\', 'a').map((text) => Buffer.from(text)),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  )
  const bodies = fc
    .tuple(pieces, fc.integer({ min: 0, max: 65_536 }))
    .map(([piece, length]) => Buffer.alloc(length, piece.length > 0 ? piece : 'x'))
  const headers = fc.dictionary(fc.constantFrom('etag', 'x-a', 'x-b', 'set-cookie'), fc.string({ maxLength: 3000 }))
  fc.assert(
    fc.property(bodies, headers, fc.integer({ min: 0, max: 9 }), fc.boolean(), (body, sent, lost, isJson) => {
      const given = reply(body, { bytes: body.length + lost, headers: { ...sent, ...(isJson && JSON_TYPE.headers) } })
      const result = restResult(given, ['X-A'])
      const text = JSON.stringify(result)
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(RESULT_BYTES_MAX)
      expect(text).not.toMatch(/x-b|set-cookie|\\ud[89a-f]/)
      if (result['truncated'] === undefined && body.length > 0) expect(wholeBody(result['body'], body)).toBe(true)
    }),
    { numRuns: 500 },
  )
})

function wholeBody(kept: unknown, body: Buffer): boolean {
  const { base64 } = Object(kept) as { base64?: string }
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64').equals(body)
  return typeof kept === 'string' ? Buffer.from(kept).equals(body) : true
}

test('many headers leave room for the body', () => {
  const names = Array.from({ length: 100 }, (_, i) => `x-${i}`)
  const headers = Object.fromEntries(names.map((name) => [name, '"'.repeat(2000)]))
  const result = restResult(reply(Buffer.from('x'.repeat(10_000)), { headers }), names)
  expect(result['body']).toHaveLength(10_000)
  expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThanOrEqual(RESULT_BYTES_MAX)
})

test('JSON is kept as such when it is whole and not too deep, else as text', () => {
  expect(restResult(reply(Buffer.from('[1]'), JSON_TYPE))).toMatchObject({ body: [1] })
  expect(restResult(reply(Buffer.from('[1]')))).toMatchObject({ body: '[1]' })
  expect(restResult(reply(Buffer.from('[1'), JSON_TYPE))).toMatchObject({ body: '[1' })
  expect(restResult(reply(Buffer.from('[1]'), { ...JSON_TYPE, bytes: 4 }))).toMatchObject({
    body: '[1]',
    truncated: true,
  })
  const deep = '['.repeat(58) + ']'.repeat(58)
  expect(restResult(reply(Buffer.from(deep), JSON_TYPE))).toMatchObject({ body: deep })
})

test('a character that was cut in two is left out, and bytes that are no text are base64', () => {
  const cut = Buffer.from('grün').subarray(0, 3)
  expect(restResult(reply(cut, { bytes: 5 }))).toMatchObject({ body: 'gr', truncated: true, bytes: 5 })
  expect(restResult(reply(cut))).toMatchObject({ body: { base64: cut.toString('base64') } })
})
