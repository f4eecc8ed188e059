import { RE2JS } from 're2js'
import { expect, test } from 'vitest'
import { expandedSize } from './pattern-size.ts'

test.each([
  '^[a-z]+$',
  'a{500}',
  '(a{30}){30}',
  '((a{5}){5,9}){9,}',
  '(a|b|cd){10}x*',
  '\\p{L}{20}',
  '(?<n>x{3}y){40}',
  '[\\]{3}]{40}',
  '((((a?){4}){4}){4}){4}',
  '(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.){30}x',
  '(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?){10}',
])('%s is about as large as it gets', (pattern) => {
  const size = RE2JS.compile(RE2JS.translateRegExp(pattern)).programSize()
  expect(expandedSize(pattern)).toBeGreaterThan(size / 2 - 5)
  expect(expandedSize(pattern)).toBeLessThan(size * 2 + 5)
})

test.each([
  '('.repeat(1000),
  ')'.repeat(1000),
  '['.repeat(1000),
  '{1'.repeat(500),
  '\\',
  '',
])('nothing is too odd: %.3s…', (pattern) => {
  expect(expandedSize(pattern)).toBeLessThanOrEqual(1000)
})

test('what would be millions is told in no time', () => {
  expect(expandedSize('((a{1000}){1000}){1000}')).toBeGreaterThan(1e9)
})
