import { expect, test } from 'vitest'
import type { LogLine } from '../runs/run.ts'
import { joinedParts } from './joined-parts.ts'
import type { OutputLines } from './output-store.ts'

const line = (message: string): LogLine => ({ at: 0, level: 'info', message })
const part = (key: string, from: number | undefined, messages: string): OutputLines => ({
  key,
  lines: messages.split('').map(line),
  ...(from === undefined ? {} : { from }),
})
const joined = (...parts: OutputLines[]) =>
  joinedParts(parts)
    .map(({ message }) => message)
    .join('')

test('what came twice is there once, whole or in part, in whichever order it is read', () => {
  const parts = [part('k2', 0, 'ab'), part('k1', 0, 'abc'), part('k3', 2, 'cde'), part('k4', 2, 'c')]
  expect(joined(...parts)).toBe('abcde')
  expect(joined(...parts.reverse())).toBe('abcde')
})

test('places come before times: lines of one millisecond stay in their order', () => {
  expect(joined(part('k1', 3, 'd'), part('k2', 0, 'abc'))).toBe('abcd')
})

test('what is lost leaves the rest where it is', () => {
  expect(joined(part('k1', 5, 'fg'), part('k2', 0, 'ab'), part('k3', 6, 'gh'))).toBe('abfgh')
})

test('without places all of it is put in the order of its time', () => {
  expect(joined(part('k2', undefined, 'b'), part('k1', undefined, 'a'), part('k3', undefined, 'b'))).toBe('abb')
})
