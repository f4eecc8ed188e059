import { expect, test } from 'vitest'
import { countWords, heardOf, isFarOff, skewWords } from './executor-words.ts'

const NONE = { online: 0, offline: 0, draining: 0, joining: 0, suspect: 0 }

test('states of executors are counted, those that there are alone', () => {
  expect(countWords(NONE)).toBe('none')
  expect(countWords({ ...NONE, online: 1200, suspect: 2, offline: 1 })).toBe('1,200 online, 2 suspect, 1 offline')
})

test('a clock that is off says how far and which way, and what the way of a heartbeat makes of it is not said', () => {
  expect([skewWords(99), skewWords(-2000), skewWords(65_000)]).toEqual(['the same', '2.0 s behind', '1 min 5 s ahead'])
  expect([isFarOff(4999), isFarOff(-5000)]).toEqual([false, true])
})

test('an executor that has yet to poll says so', () => {
  expect(heardOf({ url: 'pull', status: 'joining' })).toBe('has not polled yet')
  expect(heardOf({ url: 'pull', status: 'online' })).toBe('–')
  expect(heardOf({ url: 'http://e1', status: 'joining' })).toBe('–')
})
