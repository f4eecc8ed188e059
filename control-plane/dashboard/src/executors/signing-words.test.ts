import { expect, test } from 'vitest'
import { signingWords } from './signing-words.ts'

test('how a service signs is said in a few words, and what is weak is called so', () => {
  expect(signingWords({ scheme: 'hmac', weak: false })).toBe('signed by secret')
  expect(signingWords({ scheme: 'jwt', alg: 'ES256', weak: false })).toBe('signed by token, ES256')
  expect(signingWords({ scheme: 'legacy-gojob', weak: true })).toContain('weak')
})
