import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { gojobSecretFault, signGojob } from './gojob.ts'

test('S057 the signature of gojob is HMAC-MD5 of the URI as sent and the milliseconds, in upper-case hex', () => {
  const headers = signGojob('a-secret-of-its-own', '/run?shardingIndex=0', 1_800_000_000_123)
  const expected = createHmac('md5', 'a-secret-of-its-own').update('/run?shardingIndex=01800000000123').digest('hex')
  expect(headers).toEqual({ 'x-timestamp': '1800000000123', 'x-sign': expected.toUpperCase() })
  expect(headers['x-sign']).toMatch(/^[0-9A-F]{32}$/)
})

test.each([
  ['gojob', /16 to 256/],
  ['fifteen-letters', /16 to 256/],
  ['x'.repeat(257), /16 to 256/],
  ['Go-Job-KeyGo-Job-Key', /default of gojob/],
  ['gojobgojobgojobgojob', /default of gojob/],
  ['aaaaaaaaaaaaaaaaaaaa', /few characters/],
])('%s is no secret', (secret, fault) => {
  expect(gojobSecretFault(secret)).toMatch(fault)
})

test('a long secret of its own is one', () => {
  expect(gojobSecretFault('a-secret-of-its-own')).toBeUndefined()
})
