import { expect, test } from 'vitest'
import { lagShare, sizeText, toleration } from './cluster-words.ts'

test.each([
  [-1, 'Too few voters are there'],
  [0, 'No voter may fail'],
  [1, '1 voter may fail'],
  [2, '2 voters may fail'],
])('%i voters that may fail', (count, words) => expect(toleration(count)).toBe(words))

test.each([
  [0, '0 B'],
  [820, '820 B'],
  [1536, '1.5 KiB'],
  [67_108_864, '64 MiB'],
  [5 * 1024 ** 3, '5.0 GiB'],
])('%i bytes', (bytes, words) => expect(sizeText(bytes)).toBe(words))

test('the bar of a lag is empty without one, shows a few entries, and never overflows', () => {
  expect(lagShare(0)).toBe(0)
  expect(lagShare(1)).toBeGreaterThan(0.1)
  expect(lagShare(1000)).toBeGreaterThan(lagShare(100))
  expect(lagShare(1e9)).toBe(1)
})
