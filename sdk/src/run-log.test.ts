import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { LOG_BYTES_MAX, LOG_LINES_MAX, RunLog } from './run-log.ts'
import { VirtualClock } from './test-kit.ts'
import { cutText, utf8Length } from './utf8.ts'

const newLog = () => new RunLog(new VirtualClock(), undefined, {})
const bytesOf = (log: RunLog) =>
  log.lines().reduce((sum, { message }) => sum + 32 + Buffer.byteLength(JSON.stringify(message)), 0)

test('a log keeps its first lines, and its last line says how many were dropped', () => {
  const log = newLog()
  for (let i = 0; i < 1500; i++) log.info(`line ${i}`)
  const lines = log.lines()
  expect(lines).toHaveLength(LOG_LINES_MAX)
  expect(lines[998]?.message).toBe('line 998')
  expect(lines[999]).toMatchObject({
    level: 'warn',
    message: expect.stringMatching(/^501 more lines were dropped/) as string,
  })
})

test.each([
  ['ASCII', 'x'],
  ['two bytes', 'é'],
  ['four bytes', '😀'],
  ['escaped', '\u0000'],
  ['odd', 'a😀'],
])('a huge line of %s is cut on the boundary of a character and says so', (_, unit) => {
  const log = newLog()
  log.info(unit.repeat(200_000))
  log.info('later')
  const [cut, last] = log.lines()
  expect(cut?.message).toMatch(/… \(cut here\)$/)
  expect(cut?.message).not.toMatch(/\p{Surrogate}/u)
  expect(last?.message).toMatch(/^1 more lines were dropped/)
  expect(bytesOf(log)).toBeLessThanOrEqual(LOG_BYTES_MAX)
  expect(bytesOf(log)).toBeGreaterThan(LOG_BYTES_MAX - 600)
})

test('whatever is logged stays within its bounds', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', maxLength: 30_000, size: 'max' }), { maxLength: 30 }),
      (messages) => {
        const log = newLog()
        for (const message of messages) log.warn(message, { n: 1 })
        expect(bytesOf(log)).toBeLessThanOrEqual(LOG_BYTES_MAX)
      },
    ),
    { numRuns: 30 },
  )
})

test('lines go to the service’s own logger as well, whole and tagged, pino’s way', () => {
  const local = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
  const log = new RunLog(new VirtualClock(), local, { runId: 'r1' })
  log.error('broken', { row: 7 })
  expect(local.error).toHaveBeenCalledWith({ runId: 'r1', row: 7 }, 'broken')
})

test('fields and messages that are not JSON do not break a handler', () => {
  const log = newLog()
  log.info('big', { n: 1n })
  log.info({ a: 1 } as never)
  log.info(undefined as never)
  log.info(new Error('as an error') as never)
  expect(log.lines().map(({ message }) => message)).toEqual(['big (not JSON)', '{"a":1}', 'undefined', 'as an error'])
})

test('bytes are counted as an encoder would make them', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
      (text) => {
        expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length)
      },
    ),
  )
  expect(cutText('a😀', 2)).toBe('a')
  expect(cutText('a😀', 3)).toBe('a😀')
  expect(cutText('😀', 0)).toBe('')
})
