import { expect, test } from 'vitest'
import { formatCount, formatDuration, formatExact, formatRelative, formatShare } from './format.ts'

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [4_260, '4.2 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [273_600_000, '3 d 4 h'],
])('a duration of %d ms reads %s', (ms, words) => {
  expect(formatDuration(ms)).toBe(words)
})

test('a relative time says which side of now it is on', () => {
  expect(formatRelative(12_500, 0)).toBe('in 12 s')
  expect(formatRelative(0, 240_000)).toBe('4 min ago')
  expect(formatRelative(900, 0)).toBe('now')
})

test('an exact time shows its zone', () => {
  const at = Date.UTC(2026, 10, 21, 1, 30)
  expect(formatExact(at, 'Asia/Shanghai')).toMatch(/^Sat.* 21 Nov 2026.* 09:30:00 GMT\+8$/)
})

test('a share is 100 % only when nothing is missing', () => {
  expect(formatShare(99_999, 100_000)).toBe('99.9 %')
  expect(formatShare(5, 5)).toBe('100 %')
  expect(formatShare(0, 0)).toBe('–')
})

test('counts have separators, and are short when large', () => {
  expect(formatCount(12_480)).toBe('12,480')
  expect(formatCount(1_234_567)).toBe('1.2M')
})
