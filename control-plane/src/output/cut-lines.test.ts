import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineBytes } from '../runs/log-lines.ts'
import { cutLines, OUTPUT_BYTES_MAX, textWithin } from './cut-lines.ts'

const line = (message: string, at = 1) => ({ at, level: 'info' as const, message })

test('lines that fit are kept as they are', () => {
  const lines = [line('a'), line('b')]
  const { used } = cutLines(lines, 0)
  expect(cutLines(lines, 0).lines).toEqual(lines)
  expect(cutLines(lines, OUTPUT_BYTES_MAX - used).lines).toEqual(lines)
})

test('beyond the limit a line is cut, and the next one says so; nothing more is kept afterwards', () => {
  const long = line('x'.repeat(OUTPUT_BYTES_MAX))
  const { lines, used } = cutLines([long, line('b'), line('c')], 0)
  expect(lines).toHaveLength(2)
  expect(lines[0]?.message.length).toBe(OUTPUT_BYTES_MAX - lineBytes(line('')))
  expect(lines[1]).toMatchObject({
    level: 'warn',
    message: expect.stringContaining('2 or more further lines') as string,
  })
  expect(cutLines([line('d')], used)).toEqual({ lines: [], used: OUTPUT_BYTES_MAX })
})

test.each([
  ['all of it', 'abc', 3, 'abc'],
  ['a beginning', 'abc', 2, 'ab'],
  ['no half of two bytes', 'aé', 2, 'a'],
  ['no part of three bytes', '中文', 5, '中'],
  ['no part of a pair', '😀😀', 7, '😀'],
  ['nothing', '中', 2, ''],
  ['nothing of no room', 'a', -5, ''],
])('a text within bytes is %s', (_, text, bytes, expected) => {
  expect(textWithin(text, bytes)).toBe(expected)
})

test('whatever is logged, what is kept is a beginning of it that stays below the limit', () => {
  const message = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.repeat(900))
  fc.assert(
    fc.property(fc.array(message, { maxLength: 20 }), fc.nat(OUTPUT_BYTES_MAX), (messages, used) => {
      const lines = messages.map((text) => line(text))
      const cut = cutLines(lines, used)
      const own = cut.lines.filter(({ level }) => level === 'info')
      const total = own.reduce((sum, one) => sum + lineBytes(one), used)
      expect(total).toBeLessThanOrEqual(OUTPUT_BYTES_MAX)
      for (const [at, { message: kept }] of own.entries()) {
        expect(messages[at]?.startsWith(kept)).toBe(true)
        expect(kept).not.toContain('�')
      }
      expect(cut.used).toBeLessThanOrEqual(OUTPUT_BYTES_MAX)
    }),
  )
})
