import { expect, test } from 'vitest'
import { cutText } from './characters.ts'

test.each<[string, number, string]>([
  ['short', 5, 'short'],
  ['longer', 4, 'long'],
  ['a😀b', 3, 'a😀'],
  ['a😀b', 2, 'a'],
  ['😀', 1, ''],
  ['', 0, ''],
  ['x', 0, ''],
])('%j within %d units is %j', (text, units, beginning) => {
  expect(cutText(text, units)).toBe(beginning)
})
