import { describe, expect, test } from 'vitest'
import { instant, json, text, whole } from './cells.ts'
import { hourOfRow, rowSum } from './row-sum.ts'
import { attemptRow, runRow, TEN } from '../../../test/support/log-rows.ts'
import { ROW_BYTES_MAX, SINK_TABLES } from './tables.ts'

describe('texts', () => {
  test.each([
    ['shorter than the column', 'abc', 5, 'abc'],
    ['as long as it', 'abcde', 5, 'abcde'],
    ['longer', 'abcdef', 5, 'abcde'],
    ['characters of four bytes count once', '😀😀😀', 2, '😀😀'],
    ['a pair is never cut in two', 'a😀😀', 2, 'a😀'],
    ['quotes, line ends, markup and NUL stay', `'"\`\\\r\n<b>\0`, 50, `'"\`\\\r\n<b>\0`],
    ['halves of pairs are replaced', 'a\ud800b\udc00', 9, 'a\ufffdb\ufffd'],
    ['the empty text is one', '', 5, ''],
  ])('%s', (_, given, max, kept) => {
    expect(text(given, max)).toBe(kept)
  })

  test('what is absent is null', () => {
    expect([text(undefined, 5), whole(undefined), instant(undefined), json(undefined, 5)]).toEqual([
      null,
      null,
      null,
      null,
    ])
  })
})

describe('numbers', () => {
  test.each([
    [12, '12'],
    [-3, '-3'],
    [-0, '0'],
    [1.9, '1'],
    [1e300, '9007199254740991'],
    [Number.NEGATIVE_INFINITY, '-9007199254740991'],
    [Number.NaN, null],
  ])('%d', (given, kept) => {
    expect(whole(given)).toBe(kept)
  })
})

describe('instants', () => {
  test.each([
    [TEN, '2026-11-21 10:00:00.000000'],
    [TEN + 1, '2026-11-21 10:00:00.001000'],
    [TEN + 0.5, '2026-11-21 10:00:00.000500'],
    [-1, '1969-12-31 23:59:59.999000'],
    [8.64e15, '9999-12-31 23:59:59.999000'],
    [-8.64e15, '1000-01-01 00:00:00.000000'],
    [Number.POSITIVE_INFINITY, '9999-12-31 23:59:59.999000'],
    [Number.NaN, null],
  ])('%d', (given, kept) => {
    expect(instant(given)).toBe(kept)
  })
})

describe('JSON', () => {
  test('is kept as it is while it has room, halves of pairs as escapes', () => {
    expect(json({ a: ['\ud800', 1e300, null] }, 100)).toBe('{"a":["\\ud800",1e+300,null]}')
  })

  test('of too many bytes is cut, says so, and stays JSON within its bound', () => {
    const kept = json('😀\0"'.repeat(1000), 500) as string
    expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(500)
    expect(JSON.parse(kept)).toMatchObject({ truncated: true, text: expect.stringMatching(/^"😀/u) as string })
  })

  test('what cannot be JSON is null', () => {
    expect(json(1n, 100)).toBeNull()
  })
})

describe('checksums of rows', () => {
  test('differ with every field, and not with names that may change', () => {
    const sum = rowSum(attemptRow(1))
    expect(rowSum({ ...attemptRow(1), jobName: 'renamed', namespaceName: 'other' })).toBe(sum)
    for (const more of [{ status: 201 }, { executor: 'w' }, { endedAt: TEN }, { error: { code: '', message: '' } }]) {
      expect(rowSum(attemptRow(1, more)), JSON.stringify(more)).not.toBe(sum)
    }
  })

  test('a value that moves to the next column is another row', () => {
    const one = rowSum(runRow(1, { executor: 'x' }))
    const { executor: _, ...row } = runRow(1, { reason: 'x' as 'overlap' }).row
    expect(rowSum({ kind: 'run', namespaceName: 'default', row })).not.toBe(one)
  })

  test('rows count in the hour in which they end', () => {
    expect(hourOfRow(runRow(0, { endedAt: TEN + 3_599_999 }))).toBe(TEN)
    expect(hourOfRow(runRow(0, { endedAt: TEN + 3_600_000 }))).toBe(TEN + 3_600_000)
  })
})

test('the longest row fits its bound', () => {
  const long = '😀'.repeat(1_000_000)
  const shardEnds = Array.from({ length: 10_000 }, (_, index) => ({
    index,
    items: ['😀'.repeat(200)],
    outcome: 'failed' as const,
    attempts: 1,
    executor: 'e'.repeat(100),
  }))
  const error = { code: long, name: long, message: long }
  const row = runRow(1, {
    id: long,
    params: { long },
    result: long,
    schedules: [long],
    error,
    shardEnds,
    reason: 'paused',
  })
  const cells = SINK_TABLES.run.cells(row)
  expect(cells.reduce((bytes, cell) => bytes + Buffer.byteLength(cell ?? ''), 0)).toBeLessThan(ROW_BYTES_MAX)
  expect(JSON.parse(cells[SINK_TABLES.run.columns.indexOf('shards')] as string)).toHaveLength(10_000)
})
