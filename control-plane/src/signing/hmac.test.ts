import { createHmac, randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hmacSha256 } from './hmac.ts'

test('it is HMAC-SHA256 as node:crypto has it, of any key, text and bytes', () => {
  const key = fc.uint8Array({ minLength: 1, maxLength: 100 })
  const bytes = fc.option(fc.uint8Array({ maxLength: 2000 }), { nil: undefined })
  fc.assert(
    fc.property(key, fc.string({ unit: 'binary' }), bytes, (key, text, bytes) => {
      const whole = Buffer.concat([Buffer.from(text), bytes ?? Buffer.alloc(0)])
      const expected = createHmac('sha256', key).update(whole).digest()
      const of = (encoding: 'base64' | 'base64url' | 'binary') =>
        hmacSha256(Buffer.from(key), text, bytes && Buffer.from(bytes), encoding)
      expect(of('base64')).toBe(expected.toString('base64'))
      expect(of('base64url')).toBe(expected.toString('base64url'))
      expect(of('binary')).toBe(expected.toString('binary'))
    }),
  )
})

test('what is longer than the scratch is hashed all the same', () => {
  const key = randomBytes(32)
  for (const length of [16_000, 16_383, 16_384, 16_385, 300_000]) {
    const bytes = randomBytes(length)
    const expected = createHmac('sha256', key).update('head').update(bytes).digest('base64')
    expect(hmacSha256(key, 'head', bytes, 'base64')).toBe(expected)
  }
})

test('a key may be used in turn with others', () => {
  const [one, other] = [randomBytes(24), randomBytes(64)]
  const first = hmacSha256(one, 'text', undefined, 'base64')
  hmacSha256(other, 'text', undefined, 'base64')
  expect(hmacSha256(one, 'text', undefined, 'base64')).toBe(first)
})
