import { join } from 'node:path'
import { expect, test } from 'vitest'
import { claimsIn, claimsOf } from './parity/claims.ts'
import { ROWS } from './parity/rows.ts'

const claims = claimsIn(join(import.meta.dirname, '..'))
const proved = new Set(claims.flatMap(({ rows }) => rows))

test('the table has the rows 1 to 117, each once and in order', () => {
  expect(ROWS.map(({ row }) => row)).toEqual(Array.from({ length: 117 }, (_, i) => i + 1))
})

test('every row that is claimed has a test', () => {
  const missing = ROWS.filter(({ row, open }) => open === undefined && !proved.has(row))
  expect(missing.map(({ row, title }) => `${row} ${title}`)).toEqual([])
})

test('no test names a row that is not in the table', () => {
  const known = new Set(ROWS.map(({ row }) => row))
  expect(claims.filter(({ rows }) => rows.some((row) => !known.has(row)))).toEqual([])
})

test('a title may begin with several rows, and one that only mentions a row claims none', () => {
  const text = `test('S063 a run is split', run)\n  test.each(rows)("S064 S065 what 'fails' moves", run)\n test('see S063 a', run)`
  expect(claimsOf(text, 'a.test.ts')).toEqual([
    { rows: [63], title: 'a run is split', place: 'a.test.ts:1' },
    { rows: [64, 65], title: "what 'fails' moves", place: 'a.test.ts:2' },
  ])
})
