import { describe, expect, test } from 'vitest'
import {
  CALLBACK_GRACE_MS,
  callbackClaims,
  callbackToken,
  deriveCallbackKey,
  readCallbackToken,
} from './callback-token.ts'

const key = deriveCallbackKey(Buffer.alloc(32, 7))
const deadline = Date.UTC(2026, 10, 20, 15, 0, 0)
const claims = callbackClaims({ id: 'r8jw2c0ytq-0-1', fencingToken: 2 ** 41, deadline })
const token = callbackToken(key, claims)

describe('a callback token', () => {
  test('says of which attempt, and is good until 24 h after its deadline', () => {
    expect(readCallbackToken(key, token, deadline)).toEqual(claims)
    expect(readCallbackToken(key, token, deadline + CALLBACK_GRACE_MS - 1)).toEqual(claims)
    expect(readCallbackToken(key, token, deadline + CALLBACK_GRACE_MS)).toBeUndefined()
    expect(CALLBACK_GRACE_MS).toBe(86_400_000)
  })

  test('is made under a key of its own, alike on every node that has the cluster key', () => {
    expect(callbackToken(deriveCallbackKey(Buffer.alloc(32, 7)), claims)).toBe(token)
    expect(readCallbackToken(Buffer.alloc(32, 7), token, deadline)).toBeUndefined()
    expect(readCallbackToken(deriveCallbackKey(Buffer.alloc(32, 8)), token, deadline)).toBeUndefined()
  })

  test('fits in a header and holds nothing but letters, digits, - _ and one dot', () => {
    expect(token).toMatch(/^[\w-]+\.[\w-]{43}$/)
  })

  test('that was altered in any place is none', () => {
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'A' ? 'B' : 'A'
      const altered = token.slice(0, at) + other + token.slice(at + 1)
      // The last character of 32 bytes has two bits that mean nothing.
      if (at === token.length - 1) continue
      expect(readCallbackToken(key, altered, deadline)).toBeUndefined()
    }
  })

  test.each([
    '',
    '.',
    'a',
    'a.b',
    '...',
    `${token}.x`,
    `${token} `.repeat(100),
    token.split('.')[0] ?? '',
  ])('is not %j', (text) => {
    expect(readCallbackToken(key, text, deadline)).toBeUndefined()
  })

  test('for other claims does not pass with the signature of these', () => {
    const other = callbackToken(key, { ...claims, attempt: 'another-0-1' })
    const mixed = `${other.split('.')[0]}.${token.split('.')[1]}`
    expect(readCallbackToken(key, mixed, deadline)).toBeUndefined()
  })
})
